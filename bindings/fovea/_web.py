"""What the programs that serve HTTP share: addresses, the names by which a server is known, private files, text in JSON."""

from __future__ import annotations

import argparse
import dataclasses
import ipaddress
import pathlib
import stat

import fovea


@dataclasses.dataclass(frozen=True)
class Names:
    """What requests may call the server, so that no web page reaches it under a name of its own."""

    hosts: frozenset[str]
    origins: frozenset[str]

    @classmethod
    def of(cls, host: str, port: int, others: list[str]) -> Names:
        """others: by which clients know the server beside the address that it listens on."""
        own = {host, *others} | ({"localhost", "127.0.0.1", "::1"} if is_loopback(host) or is_any(host) else set())
        hosts = {f"[{name}]" if ":" in name else name for name in own}
        hosts |= {f"{name}:{port}" for name in hosts}
        return cls(frozenset(hosts), frozenset(f"{kind}://{name}" for name in hosts for kind in ("http", "https")))


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_any(host: str) -> bool:
    return host in ("0.0.0.0", "::")


def address(text: str) -> tuple[str, int]:
    """For argparse: HOST:PORT."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r}: expected HOST:PORT, such as 127.0.0.1:8321")
    return host.strip("[]"), int(port)


def read_private(path: pathlib.Path) -> str:
    """The text of a file with tokens. Raises fovea.Error if it cannot be read, or others can read it."""
    try:
        text, mode = path.read_text("utf-8"), path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise fovea.NotFound(f"token file {path} cannot be read: {reason}") from error
    if stat.S_ISREG(mode) and mode & 0o077:
        raise fovea.InvalidArgument(f"token file {path} can be read by other users; `chmod 600 {path}`, and take a "
                                    "new token if they may have read it")
    return text


def shown(text: str) -> str:
    """JSON has no bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
