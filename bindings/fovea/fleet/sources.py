"""Transcripts wherever pyarrow opens a filesystem: found folder by folder, and fetched to where they can be read."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import os
import pathlib
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pyarrow.fs  # type: ignore[import-untyped]

import fovea

_CHUNK = 1 << 20
_DEEPEST = 64  # folders in each other; deeper ones are a link that goes round


@dataclasses.dataclass(frozen=True)
class Found:
    """A file as it was listed."""

    source: str    # as it was given, made whole: what opens the filesystem
    path: str      # in that filesystem
    inner: str     # the same, below the source
    name: str      # its path or URL without secrets: what its messages are known by
    size: int
    modified: int  # nanoseconds since 1970, 0: not known


@dataclasses.dataclass(frozen=True)
class Fetched:
    path: str
    sha256: str
    seconds: float  # that reading it took


def whole(source: str) -> str:
    """A path as a full one, with links resolved as memctl does; a URL as it is."""
    return source if "://" in source else os.path.realpath(source)


def shown(source: str) -> str:
    """A source without what only its owner should see: user, password, parameters."""
    if "://" not in source:
        return source
    parts = urllib.parse.urlsplit(source)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")


def name_of(source: str) -> str:
    """What the messages of a source that is a file are known by; without secrets."""
    name = shown(whole(source))
    return os.path.realpath(opened(source)[1]) if name.startswith("file://") else name  # the same file by either name


@functools.lru_cache(maxsize=64)
def opened(source: str) -> tuple[Any, str]:
    """The filesystem of a source and the path in it. Raises fovea.InvalidArgument for a URL that none can open."""
    try:
        system, path = pyarrow.fs.FileSystem.from_uri(source)
        return system, path
    except (ValueError, OSError, NotImplementedError) as error:
        raise fovea.InvalidArgument(f"{shown(source)}: no filesystem of pyarrow opens this ({_reason(error)}); expected "
                                    "a path or a URL such as s3://BUCKET/FOLDER, gs://…, hdfs://…, file:///…") from error


def found_in(source: str) -> Iterator[Found]:
    """All files of a source, a folder at a time. Raises fovea.NotFound, fovea.IOFailure."""
    source = whole(source)
    system, base = opened(source)
    name = name_of(source)
    top = _info(system, source, base)
    if top.type == pyarrow.fs.FileType.NotFound:
        raise fovea.NotFound(f"{shown(source)}: no such file or folder")
    if top.type == pyarrow.fs.FileType.File:
        yield Found(source, base, os.path.basename(base), name, *_state(top))
        return
    waiting = [base]
    while waiting:
        folder = waiting.pop()
        for info in _listed(system, source, folder):
            inner = info.path[len(base):].lstrip("/")
            if info.type == pyarrow.fs.FileType.File:
                yield Found(source, info.path, inner, f"{name.rstrip('/')}/{inner}", *_state(info))
            elif info.type == pyarrow.fs.FileType.Directory and inner.count("/") < _DEEPEST:
                waiting.append(info.path)


@contextlib.contextmanager
def fetched(source: str, path: str) -> Iterator[Fetched]:
    """The file where it can be opened by a path, for as long as it is used, and the hash of its content.

    What lies elsewhere is copied into the temporary folder of this machine. Raises OSError.
    """
    begun = time.monotonic()
    system, _ = opened(source)
    if isinstance(system, pyarrow.fs.LocalFileSystem):
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield Fetched(path, digest, time.monotonic() - begun)
        return
    with tempfile.TemporaryDirectory(prefix="fovea-fleet-") as folder:
        copy, hashed = pathlib.Path(folder, os.path.basename(path)), hashlib.sha256()
        with system.open_input_stream(path, compression=None) as reading, copy.open("wb") as writing:
            while piece := reading.read(_CHUNK):
                hashed.update(piece)
                writing.write(piece)
        yield Fetched(str(copy), hashed.hexdigest(), time.monotonic() - begun)


def _state(info: Any) -> tuple[int, int]:
    return max(info.size or 0, 0), max(info.mtime_ns or 0, 0)


def _info(system: Any, source: str, path: str) -> Any:
    try:
        return system.get_file_info(path)
    except (OSError, ValueError) as error:
        raise fovea.IOFailure(f"{shown(source)}: cannot be read: {_reason(error)}") from error


def _listed(system: Any, source: str, folder: str) -> list[Any]:
    try:
        return list(system.get_file_info(pyarrow.fs.FileSelector(folder)))
    except (OSError, ValueError) as error:
        raise fovea.IOFailure(f"{shown(source)}: the folder {folder} cannot be read: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return str(error).split(". Detail:")[0].splitlines()[0] if str(error) else type(error).__name__
