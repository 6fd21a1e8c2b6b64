"""What each call of fovea.Memory says to an argument that it cannot use, and that it then changes nothing."""

from __future__ import annotations

import datetime
import pathlib
import re

import numpy as np
import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")
QUICK = {"level": "tiny", "measured_pages": 0}
HUGE = 10**30
UNKNOWN_LEVEL = 'no level is called "blurry"; use large, base, small, tiny, faint or trace'


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A page and a rest of Ann's, a line of Bob's."""
    path = tmp_path_factory.mktemp("arguments") / "memory.db"
    with fovea.Memory(path, scope="bob/coder", **QUICK) as bob:
        bob.add("Bob's line.")
    with fovea.Memory(path, scope="ann/coder", **QUICK) as ann:
        ann.add_many([fovea.Message("user", prose(60), 1_000_000, "m1")])
    return path


@pytest.fixture(scope="module")
def ann(store):
    with fovea.Memory(store, scope="ann/coder", **QUICK) as memory:
        yield memory


def all_of(store: pathlib.Path) -> list[str]:
    """What both users have, as far as a call could change it."""
    told = []
    for scope in ("ann/coder", "bob/coder"):
        with fovea.Memory(store, scope=scope, access="read") as memory:
            told += [repr(memory.stats()), repr(memory.pages()), repr(memory.messages()), repr(memory.history()),
                     memory.verbatim(), memory.policy().to_json()]
    return told


def refused(exception: type[Exception], message: str, call, *arguments, **options) -> None:
    with pytest.raises(exception) as caught:
        call(*arguments, **options)
    text = str(caught.value)
    assert re.search(message, text), text
    # Of the library: one sentence. Of a wrong type: the call's name, and what it takes.
    assert isinstance(caught.value, fovea.Error) or exception is TypeError
    assert not text.startswith("'") and "std::" not in text and "nanobind" not in text


# Opening


@pytest.mark.parametrize("options, exception, message", [
    ({"archive": "burn"}, ValueError, 'archive "burn": expected keep or drop'),
    ({"archive": True}, TypeError, "__init__\\(\\): incompatible"),  # not Archive.drop, which is 1
    ({"access": 1}, TypeError, "incompatible"),
    ({"level": 3}, TypeError, "incompatible"),
    ({"density": 107}, ValueError, "no density has 107 columns; use 64, 80, 106, 128 or 160"),
    ({"density": HUGE}, TypeError, "incompatible"),
    ({"density": 106.0}, TypeError, "incompatible"),
    ({"level": "blurry"}, ValueError, UNKNOWN_LEVEL),
    ({"level": 3.5}, TypeError, "incompatible"),
    ({"layout": "scroll"}, ValueError, "use cells or document"),
    ({"policy": "cruel"}, ValueError, 'policy "cruel": no such preset; the presets are careful, balanced and lean'),
    ({"policy": {"bands": []}}, TypeError, "incompatible"),
    ({"measured_pages": "all"}, TypeError, "incompatible"),
    ({"keep_secrets": None}, TypeError, "incompatible"),
    ({"keep_words": "yes"}, TypeError, "incompatible"),
    ({"existing": "maybe"}, TypeError, "incompatible"),
    ({"access": "append"}, ValueError, '"append": expected write or read'),
    ({"key": "00" * 32}, TypeError, "key: expected 32 bytes or a function that returns them, got str"),
    ({"key": bytearray(32)}, TypeError, "got bytearray"),
    ({"key": b"0" * 31}, ValueError, "key: expected 32 bytes, got 31"),
    ({"key": b"0" * 33}, ValueError, "got 33"),
    ({"embedder": "all-minilm"}, TypeError, "embedder: expected a function of list\\[str\\]"),
    ({"device": "abacus"}, ValueError, 'unknown device "abacus"; expected auto, cpu, cuda or cuda:N'),
    ({"precision": "fp8"}, ValueError, 'unknown precision "fp8"; expected auto, bf16 or fp32'),
    ({"threads": -1}, ValueError, "threads: expected 0 to 1024, got -1"),
    ({"threads": 1025}, ValueError, "threads: expected 0 to 1024, got 1025"),
    ({"threads": 1.5}, TypeError, "incompatible"),
    ({"weights": "int4"}, ValueError, "int4"),
    ({"scope": ""}, ValueError, "expected user/agent/session/run or the first parts of it, such as ann/coder/monday"),
    ({"scope": "a/b/c/d/e"}, ValueError, "expected user/agent/session/run"),
    ({"scope": None}, TypeError, "incompatible"),
    ({"scope": b"ann"}, TypeError, "incompatible"),
    ({"model": 3}, TypeError, "incompatible"),
    ({"colour": "red"}, TypeError, "incompatible"),
])
def test_an_option_that_means_nothing_is_refused_before_a_store_is_made(tmp_path, options, exception, message):
    def used() -> None:
        with fovea.Memory(tmp_path / "memory.db", **options) as memory:
            memory.add("hello")  # loads the checkpoint, which looks at device and threads

    refused(exception, message, used)
    loads_later = {"device", "threads"} & set(options)
    assert loads_later or not (tmp_path / "memory.db").exists()


@pytest.mark.parametrize("path, exception, message", [
    ("", ValueError, "store: the path is empty; give a file"), ("a\0b", TypeError, "incompatible"),
    (None, TypeError, "incompatible"), (3, TypeError, "incompatible"), (".", ValueError, "is a folder; give a file"),
    ("no/such/folder/memory.db", OSError, "cannot be opened .*no/such/folder: No such file"),
])
def test_a_place_where_no_store_can_be_is_refused(tmp_path, monkeypatch, path, exception, message):
    monkeypatch.chdir(tmp_path)
    refused(exception, message, fovea.Memory, path)
    assert list(tmp_path.iterdir()) == []


def test_everything_but_path_model_and_scope_goes_by_its_name(store):
    refused(TypeError, "incompatible", fovea.Memory, store, None, "ann/coder", "keep")


@pytest.mark.parametrize("name", [":memory:", "file:memory.db?mode=memory", "a file with spaces", "ä.db", "\udcff.db", "-x"])
def test_any_name_is_a_file_and_means_nothing_else(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with fovea.Memory(name) as memory:
        memory.add("hello")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with fovea.Memory(name) as again:
        assert again.stats().messages == 1 and again.verify() == []


def test_a_path_may_be_a_str_bytes_or_a_path(tmp_path):
    path = tmp_path / "memory.db"
    for given in (str(path), bytes(path), path):
        with fovea.Memory(given) as memory:
            assert memory.path == str(path)


# Writing

CALLS = [
    (lambda m: m.add(), TypeError, "add\\(\\): incompatible"),
    (lambda m: m.add(None), TypeError, "add\\(\\): incompatible"),
    (lambda m: m.add("x", 3), TypeError, "incompatible"),
    (lambda m: m.add("x", "user", 1_000_000), TypeError, "incompatible"),  # time goes by its name
    (lambda m: m.add("x", source_id=3), TypeError, "incompatible"),
    (lambda m: m.add("x", now="today"), TypeError, "now: expected a datetime or seconds since 1970, got str"),
    (lambda m: m.add("x", now=float("nan")), ValueError, "now: expected seconds since 1970, got nan"),
    (lambda m: m.add("x", now=-1e12), ValueError, "now: expected seconds since 1970, got -1000000000000.0"),
    (lambda m: m.add("x", time=1.7e12), ValueError, "time: expected seconds since 1970, got 1700000000000.0"),  # milliseconds
    (lambda m: m.add("x", time=datetime.date(2026, 5, 15)), TypeError, "time: expected a datetime .*got date"),
    (lambda m: m.add("x", expires="tomorrow"), TypeError, "expires: expected a datetime"),
    (lambda m: m.add("x", restore="maybe"), TypeError, "incompatible"),
    (lambda m: m.add("x", progress="bar"), TypeError, "progress: expected a function of \\(done, total\\), True or None, got str"),
    (lambda m: m.add_many(3), TypeError, "add_many\\(\\): incompatible"),
    (lambda m: m.add_many(None), TypeError, "incompatible"),
    (lambda m: m.add_many("several letters"), TypeError, "messages: expected several, got a text; add_many\\(\\[message\\]\\)"),
    (lambda m: m.add_many({"role": "user", "content": "x"}), TypeError, "got a dict"),
    (lambda m: m.add_many([None]), TypeError, "message 0: expected a str, a dict or a fovea.Message, got NoneType"),
    (lambda m: m.add_many([bytearray(b"x")]), TypeError, "message 0: .*got bytearray"),
    (lambda m: m.add_many([fovea.Message("user", "x", 1_700_000_000_000)]), ValueError,
     "message 0: time: expected seconds since 1970, got 1700000000000.0"),
    (lambda m: m.add_many([fovea.Message("user", "x", -2**63)]), ValueError, "message 0: time: expected seconds"),
    (lambda m: m.add_many([{3: {4}}]), TypeError, "message 0: a dict that is not JSON"),
    (lambda m: m.add_many([], expected_characters=-1), TypeError, "incompatible"),
    (lambda m: m.add_file(3), TypeError, "add_file\\(\\): incompatible"),
    (lambda m: m.add_file(pathlib.Path(__file__).parent), OSError, "cannot be read: Is a directory"),
    (lambda m: m.add_file(__file__, format="tsv"), ValueError, "tsv"),
    (lambda m: m.add_file(__file__, "text"), TypeError, "incompatible"),  # so does format
    (lambda m: m.finish(now=[]), TypeError, "now: expected a datetime"),
    (lambda m: m.finish(3), TypeError, "incompatible"),
    (lambda m: m.embed_pieces(), ValueError, "embedder"),
    (lambda m: m.embed_pieces(replace="all"), TypeError, "incompatible"),
    # Reading
    (lambda m: m.search(b"ships"), TypeError, "search\\(\\): incompatible"),
    (lambda m: m.search("ships", 0), ValueError, "k: expected a whole number from 1 to 1000000, got 0"),
    (lambda m: m.search("ships", -HUGE), ValueError, f"k: .*got -1{'0' * 30}$"),
    (lambda m: m.search("ships", 10**50), ValueError, "k: .*got 1" + "0" * 39 + "\\.\\.\\.$"),
    (lambda m: m.search("ships", 2.0), TypeError, "incompatible"),
    (lambda m: m.search("ships", where="role = user"), TypeError, "incompatible"),  # letters are no conditions
    (lambda m: m.search("ships", where=["role"]), ValueError, "role"),
    (lambda m: m.search("ships", where=["time > noon"]), ValueError, "noon"),
    (lambda m: m.search("ships", where=["level in small, blurry"]), ValueError, "blurry"),
    (lambda m: m.search("ships", recency=-1), ValueError, "recency"),
    (lambda m: m.search("ships", recency=float("inf")), ValueError, "recency"),
    (lambda m: m.recall(None), TypeError, "recall\\(\\): incompatible"),
    (lambda m: m.recall(1.0), TypeError, "incompatible"),
    (lambda m: m.recall(-1), KeyError, "no page -1 in scope ann/coder/default"),
    (lambda m: m.recall(1, 2), TypeError, "incompatible"),
    (lambda m: m.recall([1, "2"]), TypeError, "incompatible"),
    (lambda m: m.recall("ships", k=HUGE), ValueError, "k: expected a whole number"),
    (lambda m: m.recall("ships", where=["mood = good"]), ValueError, "mood"),
    (lambda m: m.recall("ships", where=["agent ~ *"]), ValueError, "select them by role, source, time and level"),
    (lambda m: m.recall(""), ValueError, "query is empty"),
    (lambda m: m.read(1), TypeError, "read\\(\\): incompatible"),
    (lambda m: m.read("1"), TypeError, "incompatible"),
    (lambda m: m.read([HUGE]), KeyError, f"no page 1{'0' * 30}: page numbers have 64 bits"),
    (lambda m: m.recall_pieces("ships", 0), ValueError, "k: expected a whole number from 1"),
    (lambda m: m.recall_pieces("ships", where=["role = user", "level = tiny"]), ValueError, "by role, source and time alone"),
    (lambda m: m.recall_pieces("ships", where=["agent = nobody"]), ValueError, "by role, source and time alone"),
    (lambda m: m.recall_all("mind"), ValueError, "expected tokens, archive or automatic"),
    (lambda m: m.recall_all(each=3), TypeError, "not callable"),
    (lambda m: m.context(20_000.0), TypeError, "context\\(\\): incompatible"),
    (lambda m: m.context(0), ValueError, "budget: expected a whole number from 1 to 1000000000, got 0"),
    (lambda m: m.context(recent=-0.1), ValueError, "recent must be a share of the budget, 0 to 1"),
    (lambda m: m.context(recent=float("nan")), ValueError, "recent must be a share"),
    (lambda m: m.context(recent="half"), TypeError, "incompatible"),
    (lambda m: m.context(format="xml"), ValueError, "expected parts, openai-chat, openai-responses, anthropic"),
    (lambda m: m.context(target=3), TypeError, "incompatible"),
    (lambda m: m.context(targets_file="nowhere.json"), KeyError, "nowhere.json: cannot be read"),
    (lambda m: m.context(targets_file="/proc"), ValueError, "targets file /proc is a folder; give a file"),
    (lambda m: m.context(targets_file=__file__), fovea.Corruption, "test_memory_arguments.py: not valid JSON"),
    (lambda m: m.context(format="anthropic", target="fovea", images_folder="/proc/nowhere"), OSError, "/proc/nowhere"),
    (lambda m: m.picture("1"), TypeError, "picture\\(\\): incompatible"),
    (lambda m: m.picture(0), KeyError, "no page 0"),
    (lambda m: m.picture(1, "blurry"), ValueError, UNKNOWN_LEVEL),
    (lambda m: m.pages(limit=0), ValueError, "limit: expected a whole number from 1"),
    (lambda m: m.pages(limit=HUGE), ValueError, "limit: expected"),
    (lambda m: m.pages(page=-1), ValueError, "page: expected a whole number from 1"),
    (lambda m: m.pages(["level = tiny"]), TypeError, "pages\\(\\): incompatible"),
    (lambda m: m.messages(limit="2"), TypeError, "messages\\(\\): incompatible"),
    (lambda m: m.messages(page=HUGE), ValueError, "page: expected"),
    (lambda m: m.scopes("all"), TypeError, "scopes\\(\\): incompatible"),
    # Forgetting
    (lambda m: m.age("trace"), TypeError, "age\\(\\): incompatible"),
    (lambda m: m.age(to="gone"), ValueError, 'no level is called "gone"'),
    (lambda m: m.age(now="later"), TypeError, "now: expected a datetime"),
    (lambda m: m.age(now=HUGE), ValueError, "now: expected seconds since 1970"),
    (lambda m: m.age(policy="lean"), TypeError, "incompatible"),
    (lambda m: m.age(progress=1), TypeError, "progress: expected a function"),
    (lambda m: m.plan(dry_run=True), TypeError, "plan\\(\\): incompatible"),
    (lambda m: m.promote("1"), TypeError, "promote\\(\\): incompatible"),
    (lambda m: m.promote(1), ValueError, "promote: page 1"),
    (lambda m: m.promote(1, "trace"), ValueError, "is at tiny, which is as sharp as trace or sharper"),
    (lambda m: m.promote(99, "base"), KeyError, "no page 99"),
    (lambda m: m.pin(99), KeyError, "no page 99"),
    (lambda m: m.pin(0), KeyError, "no page 0"),
    (lambda m: m.pin(1, "yes"), TypeError, "pin\\(\\): incompatible"),
    (lambda m: m.erase(1), TypeError, "erase\\(\\): incompatible"),
    (lambda m: m.erase("1"), TypeError, "incompatible"),
    (lambda m: m.erase([1, 99]), KeyError, "no page 99"),
    (lambda m: m.erase(query="..."), ValueError, "no word"),
    (lambda m: m.erase(span=(1, 0)), TypeError, "incompatible"),
    (lambda m: m.erase(span=(1, 7, 3)), ValueError, "span: expected \\(page, begin, end\\) with begin < end"),
    (lambda m: m.erase(span=(99, 0, 1)), KeyError, "no page 99"),
    (lambda m: m.erase(source_ids="m1"), TypeError, "incompatible"),
    # Carrying
    (lambda m: m.backup(m.path), ValueError, "exists; give the path of a new file"),
    (lambda m: m.backup("/proc/nowhere/copy.db"), KeyError, "its folder does not exist"),
    (lambda m: m.export_scope(m.path), ValueError, "exists; give the path of a new file"),
    (lambda m: m.export_scope("x", b"0" * 32), TypeError, "incompatible"),  # the key goes by its name
    (lambda m: m.export_scope("x", key="beef"), TypeError, "key: expected 32 bytes"),
    (lambda m: m.import_scope("nowhere.db"), KeyError, "nowhere.db does not exist"),
    (lambda m: m.import_scope(m.path, which="a//b"), ValueError, "expected user/agent/session"),
    (lambda m: m.change_key(None), TypeError, "change_key\\(\\): incompatible"),
    (lambda m: m.change_key("beef"), TypeError, "key: expected 32 bytes"),
    (lambda m: m.migrate(3), TypeError, "migrate\\(\\): incompatible"),
    (lambda m: m.on_event("log"), TypeError, "listener: expected a function of an Event or None, got str"),
    (lambda m: m.on_event(), TypeError, "on_event\\(\\): incompatible"),
]


def test_what_a_call_cannot_use_is_refused_and_nothing_is_stored_or_lost(ann, store, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    before = all_of(store)
    for number, (call, exception, message) in enumerate(CALLS):
        with pytest.raises(exception) as caught:
            call(ann)
        text = str(caught.value)
        assert re.search(message, text), f"call {number}: {text}"
        assert isinstance(caught.value, (fovea.Error, TypeError)), f"call {number}: {caught.value!r}"
        assert "std::" not in text and "basic_" not in text, f"call {number}: {text}"
        assert isinstance(caught.value, TypeError) or not text.startswith("'"), f"call {number}: {text}"  # a KeyError's
    assert all_of(store) == before and list(tmp_path.iterdir()) == [] and ann.verify() == []


# What is not an error


def test_numbers_may_be_of_any_kind_that_is_whole(ann):
    assert ann.recall(True).id == 1 and ann.recall(range(1, 2))[0].id == 1 and ann.recall((1,))[0].id == 1
    assert ann.recall([]) == [] and ann.read([]) == [] and len(ann.recall([1, 1, 0, 0])) == 2
    with pytest.raises(TypeError, match="incompatible"):
        ann.recall(np.float64(1))


def test_times_are_seconds_or_dates_and_both_mean_the_same(tmp_path):
    moment = datetime.datetime(2026, 5, 15, 10, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        for time in (moment, moment.timestamp(), int(moment.timestamp()), moment.timestamp() + 0.9):
            memory.add("x", time=time)
        assert {message.time for message in memory.messages()} == {1778832000}


def test_enumerators_and_their_names_are_the_same(ann, store):
    for source in (fovea.Source.archive, "archive"):
        assert ann.recall(1, source).source == "archive"
    for level in (fovea.Level.trace, "trace"):
        assert ann.picture(1, level).level == fovea.Level.trace
        assert [step.to for step in ann.plan(to=level).steps] == [fovea.Level.trace]
    for given in (fovea.ContextFormat.anthropic, "anthropic"):
        assert "messages" in ann.context(format=given).document
    for scope in (fovea.Scope("bob", "coder"), "bob/coder", "bob/coder/default/default"):
        with fovea.Memory(store, scope=scope) as bob:
            assert bob.verbatim() == "user:\nBob's line.\n\n"


def test_progress_may_be_left_out_in_several_ways(ann):
    for progress in (None, False, lambda done, total: None, lambda done, total: 0):
        assert not ann.plan(to="trace", progress=progress).stopped


def test_a_scope_is_opened_again_by_what_it_is_written_as(tmp_path):
    ann, other = fovea.Scope("ann/coder", "x", "y"), fovea.Scope("ann", "coder", "x")
    for scope, said in ((ann, "The key is at the pier."), (other, "The lamp is new.")):
        with fovea.Memory(tmp_path / "memory.db", scope=scope, measured_pages=0) as memory:
            memory.add(said)
    assert str(ann) == "ann%2Fcoder/x/y" and str(other) == "ann/coder/x"
    assert ann != other and len({ann, other, fovea.Scope("ann/coder", "x", "y")}) == 2 and ann != "ann%2Fcoder/x/y"
    for scope, said in ((ann, "pier"), (other, "lamp")):
        with fovea.Memory(tmp_path / "memory.db", scope=str(scope), existing=True) as memory:
            assert memory.scope == scope and said in memory.verbatim()
