"""python -m fovea.fleet: the same work for the memories of many scopes, on all machines of a Ray cluster.

compact puts transcripts of many users into one store, each into the memory of its scope. age, migrate and experiment
go over the scopes of a store. The store is a PostgreSQL server, or a folder with one SQLite file a scope. A run that
was killed, on whatever machine, goes on where it was when the same command is given again. Without a cluster, the
cores of this machine work. Needs `pip install 'fovea[fleet]'`; doc/fleet.md has more.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys
from typing import Any

try:
    import pyarrow  # type: ignore[import-untyped]  # noqa: F401
    import ray  # noqa: F401
    import ray.data  # noqa: F401
except ImportError as error:
    raise ModuleNotFoundError(f"fovea.fleet needs {error.name}: pip install 'fovea[fleet]'", name=error.name) from error

import fovea
from fovea import _places
from fovea.fleet import driving
from fovea.fleet.compacting import CompactOptions
from fovea.fleet.engine import Pool
from fovea.fleet.opening import Opening
from fovea.fleet.report import Report
from fovea.fleet.scope_pattern import scope_name, scope_parts
from fovea.fleet.scope_work import AgeOptions, ExperimentOptions, MigrateOptions, memctl_of
from fovea.fleet.stores import ServerStore, store_of

_EXAMPLES = """\
examples:
  python -m fovea.fleet compact /var/log/agents --scope-pattern '{user}/{agent}/{session}.jsonl' --store memories
  python -m fovea.fleet compact s3://logs/2026 --scope-pattern '**/{user}-{agent}/{session}.jsonl.gz' \\
      --store postgresql://fovea@db.example/memory --address auto --cores 4
  python -m fovea.fleet compact ~/.claude/projects --scope ann/claude --store memories --finish
  python -m fovea.fleet age --store memories --scope 'ann/*' --policy lean
  python -m fovea.fleet migrate --store memories --old-model models/fovea-nano-1
  python -m fovea.fleet experiment --store memories --out measured --levels tiny --pages 4
"""


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m fovea.fleet", description=__doc__, epilog=_EXAMPLES,
                                     formatter_class=raw)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, told, add in (("compact", "put transcripts into the memories of their scopes", _compact_options),
                            ("age", "one round of forgetting, in each scope", _age_options),
                            ("migrate", "encode pages again that another checkpoint made", _migrate_options),
                            ("experiment", "measure how much of each scope's text is read back", _experiment_options)):
        verb = verbs.add_parser(name, help=told, description=told[0].upper() + told[1:] + ".", epilog=_EXAMPLES,
                                formatter_class=raw)
        add(verb)
        _shared_options(verb)
        if name != "compact":
            verb.add_argument("--scope", action="append", default=[], metavar="PATTERN",
                              help="only scopes like this, with * and ?; may be repeated (default: all)")
    return parser


def _compact_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("sources", nargs="+", metavar="SOURCE",
                      help="a file or folder, or its URL: s3://, gs://, hdfs://, file:// and others that pyarrow opens")
    verb.add_argument("--scope", metavar="USER/AGENT/SESSION",
                      help="of all files; with --scope-pattern: of the parts that it has no field for")
    verb.add_argument("--scope-pattern", action="append", default=[], metavar="PATTERN",
                      help="how the path below a SOURCE names a file's scope, with {user}, {agent}, {session}, {run}, * for a "
                           "part of a name and ** for folders; other files are left out. May be repeated, the first that fits")
    verb.add_argument("--format", default="auto", help="of all files, as for memctl compact (default: %(default)s)")
    verb.add_argument("--journal", metavar="FILE", type=pathlib.Path,
                      help="where is noted what is done (default: in the store's folder; for a server ~/.local/state/fovea)")
    verb.add_argument("--archive", choices=["keep", "drop"], default="keep",
                      help="drop: store only the vision tokens of pages (default: %(default)s)")
    verb.add_argument("--level", help="of new pages (default: chosen by the policy)")
    verb.add_argument("--density", type=int, default=106, help="columns of a page (default: %(default)s)")
    verb.add_argument("--policy", help="careful, balanced, lean or a JSON file: how the scopes fade from now on")
    verb.add_argument("--measure", type=int, default=0, metavar="N",
                      help="pages of each level and file to read back; -1: all (default: %(default)s)")
    verb.add_argument("--restore", action="store_true", help="add messages again that were erased; otherwise they stay away")
    verb.add_argument("--finish", action="store_true", help="the histories are over: their ends become part-filled pages")
    _places.add_keep_secrets(verb)


def _age_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--policy", help="careful, balanced, lean or a JSON file (default: each scope's own)")
    verb.add_argument("--to", metavar="LEVEL", help="take every page that is not pinned to this level")
    verb.add_argument("--now", type=float, metavar="SECONDS", help="act as if it were this time, in seconds since 1970")
    verb.add_argument("--dry-run", action="store_true", help="measure, and take no step")


def _migrate_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--old-model", metavar="FOLDER",
                      help="the checkpoint that made the tokens, to read pages whose exact text was not kept")


def _experiment_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--out", required=True, metavar="FOLDER", help="a folder for each scope is made in it")
    verb.add_argument("--levels", metavar="LEVEL,...", help="default: all that the checkpoint reads")
    verb.add_argument("--pages", type=int, default=4, help="of each scope; 0: all (default: %(default)s)")
    verb.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    verb.add_argument("--memctl", metavar="PROGRAM", help="default: $FOVEA_MEMCTL or the one on PATH")


def _shared_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--store", required=True, metavar="STORE",
                      help="a folder, with one SQLite file a scope, or postgresql://USER@HOST/DATABASE")
    verb.add_argument("--key-file", metavar="FILE", help="with the key of encrypted files; each machine needs it (default: "
                      "the key itself in $FOVEA_KEY)")
    verb.add_argument("--model", help="checkpoint folder (default: $FOVEA_MODEL or the shipped one)")
    verb.add_argument("--address", help="of a Ray cluster, such as auto (default: $RAY_ADDRESS, otherwise this machine alone)")
    verb.add_argument("--workers", type=_above_0, metavar="N", help="default: as many as the cluster has room for")
    verb.add_argument("--cores", type=_above_0, default=1, metavar="N", help="of each worker (default: %(default)s)")
    verb.add_argument("--gpus", type=float, metavar="N", help="of each worker (default: 1 where the cluster has any)")
    verb.add_argument("--device", default="auto", help="auto, cpu or cuda (default: %(default)s)")
    verb.add_argument("--patience", type=float, default=60, metavar="SECONDS",
                      help="to try again in, when the store cannot be reached or is locked (default: %(default)g)")
    verb.add_argument("--json", action="store_true", help="the report as JSON")


def _above_0(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number above 0")
    return int(text)


def _policy(name: str | None) -> str | None:
    """As JSON, which travels: of a preset or a file."""
    if not name:
        return None
    path = pathlib.Path(name)
    if not path.is_file():
        return fovea.Policy.preset(name).to_json()
    try:
        return fovea.Policy.from_json(path.read_text("utf-8")).to_json()
    except (OSError, UnicodeDecodeError) as error:
        raise fovea.IOFailure(f"--policy {name}: cannot be read: {error}") from error


def _opening(options: argparse.Namespace, memory: dict[str, Any]) -> Opening:
    store = store_of(options.store, options.model, create=options.verb == "compact")
    variable = "FOVEA_KEY" if os.environ.get("FOVEA_KEY") and not options.key_file else None
    if isinstance(store, ServerStore) and (options.key_file or variable):
        raise fovea.InvalidArgument("a key is for SQLite files: the disk of a server is encrypted by who runs it")
    key_file = os.path.realpath(options.key_file) if options.key_file else None
    return Opening(store, options.model and os.path.realpath(options.model), key_file, variable,
                   {**memory, "device": options.device, "threads": options.cores}, options.patience)


def _compact(options: argparse.Namespace, pool: Pool) -> Report:
    if not options.scope and not options.scope_pattern:
        raise fovea.InvalidArgument("whose memory is it? --scope-pattern '{user}/{agent}/{session}.jsonl' takes the scope from "
                                    "the path of each file, --scope ann/coder is one for all")
    scope = scope_name(scope_parts(options.scope)) if options.scope else None
    opening = _opening(options, {
        "archive": options.archive, "level": options.level, "density": options.density, "measured_pages": options.measure,
        "keep_secrets": options.keep_secrets, "policy": _policy(options.policy)})
    work = CompactOptions(options.format, options.restore, options.finish)
    return driving.compact(options.sources, opening, work, scope, options.scope_pattern, options.journal, pool)


def _each_scope(options: argparse.Namespace, pool: Pool) -> Report:
    opening = _opening(options, {"measured_pages": 0})
    work: AgeOptions | MigrateOptions | ExperimentOptions
    if options.verb == "age":
        work = AgeOptions(options.now, options.to, _policy(options.policy), options.dry_run)
    elif options.verb == "migrate":
        work = MigrateOptions(options.old_model and os.path.realpath(options.old_model))
    else:
        levels = ["--levels", options.levels] if options.levels else []
        work = ExperimentOptions(memctl_of(options.memctl), os.path.realpath(options.out),
                                 [*levels, "--pages", str(options.pages), "--seed", str(options.seed), "--no-shuffles"],
                                 opening.model, options.cores)
    return driving.each_scope(options.verb, opening, work, options.scope, pool)


def run(options: argparse.Namespace) -> Report:
    """Raises fovea.Error."""
    pool = Pool(options.workers, options.cores, options.gpus, options.address)
    return (_compact if options.verb == "compact" else _each_scope)(options, pool)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    _places.keep_files_private()
    try:
        report = run(options)
    except fovea.Error as error:
        if options.json:
            print(json.dumps({"error": {"code": error.code, "message": str(error)}}))
        return _places.ended("fovea.fleet", error)
    except KeyboardInterrupt:
        print("fovea.fleet: interrupted before anything was begun", file=sys.stderr)
        return 130
    print(json.dumps(report.as_json()) if options.json else report.as_text())
    return report.exit_code
