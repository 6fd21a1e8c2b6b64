"""Runs the app with uvicorn: one process, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

import fovea
from fovea.server.app import make_app
from fovea.server.settings import Settings

HEAD_SECONDS = 10.0  # for a request's head to arrive
MOST_CONNECTIONS = 500


class Impatient(H11Protocol):
    """Hangs up on clients that do not get to the end of a request's head, and on more than there can be."""

    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait_for_head()
        else:
            self._stop_waiting()

    def _wait_for_head(self) -> None:
        if self._head is None:
            self._head = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _give_up(self) -> None:
        self._head = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.abort()


def bound(host: str, port: int) -> socket.socket:
    """Raises fovea.Error for an address that cannot be had."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)  # without it asyncio leaves Nagle's algorithm on: 40 ms an answer
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(place)
    except OSError as error:
        raise fovea.IOFailure(f"--http {host}:{port}: {error.strerror}; choose another address") from error
    return made


def run(settings: Settings, listening: socket.socket) -> None:
    """Returns when the server was stopped. Raises fovea.Error if it could not start."""
    app: Any = make_app(settings)
    config = uvicorn.Config(
        app, http=Impatient, ws="none", lifespan="on", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_keep_alive=5, h11_max_incomplete_event_size=16_384,
        timeout_graceful_shutdown=round(settings.limits.stop_seconds))
    host, port = listening.getsockname()[:2]
    logging.getLogger("fovea.server").info("serving", extra={"what": f"http://{host}:{port}"})
    # uvicorn raises the signal that ended it once more; there is something to do after it.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda number, frame: None)
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    if not server.started:
        raise fovea.IOFailure("the server did not start; its log says why")
