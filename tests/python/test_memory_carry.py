"""fovea.Memory: keys, copies, scopes carried between stores, other checkpoints, dates of expiry, events."""

from __future__ import annotations

import hashlib
import json
import pathlib
import shutil
import weakref

import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402
from fovea import _models  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

PAGE = 60  # lines: a page and a little more
QUICK = {"level": "tiny", "measured_pages": 0}
SECRET = "xyzzysecret"


@pytest.fixture
def key():
    return fovea.key_from_text(fovea.new_key_text())


@pytest.fixture(scope="module")
def two_pages(tmp_path_factory):
    """A store with two pages at tiny and a rest."""
    store = tmp_path_factory.mktemp("two") / "memory.db"
    with fovea.Memory(store, scope="ann", **QUICK) as memory:
        memory.add_many([prose(2 * PAGE)])
    return store


@pytest.fixture
def filled(two_pages, tmp_path):
    with fovea.Memory(shutil.copy(two_pages, tmp_path / "filled.db"), scope="ann", **QUICK) as memory:
        yield memory


@pytest.fixture
def other_checkpoint(tmp_path):
    """The shipped one under another fingerprint."""
    folder = tmp_path / "other-model"
    shutil.copytree(_models.checkpoint(None), folder)
    config = json.loads((folder / "config.json").read_text())
    config["fovea"]["remark"] = "another fingerprint"
    (folder / "config.json").write_text(json.dumps(config))
    return folder


# Keys


def test_a_key_comes_from_a_text_a_file_a_variable_or_a_function(tmp_path, monkeypatch):
    digits = fovea.new_key_text()
    key = fovea.key_from_text(f" {digits}\n")
    assert key == bytes.fromhex(digits) and digits != fovea.new_key_text()
    (tmp_path / "key").write_text(digits)
    (tmp_path / "raw").write_bytes(key)
    for name in ("key", "raw"):
        (tmp_path / name).chmod(0o600)
    monkeypatch.setenv("STORE_KEY", digits)
    assert fovea.key_from_file(tmp_path / "key") == fovea.key_from_file(tmp_path / "raw") == key
    assert fovea.key_from_environment("STORE_KEY") == key
    asked = []
    with fovea.Memory(tmp_path / "memory.db", key=lambda: asked.append(1) or key, **QUICK) as memory:
        memory.add("hello")
        assert memory.stats().messages == 1
    assert asked == [1]


def test_an_encrypted_store_opens_with_its_key_alone(tmp_path, key):
    store = tmp_path / "memory.db"
    with fovea.Memory(store, key=key, **QUICK) as memory:
        memory.add(f"The word is {SECRET}.")
        memory.finish()
        assert memory.search(SECRET)[0].id == 1
    assert not any(SECRET.encode() in path.read_bytes() for path in tmp_path.glob("memory.db*"))
    new = fovea.key_from_text(fovea.new_key_text())
    with pytest.raises(ValueError, match="does not open with this key"):
        fovea.Memory(store, key=new)
    with pytest.raises(ValueError, match="give its key"):
        fovea.Memory(store)
    with fovea.Memory(store, key=key) as memory:
        memory.change_key(new)
    with pytest.raises(ValueError, match="does not open with this key"):
        fovea.Memory(store, key=key)
    with fovea.Memory(store, key=new) as memory:
        assert memory.verify() == []


@pytest.mark.parametrize("given, exception, message", [
    ("0" * 64, TypeError, "got str; fovea.key_from_text reads hexadecimal digits"),
    (lambda: None, TypeError, "got NoneType"),
    (b"short", ValueError, "expected 32 bytes, got 5"),
    (lambda: 1 / 0, ZeroDivisionError, "division"),
])
def test_a_wrong_key_is_told_and_not_shown(tmp_path, given, exception, message):
    with pytest.raises(exception, match=message) as caught:
        fovea.Memory(tmp_path / "memory.db", key=given)
    assert "00000" not in str(caught.value) and not (tmp_path / "memory.db").exists()


def test_keys_that_are_not_there_name_their_place(tmp_path, filled):
    with pytest.raises(KeyError, match="nowhere"):
        fovea.key_from_file(tmp_path / "nowhere")
    with pytest.raises(KeyError, match="NO_SUCH_KEY"):
        fovea.key_from_environment("NO_SUCH_KEY")
    with pytest.raises(ValueError, match="vault") as caught:
        fovea.key_from_text("beef", "vault")
    assert "beef" not in str(caught.value)
    with pytest.raises(ValueError, match="not encrypted"):
        filled.change_key(b"0" * 32)


# Carrying


def test_a_scope_is_carried_to_another_store(filled, tmp_path):
    assert filled.export_scope(tmp_path / "carried.db") == 2
    with fovea.Memory(tmp_path / "other.db", scope="bob") as other:
        assert other.import_scope(tmp_path / "carried.db") == 2
        assert other.recall(1).text == filled.recall(1).text
        with pytest.raises(ValueError, match="bob"):
            other.import_scope(tmp_path / "carried.db")
        other.backup(tmp_path / "copy.db")
    with fovea.Memory(tmp_path / "copy.db", scope="bob") as copy:
        assert copy.stats().pages == 2 and copy.verify() == []


def test_an_exported_file_may_be_encrypted_and_a_backup_has_several_scopes(filled, tmp_path, key):
    filled.export_scope(tmp_path / "sealed.db", key=lambda: key)
    with fovea.Memory(filled.path, scope="bob", **QUICK) as bob:
        bob.add("Bob was here.")
    filled.backup(tmp_path / "backup.db")
    with fovea.Memory(tmp_path / "other.db", scope="ann") as ann:
        with pytest.raises(ValueError, match="give its key"):
            ann.import_scope(tmp_path / "sealed.db")
        assert ann.import_scope(tmp_path / "sealed.db", key=key) == 2
    with fovea.Memory(tmp_path / "other.db", scope="bob") as bob:
        with pytest.raises(ValueError, match="ann"):
            bob.import_scope(tmp_path / "backup.db")
        assert bob.import_scope(tmp_path / "backup.db", which="bob") == 0 and "Bob was here." in bob.verbatim()


def test_pages_are_encoded_anew_for_another_checkpoint(filled, other_checkpoint):
    told = []
    with fovea.Memory(filled.path, other_checkpoint, scope="ann") as memory:
        with pytest.raises(ValueError, match="made by the checkpoint|migrate"):
            memory.recall(1, "tokens")
        first = memory.migrate(progress=lambda done, total: told.append((done, total)) or False)
        assert (first.pages, first.stopped, told) == (1, True, [(1, 2)])
        rest = memory.migrate()
        assert (rest.pages, rest.known, rest.refused, rest.stopped) == (1, 1, [], False)
        assert memory.recall(1, "tokens").confidence > 0.5 and memory.verify() == []


def test_pages_without_their_text_need_the_old_checkpoint(tmp_path, other_checkpoint):
    with fovea.Memory(tmp_path / "memory.db", archive="drop", **QUICK) as memory:
        memory.add_many([prose(PAGE)])
    with fovea.Memory(tmp_path / "memory.db", other_checkpoint, archive="drop") as memory:
        refused = memory.migrate()
        assert refused.pages == 0 and "was not given" in refused.refused[0].reason
        assert memory.migrate(pathlib.Path(_models.checkpoint(None))).pages == 1
        assert "ships left the harbour" in memory.recall(1, "tokens").text


# Expiry


def test_what_has_expired_goes_when_memory_ages(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        memory.add(f"The word is {SECRET}.", expires=1_000_000)
        memory.add_many(["The heron stays."])
        memory.finish()
        planned = memory.plan(to="trace")
        assert planned.expired.pages == [1] and planned.expired.messages == 1 and not planned.expired.receipt
        assert [step.id for step in planned.steps] == [2] and memory.stats().pages == 2
        aged = memory.age()
        assert aged.expired.pages == [1] and aged.expired.messages == 1 and aged.expired.bytes_gone
        receipt = aged.expired.receipt
        assert "\npage 1\n" in receipt and aged.expired.sha256 == hashlib.sha256(receipt.encode()).hexdigest()
        assert [page.id for page in memory.pages()] == [2] and memory.age().expired is None


# Events


def test_events_tell_of_each_operation_and_are_json_lines(filled):
    events = []
    filled.on_event(events.append)
    filled.search("harbour")
    filled.erase([2])
    filled.on_event(None)
    filled.search("harbour")
    search, erase = events
    assert (search.name, search.pages, search.levels, str(search.scope)) == ("search", 2, {}, "ann/default/default")
    assert erase.levels[fovea.Level.tiny].pages == 1 and erase.seconds > 0
    line = json.loads(erase.to_json())
    assert line["event"] == "erase" and line["levels"] == {"tiny": {"pages": 1, "vision_tokens": 64}}
    with pytest.raises(TypeError, match="listener"):
        filled.on_event("events.jsonl")


def test_a_listener_that_raises_or_uses_the_memory_harms_nothing(filled, monkeypatch):
    reported = []
    monkeypatch.setattr("sys.unraisablehook", lambda hook: reported.append(str(hook.exc_value)))
    filled.on_event(lambda event: 1 / 0)
    assert filled.search("harbour").hits
    filled.on_event(lambda event: filled.stats())
    assert filled.search("harbour").hits
    assert reported[0] == "division by zero" and "already in a call on this thread" in reported[1]


def test_a_memory_that_its_listener_knows_is_collected(tmp_path):
    import gc

    class Meter:
        def __init__(self) -> None:
            self.memory = fovea.Memory(tmp_path / "memory.db")
            self.memory.on_event(self.hear)

        def hear(self, event: fovea.Event) -> None: ...

    alive = weakref.ref(Meter())
    gc.collect()
    assert alive() is None
