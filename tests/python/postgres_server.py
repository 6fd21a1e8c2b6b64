"""A PostgreSQL server as tests use it: started for a module, gone after it."""

from __future__ import annotations

import collections.abc
import os
import pathlib
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "bench"))

import kill_postgres  # noqa: E402


@pytest.fixture(scope="module", name="server")
def postgres_server() -> collections.abc.Iterator[kill_postgres.Server]:
    script = 'read_no_more() { read -r _; }; echo "$FOVEA_TEST_POSTGRES"; echo "$FOVEA_TEST_PG_CTL"; read_no_more || true'
    process = subprocess.Popen([REPOSITORY / "tests" / "with_postgres.sh", "bash", "-c", script],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    url, control = process.stdout.readline().strip(), process.stdout.readline().strip()
    if not url:
        pytest.skip("PostgreSQL is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "FOVEA_TEST_POSTGRES", url)
        patch.setitem(os.environ, "FOVEA_TEST_PG_CTL", control)
        yield kill_postgres.Server()
    process.stdin.close()
    process.wait()
