"""fovea-mcp: a memory for any host that speaks the Model Context Protocol.

    fovea-mcp                           # over stdin and stdout, as hosts start it
    fovea-mcp --http 127.0.0.1:8321     # streamable HTTP at /mcp

Tools: remember, recall, search, list, pages, context, pin, forget, erase, stats. Pages are image resources,
`fovea://page/ID`. Over HTTP, requests whose Host or Origin is not this server's are refused. Any address
but this machine's own needs a token, which clients send as `Authorization: Bearer TOKEN`. Pages age
automatically, a few at a time. Needs `pip install fovea[mcp]`.
"""

from __future__ import annotations

import argparse
import hmac
import os
import pathlib
from collections.abc import Collection
from typing import Any

try:
    from mcp.server.auth.provider import AccessToken, TokenVerifier
    from mcp.server.auth.settings import AuthSettings
    from mcp.server.mcpserver import MCPServer
    from mcp.server.transport_security import TransportSecuritySettings
    from mcp.types import ToolAnnotations
    from pydantic import AnyHttpUrl
except ImportError as error:
    raise ModuleNotFoundError(f"fovea-mcp needs {error.name}: pip install 'fovea[mcp]'", name=error.name) from error

import fovea
from fovea import _places
from fovea._ageing import Ageing, tell_as
from fovea._web import Names, address, is_loopback, read_private
from fovea.mcp_tools import Tools

INSTRUCTIONS = """\
A long-term memory. Remembered text fades into pages that cost a model far fewer tokens than their text.
`search` finds pages by their words (and by meaning, if the server has an embedder), `recall` reads one back,
`context` gives what fits a budget. What is recalled with source "tokens" is read from an image and may have errors;
`confidence` says how certain it is."""

MOST_CHARACTERS = 1_000_000
_MOST_MINUTES = 525_600


def make_server(reader: fovea.AsyncMemory, writer: fovea.AsyncMemory | None = None, *,
                most_characters: int = MOST_CHARACTERS, token: str | None = None) -> MCPServer[Any]:
    """A server of one memory; with two of the same scope, what is asked is answered while the other writes.

    most_characters: of a text to remember. token: what clients must show, over HTTP.
    """
    guard: dict[str, Any] = {}
    if token is not None:
        # Nobody issues tokens here; the SDK wants to name somebody.
        guard = {"token_verifier": OneToken(token),
                 "auth": AuthSettings(issuer_url=AnyHttpUrl("http://localhost"), resource_server_url=None)}
    server: MCPServer[Any] = MCPServer("fovea", instructions=INSTRUCTIONS, version=fovea.__version__, **guard)
    offer(server, Tools(lambda: (reader, writer or reader), most_characters))
    return server


def offer(server: MCPServer[Any], tools: Tools, rights: Collection[str] = ("read", "write", "erase")) -> None:
    """Adds the tools that these rights allow."""
    looks = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    adds = ToolAnnotations(destructive_hint=False, open_world_hint=False)
    removes = ToolAnnotations(destructive_hint=True, open_world_hint=False)
    if "read" in rights:
        for tool in (tools.search, tools.recall, tools.stats):
            server.add_tool(tool, annotations=looks)
        server.add_tool(tools.list_messages, name="list", annotations=looks)
        server.add_tool(tools.list_pages, name="pages", annotations=looks)
        server.add_tool(tools.context, annotations=looks, structured_output=False)  # texts and pictures
        server.resource("fovea://page/{page}", name="page", mime_type="image/png")(tools.page_picture)
    if "write" in rights:
        server.add_tool(tools.remember, annotations=adds)
        server.add_tool(tools.pin, annotations=adds)
        server.add_tool(tools.forget, annotations=removes)
    if "erase" in rights:
        server.add_tool(tools.erase, annotations=removes)


class OneToken(TokenVerifier):
    """Lets in who shows the server's token."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    async def verify_token(self, token: str) -> AccessToken | None:
        if not hmac.compare_digest(token.encode(), self._token):
            return None
        return AccessToken(token=token, client_id="fovea", scopes=[])


def security_of(names: Names) -> TransportSecuritySettings:
    return TransportSecuritySettings(allowed_hosts=sorted(names.hosts), allowed_origins=sorted(names.origins))


def token_of(options: argparse.Namespace) -> str | None:
    """Raises fovea.Error for a file that others can read, and where a token is missing."""
    token = os.environ.get("FOVEA_MCP_TOKEN") or None
    if options.token_file:
        token = read_private(pathlib.Path(options.token_file)).strip()
    if token is not None and len(token) < 16:
        raise fovea.InvalidArgument("the token is shorter than 16 characters; `openssl rand -hex 32` makes a good one")
    if token is None and options.http and not is_loopback(options.http[0]):
        raise fovea.InvalidArgument(f"--http {options.http[0]}: others can reach this address; give --token-file FILE "
                                    "or FOVEA_MCP_TOKEN, which clients then send as `Authorization: Bearer TOKEN`")
    return token


def _minutes(text: str) -> float:
    """For argparse; a thread cannot wait for endless ones."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1
    if not 0 <= minutes <= _MOST_MINUTES:
        raise argparse.ArgumentTypeError(f"{text!r}: expected minutes, 0 to {_MOST_MINUTES:,} (a year)")
    return minutes


def _count(text: str) -> int:
    """For argparse."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 1 on")
    return int(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fovea-mcp", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    _places.add_options(parser)
    _places.add_keep_secrets(parser)
    parser.add_argument("--model", help="checkpoint folder (default: $FOVEA_MODEL or the shipped one)")
    parser.add_argument("--http", type=address, metavar="HOST:PORT", help="serve streamable HTTP instead of stdio")
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME",
                        help="a name by which clients know this server, beside its address; may be repeated")
    parser.add_argument("--token-file", metavar="FILE",
                        help="file with the token that clients must show (default: the token itself in $FOVEA_MCP_TOKEN)")
    parser.add_argument("--most-characters", type=_count, default=MOST_CHARACTERS, metavar="N",
                        help="at most this long a text to remember (default: %(default)s)")
    parser.add_argument("--age-every", type=_minutes, default=60, metavar="MINUTES",
                        help="let pages fade this often; 0: only when asked (default: %(default)g)")
    return parser.parse_args()


def serve(options: argparse.Namespace) -> None:
    place = (_places.store_of(options), options.model, options.scope)
    settings: dict[str, Any] = {"measured_pages": 0, "key": _places.key_of(options),
                                "keep_secrets": options.keep_secrets, "embedder": _places.embedder_of(options)}
    token = token_of(options)
    reader, writer = fovea.AsyncMemory(*place, **settings), fovea.AsyncMemory(*place, **settings)
    server = make_server(reader, writer, most_characters=options.most_characters, token=token)
    ageing = Ageing(tell_as("fovea-mcp"), options.age_every * 60, *place, **settings)
    if options.age_every > 0:
        ageing.start()
    if options.http:
        host, port = options.http
        server.run("streamable-http", host=host, port=port,
                   transport_security=security_of(Names.of(host, port, options.allow_host)))
    else:
        server.run("stdio")
    ageing.end()


def main() -> None:
    options = _options()
    _places.keep_files_private()
    try:
        serve(options)
    except fovea.Error as error:
        raise SystemExit(_places.ended("fovea-mcp", error)) from None


if __name__ == "__main__":
    main()
