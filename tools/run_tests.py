#!/usr/bin/env python3
"""Runs ctest and pytest, then prints one line that counts both: "N passed, N failed, N skipped".

A doctest program is one entry of ctest's but many test cases: its cases are counted, not the entry.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
# Of pytest's, each with files of its own, since those share what is dear to make. Half of the time a
# test waits for a program that is starting or reads one page, which keeps one CPU busy.
WORKERS = min(4, os.cpu_count() or 1)
DOCTEST = re.compile(r"\[doctest\] test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped")


def count_ctest(report: pathlib.Path) -> tuple[int, int, int]:
    """Passed, failed and skipped of ctest's JUnit report, doctest programs by their cases."""
    passed = failed = skipped = 0
    for entry in ET.parse(report).getroot().iter("testcase"):
        ok = entry.get("status") == "run"
        cases = DOCTEST.search(re.sub(r"\x1b\[[0-9;]*m", "", entry.findtext("system-out") or ""))
        if cases:
            passed += int(cases[1])
            failed += int(cases[2])
            skipped += int(cases[3])
            failed += not ok and cases[2] == "0"  # it died after its last case
        elif entry.get("status") == "disabled" or was_skipped(entry):
            skipped += 1
        else:
            passed += ok
            failed += not ok
    return passed, failed, skipped


def was_skipped(entry: ET.Element) -> bool:
    """It asked for that by its exit code; a program that is missing has a mark of this kind as well."""
    mark = entry.find("skipped")
    return mark is not None and (mark.get("message") or "").startswith("SKIP_")


def count_pytest(report: pathlib.Path) -> tuple[int, int, int]:
    suites = list(ET.parse(report).getroot().iter("testsuite"))
    total, bad, skipped = (sum(int(s.get(key, 0)) for s in suites for key in keys)
                           for keys in (["tests"], ["failures", "errors"], ["skipped"]))
    return total - bad - skipped, bad, skipped


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="folder of the C++ build")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has pytest")
    options = parser.parse_args()

    counts, codes = [], []
    with tempfile.TemporaryDirectory() as folder:
        runners = [
            (count_ctest, pathlib.Path(folder) / "ctest.xml",
             lambda report: ["ctest", "--test-dir", options.build, "--output-on-failure", "--parallel", str(os.cpu_count() or 1),
                             "--no-tests=error", "--test-output-size-passed", "4000000",
                             "--test-output-size-failed", "4000000", "--output-junit", str(report)]),
            (count_pytest, pathlib.Path(folder) / "pytest.xml",
             lambda report: [options.python, "-m", "pytest", "-q", f"--junit-xml={report}",
                             f"--numprocesses={WORKERS}", "--dist=loadfile", "--no-loadscope-reorder"]),
        ]
        environment = dict(os.environ, FOVEA_BUILD_DIR=str(pathlib.Path(options.build).resolve()))
        for count, report, command in runners:
            codes.append(subprocess.run(command(report), cwd=REPOSITORY, env=environment).returncode)
            counts.append(count(report) if report.exists() else (0, 1, 0))

    passed, failed, skipped = (sum(column) for column in zip(*counts))
    if any(codes) and failed == 0:
        failed = 1  # a runner gave up outside a test
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
