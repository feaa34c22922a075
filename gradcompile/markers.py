"""Words of declarations as Python objects, so that annotations can be evaluated; nothing ever comes of them."""

from __future__ import annotations

from typing import Any


class Kind:
    """A kind of input: ``Real``, ``Real[N, D]``, ``0 < Real[N] < 1``, ``Param & Symmetric[N]``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getitem__(self, sizes: object) -> Kind:
        sizes = sizes if isinstance(sizes, tuple) else (sizes,)
        return Kind(f"{self.name}[{', '.join(map(str, sizes))}]")

    def __and__(self, other: object) -> Kind:
        return Kind(f"{self} & {other}")

    def _bounded(self, bound: object) -> Kind:
        return self

    __lt__ = __le__ = __gt__ = __ge__ = _bounded

    def __repr__(self) -> str:
        return self.name


class Dimension:
    """The name of a size, with which annotations may do integer arithmetic."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _same(self, other: object = None) -> Dimension:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _same
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _same
    __neg__ = __pos__ = _same

    def __repr__(self) -> str:
        return self.name


def dims(names: str) -> Any:
    """Make an object of each name of a size, so that annotations can mention it.

    For example ``N, D = dims("N D")``; of a single name it is not a tuple.
    """
    found = tuple(Dimension(name) for name in names.replace(",", " ").split())
    return found[0] if len(found) == 1 else found


Real, Param, Int, Bool = Kind("Real"), Kind("Param"), Kind("Int"), Kind("Bool")
Positive, Unit = Kind("Positive"), Kind("Unit")
Symmetric, PositiveDefinite = Kind("Symmetric"), Kind("PositiveDefinite")
LowerTriangular, UpperTriangular = Kind("LowerTriangular"), Kind("UpperTriangular")
