"""Files of scopes on their way in or out. None outlives its request, or the server that left it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator

import anyio
from fastapi import Request

import fovea


class Transfers:
    """A folder of this process, inside one that servers of the same store share."""

    def __init__(self, folder: pathlib.Path) -> None:
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
            self._held = os.open(self._folder, os.O_RDONLY)
            fcntl.flock(self._held, fcntl.LOCK_EX)  # until this process ends, however it does
            for other in folder.iterdir():
                _remove_abandoned(other)
        except OSError as error:
            raise fovea.IOFailure(f"{folder} cannot be used: {error.strerror}") from error

    @contextlib.contextmanager
    def place(self) -> Iterator[pathlib.Path]:
        """For one file, which is not there yet."""
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as folder:
            yield pathlib.Path(folder) / "scope.fovea"

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._held)


def _remove_abandoned(folder: pathlib.Path) -> None:
    with contextlib.suppress(OSError):  # held by a server that runs, or gone already
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(opened)


async def receive(request: Request, path: pathlib.Path) -> int:
    """Writes a body to a file; its size. The guard bounds it."""
    size = 0
    async with await anyio.open_file(path, "xb", opener=_private) as file:
        async for piece in request.stream():
            size += len(piece)
            await file.write(piece)
    return size


async def pieces_of(path: pathlib.Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(1 << 18):
            yield piece


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
