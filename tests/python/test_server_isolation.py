"""Two users of one fovea-server, and every route: nobody learns anything of the other, nor changes anything there."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from server_app import ANN, BOB, client_of, fill, settings_of, stored_in, token_of

import fovea  # noqa: E402
from fovea.server.app import make_routes  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

PAGE = "{theirs}"  # in a request: a page of the other's


def mcp(tool: str, **arguments: object) -> dict:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}


# By route, bodies with which the other's text might be had; None: none. A caller without anything comes first: then the
# library says which scopes are spelled alike.
TRIES: dict[tuple[str, str], list] = {
    ("POST", "/v1/search"): [{"query": ANN, "k": 100}, {"query": f"{ANN[:4]}*"}, {"query": ANN, "where": ["session != x"]},
                             {"query": ANN, "where": ["agent != x"]}],
    ("POST", "/v1/recall"): [{"ids": [PAGE]}, {"query": ANN}, {"query": ANN, "where": ["agent != x"]}],
    ("POST", "/v1/read"): [{"ids": [PAGE]}, {"ids": [0, PAGE]}],
    ("POST", "/v1/pieces"): [{"query": ANN}],
    ("POST", "/v1/context"): [{"query": ANN}, {}, {"format": "openai-chat", "query": ANN}],
    ("GET", "/v1/messages"): [None, {"where": "source = zeppelin-1"}, {"where": "session != x"}, {"page": PAGE}],
    ("GET", "/v1/pages"): [None, {"where": "agent != x"}, {"page": PAGE}],
    ("GET", "/v1/pages/{page}/picture"): [None],
    ("GET", "/v1/history"): [None],
    ("GET", "/v1/stats"): [None],
    ("GET", "/v1/verbatim"): [None],
    ("GET", "/v1/scopes"): [None],
    ("GET", "/v1/policy"): [None],
    ("POST", "/v1/messages"): [{"messages": [{"role": "user", "content": "hello"}]}],
    ("POST", "/v1/histories"): [b"hello"],
    ("POST", "/v1/finish"): [None],
    ("POST", "/v1/plan"): [{"to": "trace"}],
    ("POST", "/v1/age"): [{"to": "trace"}],
    ("POST", "/v1/pages/{page}/promote"): [{}, {"to": "base"}],
    ("POST", "/v1/pages/{page}/pin"): [{}],
    ("POST", "/v1/erase"): [{"ids": [PAGE]}, {"query": ANN}, {"source_ids": [f"{ANN}-1"]}, {"where": ["role = note"]},
                            {"where": ["session != x"]}, {"span": {"page": PAGE, "begin": 0, "end": 9}}],
    ("POST", "/v1/export"): [{}],
    ("POST", "/v1/import"): [b"SQLite format 3\0"],
    ("POST", "/v1/embed"): [{}],
    ("POST", "/mcp"): [mcp("search", query=ANN), mcp("search", query=ANN, where=["agent != x"]), mcp("recall", page=PAGE),
                       mcp("recall", query=ANN), mcp("list"), mcp("list", where=["agent != x"]), mcp("pages"),
                       mcp("context", query=ANN), mcp("pin", page=PAGE), mcp("forget", level="trace"),
                       mcp("erase", pages=[PAGE]), mcp("erase", query=ANN), mcp("stats"), mcp("remember", text="hello"),
                       {"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": f"fovea://page/{PAGE}"}}],
    ("DELETE", "/v1/scope"): [None],  # the last: then the caller has nothing left
}
WITHOUT_MEMORY = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/openapi.json")}

HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json",
           "MCP-Protocol-Version": "2025-06-18"}


def routes_of(tmp_path) -> set[tuple[str, str]]:
    app = make_routes(settings_of(tmp_path))
    described = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    own = {(method, route.path) for route in app.routes for method in getattr(route, "methods", None) or ()
           if method not in ("HEAD", "OPTIONS")}
    return described | own


def test_every_route_is_tried_here(tmp_path):
    assert routes_of(tmp_path) == set(TRIES) | WITHOUT_MEMORY


class Filled:
    """A store of two users, of which each test module's stage gets a copy."""

    def __init__(self, request, folder) -> None:
        self._folder = folder
        self._server = request.getfixturevalue("server") if request.param == "server" else None
        self._copies = 0
        store = self._server.make("filled") if self._server else str(folder / "memory.db")
        for scope, word in (("ann/coder", ANN), ("ann/private", ANN), ("bob/coder", BOB)):
            fill(store, scope, word)

    def copy(self, folder):
        if not self._server:
            return settings_of(shutil.copytree(self._folder, folder, dirs_exist_ok=True))
        self._copies += 1
        return stored_in(self._server.make(f"copy{self._copies}", template="filled"), folder / "state")


@pytest.fixture(scope="module", params=["file", "server"])
def filled(request, tmp_path_factory):
    return Filled(request, tmp_path_factory.mktemp("filled"))


@pytest.fixture
def place(filled, tmp_path):
    return filled.copy(tmp_path)


class Stage:
    """A server for all routes, one after the other, and a look at what callers must not reach."""

    def __init__(self, client, settings, header, scopes: list[str]) -> None:
        self.client, self.settings, self.header = client, settings, header
        self._memories = [fovea.Memory(settings.store, scope=scope) for scope in scopes]
        self.theirs = self._memories[0].pages()[0].id

    def contents(self) -> list:
        return [(memory.verbatim(), [item.text for item in memory.read([page.id for page in memory.pages()])],
                 [(page.level, page.pinned, page.last_recalled) for page in memory.pages()], len(memory.history()))
                for memory in self._memories]

    def end(self) -> None:
        for memory in self._memories:
            memory.close()


@pytest.fixture(scope="module")
def strangers(filled, tmp_path_factory):
    """Bob calls; Ann has two scopes."""
    settings = filled.copy(tmp_path_factory.mktemp("strangers"))
    with client_of(settings) as client:
        stage = Stage(client, settings, token_of(settings, "bob/coder"), ["ann/coder", "ann/private"])
        yield stage
        stage.end()


@pytest.fixture(scope="module")
def agents(filled, tmp_path_factory):
    """An agent of Ann's that knows nothing yet calls; another one of hers has a scope."""
    settings = filled.copy(tmp_path_factory.mktemp("agents"))
    with fovea.Memory(settings.store, scope="ann/coder") as memory:
        memory.erase_scope()
    with client_of(settings) as client:
        stage = Stage(client, settings, token_of(settings, "ann/privat"), ["ann/private"])
        yield stage
        stage.end()


def ask(client, route: tuple[str, str], tried, theirs: int, headers: dict, **query: str):
    method, path = route
    sent = {"headers": {**headers, **HEADERS}}
    if isinstance(tried, bytes):
        sent["content"] = tried
        sent["headers"]["Content-Type"] = "application/octet-stream"
    elif method == "GET":
        query = {**query, **{name: str(value).replace(PAGE, str(theirs)) for name, value in (tried or {}).items()}}
    elif tried is not None:
        sent["content"] = json.dumps(tried).replace(f'"{PAGE}"', str(theirs)).replace(PAGE, str(theirs))
    return client.request(method, path.replace("{page}", str(theirs)), params=query, **sent)


@pytest.mark.parametrize("route", TRIES, ids=lambda route: " ".join(route))
def test_nothing_of_ann_comes_to_bob_or_changes(strangers, route):
    client, theirs, before = strangers.client, strangers.theirs, strangers.contents()
    for tried in TRIES[route]:
        said = ask(client, route, tried, theirs, strangers.header)
        assert said.status_code < 500, said.text
        assert ANN not in said.text and "ann/" not in said.text and strangers.settings.store not in said.text
        if "{page}" in route[1] or tried in ({"ids": [PAGE]}, mcp("recall", page=PAGE)):
            # A page of somebody else's is a page that does not exist.
            never = ask(client, route, tried, theirs + 1000, strangers.header)
            assert (never.status_code, re.sub(r"\d+", "", never.text)) == (said.status_code, re.sub(r"\d+", "", said.text))
        # A scope of somebody else's is refused alike, whether it exists or not.
        others = [ask(client, route, tried, theirs, strangers.header, scope=scope)
                  for scope in ("ann/coder", "ann/nothing", "nobody/coder", "bob", "bob/coder2")]
        assert {answer.status_code for answer in others} == {403} and len({answer.text for answer in others}) == 1
    assert strangers.contents() == before


@pytest.mark.parametrize("route", TRIES, ids=lambda route: " ".join(route))
def test_a_token_of_one_agent_does_not_reach_the_other_agents_of_its_user(agents, route):
    before = agents.contents()
    for tried in TRIES[route]:
        said = ask(agents.client, route, tried, agents.theirs, agents.header)
        assert said.status_code < 500, said.text
        assert "ann/private" not in said.text and "came first" not in said.text and "is verbatim" not in said.text
    assert agents.contents() == before


def test_every_route_needs_a_token_with_the_right(place):
    with client_of(place) as client:
        none = token_of(place, "ann/coder", rights="metrics")
        for route in TRIES:
            for headers, status in (({}, 401), ({"Authorization": "Basic YW5uOnB3"}, 401), (none, 403)):
                said = ask(client, route, TRIES[route][0], 1, headers)
                assert said.status_code == status and ANN not in said.text, route
                assert said.headers["content-type"] == "application/problem+json"


def test_a_token_of_a_user_sees_all_of_the_user(place):
    with client_of(place) as client:
        ann = token_of(place, "ann")
        held = client.get("/v1/scopes", headers=ann, params={"scope": "ann/coder"}).json()["items"]
        assert [one["scope"] for one in held] == ["ann/coder/default", "ann/private/default"]
        found = client.post("/v1/search", headers=ann, params={"scope": "ann/coder"},
                            json={"query": ANN, "where": ["agent = private"]}).json()["hits"]
        assert {hit["scope"] for hit in found} == {"ann/private/default"}


def test_a_name_with_a_slash_is_no_way_to_somebody_else(place):
    fill(place.store, "ann%2Fcoder", BOB)
    with client_of(place) as client:
        theirs, ann = token_of(place, "ann%2Fcoder"), token_of(place, "ann")
        held = client.get("/v1/scopes", headers=theirs).json()["items"]
        assert [one["scope"] for one in held] == ["ann%2Fcoder/default/default"]
        for header, other in ((theirs, "ann/coder"), (ann, "ann%2Fcoder")):
            assert client.get("/v1/stats", headers=header, params={"scope": other}).status_code == 403


def test_a_reader_may_not_write_and_is_offered_no_tool_that_does(place):
    with client_of(place) as client:
        reader = token_of(place, "ann/coder", rights="read")
        for route in TRIES:
            if route[0] == "GET" or route[1] in ("/v1/search", "/v1/recall", "/v1/read", "/v1/pieces", "/v1/context",
                                                 "/v1/export", "/mcp"):
                continue
            said = ask(client, route, TRIES[route][0], 1, reader)
            assert said.status_code == 403 and "lacks the right" in said.text, route
        tools = client.post("/mcp", headers={**reader, **HEADERS},
                            json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).text
        assert '"search"' in tools and '"erase"' not in tools and '"remember"' not in tools




def test_a_scope_whose_name_is_no_utf8_keeps_no_other_from_being_listed(tmp_path):
    """The list of a user's scopes, and every search that came upon it, had been a failure of the server."""
    settings = settings_of(tmp_path)
    fill(settings.store, "ann/coder", ANN)
    fill(settings.store, fovea.Scope("ann", "a\udcff/b", "s\n"), ANN)
    fill(settings.store, fovea.Scope("bob", "\udcff"), BOB)
    with client_of(settings) as client:
        ann = token_of(settings, "ann")
        held = client.get("/v1/scopes", headers=ann, params={"scope": "ann/coder"}).json()["items"]
        assert [one["scope"] for one in held] == ["ann/a\ufffd%2Fb/s\n", "ann/coder/default"]
        found = client.post("/v1/search", headers=ann, params={"scope": "ann/coder"},
                            json={"query": ANN, "where": ["agent != x"]}).json()
        assert {hit["scope"] for hit in found["hits"]} == {one["scope"] for one in held} and BOB not in str(found)
        for route in ("messages", "pages"):
            listed = client.get(f"/v1/{route}", headers=ann, params={"scope": "ann/coder", "where": "agent != x"})
            assert listed.status_code == 200 and len({item["scope"] for item in listed.json()["items"]}) == 2
