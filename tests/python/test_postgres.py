"""A store on a PostgreSQL server: fovea.Memory, memctl and many processes; the store's own tests are in C++."""

from __future__ import annotations

import collections.abc
import os
import pathlib
import subprocess
import sys

import pytest

from harbour import prose
from memctl_program import BUILD, Memctl, pytestmark  # noqa: F401

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
WORKER = BUILD / "fovea_store_worker"
sys.path.insert(0, str(REPOSITORY / "bench"))

import kill_postgres  # noqa: E402
import several_processes  # noqa: E402

QUICK = {"level": "tiny", "measured_pages": 0}


@pytest.fixture(scope="module")
def server() -> collections.abc.Iterator[kill_postgres.Server]:
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


def test_a_memory_on_a_server_answers_as_one_in_a_file(server, tmp_path):
    fovea = pytest.importorskip("fovea")
    url = server.make("answers")
    found = []
    for store in (url, tmp_path / "memory.db"):
        with fovea.Memory(store, scope="ann/coder", **QUICK) as memory:
            memory.add_many([prose(100)])
            with fovea.Memory(store, scope="bob/coder", **QUICK) as other:
                assert other.search("harbour").hits == []
            hits = memory.search("00020 harbour").hits
            found.append([(hit.id, hit.score, hit.snippet) for hit in hits])
            assert memory.verify() == []
    assert found[0] == found[1] != []


def test_memctl_carries_scopes_between_a_server_and_files(server, tmp_path):
    url = server.make("carried")
    memctl = Memctl(tmp_path)
    (tmp_path / "notes.txt").write_text(prose(100))
    memctl("--scope", "ann", "compact", "notes.txt", "--level", "tiny")
    before = memctl("--json", "--scope", "ann", "search", "00020 harbour").json["hits"]
    memctl("--scope", "ann", "export", "ann.fovea")
    memctl("--scope", "ann", "import", "ann.fovea", store=url)
    memctl("--scope", "eve", "search", "harbour", store=url, code=3)
    there = memctl("--json", "--scope", "ann", "search", "00020 harbour", store=url).json["hits"]
    assert [hit["snippet"] for hit in there] == [hit["snippet"] for hit in before] != []
    memctl("--scope", "ann", "export", "back.fovea", store=url)
    memctl("--scope", "ann", "import", "back.fovea", store=tmp_path / "back.db")
    back = memctl("--json", "--scope", "ann", "search", "00020 harbour", store=tmp_path / "back.db").json["hits"]
    assert [hit["snippet"] for hit in back] == [hit["snippet"] for hit in before]
    assert memctl("--json", "verify", store=url).json["findings"] == []
    page = str(there[0]["id"])
    erased = memctl("--json", "--scope", "ann", "erase", page, store=url).json
    assert "vacuum" in erased["receipt"] and not erased["bytes_gone"]


def test_memctl_shows_no_password_and_says_what_is_wrong(server, tmp_path):
    memctl = Memctl(tmp_path)
    secret = server.database("postgres").replace("user=fovea", "user=locked&password=secret")
    done = memctl("stats", store=secret, code=2)
    assert "password authentication failed" in done.err and "password=secret" not in done.err
    assert "names no server" in memctl("stats", store="postgresql:///memory", code=2).err


@pytest.mark.skipif(not WORKER.exists(), reason="fovea_store_worker is not built")
def test_writers_and_readers_lose_nothing_and_see_no_error(server):
    result = several_processes.run_all(WORKER, server.make("shared"), 4, 4, 4)
    assert result["errors"] == []
    assert several_processes.is_sound(result)


@pytest.mark.skipif(not WORKER.exists(), reason="fovea_store_worker is not built")
def test_killed_clients_and_a_stopped_server_leave_a_sound_store(server):
    done = kill_postgres.kill_often(WORKER, 8, 2, seed=1)
    assert done["lost"] == 0
