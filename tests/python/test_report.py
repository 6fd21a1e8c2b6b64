"""memctl report: one page that shows what is remembered; what is in it, and how it behaves in a browser."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
import sqlite3

import pytest

from harbour import PAGE_LINES, prose
from hostile import MARKUP, SCOPE, fill
from memctl_program import Memctl, interrupt, pytestmark  # noqa: F401

NOT_UTF8 = b"caf\xe9 \xff\xfe and on.\n"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    memctl = fill(Memctl(tmp_path_factory.mktemp("hostile")))
    memctl.told = memctl("--json", "--scope", SCOPE, "report", "-o", "report.html").json
    memctl.page = (memctl.folder / "report.html").read_bytes().decode()
    return memctl


class Elements(html.parser.HTMLParser):
    """The elements of a page with their attributes, and the text of its scripts and styles."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=False)
        self.all, self.texts, self.ids, self._inside = [], {}, [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.all.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag in ("script", "style"):
            self._inside = attributes.get("id", tag)
            self.texts[self._inside] = ""

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside:
            self.texts[self._inside] += data


@pytest.fixture(scope="module")
def elements(hostile):
    return Elements(hostile.page)


def data(elements: Elements, name: str) -> dict:
    return json.loads(elements.texts[name])


# What is in it


def test_the_result_says_what_was_written(hostile):
    assert hostile.told["file"] == "report.html" and hostile.told["scope"] == SCOPE
    assert hostile.told["pages"] == hostile.told["shown"] == 2 and hostile.told["damaged"] == 0
    assert hostile.told["bytes"] == len(hostile.page.encode())
    assert (hostile.folder / "report.html").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in hostile.folder.iterdir() if "report" in path.name) == ["report.html"]


def test_it_has_pages_history_plan_and_what_was_saved(hostile, elements):
    summary = data(elements, "summary")
    assert [(page["id"], page["level"]) for page in summary["pages"]] == [(2, "tiny"), (1, "faint")]
    assert summary["scope"] == SCOPE and summary["stats"]["pages"] == 2
    assert summary["stats"]["text_tokens"] > 10 * summary["stats"]["vision_tokens"]
    assert [(entry["event"], entry["page"]) for entry in summary["history"]] == [("pin", 2), ("fade", 1), ("unpin", 2)]
    assert summary["history"][1]["reason"] == "asked for" and summary["history"][1]["to"] == "faint"
    assert set(summary["plan"]) >= {"steps", "refused", "archives", "vision_tokens"}
    assert "the rest" in summary["rest"]["parts"][0][0] and summary["policy"]["bands"]


def test_a_page_has_its_picture_and_both_texts(hostile, elements):
    text, picture = data(elements, "text-2"), data(elements, "picture-2")
    png = base64.b64decode(picture["png"].removeprefix("data:image/png;base64,"))
    assert png.startswith(b"\x89PNG") and int.from_bytes(png[16:20], "big") == picture["side"] == 512
    exact = "".join(part for part, _, _ in text["kept"]["parts"])
    read = "".join(part for part, _, _ in text["read"]["parts"])
    assert exact == hostile("--json", "--scope", SCOPE, "recall", "--all").json["items"][1]["text"]
    assert text["read"]["source"] == "tokens" and len(read) > 4000 and "ships left the harbour" in read
    assert all(0 <= confidence <= 1 for _, _, confidence in text["read"]["parts"])
    assert [message["role"] for message in text["messages"]][-1] == "assistant"


def test_making_it_does_not_count_as_a_recall(hostile):
    pages = hostile("--json", "--scope", SCOPE, "pages").json["pages"]
    assert [page["last_recalled"] for page in pages] == [0, 0]


def test_another_users_memory_is_not_in_it(hostile):
    assert "almanac" not in hostile.page and "bob" not in hostile.page


def test_texts_stay_data(hostile, elements):
    assert MARKUP in "".join(part for part, _, _ in data(elements, "text-1")["kept"]["parts"])
    scripts = [attributes for tag, attributes in elements.all if tag == "script"]
    assert [attributes.get("type") for attributes in scripts] == ["application/json"] * 5 + [None]
    for name, text in elements.texts.items():
        if name not in ("script", "style"):
            assert not re.search("[<>&\u2028\u2029]", text), name
    assert not any(name.startswith("on") for _, attributes in elements.all for name in attributes)
    assert len(elements.ids) == len(set(elements.ids))


def test_bytes_that_are_not_utf8_are_shown_as_such(memctl):
    memctl.file("bytes.bin", NOT_UTF8 * 20)
    memctl("compact", "bytes.bin", "--level", "tiny", "--finish", "--measure", "0")
    memctl("report", "-o", "report.html", "--no-plan", "--no-read")
    text = data(Elements((memctl.folder / "report.html").read_bytes().decode()), "text-1")
    assert "caf\ufffd \ufffd\ufffd and on." in text["kept"]["parts"][0][0]


def test_it_loads_nothing(hostile, elements):
    for tag, attributes in elements.all:
        for name in ("src", "href", "action", "srcset"):
            assert attributes.get(name, "#").startswith(("#", "data:")), (tag, attributes)
    assert "@import" not in elements.texts["style"] and "url(" not in elements.texts["style"]
    policy = next(attributes["content"] for tag, attributes in elements.all
                  if attributes.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'" and rules["img-src"] == "data:"
    for name in ("script", "style"):
        digest = hashlib.sha256(elements.texts[name].encode()).digest()
        assert rules[f"{name}-src"] == f"'sha256-{base64.b64encode(digest).decode()}'"


def test_the_script_makes_no_markup_of_texts(elements):
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|XMLHttp|new Function",
                         elements.texts["script"])


# Options and errors


def test_pages_plan_and_reading_can_be_left_out(hostile):
    hostile("--scope", SCOPE, "report", "-o", "less.html", "--pages", "1", "--no-plan", "--no-read")
    less = Elements((hostile.folder / "less.html").read_text())
    assert "text-2" in less.texts and "text-1" not in less.texts and data(less, "summary")["plan"] is None
    assert data(less, "text-2")["read"] is None and data(less, "text-2")["kept"]["source"] == "archive"
    assert [page["id"] for page in data(less, "summary")["pages"]] == [2, 1]
    assert data(less, "summary")["pages"][1]["begins"].startswith("user:\nWhere is the log?")


def test_a_file_is_not_overwritten_unless_asked(moved):
    path = moved.file("report.html", "mine")
    error = moved("--json", "report", "-o", "report.html", "--no-read", "--no-plan", code=2).error
    assert "report.html exists" in error["message"] and path.read_text() == "mine"
    moved("report", "-o", "report.html", "--no-read", "--no-plan", "--force")
    assert path.read_text().startswith("<!doctype html>")
    assert moved("--json", "report", "-o", "nowhere/report.html", code=1).error["code"] == "io"
    assert "folder" in moved("--json", "report", "-o", ".", "--force", code=2).error["message"]


def test_a_scope_that_has_nothing_is_an_error(moved):
    error = moved("--json", "--scope", "zoe/writer", "report", "-o", "report.html", code=3).error
    assert "zoe/writer" in error["message"] and not (moved.folder / "report.html").exists()
    moved("report", code=2)


def test_ctrl_c_leaves_no_file(memctl):
    memctl.file("harbour.txt", prose(5 * PAGE_LINES))
    memctl("compact", "harbour.txt", "--level", "tiny", "--measure", "0")
    before = set(memctl.folder.iterdir())
    with memctl.start("--json", "report", "-o", "report.html", "--no-plan") as process:
        interrupt(process)
        out, err = process.communicate(timeout=300)
    assert json.loads(out)["stopped"] and process.returncode == 130 and b"no report was written" in err
    assert {path.name for path in memctl.folder.iterdir()} - {path.name for path in before} <= {
        "memory.db-wal", "memory.db-shm"}


def test_a_damaged_page_is_told_in_its_place(hostile, tmp_path):
    store = tmp_path / "copy.db"
    hostile("backup", store)
    with sqlite3.connect(store) as database:
        database.execute("UPDATE tokens SET vals = zeroblob(length(vals)) WHERE page = 1")
    done = hostile("--json", "--scope", SCOPE, "report", "-o", tmp_path / "report.html", "--no-plan", store=store).json
    assert done["damaged"] == 1
    page = Elements((tmp_path / "report.html").read_text())
    assert "checksum" in data(page, "text-1")["read"]["error"] and data(page, "text-2")["read"]["parts"]


# In a browser


@pytest.fixture
def shown(browser, hostile):
    """The report on a wide screen."""
    browser.looks(1280, 900)
    browser.open(hostile.folder / "report.html")
    return browser


def test_the_page_shows_everything_and_asks_for_nothing(shown):
    assert shown.text_of("h1") == f"What {SCOPE} remembers" == shown.value("document.title")
    assert "2 pages, newest first" in shown.text_of("#found")
    assert shown.value("document.querySelectorAll('#list li').length") == 2
    assert "stepped down from tiny to faint" in shown.text_of("#events")
    assert "If memctl age ran now" in shown.text_of("#plan")
    assert shown.wait_for("document.querySelector('#page img').complete && document.querySelector('#page img').naturalWidth") == 512
    assert all(url.startswith(("file:", "data:")) for url in shown.requests) and shown.complaints == []


def test_a_page_of_which_some_rows_were_read_says_how_far_off_that_may_be(browser, tmp_path):
    memctl = Memctl(tmp_path)
    text = memctl.file("book.txt", prose(70))
    policy = memctl.file("policy.json", '{"bands": [{"floor": 0.3}]}')
    memctl("compact", text, "--level", "tiny", "--measure", "0", "--policy", policy)
    memctl("age")
    memctl("report", "-o", "report.html")
    browser.looks(1280, 900)
    browser.open(memctl.folder / "report.html")
    browser.wait_for("document.querySelector('#page-title').textContent === 'Page 1'")
    assert re.search(r"Read back\s*[0-9.]+ % \(give or take [0-9.]+ %\)", browser.text_of("#page"))


def test_hostile_texts_are_shown_and_do_nothing(shown):
    shown.value("location.hash = 'page-1'")
    shown.wait_for("document.querySelector('#page-title').textContent === 'Page 1'")
    exact = shown.value("document.querySelectorAll('#page pre')[1].textContent")
    assert MARKUP in exact and "[U+202E]" in exact and "[U+0007]" in exact and "\u202e" not in exact
    assert shown.value("document.title") == f"What {SCOPE} remembers"
    assert shown.value("document.querySelectorAll('img, script:not([type])').length") == 2
    assert shown.value("document.documentElement.scrollWidth <= innerWidth")
    assert shown.complaints == []


def test_differences_are_marked_and_can_be_walked(shown):
    shown.value("location.hash = 'page-1'")
    shown.wait_for("document.querySelector('#page-title').textContent === 'Page 1'")
    assert shown.value("document.querySelectorAll('#page del').length") > 0
    rest = "[...document.querySelectorAll('#page pre')].map(pre => { const copy = pre.cloneNode(true);" \
           "copy.querySelectorAll('del, ins').forEach(mark => mark.remove()); return copy.textContent; })"
    read, exact = shown.value(rest)
    assert read == exact  # what is not marked is the same on both sides
    shown.value("[...document.querySelectorAll('.tools button')].find(b => b.textContent === 'Next difference').click()")
    assert shown.value("document.querySelectorAll('.chosen').length") > 0


def test_search_narrows_the_list_and_tells_how_many(shown):
    shown.key("/", 191, "/")
    assert shown.value("document.activeElement.id") == "query"
    shown.type("log where")
    shown.wait_for("document.querySelector('#found').textContent.startsWith('1 of 2 pages')")
    assert shown.value("document.querySelectorAll('#list li:not([hidden])').length") == 1
    assert "log" in shown.value("document.querySelector('#list mark').textContent.toLowerCase() + 'where log'")
    shown.type(" zebra")
    shown.wait_for("document.querySelector('#found').textContent.startsWith('0 of 2 pages')")


def test_the_list_is_walked_with_the_keys(shown):
    shown.value("document.querySelector('#list a').focus()")
    shown.key("ArrowDown", 40)
    assert shown.value("document.activeElement.hash") == "#page-1"
    shown.key("Enter", 13, "\r")
    shown.wait_for("document.querySelector('#page-title').textContent === 'Page 1'")
    assert shown.value("document.activeElement.id") == "page-title"
    assert shown.value("document.querySelector('#list [aria-current]').hash") == "#page-1"
    shown.value("document.querySelector('#newer').click()")
    shown.wait_for("document.querySelector('#page-title').textContent === 'Page 2'")


def test_a_bar_of_the_time_line_chooses_its_pages(shown):
    bars = "document.querySelectorAll('#bars button')"
    assert shown.value(f"{bars}[0].getAttribute('aria-label')").startswith("2026-05-15 10:00: 1 page, 36 vision tokens")
    shown.value(f"{bars}[0].click()")
    assert "1 of 2 pages of 2026-05-15 10:00" in shown.text_of("#found")
    shown.value("document.querySelector('#all-times').click()")
    assert "2 pages, newest first" in shown.text_of("#found")


def test_on_a_phone_a_page_takes_the_place_of_the_list(browser, hostile):
    browser.looks(360, 740, phone=True)
    browser.open(hostile.folder / "report.html")
    visible = "document.querySelector({}).checkVisibility()"
    assert browser.value(visible.format("'#list'")) and not browser.value(visible.format("'#page'"))
    browser.value("document.querySelector('#list a').click()")
    browser.wait_for(visible.format("'#page'"))
    assert not browser.value(visible.format("'#list'"))
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    browser.value("document.querySelector('#back').click()")
    browser.wait_for(visible.format("'#list'"))
    assert browser.value("document.activeElement.hash") == "#page-2"


@pytest.mark.parametrize("width, dark", [(1280, False), (1280, True), (360, False)])
def test_axe_finds_nothing(browser, hostile, width, dark):
    browser.looks(width, 900, dark=dark, phone=width < 500)
    browser.open(hostile.folder / "report.html")
    if width < 500:
        browser.value("document.querySelector('#list a').click()")
    assert browser.accessibility_findings() == []
