"""Load a generated module from its source, from a file in a temporary folder that lives as long as the process."""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import shutil
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from gradcompile.errors import InternalError

_numbers = itertools.count(1)


def load(source: str, name: str) -> ModuleType:
    """Return the module that the source defines; each call makes a new one."""
    folder = _folder() / str(next(_numbers))
    folder.mkdir()
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    unique = f"gradcompile_generated_{folder.name}_{name}"
    spec = importlib.util.spec_from_file_location(unique, path)
    if spec is None or spec.loader is None:
        raise InternalError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module  # pickling and Numba's cache find a function's module by its name
    spec.loader.exec_module(module)
    return module


@lru_cache(maxsize=1)
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="gradcompile_")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
