"""memctl view: the page of the report, served for a store that lives; who may ask, and how it behaves in a browser."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import re
import shutil
import signal
import socket
import threading
import urllib.parse

import pytest

from harbour import PAGE_LINES, prose
from hostile import MARKUP, SCOPE, fill
from memctl_program import Memctl, pytestmark  # noqa: F401


class View:
    """A running memctl view."""

    def __init__(self, memctl: Memctl, *arguments):
        self.memctl = memctl
        self.process = memctl.start("--json", *arguments, text=True)
        lines = [self.process.stdout.readline()]
        while lines[-1] not in ("}\n", ""):
            lines.append(self.process.stdout.readline())
        assert lines[-1], self.process.stderr.read()
        self.told = json.loads("".join(lines))
        self.url = self.told["url"]
        self.root = urllib.parse.urlsplit(self.url).path

    def ask(self, path="", method="GET", root=None, **headers) -> http.client.HTTPResponse:
        """`path`: below the token; `root`: in place of that."""
        connection = http.client.HTTPConnection("127.0.0.1", self.told["port"], timeout=240)
        connection.request(method, (self.root if root is None else root) + path, headers=headers)
        answer = connection.getresponse()
        answer.body = answer.read()
        connection.close()
        return answer

    def json(self, path: str) -> dict:
        return json.loads(self.ask(path).body)

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=240)
        return self.process.returncode


@contextlib.contextmanager
def viewing(memctl: Memctl, *arguments):
    view = View(memctl, "view", *arguments)
    try:
        yield view
    finally:
        view.process.kill()
        view.process.communicate()


def digest(memctl: Memctl) -> str:
    return hashlib.sha256(memctl.store.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return fill(Memctl(tmp_path_factory.mktemp("hostile")))


@pytest.fixture(scope="module")
def view(hostile):
    with viewing(hostile, "--scope", SCOPE) as view:
        yield view


# Who is answered, and what


def test_it_says_where_it_is(view):
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/[0-9a-f]{48}/", view.url)
    assert view.told["scope"] == SCOPE and view.told["store"] == str(view.memctl.store)


def test_without_json_the_address_is_the_only_line(moved):
    with moved.start("view", text=True) as process:
        url = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=240)
    assert url.startswith("http://127.0.0.1:") and rest == "" and "Ctrl-C ends it" in said and process.returncode == 0


def test_every_start_has_another_token(hostile, view):
    with viewing(hostile, "--scope", SCOPE) as other:
        assert other.root != view.root and view.ask(root=other.root).status == 404


def test_the_headers_keep_it_to_itself(view):
    answer = view.ask()
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    packed = view.ask(**{"Accept-Encoding": "gzip, deflate, br"})  # which takes long and spares nothing here
    assert packed.headers["Content-Encoding"] is None and packed.body.startswith(b"<!doctype html>")
    rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["connect-src"] == "'self'" and rules["img-src"] == "data:"
    assert all(re.fullmatch("'sha256-[A-Za-z0-9+/]{43}='", rules[name]) for name in ("script-src", "style-src"))


@pytest.mark.parametrize("root", ["/", "", "/x/", "/" + "0" * 48 + "/", "/" + "0" * 8000 + "/", "//"])
def test_without_the_token_there_is_nothing(view, root):
    for path in ("", "pages/1", "search?q=log", "plan"):
        answer = view.ask(path, root=root or "*")
        assert (answer.status, answer.body) in [(404, b""), (400, b""), (414, b"")]


def test_a_token_that_is_nearly_right_is_wrong(view):
    token = view.root.strip("/")
    for wrong in (token[:-1], token + "0", token[:-1] + ("0" if token[-1] != "0" else "1"), token.upper() + "/.."):
        assert view.ask(root=f"/{wrong}/").status == 404, wrong
    assert view.ask(root=view.root.rstrip("/")).status == 404


def test_another_host_is_refused(view):
    port = view.told["port"]
    for host in ("evil.example", f"evil.example:{port}", f"localhost:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", ""):
        answer = view.ask(Host=host)
        assert (answer.status, answer.body) == (404, b""), host
    with socket.create_connection(("127.0.0.1", port)) as plain:
        plain.sendall(f"GET {view.root} HTTP/1.0\r\n\r\n".encode())
        assert plain.makefile("rb").readline().split()[1] == b"404"


def test_only_get_and_head_are_answered(view):
    head = view.ask(method="HEAD")
    assert head.status == 200 and head.body == b"" and int(head.headers["Content-Length"]) > 10_000
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        answer = view.ask(method=method)
        assert (answer.status, answer.body) == (404, b""), method


def test_it_listens_on_this_machine_alone(view):
    port = view.told["port"]
    own = next((row[4][0] for row in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)
                if not row[4][0].startswith("127.")), None)
    if own is None:
        pytest.skip("this machine has no other address")
    with pytest.raises(OSError):
        socket.create_connection((own, port), timeout=5)


def test_a_page_has_its_picture_and_both_texts(view):
    page = view.json("pages/1")
    exact = "".join(part for part, _, _ in page["text"]["kept"]["parts"])
    assert MARKUP in exact and page["text"]["read"]["source"] == "tokens"
    assert page["picture"]["side"] == 384 and page["picture"]["png"].startswith("data:image/png;base64,")
    assert [message["role"] for message in page["text"]["messages"]] == ["user"]


def test_texts_stay_data(view):
    page = view.ask().body.decode()
    data = re.findall(r'<script type="application/json" id="summary">(.*?)</script>', page, re.DOTALL)
    assert len(data) == 1 and not re.search("[<>&\u2028\u2029]", data[0])
    assert page.count("<script") == 2 and "memctl view" in page
    assert view.ask("pages/1").headers["Content-Type"] == "application/json"


def test_another_users_memory_is_never_served(view):
    assert "almanac" not in view.ask().body.decode()
    bobs = view.memctl("--json", "--scope", "bob/coder", "pages").json["pages"][0]["id"]
    answer = view.ask(f"pages/{bobs}")
    assert answer.status == 404 and b"no more" in answer.body
    assert view.json("search?q=almanac")["hits"] == []


@pytest.mark.parametrize("path, status", [
    ("pages/99", 404), ("pages/", 404), ("pages/1x", 404), ("pages/-1", 404), ("pages/0", 404),
    ("pages/" + "9" * 30, 404), ("pages/1/..", 404), ("nothing", 404), ("search", 400), ("search?q=%00%ff", 200),
    ("../etc/passwd", 404), ("%2e%2e/%2e%2e/etc/passwd", 404)])
def test_other_questions_are_errors_that_say_why(view, path, status):
    answer = view.ask(path)
    assert answer.status == status
    assert status == 200 or json.loads(answer.body)["error"]


def test_a_search_is_the_memorys_own(view):
    found = view.json("search?q=" + urllib.parse.quote("where log"))
    assert found["hits"][0]["id"] == 1 and "log" in found["hits"][0]["snippet"]
    assert view.json("search?q=zeppelin")["note"].startswith("no text here shares a word")


def test_a_slow_page_keeps_nobody_waiting(view):
    answers = {}
    def read(number):
        answers[number] = view.json(f"pages/{number}")["text"]["id"]
    threads = [threading.Thread(target=read, args=[number]) for number in (1, 2, 1, 2)]
    for thread in threads:
        thread.start()
    assert view.ask().status == 200
    for thread in threads:
        thread.join()
    assert answers == {1: 1, 2: 2}


# The store


def test_no_byte_of_the_store_changes(hostile, tmp_path):
    memctl = Memctl(tmp_path)
    shutil.copy(hostile.store, memctl.store)
    before = digest(memctl)
    with viewing(memctl, "--scope", SCOPE) as view:
        for path in ("", "pages/1", "pages/2", "search?q=harbour", "plan"):
            assert view.ask(path).status == 200
        assert digest(memctl) == before
        assert view.end() == 0
    assert digest(memctl) == before
    assert {path.name for path in tmp_path.iterdir()} <= {"memory.db", "memory.db-wal", "memory.db-shm"}
    pages = memctl("--json", "--scope", SCOPE, "pages").json["pages"]
    assert [page["last_recalled"] for page in pages] == [0, 0]


def test_an_encrypted_store_is_shown_too(memctl):
    memctl("new-key", "-o", "key")
    memctl.file("harbour.txt", prose(PAGE_LINES))
    memctl("--key-file", "key", "compact", "harbour.txt", "--level", "tiny", "--finish", "--measure", "0")
    before = digest(memctl)
    with viewing(memctl, "--key-file", "key") as view:
        assert "ships left" in view.json("pages/1")["text"]["kept"]["parts"][0][0]
    assert digest(memctl) == before


def test_ctrl_c_ends_it_even_while_it_plans(copied):
    with viewing(copied) as view:
        def plan():
            with contextlib.suppress(OSError, http.client.HTTPException):  # it may end before it has heard that
                view.ask("plan")
        asking = threading.Thread(target=plan)
        asking.start()
        assert view.ask().status == 200 and view.end() == 0
        asking.join()


def test_a_store_that_another_file_replaced_is_read_anew(own):
    own.file("harbour.txt", prose(PAGE_LINES))
    own.file("other.txt", "A ship of another harbour.")
    own("compact", "harbour.txt", "--level", "tiny", "--finish", "--measure", "0")
    own("compact", "other.txt", "--finish", "--measure", "0", store="other.db")
    with viewing(own) as view:
        assert "ships left" in view.json("pages/1")["text"]["kept"]["parts"][0][0]
        own("stats", store="other.db")  # which empties its WAL
        for name in ("-wal", "-shm"):
            own.store.with_name(own.store.name + name).unlink(missing_ok=True)
        (own.folder / "other.db").replace(own.store)
        assert "another harbour" in view.json("pages/1")["text"]["kept"]["parts"][0][0]
        own.store.unlink()
        gone = view.ask("pages/1")
        assert gone.status in (404, 500) and str(own.store) in json.loads(gone.body)["error"]


def test_strangers_who_send_slowly_keep_nobody_waiting(moved):
    with viewing(moved) as view, contextlib.ExitStack() as strangers:
        for _ in range(40):
            one = strangers.enter_context(socket.create_connection(("127.0.0.1", view.told["port"])))
            one.sendall(b"GET /")
        assert view.ask().status == 200
        one.settimeout(240)
        assert one.recv(1000).startswith(b"HTTP/1.1 40") or one.recv(1000) == b""  # is cut off
        assert view.end() == 0


def test_what_cannot_be_served_is_an_error_at_once(moved, view):
    taken = moved("--json", "view", "--port", view.told["port"], code=1).error
    assert taken["code"] == "io" and str(view.told["port"]) in taken["message"] and "--port" in taken["message"]
    assert moved("--json", "view", store="nowhere.db", code=3).error["code"] == "not_found"
    assert not (moved.folder / "nowhere.db").exists()
    assert "zoe" in moved("--json", "--scope", "zoe", "view", code=3).error["message"]
    moved("view", "--port", "65536", code=2)
    moved.file("key", "x")
    assert moved("--json", "--key-file", "key", "view", code=2).error["code"] == "invalid_argument"


# In a browser


@pytest.fixture
def shown(browser, view):
    """The page on a wide screen."""
    browser.looks(1280, 900)
    browser.open(view.url)
    return browser


def opened(browser, number: int):
    """Its texts have come."""
    browser.wait_for(f"document.querySelector('#page-title').textContent === 'Page {number}'"
                     " && document.querySelectorAll('#page pre').length === 2", seconds=240)


def test_the_newest_page_is_open_and_its_data_has_come(shown, view):
    opened(shown, 2)
    assert shown.text_of("h1") == f"What {SCOPE} remembers" and "2 pages, newest first" in shown.text_of("#found")
    assert shown.wait_for("document.querySelector('#page img').naturalWidth") == 512
    assert "Served by memctl view" in shown.text_of("footer")
    assert all(url.startswith((view.url, "data:")) for url in shown.requests) and shown.complaints == []


def test_hostile_texts_are_shown_and_do_nothing(shown):
    shown.value("location.hash = 'page-1'")
    opened(shown, 1)
    exact = shown.value("document.querySelectorAll('#page pre')[1].textContent")
    assert MARKUP in exact and "[U+202E]" in exact and "\u202e" not in exact
    assert shown.value("document.title") == f"What {SCOPE} remembers"
    assert shown.value("document.querySelectorAll('img, script:not([type])').length") == 2
    assert shown.value("document.documentElement.scrollWidth <= innerWidth") and shown.complaints == []


def test_a_search_asks_the_memory_and_shows_why(shown):
    shown.key("/", 191, "/")
    shown.type("where logs")
    shown.wait_for("document.querySelector('#found').textContent.startsWith('1 of 2 pages')")
    assert shown.value("document.querySelector('#list mark').textContent.toLowerCase()") == "where"
    shown.value("document.querySelector('#query').value = ''")
    shown.type("zeppelin <b>")
    shown.wait_for("document.querySelector('#found').textContent.includes('shares a word')")
    assert shown.value("document.querySelectorAll('#list li').length") == 0


def test_the_list_is_walked_with_the_keys(shown):
    opened(shown, 2)
    shown.value("document.querySelector('#list a').focus()")
    shown.key("ArrowDown", 40)
    shown.key("Enter", 13, "\r")
    opened(shown, 1)
    assert shown.value("document.activeElement.id") == "page-title"
    shown.value("document.querySelector('#newer').click()")
    opened(shown, 2)


def test_the_plan_is_measured_when_asked_for(shown):
    assert "Plan the next ageing" in shown.text_of("#plan")
    shown.value("document.querySelector('#plan button').focus()")
    shown.key("Enter", 13, "\r")
    shown.wait_for("document.querySelector('#plan').innerText.includes('If memctl age ran now')", seconds=300)
    assert shown.value("document.activeElement.id") == "ageing"
    shown.wait_for("document.querySelector('#page-body').innerText.includes('What the next ageing would do')")


def test_what_was_stored_meanwhile_is_there_after_a_reload(browser, moved):
    browser.looks(1280, 900)
    with viewing(moved) as view:
        browser.open(view.url)
        assert "1 page, newest first" in browser.text_of("#found")
        moved.file("more.txt", prose(PAGE_LINES, 300))
        moved("compact", "more.txt", "--level", "tiny", "--measure", "0")
        browser.open(view.url)
        assert "2 pages, newest first" in browser.text_of("#found")
        moved("erase", "1")
        browser.value("location.hash = 'page-1'")
        browser.wait_for("document.querySelector('#page-body').innerText.includes('there no more')")
        browser.open(view.url)
        assert "1 page, newest first" in browser.text_of("#found")


def test_a_server_that_has_ended_is_told(browser, moved):
    browser.looks(1280, 900)
    with viewing(moved) as view:
        browser.open(view.url)
        opened(browser, 1)
        assert view.end() == 0
    browser.value("document.querySelector('#query').focus()")
    browser.type("ships")
    browser.wait_for("document.querySelector('#found').textContent.includes('it may have ended')")


def test_on_a_phone_a_page_takes_the_place_of_the_list(browser, view):
    browser.looks(360, 740, phone=True)
    browser.open(view.url)
    visible = "document.querySelector({}).checkVisibility()"
    assert browser.value(visible.format("'#list'")) and not browser.value(visible.format("'#page'"))
    browser.value("document.querySelector('#list a').click()")
    opened(browser, 2)
    assert browser.value(visible.format("'#page'")) and not browser.value(visible.format("'#list'"))
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width, dark", [(1280, False), (1280, True), (360, False)])
def test_axe_finds_nothing(browser, view, width, dark):
    browser.looks(width, 900, dark=dark, phone=width < 500)
    browser.open(view.url)
    if width < 500:
        browser.value("document.querySelector('#list a').click()")
    opened(browser, 2)
    assert browser.accessibility_findings() == []
