"""fovea-server as a process: stopped, killed, on a full disk, with clients that send slowly or nothing."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import sys
import threading
import time

import httpx
import pytest

from harbour import prose
from server_app import Served, token_of, settings_of

import fovea  # noqa: E402

# More pages than a machine makes before it is told to stop.
LONG = {"messages": [{"role": "user", "content": prose(5_000)}]}


def add(served: Served, body: dict, **headers: str) -> httpx.Response:
    return httpx.post(served.url + "/v1/messages", json=body, headers=headers, timeout=300, verify=False)


def add_quietly(served: Served, body: dict, **headers: str) -> None:
    with contextlib.suppress(httpx.TransportError):
        add(served, body, **headers)


def wait_for_a_page(served: Served, **headers: str) -> None:
    while not served.get("/v1/stats", headers=headers).json()["pages"]:
        time.sleep(.05)


def messages_of(tmp_path, scope: str = "default") -> tuple[int, str, list[str]]:
    """How many there are, their whole text, and what a check of the store finds."""
    with fovea.Memory(tmp_path / "memory.db", scope=scope) as memory:
        return memory.stats().messages, "".join(item.text for item in memory.recall_all("archive")), memory.verify()


def test_sigterm_lets_running_requests_end_and_takes_no_new_ones(tmp_path):
    with Served(tmp_path, "--stop-seconds", "300") as served:
        add(served, {"messages": [{"role": "user", "content": "The first."}]})
        answers: list[httpx.Response] = []
        running = threading.Thread(target=lambda: answers.append(add(served, {
            "messages": [{"role": "user", "content": prose(120)}]})))
        with contextlib.closing(sqlite3.connect(tmp_path / "memory.db", isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")  # the request does not end while another one writes
            running.start()
            while "fovea_requests_running 2.0" not in served.get("/metrics").text:
                time.sleep(.02)
            served.process.send_signal(signal.SIGTERM)
            with pytest.raises(httpx.TransportError):
                while True:
                    served.get("/healthz")
                    time.sleep(.02)
            assert running.is_alive()
            holder.execute("ROLLBACK")
        running.join()
        assert answers[0].status_code == 200 and answers[0].json()["pages"] >= 1
        assert served.process.wait(120) == 0
    events = [json.loads(line)["event"] for line in served.log.read_text().splitlines()]
    assert events[-1] == "stopped" and "failed" not in events
    assert messages_of(tmp_path)[0] == 2 and not list((tmp_path / "memory.db.transfers").iterdir())


def test_a_request_that_outlasts_the_stop_is_ended_after_the_page_in_hand(tmp_path):
    with Served(tmp_path, "--stop-seconds", "1") as served:
        running = threading.Thread(target=add_quietly, args=(served, LONG))
        running.start()
        wait_for_a_page(served)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(120) == 0
        running.join()
    count, text, findings = messages_of(tmp_path)
    assert count == 1 and findings == [] and text.startswith("user:\n00000 The")


def test_a_kill_loses_nothing_and_the_repeated_request_adds_the_rest(tmp_path):
    key = {"Idempotency-Key": "7f9c"}
    many = {"messages": [{"role": "note", "content": f"Fact {place}.\n" + prose(9, 10 * place)} for place in range(24)]}
    with Served(tmp_path) as served:
        ann, bob = (token_of(settings_of(tmp_path), user) for user in ("ann", "bob"))
        add(served, {"messages": [{"role": "note", "content": "Bob's."}]}, **bob)
        running = threading.Thread(target=add_quietly, args=(served, many), kwargs={**ann, **key})
        running.start()
        wait_for_a_page(served, **ann)
        served.process.kill()
        running.join()
        served.process.wait()
    _, text, findings = messages_of(tmp_path, "ann")
    assert findings == [] and "Fact 0." in text
    with Served(tmp_path) as served:
        first = add(served, many, **ann, **key)
        again = add(served, many, **ann, **key)
        assert first.json() == again.json() and first.status_code == 200
    count, text, findings = messages_of(tmp_path, "ann")
    assert count == 24 and findings == [] and [text.count(f"Fact {place}.\n") for place in range(24)] == [1] * 24
    assert messages_of(tmp_path, "bob")[0] == 1


def test_a_full_disk_is_an_error_that_loses_nothing(tmp_path):
    # A file may not grow beyond 700 kB: the system says so as of a full disk.
    with Served(tmp_path, program=("sh", "-c", 'ulimit -f 1400; trap "" XFSZ; exec "$@"', "sh", sys.executable, "-m", "fovea.server")) as served:
        kept = [add(served, {"messages": [{"role": "note", "content": f"Fact {place}.\n" + prose(80, place)}]},
                    **{"Idempotency-Key": str(place)}) for place in range(6)]
        failed = [answer for answer in kept if answer.status_code != 200]
        assert failed and {answer.status_code for answer in failed} <= {500, 503}, [answer.text for answer in kept]
        assert all(answer.json()["code"] == "io" and str(tmp_path) not in answer.text for answer in failed)
        assert served.get("/v1/stats").status_code == 200 and served.get("/healthz").status_code == 200
    assert "Traceback" not in served.log.read_text()
    _, text, findings = messages_of(tmp_path)
    assert findings == []
    for place, answer in enumerate(kept):
        assert text.count(f"Fact {place}.\n") <= 1
        assert answer.status_code != 200 or f"Fact {place}.\n" in text
    with Served(tmp_path) as served:  # with room again, the same requests complete it
        for place in range(6):
            add(served, {"messages": [{"role": "note", "content": f"Fact {place}.\n" + prose(80, place)}]},
                **{"Idempotency-Key": str(place)}).raise_for_status()
    count, text, findings = messages_of(tmp_path)
    assert count == 6 and findings == [] and all(text.count(f"Fact {place}.\n") == 1 for place in range(6))


def test_clients_that_send_slowly_or_nothing_are_hung_up_on_and_hold_up_nobody(tmp_path):
    patience = 2
    program = f"from fovea.server import command, serving; serving.HEAD_SECONDS = {patience}; command.main()"
    with Served(tmp_path, program=(sys.executable, "-c", program)) as served:
        begun = time.monotonic()
        silent = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(50)]
        half = socket.create_connection(("127.0.0.1", served.port))
        half.sendall(b"GET /v1/stats HTTP/1.1\r\nHost: 127.0.0.1")
        slow = socket.create_connection(("127.0.0.1", served.port))
        slow.sendall(f"POST /v1/finish HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n\r\n".encode())
        assert slow.recv(12) == b"HTTP/1.1 200"
        alive = True
        while alive and time.monotonic() < begun + 120:
            assert served.get("/v1/stats").status_code == 200
            with contextlib.suppress(OSError):
                half.sendall(b"x")  # a byte now and then does not help
            half.settimeout(.2)
            with contextlib.suppress(TimeoutError):
                try:
                    alive = half.recv(1) != b""
                except ConnectionError:
                    alive = False
        assert not alive and time.monotonic() - begun > patience
        for each in silent:
            each.settimeout(120)
            with contextlib.suppress(ConnectionError):
                assert each.recv(1) == b""
            each.close()


@pytest.mark.parametrize("raw", [
    b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /v1/stats HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /v1/stats HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"y" * 40_000 + b"\r\n\r\n",
    b"POST /v1/finish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /v1/finish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
    b"GET /v1/stats\r\nX-Evil: 1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", bytes(range(256)) * 20,
], ids=range(8))
def test_what_is_no_http_is_refused(raw, running):
    answers = ([b"400"], [b"421"], [b"431"], [])
    with socket.create_connection(("127.0.0.1", running.port)) as client:
        client.sendall(raw)
        client.settimeout(120)
        with contextlib.suppress(ConnectionError):
            assert client.recv(100).split(b" ")[1:2] in answers
    assert running.get("/healthz").status_code == 200


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with Served(tmp_path_factory.mktemp("running")) as served:
        yield served


def test_a_listener_who_hangs_up_ends_the_work_after_the_page_in_hand(tmp_path):
    with Served(tmp_path) as served:
        with httpx.stream("POST", served.url + "/v1/messages", json=LONG, headers={"Accept": "application/x-ndjson"},
                          timeout=120) as stream:
            for line in stream.iter_lines():
                if json.loads(line)["progress"]["done"]:
                    break
        # This writes when the call that is under way has ended.
        assert httpx.post(served.url + "/v1/pages/1/pin", json={}, timeout=300, verify=False).status_code == 200
        assert 0 < served.get("/v1/stats").json()["pages"] < 80


def test_files_that_a_killed_server_left_are_removed_by_the_next(tmp_path):
    left = tmp_path / "memory.db.transfers" / "dead"
    left.mkdir(parents=True)
    (left / "scope.fovea").write_text("text of a scope")
    with Served(tmp_path), Served(tmp_path):
        assert not left.exists() and len(list(left.parent.iterdir())) == 2


def test_two_servers_of_one_store_share_idempotency_keys(tmp_path):
    body = {"messages": [{"role": "note", "content": "Once."}]}
    with Served(tmp_path) as one, Served(tmp_path) as other:
        answers = [add(served, body, **{"Idempotency-Key": "k"}).json() for served in (one, other)]
        assert answers[0] == answers[1]
    assert messages_of(tmp_path)[0] == 1
    with contextlib.closing(sqlite3.connect(tmp_path / "memory.db.requests")) as file:
        assert file.execute("SELECT count(*) FROM requests").fetchone() == (1,)
    assert os.stat(tmp_path / "memory.db.requests").st_mode & 0o077 == 0
