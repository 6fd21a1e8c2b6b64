"""fovea-server's routes: what goes in comes out, once for each idempotency key, and errors say what is wrong."""

from __future__ import annotations

import base64
import json
import threading

import pytest

from harbour import prose
from server_app import BOB, client_of, fill, settings_of, stored_in, token_of

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

NDJSON = {"Accept": "application/x-ndjson"}
LINE = {"messages": [{"role": "note", "content": "The spare key hangs behind the almanac.", "time": 1778839200}]}


@pytest.fixture
def settings(tmp_path):
    return settings_of(tmp_path)


@pytest.fixture
def client(settings):
    with client_of(settings) as client:
        yield client


def lines(answer) -> list[dict]:
    return [json.loads(line) for line in answer.text.splitlines()]


def test_what_is_added_is_found_read_and_listed(client):
    kept = client.post("/v1/messages", json={"messages": [{"role": "user", "content": prose(120), "id": "m1"}]}).json()
    assert kept["pages"] == 2 and kept["levels"]["tiny"]["pages"] == 2 and kept["verbatim_characters"] > 0
    again = client.post("/v1/messages", json={"messages": [{"role": "user", "content": prose(120), "id": "m1"}]}).json()
    assert again["pages"] == 0 and again["skipped_messages"] == 1
    assert client.post("/v1/messages", json={**LINE, "finish": True}).json()["pages"] == 1
    found = client.post("/v1/search", json={"query": "almanac"}).json()
    hit = found["hits"][0]
    assert "almanac" in hit["snippet"] and hit["role"] == "note" and hit["time"] == 1778839200 and hit["words"]["rank"] == 1
    read = client.post("/v1/recall", json={"ids": [1], "source": "tokens"}).json()["items"][0]
    assert fovea.accuracy(prose(40), read["text"][6:6 + len(prose(40))]) > .95 and read["level"] == "tiny"
    assert client.post("/v1/recall", json={"query": "almanac", "k": 1}).json()["items"][0]["id"] == hit["id"]
    assert client.post("/v1/pieces", json={"query": "almanac"}).json()["items"][0]["page"] == hit["id"]
    pages = client.get("/v1/pages", params={"limit": 2}).json()
    assert [page["id"] for page in pages["items"]] == [2, 3] and pages["more"]
    assert [page["id"] for page in client.get("/v1/pages", params={"page": 2}).json()["items"]] == [2]
    assert [one["role"] for one in client.get("/v1/messages", params={"page": 3}).json()["items"]] == ["user", "note"]
    said = client.get("/v1/messages", params={"where": "role = note"}).json()
    assert [message["pages"] for message in said["items"]] == [[3]] and not said["more"]
    assert client.get("/v1/stats").json()["pages"] == 3
    assert client.get("/v1/pages/1/picture").content.startswith(b"\x89PNG")
    assert [held["scope"] for held in client.get("/v1/scopes").json()["items"]] == ["default/default/default"]
    assert client.get("/v1/policy").json()["bands"]


def test_contexts_come_as_parts_and_in_the_formats_of_providers(client):
    client.post("/v1/messages", json={"messages": [{"role": "user", "content": prose(57)}]})
    made = client.post("/v1/context", json={"budget": 3000, "target": "fovea"}).json()
    picture = next(part for part in made["parts"] if part["png"])
    assert base64.b64decode(picture["png"]).startswith(b"\x89PNG") and made["tokens"] <= 3000 and made["messages"] == []
    chat = client.post("/v1/context", json={"query": "00010", "format": "openai-chat"}).json()
    assert chat["parts"] == [] and "00010" in json.dumps(chat["messages"])
    assert client.post("/v1/context", json={"budget": 1}).json()["code"] == "invalid_argument"


def test_histories_are_read_as_memctl_reads_them_and_once(client):
    chat = json.dumps({"role": "user", "content": "Where is the lamp?"}) + "\n" + \
        json.dumps({"role": "assistant", "content": "In the cellar."}) + "\n"
    first = client.post("/v1/histories", content=chat).json()
    assert first["verbatim_characters"] > 0 and first["skipped_messages"] == 0
    grown = client.post("/v1/histories", content=chat + json.dumps({"role": "user", "content": "Thanks."}) + "\n").json()
    assert grown["skipped_messages"] == 2
    assert client.get("/v1/verbatim").json()["text"].count("lamp") == 1
    long = client.post("/v1/histories", content=prose(3000), params={"format": "text"}).json()  # more than a pipe holds
    assert long["pages"] > 20
    assert client.post("/v1/histories", content=b"").status_code == 422
    assert "format" in client.post("/v1/histories", content=b"x", params={"format": "morse"}).json()["detail"]


def test_pages_fade_are_pinned_promoted_and_erased(client):
    client.post("/v1/messages", json={"messages": [{"role": "user", "content": prose(130)}]})
    planned = client.post("/v1/plan", json={"to": "trace"}).json()
    assert planned["steps"][0]["to"] == "trace" and planned["lost_words"]["1"]
    assert client.post("/v1/pages/2/pin", json={}).json() == {"id": 2, "pinned": True}
    aged = client.post("/v1/age", json={"to": "faint"}).json()
    assert [step["id"] for step in aged["steps"]] == [1] and aged["steps"][0]["tokens_saved"] > 0
    assert client.post("/v1/pages/1/promote", json={}).json()["to"] == "tiny"
    assert {entry["event"] for entry in client.get("/v1/history").json()["items"]} == {"pin", "fade", "promote"}
    dry = client.post("/v1/erase", json={"ids": [1], "dry_run": True}).json()
    assert dry["pages"] == [1] and client.get("/v1/stats").json()["pages"] == 2
    gone = client.post("/v1/erase", json={"ids": [1]}).json()
    assert gone["pages"] == [1] and gone["bytes_gone"] and len(gone["sha256"]) == 64
    assert client.post("/v1/recall", json={"ids": [1]}).json()["code"] == "not_found"
    client.delete("/v1/scope")
    assert client.get("/v1/stats").json()["messages"] == 0


def test_where_some_rows_were_read_the_answer_says_how_far_off_that_may_be(client, settings):
    ann, bob = token_of(settings, "ann"), token_of(settings, "bob")
    for headers in (ann, bob):
        client.post("/v1/messages", json={"messages": [{"role": "user", "content": prose(70)}]}, headers=headers)
    step, = client.post("/v1/age", json={"policy": {"bands": [{"floor": 0.3}]}}, headers=ann).json()["steps"]
    page, = client.get("/v1/pages", headers=ann).json()["items"]
    assert 0 < step["fidelity_error"] < 0.7 and page["fidelity_error"] == step["fidelity_error"]
    assert page["fidelity"] == step["fidelity"]
    other, = client.get("/v1/pages", headers=bob).json()["items"]
    assert (other["fidelity"], other["fidelity_error"], other["level"]) == (None, 0, "tiny")


def test_a_policy_of_the_request_needs_the_right_to_erase(client, settings):
    writer, eraser = token_of(settings, "ann", rights="write"), token_of(settings, "ann")
    policy = {"bands": [{"older_than": "1d", "level": "faint"}]}
    assert client.post("/v1/age", json={"policy": policy}, headers=writer).status_code == 403
    assert client.post("/v1/age", json={"policy": policy}, headers=eraser).status_code == 200
    assert "bands" in client.post("/v1/age", json={"policy": {"bands": 3}}, headers=eraser).json()["detail"]


def test_long_work_tells_of_its_progress(client):
    said = lines(client.post("/v1/messages", json={"messages": [{"role": "user", "content": prose(400)}]}, headers=NDJSON))
    progress = [line["progress"]["done"] for line in said[:-1]]
    assert progress == sorted(progress) and progress[-1] >= 1 and said[-1]["result"]["pages"] >= 5
    failed = lines(client.post("/v1/pages/99/promote", json={}, headers=NDJSON))
    assert failed[-1]["error"]["code"] == "not_found" and failed[-1]["error"]["status"] == 404


def test_a_repeated_request_is_done_once_and_answered_alike(client, settings):
    key = {"Idempotency-Key": "a-1"}
    first = client.post("/v1/messages", json=LINE, headers=key)
    again = client.post("/v1/messages", json=LINE, headers=key)
    assert first.json() == again.json() and "Idempotent-Replayed" in again.headers
    assert lines(client.post("/v1/messages", json=LINE, headers={**key, **NDJSON})) == [{"result": first.json()}]
    other = {"messages": [{"role": "note", "content": "Another."}]}
    refused = client.post("/v1/messages", json=other, headers=key)
    assert refused.status_code == 422 and refused.json()["code"] == "conflict"
    assert client.post("/v1/messages", json=LINE, headers=key, params={"scope": "ann"}).status_code == 422
    assert client.post("/v1/messages", json=LINE, headers={"Idempotency-Key": "a-2"}).json()["skipped_messages"] == 0
    assert client.get("/v1/verbatim").json()["text"].count("almanac") == 2
    assert client.post("/v1/messages", json=LINE, headers={"Idempotency-Key": "x" * 300}).status_code == 422
    # A failure is not kept, and the key is free again.
    assert client.post("/v1/pages/9/pin", json={}, headers={"Idempotency-Key": "a-3"}).status_code == 404
    client.post("/v1/finish")
    assert client.post("/v1/pages/1/pin", json={}, headers={"Idempotency-Key": "a-4"}).status_code == 200
    with open(settings.state.requests, "rb") as file:
        assert b"almanac" not in file.read()


def test_two_users_may_use_the_same_key(client, settings):
    ann, bob = token_of(settings, "ann"), token_of(settings, "bob")
    for who in (ann, bob):
        made = client.post("/v1/messages", json=LINE, headers={**who, "Idempotency-Key": "k"})
        assert "Idempotent-Replayed" not in made.headers
        assert client.get("/v1/verbatim", headers=who).json()["text"].count("almanac") == 1


def test_the_same_request_at_once_is_done_once(client):
    answers, text = [], {"messages": [{"role": "user", "content": prose(300)}]}

    def send():
        answers.append(client.post("/v1/messages", json=text, headers={"Idempotency-Key": "k"}))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {200, 409} and 200 in {a.status_code for a in answers}
    assert client.get("/v1/stats").json()["messages"] == 1


def test_a_killed_request_that_is_repeated_adds_what_is_missing(settings):
    many = {"messages": [{"role": "note", "content": f"Fact {place}."} for place in range(6)]}
    with client_of(settings) as client:
        client.post("/v1/messages", json={"messages": many["messages"][:2]}, headers={"Idempotency-Key": "k"})
    import sqlite3

    with sqlite3.connect(settings.state.requests) as file:  # as if the server had died before its answer
        file.execute("DELETE FROM requests")
    file.close()
    with client_of(settings) as client:
        made = client.post("/v1/messages", json=many, headers={"Idempotency-Key": "k"}).json()
        assert made["skipped_messages"] == 2
        text = client.get("/v1/verbatim").json()["text"]
        assert [text.count(f"Fact {place}.") for place in range(6)] == [1] * 6


def test_a_scope_goes_out_as_a_file_and_into_another(client, settings):
    fill(settings.store, "ann/coder", "zeppelin")
    key = fovea.new_key_text()
    for sent, headers in (({}, {}), ({"key": key}, {"Fovea-Key": key})):
        file = client.post("/v1/export", json=sent, params={"scope": "ann/coder"})
        assert file.status_code == 200 and (b"zeppelin" in file.content) == (not sent)
        into = {"scope": f"bob/{len(sent)}"}
        assert client.post("/v1/import", content=file.content, params=into, headers=headers).json()["pages"] == 1
        assert client.post("/v1/search", json={"query": "zeppelin"}, params=into).json()["hits"]
        full = client.post("/v1/import", content=file.content, params=into, headers=headers)
        assert full.status_code == 422 and str(settings.state.transfers) not in full.text
    assert client.post("/v1/export", json={}, params={"scope": "nobody"}).status_code == 404
    assert [list(folder.iterdir()) for folder in settings.state.transfers.iterdir()] == [[]]


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize("sent", [b"no store", b"SQLite format 3\0" + b"x" * 5000], ids=["text", "a head alone"])
def test_a_file_that_is_no_store_is_called_what_was_sent(tmp_path, sent, beside):
    """A part of its path was told."""
    store = tmp_path / "memory.db"
    with client_of(stored_in(str(store), None if beside else tmp_path / "memory.db-state")) as client:
        for headers in ({}, {"Fovea-Key": fovea.new_key_text()}):
            said = client.post("/v1/import", content=sent, params={"scope": "eve"}, headers=headers)
            assert said.status_code == 422 and said.json()["detail"].startswith("the file that was sent is not ")
            assert not any(part in said.text for part in ("transfers", "scope.fovea", "memory", str(tmp_path), "the store"))


def test_an_encrypted_store_leaves_no_plain_file(tmp_path):
    settings = settings_of(tmp_path, key=fovea.key_from_text(fovea.new_key_text()))
    with client_of(settings) as client:
        client.post("/v1/messages", json={**LINE, "finish": True})
        assert "/key" in client.post("/v1/export", json={}).json()["detail"]
        assert client.post("/v1/export", json={"key": fovea.new_key_text()}).status_code == 200
    assert b"almanac" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("path, body, place", [
    ("/v1/search", {"query": ""}, "/query"), ("/v1/search", {"query": "x", "k": "3"}, "/k"),
    ("/v1/search", {"query": "x", "mood": 1}, "/mood"), ("/v1/search", {"query": "x", "k": 10**40}, "/k"),
    ("/v1/search", {"query": "x", "where": ["mood = good"]}, "mood"), ("/v1/search", [], "/"),
    ("/v1/search", {"query": "x", "where": "role = user"}, "/where"), ("/v1/recall", {}, "either ids or a query"),
    ("/v1/recall", {"ids": [1], "where": ["role = user"]}, "/where"), ("/v1/recall", {"ids": []}, "/ids"),
    ("/v1/recall", {"ids": [-1]}, "/ids/0"), ("/v1/recall", {"ids": [2**63]}, "/ids/0"),
    ("/v1/recall", {"ids": [True]}, "/ids/0"), ("/v1/age", {"to": "blurred"}, "/to"),
    ("/v1/messages", {"messages": []}, "/messages"), ("/v1/messages", {"messages": [{"role": "", "content": "x"}]}, "/role"),
    ("/v1/messages", {"messages": [{"role": "user", "content": None}]}, "/messages/0/content"),
    ("/v1/erase", {"span": {"page": 1, "begin": 5, "end": 5}}, "span"),
    ("/v1/pages/0/pin", {}, "path:page"), ("/v1/pages/x/pin", {}, "path:page"),
    ("/v1/search?mood=1", {"query": "x"}, "query:mood"), ("/v1/search?scope=a//b", {"query": "x"}, "scope"),
    ("/v1/search?scope=a/b/c/d/e", {"query": "x"}, "scope"), ("/v1/search?scope=a%0d%0aX: y", {"query": "x"}, "scope"),
    ("/v1/search?scope=a%00b", {"query": "x"}, "scope"), ("/v1/search?scope=%ff", {"query": "x"}, "scope"),
    ("/v1/search?scope=a&scope=b", {"query": "x"}, "query:scope"),
])
def test_what_cannot_be_used_is_named(client, path, body, place):
    said = client.post(path, json=body)
    assert said.status_code == 422 and said.headers["content-type"] == "application/problem+json"
    assert place in said.json()["detail"] and said.json()["code"] == "invalid_argument"


@pytest.mark.parametrize("body", [b"{", b'{"query": "x"', b"\xff\xfe", b'{"query": "\\ud800"}', b"[" * 100_000, b"null", b"",
                                  b'{"query": "x", "k": ' + b"9" * 5000 + b"}", b'{"query": "x", "recency": NaN}'])
def test_broken_bodies_are_refused(client, body):
    said = client.post("/v1/search", content=body, headers={"Content-Type": "application/json"})
    assert said.status_code in (400, 422) and said.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body, told", [
    (b"", "the body is empty; expected a JSON object"), (b"{", "the body is no JSON, at byte 1: Expecting property name"),
    ('{"query": "灯塔" "k"}'.encode(), "the body is no JSON, at byte 19: Expecting ',' delimiter"),
    (b'{"query": "a\nb"}', "the body is no JSON, at byte 12: Invalid control character"),
    (b'{"query": "x"} {}', "the body is no JSON, at byte 15: Extra data"), (b"[]", ""), (b"null", "")])
def test_where_a_body_is_wrong_is_told_in_bytes_and_not_as_a_field(client, body, told):
    said = client.post("/v1/search", content=body, headers={"Content-Type": "application/json"}).json()
    assert said["detail"].startswith("/: " + told) and [error["pointer"] for error in said["errors"]] == ["/"]
    assert (f"/: {said['errors'][0]['detail']}", "empty" in said["detail"]) == (said["detail"], body == b"")


@pytest.mark.parametrize("method, path", [("POST", "/v1/finish"), ("DELETE", "/v1/scope"), ("GET", "/v1/stats"), ("GET", "/metrics")])
@pytest.mark.parametrize("sent", [b"{", b"[]", b"\xff\xfe", b'{"a":NaN}', b'{"dry_run": true}', b"null"])
def test_a_route_without_fields_does_nothing_for_who_sends_some(client, method, path, sent):
    client.post("/v1/messages", json=LINE)
    client.post("/v1/messages", json=LINE, params={"scope": "bob"})
    for headers in ({"Content-Type": "application/json"}, {}, {"Idempotency-Key": "k"} if path != "/metrics" else {}):
        said = client.request(method, path, content=sent, headers=headers)
        assert said.status_code == 422 and said.json()["detail"] == "/: the route takes no fields; send no body, or {}"
    for scope in ({}, {"scope": "bob"}):
        held = client.get("/v1/stats", params=scope).json()
        assert (held["messages"], held["pages"]) == (1, 0)
    for nothing in (b"", b"{}", b" {\n}\n"):
        assert client.request(method, path, content=nothing).status_code == 200


def test_text_of_any_script_and_any_bytes_comes_back_as_json(client):
    said = "灯塔 Leuchtturm фонарь 🗼 \u202e mirror \x07 bell"
    scope = {"scope": "änne/編碼者/🗼"}
    client.post("/v1/messages", json={"messages": [{"role": "ünser", "content": said}]}, params=scope)
    assert said in client.get("/v1/verbatim", params=scope).json()["text"]
    assert client.get("/v1/scopes", params=scope).json()["items"][0]["scope"] == "änne/編碼者/🗼"
    client.post("/v1/histories", content=b"caf\xe9 \xff\n", params={"format": "text"})
    assert "caf\ufffd" in client.get("/v1/verbatim").json()["text"]


def test_paths_in_scope_names_are_only_names(client, tmp_path):
    for scope in ("../../etc/passwd", "..", "a/../b", "%2e%2e", "C:\\x", "-rf"):
        assert client.post("/v1/messages", json=LINE, params={"scope": scope}).status_code == 200
    assert {path.name.split(".")[0] for path in tmp_path.iterdir()} == {"memory"}


def test_expired_messages_are_not_served(client):
    client.post("/v1/messages", json={**LINE, "expires": 1_000_000})
    assert "almanac" not in client.get("/v1/verbatim").text
    assert client.post("/v1/search", json={"query": "almanac"}).json()["verbatim_snippet"] == ""


def test_more_scopes_than_may_be_open_are_served_in_turn(tmp_path):
    from fovea.server.settings import Limits

    settings = settings_of(tmp_path, Limits(open=2))
    with client_of(settings) as client:
        def use(user: int) -> None:
            for _ in range(3):
                assert client.post("/v1/messages", json=LINE, params={"scope": f"user{user}"}).status_code == 200
                assert client.get("/v1/stats", params={"scope": f"user{user}"}).status_code == 200

        threads = [threading.Thread(target=use, args=(user,)) for user in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [client.get("/v1/stats", params={"scope": f"user{user}"}).json()["messages"] for user in range(8)] == [3] * 8
        assert len(client.app._app.state.memories) <= 2


def test_bob_is_not_moved_by_what_ann_does(client, settings):
    fill(settings.store, "bob/coder", BOB)
    client.post("/v1/messages", json=LINE, params={"scope": "ann"})
    client.delete("/v1/scope", params={"scope": "ann"})
    assert client.post("/v1/search", json={"query": BOB}, params={"scope": "bob/coder"}).json()["hits"]


def test_what_is_no_route_method_or_json_is_told_how_it_should_be(client):
    for method, path, status, told in [("GET", "/v1/stats/", 404, "/openapi.json"), ("PUT", "/v1/stats", 405, "GET"),
                                       ("GET", "/docs", 404, "/openapi.json"), ("GET", "/mcp", 405, "POST")]:
        said = client.request(method, path, follow_redirects=False)
        assert said.status_code == status and told in said.json()["detail"]
    said = client.post("/v1/search", content=b'{"query": "x"}', headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert said.status_code == 415 and "application/json" in said.json()["detail"]
