#!/usr/bin/env python3
"""Runs every fuzz target for a while and prints one line each; fails when one has found something.

New inputs that reach further stay in BUILD/corpus/TARGET, so that the next run goes on from there;
an input that broke something stands in BUILD/findings/TARGET.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
KEPT = REPOSITORY / "tests" / "fuzz" / "corpus"

# std::vector is marked for the sanitizer in our code and not in Debian's libraries.
ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_container_overflow=0",
    "LSAN_OPTIONS": f"suppressions={REPOSITORY / 'tests' / 'leaks.txt'}:print_suppressions=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "ASAN_SYMBOLIZER_PATH": shutil.which("llvm-symbolizer-16") or "",
}
STATUS = re.compile(r"#(\d+)\s+(?:DONE|\w+)\s+cov: (\d+) ft: (\d+) corp: (\d+)/(\S+)")
EXECUTIONS = re.compile(r"stat::number_of_executed_units:\s+(\d+)")


def command_of(build: pathlib.Path, target: str, seconds: int) -> list[str]:
    """The call of libFuzzer: limits that every parser keeps to, whatever it is given."""
    return [str(build / f"fuzz_{target}"), str(build / "corpus" / target), str(KEPT / target),
            f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
            "-malloc_limit_mb=1024", "-max_len=16384", "-print_final_stats=1",
            f"-artifact_prefix={build / 'findings' / target}/"]


def run(build: pathlib.Path, target: str, seconds: int) -> bool:
    """True when nothing was found."""
    for folder in ("corpus", "findings"):
        (build / folder / target).mkdir(parents=True, exist_ok=True)
    log = build / "findings" / f"{target}.log"
    with tempfile.TemporaryDirectory(dir=memory_folder()) as scratch, log.open("w") as out:
        environment = {**os.environ, **ENVIRONMENT, "TMPDIR": scratch}
        code = subprocess.run(command_of(build, target, seconds), stdout=out,
                              stderr=subprocess.STDOUT, env=environment, cwd=REPOSITORY).returncode
    text = log.read_text(errors="replace")
    states = STATUS.findall(text)
    _, coverage, _, inputs, size = states[-1] if states else ("", 0, "", 0, "0b")
    done = EXECUTIONS.search(text)
    executions = int(done[1]) if done else int(states[-1][0]) if states else 0
    print(f"{target:16} {executions:9,} executions  {int(coverage):6,} edges  "
          f"{int(inputs):5,} inputs ({size})  {'none' if code == 0 else 'CRASH'}", flush=True)
    if code != 0:
        explain(build, target, text, log)
    return code == 0


def explain(build: pathlib.Path, target: str, text: str, log: pathlib.Path) -> None:
    """Says what was found, with which input, and how to see it again."""
    what = re.search(r"SUMMARY: .*|terminating with uncaught exception.*|what\(\): .*", text)
    print(f"    {what[0] if what else 'see the log'}\n    log: {log}")
    found = re.search(r"Test unit written to (\S+)", text)
    if found:
        print(f"    input: {found[1]}\n    again: "
              f"{shlex.join([str(build / f'fuzz_{target}'), found[1]])}", flush=True)


def memory_folder() -> str | None:
    """A folder in memory for the stores that targets make, where the machine has one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=REPOSITORY / "build-fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("targets", nargs="*", help="those to run; all without a name")
    options = parser.parse_args()
    build = options.build.resolve()
    known = sorted(path.name for path in KEPT.iterdir())
    unknown = set(options.targets) - set(known)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    sound = [run(build, target, options.seconds) for target in options.targets or known]
    print(f"{len(sound)} targets, {sound.count(False)} with a finding")
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
