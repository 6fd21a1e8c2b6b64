"""Errors of memctl name the right place: what came, what was expected, on one line."""

from __future__ import annotations

import os
import resource
import threading

import pytest

from memctl_program import pytestmark  # noqa: F401

TOO_LARGE = 10**30


def message(memctl, *arguments, code=2) -> str:
    done = memctl(*arguments, code=code)
    assert done.out == b"" and done.err.startswith("memctl: ") and done.err.count("\n") == 1
    assert len(done.err) < 400
    return done.err


@pytest.mark.parametrize("arguments, expected", [
    (["context", "--budget", "abc"], "--budget: expected a whole number from 1 to 1,000,000,000, got abc"),
    (["context", "--budget", "nan"], "got nan"),
    (["context", "--budget", "-5"], "got -5"),
    (["context", "--budget", TOO_LARGE], f"got {TOO_LARGE}"),
    (["search", "boat", "-k", "0"], "-k: expected a whole number from 1 to"),
    (["search", "boat", "-k", TOO_LARGE], "-k: expected"),
    (["search", "boat", "--recency", "nan"], "--recency: expected a number from 0 to 1000, got nan"),
    (["recall", TOO_LARGE], f"expected the number of a page, got {TOO_LARGE}"),
    (["pin", "1", "x"], "expected the number of a page, got x"),
    (["compact", "x.txt", "--measure", "1e3"], "--measure: expected a whole number from -1 to"),
    (["compact", "x.txt", "--density", "many"], "--density: expected 64, 80, 106, 128 or 160 columns, got many"),
    (["experiment", "x.txt", "--densities", "100"], "--densities: expected 64, 80, 106, 128 or 160 columns, got 100"),
    (["experiment", "x.txt", "--densities="], "--densities: "),
    (["recall", "1", "--query", "boat"], "ids excludes --query"),
    (["compact", ""], "files: the value is empty"),
    (["--key-file=", "stats"], "--key-file: the value is empty; is the variable that it comes from unset"),
])
def test_what_is_no_number_or_empty_is_said_with_its_option(memctl, arguments, expected):
    assert expected in message(memctl, *arguments)


def test_an_empty_name_of_the_store_is_not_taken_for_another(memctl):
    """The next argument is no value of "--store="."""
    assert "--store: the value is empty" in message(memctl, "--store=", "stats")
    assert "--model: the value is empty" in message(memctl, "--model", "", "stats")


def test_a_backup_or_export_that_cannot_be_made_names_its_own_path(copied):
    for verb in ("backup", "export"):
        assert "nowhere/copy.db: cannot be created: its folder does not exist" in message(
            copied, verb, "nowhere/copy.db", code=3)
        assert "harbour.txt exists" in message(copied, verb, "harbour.txt")
    assert copied("verify").code == 0


def test_an_output_never_takes_the_place_of_the_store_or_of_a_receipt(copied):
    assert "belongs to the store" in message(copied, "show", "1", "-o", copied.store)
    assert "belongs to the store" in message(copied, "--events", copied.store, "search", "harbour")
    assert "exists; give the name of a new file" in message(copied, "erase", "1", "--receipt", copied.store)
    copied("erase", "1", "--receipt", "receipt.json")
    receipt = (copied.folder / "receipt.json").read_bytes()
    assert "receipt.json exists" in message(copied, "erase", "2", "--receipt", "receipt.json")
    copied("erase", "999", "--receipt", "other.json", code=3)
    assert (copied.folder / "receipt.json").read_bytes() == receipt
    assert not list(copied.folder.glob("other.json*")) and copied("--json", "stats").json["pages"] == 2


def test_an_import_of_what_cannot_be_one_makes_no_store(memctl):
    assert "there is no file nowhere.fovea" in message(memctl, "import", "nowhere.fovea", code=3)
    assert "there is no file ." in message(memctl, "import", ".")
    assert "does not exist" in message(memctl, "stats", code=3)
    assert "empty.fovea is empty" in message(memctl, "import", memctl.file("empty.fovea", ""), code=4)


def test_pages_of_other_scopes_are_searched_and_not_recalled(copied):
    for where in ("agent ~ *", "session = x", "run != y"):
        assert "recall: pages of one scope are read" in message(copied, "recall", "--query", "ships", "--where", where)
    assert b"harbour" in copied("recall", "--query", "harbour", "--where", "role != tool").out
    nothing = message(copied, "recall", "--query", "harbour", "--where", "role = tool", code=1)
    assert "nothing found: the conditions leave none of the" in nothing


def test_a_file_at_its_size_limit_is_an_error_like_a_full_disk(copied):
    done = copied("--json", "backup", "copy.db", code=1,
                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
    assert "copy.db" in done.error["message"]
    assert not list(copied.folder.glob("copy.db*")) and copied("verify").code == 0


def test_an_output_that_cannot_be_written_is_named_before_anything_is_done(copied):
    assert "nowhere/receipt.json: cannot be written: No such file" in message(
        copied, "erase", "1", "--receipt", "nowhere/receipt.json", code=1)
    assert "nowhere/page.png" in message(copied, "show", "1", "-o", "nowhere/page.png", code=1)
    assert "--events .: cannot be written: Is a directory" in message(copied, "--events", ".", "stats", code=1)
    assert copied("--json", "stats").json["pages"] == 3


def test_a_line_end_or_an_escape_in_a_name_leaves_the_error_on_one_line(memctl):
    assert r"two\nlines\x1b[31m.txt: cannot be read" in message(memctl, "compact", "two\nlines\x1b[31m.txt", code=3)
    assert r"my\nstore.db" in memctl("stats", store="my\nstore.db", code=3).err


def test_a_verb_that_there_is_not_is_answered_with_the_nearest(memctl):
    assert "there is no verb serch; did you mean search?" in message(memctl, "serch", "boat")
    assert "there is no verb zzz; see" in message(memctl, "zzz")


def test_a_query_needs_no_quotes(filled):
    assert filled("search", "ships", "harbour", "-k", "1").out == filled("search", "ships harbour", "-k", "1").out


@pytest.mark.parametrize("content, text", [("nothing to report\n", "nothing to report\n"),
                                           ('{"role": "user", "content": "hello"}\n', "user:\nhello\n\n")])
def test_a_named_pipe_is_read_once(memctl, content, text):
    pipe = memctl.folder / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(content), daemon=True)
    writer.start()
    memctl("compact", "pipe")
    writer.join(timeout=240)
    assert memctl.archive() == text
