"""fovea-server: the memories of many users over HTTP.

    fovea-server serve                                  # for programs of this machine, without tokens
    fovea-server serve --store postgresql://fovea@db.example/memory
    fovea-server token create --scope ann/coder         # prints a token, once
    fovea-server serve --http 0.0.0.0:8322 --allow-host memory.example
    fovea-server openapi                                # the OpenAPI document, as /openapi.json has it

A REST interface at /v1 (described by /openapi.json), and the tools of fovea-mcp at /mcp. A token is for scopes and
rights; as soon as there is one, every request needs one. Without tokens only this machine is served. Needs
`pip install fovea[server]`; doc/server.md has more.
"""

from __future__ import annotations

import argparse
import datetime
import json
import logging
import os
import pathlib
import tempfile
from typing import Any

try:
    import fastapi  # noqa: F401
    import limits  # noqa: F401
    import mcp  # noqa: F401
    import prometheus_client  # noqa: F401
    import uvicorn  # noqa: F401
except ImportError as error:
    raise ModuleNotFoundError(f"fovea-server needs {error.name}: pip install 'fovea[server]'", name=error.name) from error

import fovea
from fovea import _places
from fovea._ageing import Ageing
from fovea._web import Names, address, is_loopback
from fovea.server import logs
from fovea.server.grants import RIGHTS
from fovea.server.settings import MEBIBYTE, Limits, Settings
from fovea.server.state import State, state_of
from fovea.server.tokens import TokenFile

_EXAMPLES = """\
examples:
  fovea-server serve --store memory.db --scope ann/coder
  curl -s localhost:8322/v1/stats
  fovea-server token create --scope ann/coder --rights read,write --note "Ann's laptop"
  curl -s -H "Authorization: Bearer $TOKEN" localhost:8322/v1/stats
  fovea-server token list
  fovea-server token revoke 1f2e3d4c
  fovea-server openapi > openapi.json
"""


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="fovea-server", description=__doc__, epilog=_EXAMPLES, formatter_class=raw)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _serve_options(verbs.add_parser("serve", help="serve until SIGTERM", formatter_class=raw, epilog=_EXAMPLES,
                                    description="Serves a store until SIGTERM or Ctrl-C; running requests then end."))
    token = verbs.add_parser("token", help="make, list and revoke tokens", formatter_class=raw, epilog=_EXAMPLES)
    actions = token.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a token and print it, once")
    create.add_argument("--scope", action="append", default=[], metavar="USER/AGENT",
                        help="scopes that begin so: ann is all of Ann's; may be repeated, the first is the default")
    create.add_argument("--rights", default="read,write", metavar="LIST",
                        help=f"some of {','.join(RIGHTS)} (default: %(default)s)")
    create.add_argument("--note", default="", help="whose it is, for the list")
    listed = actions.add_parser("list", help="show ids, scopes and rights, not the tokens")
    revoke = actions.add_parser("revoke", help="refuse a token from now on")
    revoke.add_argument("id", help="as `token list` shows it")
    for action in (create, listed, revoke):
        _places.add_store(action)
        _add_state(action)
    verbs.add_parser("openapi", help="print the OpenAPI document, for generating clients", formatter_class=raw,
                     description="Prints what /openapi.json answers. It needs no store and no server that runs.")
    return parser


def _serve_options(parser: argparse.ArgumentParser) -> None:
    defaults = Limits()
    _places.add_options(parser)
    _places.add_keep_secrets(parser)
    _add_state(parser)
    parser.add_argument("--http", type=address, metavar="HOST:PORT", help="where to listen (default: $FOVEA_HTTP or "
                        "127.0.0.1:8322)", default=os.environ.get("FOVEA_HTTP", "127.0.0.1:8322"))
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME",
                        help="a name by which clients know this server, beside its address; may be repeated")
    parser.add_argument("--model", help="checkpoint folder (default: $FOVEA_MODEL or the shipped one)")
    parser.add_argument("--archive", choices=["keep", "drop"], default="keep",
                        help="drop: store only the vision tokens of new pages (default: %(default)s)")
    parser.add_argument("--policy", help="careful, balanced or lean: how scopes fade that are added to from now on "
                        "(default: each scope's own)")
    parser.add_argument("--age-every", type=float, default=60, metavar="MINUTES",
                        help="let pages of all scopes fade this often; 0: only when asked (default: %(default)g)")
    parser.add_argument("--most-open", type=_positive, default=defaults.open, metavar="N",
                        help="scopes that are open at once (default: %(default)s)")
    parser.add_argument("--most-running", type=_positive, default=defaults.running, metavar="N",
                        help="requests at once; more are told to try again (default: %(default)s)")
    parser.add_argument("--rate", default=defaults.rate, metavar="N/UNIT",
                        help="requests of a token, per second, minute or hour (default: %(default)s)")
    parser.add_argument("--most-mebibytes", type=_positive, default=defaults.bytes // MEBIBYTE, metavar="N",
                        help="of a request's body (default: %(default)s)")
    parser.add_argument("--most-import-mebibytes", type=_positive, default=defaults.import_bytes // MEBIBYTE, metavar="N",
                        help="of a scope that is imported (default: %(default)s)")
    parser.add_argument("--seconds", type=_positive, default=round(defaults.seconds), metavar="N",
                        help="for an answer that is not a stream (default: %(default)s)")
    parser.add_argument("--stop-seconds", type=_positive, default=round(defaults.stop_seconds), metavar="N",
                        help="for running requests to end in, after SIGTERM (default: %(default)s)")
    parser.add_argument("--traces", default=os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""), metavar="URL",
                        help="send OpenTelemetry traces there, OTLP over HTTP (default: $OTEL_EXPORTER_OTLP_ENDPOINT; "
                             "needs fovea[traces])")


def _add_state(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", metavar="DIR", default=os.environ.get("FOVEA_STATE"),
                        help="folder for tokens, idempotency keys and transfers (default: $FOVEA_STATE; otherwise beside "
                             "the store's file, or for a store on a server a folder named after it in ~/.local/state/fovea)")
    parser.add_argument("--tokens", metavar="FILE", default=os.environ.get("FOVEA_TOKENS"),
                        help="the file of hashed tokens, if elsewhere (default: $FOVEA_TOKENS)")


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number above 0")
    return int(text)


def _state_of(options: argparse.Namespace) -> State:
    return state_of(_places.store_of(options), options.state, options.tokens)


def _rate(text: str) -> str:
    try:
        limits.parse(text)
    except ValueError:
        raise fovea.InvalidArgument(f"--rate {text}: expected such as 50/second or 3000/minute") from None
    return text


def _serve(options: argparse.Namespace) -> None:
    from fovea.server import serving

    host, port = options.http
    store, state = _places.store_of(options), _state_of(options)
    tokens = TokenFile(state.tokens)
    tokens.kept()  # a file that cannot be used is told here
    if not is_loopback(host) and not tokens.exists():
        raise fovea.InvalidArgument(f"--http {host}: others can reach this address; first make a token with "
                                    "`fovea-server token create`, which clients then send as `Authorization: Bearer TOKEN`")
    memory: dict[str, Any] = {
        "measured_pages": 0, "key": _places.key_of(options), "keep_secrets": options.keep_secrets,
        "embedder": _places.embedder_of(options), "archive": options.archive, "policy": options.policy}
    fovea.Memory(store, options.model, options.scope, **memory).close()  # its errors are told here
    listening = serving.bound(host, port)
    port = listening.getsockname()[1]
    settings = Settings(store, options.model, memory, options.scope, state, Names.of(host, port, options.allow_host),
                        Limits(options.most_mebibytes * MEBIBYTE, options.most_import_mebibytes * MEBIBYTE,
                               seconds=options.seconds, rate=_rate(options.rate), running=options.most_running,
                               open=options.most_open, stop_seconds=options.stop_seconds), options.traces)
    logs.begin()
    log = logging.getLogger("fovea.server")
    ageing = Ageing(lambda done: log.info("aged", extra={"what": done}), options.age_every * 60, store, options.model,
                    None, **memory)
    if options.age_every > 0:
        ageing.start()
    serving.run(settings, listening)
    ageing.end()
    log.info("stopped")


def _token(options: argparse.Namespace) -> None:
    tokens = TokenFile(_state_of(options).tokens)
    if options.action == "create":
        rights = [right.strip() for right in options.rights.split(",") if right.strip()]
        print(tokens.create(options.scope, rights, options.note))
    elif options.action == "revoke":
        tokens.revoke(options.id)
    else:
        for one in tokens.kept():
            made = datetime.datetime.fromtimestamp(one.made, datetime.UTC).isoformat(timespec="seconds")
            print(f"{one.id}  {made}  {','.join(one.rights):18}  {' '.join(one.scopes)}  {one.note}".rstrip())


def _openapi(_: argparse.Namespace) -> None:
    from fovea.server.app import make_routes

    with tempfile.TemporaryDirectory() as folder:
        store = str(pathlib.Path(folder) / "memory.db")
        settings = Settings(store, None, {}, "default", state_of(store, None, None), Names.of("localhost", 8322, []))
        print(json.dumps(make_routes(settings).openapi(), ensure_ascii=False, separators=(",", ":")))


def main() -> None:
    options = _parser().parse_args()
    _places.keep_files_private()
    try:
        {"serve": _serve, "token": _token, "openapi": _openapi}[options.verb](options)
    except fovea.Error as error:
        raise SystemExit(_places.ended("fovea-server", error)) from None


if __name__ == "__main__":
    main()
