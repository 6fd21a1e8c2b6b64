"""Loads the C++ module, and sees to it that one libtorch alone gets into the process.

Two libtorchs in one process crash it, whichever comes first, so both orders are looked at before
anything is loaded: a `torch` that is there already, and one that is imported later.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import pathlib
import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

# By the beginning of a shared library's name, the Debian package that has it.
DEBIAN_PACKAGES = {
    "libtorch": "libtorch-dev", "libc10": "libtorch-dev", "libfaiss": "libfaiss-dev",
    "libcairo": "libcairo2-dev", "libpango": "libpango1.0-dev", "libharfbuzz": "libharfbuzz-dev",
    "libfontconfig": "libfontconfig-dev", "libpng": "libpng-dev", "libjpeg": "libjpeg62-turbo-dev",
    "libwebp": "libwebp-dev", "libexif": "libexif-dev", "libpoppler": "libpoppler-cpp-dev",
    "libsqlite3": "libsqlite3-dev", "libzstd": "libzstd-dev", "libcurl": "libcurl4-openssl-dev", "libsodium": "libsodium-dev",
    "libutf8proc": "libutf8proc-dev", "libpcre2": "libpcre2-dev", "libgomp": "libgomp1",
    "libdnnl": "libdnnl-dev", "libhwy": "libhwy-dev", "libicu": "libicu-dev", "libmd4c": "libmd4c-dev",
    "libz.": "zlib1g-dev", "libgobject": "libglib2.0-dev", "libglib": "libglib2.0-dev",
    "libopenblas": "libopenblas-dev", "libblas": "libopenblas-dev", "liblapack": "libopenblas-dev",
}

HOW_TO_REBUILD = (
    "Build fovea against that PyTorch, in fovea's source folder: "
    "pip install --force-reinstall --no-deps . "
    "-C cmake.define.CMAKE_PREFIX_PATH=\"$(python -c 'import torch; print(torch.utils.cmake_prefix_path)')\""
)


def core() -> ModuleType:
    """`fovea._core`, loaded. Raises ImportError saying what to install or how to rebuild."""
    loaded = sys.modules.get("fovea._core")
    return loaded if loaded else _load()


def _load() -> ModuleType:
    try:
        from fovea import _build
    except ImportError:
        raise ImportError("fovea was not built: `pip install .` in its source folder") from None
    if _build.TORCH_IN_PYTHON:
        _import_same_torch(_build.TORCH_VERSION)
    else:
        _refuse_other_torch(sys.modules.get("torch"), pathlib.Path(_build.TORCH_LIBRARY))
    try:
        module = importlib.import_module("fovea._core")
    except ImportError as error:
        raise ImportError(_explained(str(error))) from error
    if not _build.TORCH_IN_PYTHON:
        sys.meta_path.insert(0, _TorchGuard(pathlib.Path(_build.TORCH_LIBRARY)))
    return module


def _import_same_torch(version: str) -> None:
    try:
        import torch
    except ImportError:
        raise ImportError(f"fovea was built against PyTorch {version}, which is not installed: "
                          f"`pip install torch=={version}`") from None
    found = torch.__version__.split("+")[0]
    if found != version:
        raise ImportError(f"fovea was built against PyTorch {version}, but {found} is installed. {HOW_TO_REBUILD}")


def _refuse_other_torch(torch: ModuleType | None, library: pathlib.Path) -> None:
    if torch is not None and torch.__file__ is not None:
        _require_same(pathlib.Path(torch.__file__).parent, library)


def _require_same(package: pathlib.Path, library: pathlib.Path) -> None:
    own = (package / "lib" / "libtorch_cpu.so").resolve()
    # A package without a library of its own uses the system's.
    if own.exists() and own != library.resolve():
        raise ImportError(f"the PyTorch in {package} and fovea, which was built against {library}, cannot be in "
                          f"one process. {HOW_TO_REBUILD}")


class _TorchGuard(importlib.abc.MetaPathFinder):
    """Refuses an `import torch` that would bring a second libtorch."""

    def __init__(self, library: pathlib.Path) -> None:
        self._library = library
        self._looks = False

    def find_spec(self, fullname: str, path: Sequence[str] | None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != "torch" or self._looks:
            return None
        self._looks = True  # what follows asks every finder, this one too
        try:
            spec = importlib.util.find_spec("torch")
        finally:
            self._looks = False
        if spec is not None and spec.origin is not None:
            _require_same(pathlib.Path(spec.origin).parent, self._library)
        return None


def _explained(message: str) -> str:
    """The loader's message about a missing library, with the package that has it."""
    missing = re.match(r"(lib[^\s:]+): cannot open shared object file", message)
    if not missing:
        return message
    name = missing[1]
    for beginning, package in DEBIAN_PACKAGES.items():
        if name.startswith(beginning):
            return f"fovea needs {name}. On Debian: apt-get install {package}"
    return f"fovea needs {name}, which is not installed"
