"""What a module needs to call kernels directly: tests of Python's objects in machine code, named tuples from there."""

from __future__ import annotations

DIRECT = '''
class _Direct:
    """A kernel for arguments of known types: `run` is its machine code, which does not look at them again.

    It is compiled when `run` was called as often as `after` says; until then it returns None.
    """

    def __init__(self, kernel, after, *types):
        self.kernel, self.after, self.left, self.types = kernel, after, after, types
        self.run = self._first
        if not hasattr(kernel, "compile"):  # with NUMBA_DISABLE_JIT it is a function of Python's
            self.run = self._none if after else kernel

    def _none(self, *arguments):
        return None

    def _first(self, *arguments):
        if self.left > 0:
            self.left -= 1
            return None
        self.run = self.kernel.compile(self.types)
        return self.run(*arguments)

    def __reduce__(self):
        return _Direct, (self.kernel, self.after, *self.types)


_ANY = types.Object(object)  # an argument that a kernel is given as it is
'''

IS_A = '''
@intrinsic(prefer_literal=True)
def _is_a(context, x, kind):
    """Is an object of this very class of Python's?"""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        found = api.object_type(values[0])
        api.decref(found)
        return builder.icmp_unsigned("==", found, api.get_c_object(kind.literal_value))

    return types.boolean(x, kind), code
'''

IS_SHORT = '''
@intrinsic
def _is_short(context, x):
    """Does a whole number of Python's fit into 64 bits?"""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        api.long_as_longlong(values[0])
        failed = cgutils.is_not_null(builder, api.err_occurred())
        with cgutils.if_unlikely(builder, failed):
            api.err_clear()
        return builder.not_(failed)

    return types.boolean(x), code
'''

IS_ARRAY = '''
def _field(builder, array, number):
    """Return a field of an array as NumPy's C interface has it: PyArrayObject_fields, numbered from the head."""
    head, pointer, whole = ir.ArrayType(ir.IntType(8), object.__basicsize__), ir.IntType(8).as_pointer(), ir.IntType(32)
    sizes = ir.IntType(types.intp.bitwidth).as_pointer()
    # data, nd, dimensions, strides, base, descr, flags
    fields = ir.LiteralStructType([head, pointer, whole, sizes, sizes, pointer, pointer, whole])
    array = builder.bitcast(array, fields.as_pointer())
    return builder.load(builder.gep(array, [whole(0), whole(number)]))


@intrinsic
def _is_array(context, x, array, dtype, rank):
    """Is an object of the class `array` and of this type and rank, in C order, aligned and writable?"""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        x, array, dtype, rank = values
        found = api.object_type(x)
        api.decref(found)
        same = builder.icmp_unsigned("==", found, array)
        fits = cgutils.alloca_once_value(builder, same)
        with cgutils.if_likely(builder, same):
            flags = _field(builder, x, 7)
            wanted = flags.type(0x501)  # NPY_ARRAY_CARRAY
            tests = [
                builder.icmp_unsigned("==", builder.bitcast(_field(builder, x, 6), dtype.type), dtype),
                builder.icmp_unsigned("==", builder.and_(flags, wanted), wanted),
                builder.icmp_signed("==", builder.sext(_field(builder, x, 2), rank.type), rank),
            ]
            builder.store(builder.and_(builder.and_(tests[0], tests[1]), tests[2]), fits)
        return builder.load(fits)

    return types.boolean(x, array, dtype, types.intp), code


@intrinsic
def _size(context, x, axis):
    """The size of an axis of such an array."""

    def code(context, builder, signature, values):
        return builder.load(builder.gep(_field(builder, values[0], 3), [values[1]]))

    return types.intp(x, types.intp), code
'''

PAIR = '''
@intrinsic
def _floats(context, numbers):
    """The values of Python's floats."""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        found = [api.float_as_double(x) for x in cgutils.unpack_tuple(builder, values[0], numbers.count)]
        return context.make_tuple(builder, signature.return_type, found)

    return types.UniTuple(types.double, numbers.count)(numbers), code


@intrinsic
def _pair(context, kind, found):
    """The first of some numbers, and a named tuple of the others, as Python's objects."""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        shape = ir.FunctionType(api.pyobj, [api.pyobj, api.py_ssize_t])
        new = cgutils.get_or_insert_function(builder.module, shape, "PyType_GenericAlloc")
        numbers = cgutils.unpack_tuple(builder, values[1], found.count)
        first, *others = [api.from_native_value(t, n) for t, n in zip(found.types, numbers)]
        named = builder.call(new, [values[0], api.py_ssize_t(len(others))])
        for i, number in enumerate(others):
            api.tuple_setitem(named, i, number)
        pair = api.tuple_new(2)
        api.tuple_setitem(pair, 0, first)
        api.tuple_setitem(pair, 1, named)
        return pair

    return kind(kind, found), code


@intrinsic
def _nothing(context, kind):
    """None."""

    def code(context, builder, signature, values):
        return context.get_python_api(builder).make_none()

    return kind(kind), code
'''
