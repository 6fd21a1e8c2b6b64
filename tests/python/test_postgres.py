"""A store on a PostgreSQL server: fovea.Memory, memctl and many processes; the store's own tests are in C++."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

from harbour import prose
from memctl_program import BUILD, Memctl, pytestmark  # noqa: F401

import kill_postgres  # noqa: E402
import several_processes  # noqa: E402

WORKER = BUILD / "fovea_store_worker"

QUICK = {"level": "tiny", "measured_pages": 0}


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
    assert memctl("--json", "clean", store=url).json == {"store": url, "bytes_gone": True}
    assert memctl("--json", "--scope", "ann", "search", "00020 harbour", store=url).json["hits"] != there


def test_memctl_shows_no_password_and_says_what_is_wrong(server, tmp_path):
    memctl = Memctl(tmp_path)
    secret = server.database("postgres").replace("user=fovea", "user=locked&password=secret")
    done = memctl("stats", store=secret, code=2)
    assert "password authentication failed" in done.err and "secret" not in done.err
    assert "names no server" in memctl("stats", store="postgresql:///memory", code=2).err
    for odd in ("postgresql://ann:sec/ret@host/db", "Postgresql://ann:secret@host/db", "postgresql:/ann:secret@host/db"):
        for verb in (["stats"], ["doctor"], ["--json", "clean"], ["compact", "/dev/null"]):
            done = memctl(*verb, store=odd, code=1 if verb == ["doctor"] else 2)  # it goes on to the next check
            assert "sec" not in done.err.replace("seconds", "") + done.out.decode(), done.err


def test_python_shows_no_password(server):
    fovea = pytest.importorskip("fovea")
    url = server.make("shown")
    with fovea.Memory(url + "&password=secret", scope="ann") as memory:
        assert memory.path == url == fovea.shown_store(url + "&password=secret")
        assert "secret" not in repr(memory)
    with pytest.raises(ValueError, match="is closed") as closed:
        memory.stats()
    assert "secret" not in str(closed.value)
    with pytest.raises(ValueError, match="two hexadecimal digits") as odd:
        fovea.Memory("postgresql://ann:sec%ret@host/db")
    assert "sec" not in str(odd.value)


@pytest.mark.skipif(not WORKER.exists(), reason="fovea_store_worker is not built")
def test_processes_that_open_an_empty_database_at_once_all_find_a_store(server):
    for attempt in range(6):
        url = server.make(f"race{attempt}")
        opened = [subprocess.Popen([WORKER, "compact", url, "2"], stderr=subprocess.PIPE, text=True) for _ in range(8)]
        said = [process.communicate()[1] for process in opened]
        assert said == [""] * 8
        assert subprocess.run([WORKER, "check", url], capture_output=True).returncode == 0


# Each statement was once a round trip: 23 for a message, 212 for the page, 113 for the search, 256 for the erasing.
def test_a_call_waits_for_the_server_a_few_times_whatever_it_reads_and_writes(server):
    pytest.importorskip("fovea")
    bench = pathlib.Path(kill_postgres.__file__).parent / "round_trips.py"
    told = subprocess.check_output([sys.executable, bench, "--rounds", "1", "--measure", server.make("waits"), "0"])
    waits = {call: rounds[0][0] for call, rounds in json.loads(told).items()}
    most = {"add a message": 13, "add a page in 12 messages": 45, "search": 14, "context for a question": 14,
            "stats": 8, "list the pages": 5, "recall of a page": 9, "erase a page": 40}
    assert {call: count for call, count in waits.items() if count > most.get(call, count)} == {}


@pytest.mark.skipif(not WORKER.exists(), reason="fovea_store_worker is not built")
def test_writers_and_readers_lose_nothing_and_see_no_error(server):
    result = several_processes.run_all(WORKER, server.make("shared"), 4, 4, 4)
    assert result["errors"] == []
    assert several_processes.is_sound(result)


@pytest.mark.skipif(not WORKER.exists(), reason="fovea_store_worker is not built")
def test_killed_clients_and_a_stopped_server_leave_a_sound_store(server):
    done = kill_postgres.kill_often(WORKER, 8, 2, seed=1)
    assert done["lost"] == 0
