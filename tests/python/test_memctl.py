"""memctl from outside: verbs, JSON and exit codes."""

from __future__ import annotations

import difflib
import json
import struct
import time

import pytest

from harbour import PAGE_LINES, prose
from memctl_program import REPOSITORY, pytestmark  # noqa: F401

VERBS = ["compact", "recall", "search", "embed", "context", "age", "promote", "policy", "show", "pin", "unpin", "erase",
         "report", "view", "list", "pages", "scopes", "completion", "man", "stats", "clean", "verify",
         "export", "import", "backup", "migrate", "new-key", "rekey",
         "encode", "decode", "ocr", "experiment", "lifetime", "bench", "doctor", "model"]


# Help and usage


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(memctl, verb):
    text = memctl(verb, "--help").out.decode()
    assert "Example:\n  memctl " in text and f" {verb}" in text.split("Example:")[1]


def test_the_help_names_every_verb_and_the_exit_codes(memctl):
    text = memctl("--help").out.decode()
    assert all(f"\n  {verb} " in text for verb in VERBS) and "4 corruption" in text


def test_version(memctl):
    assert memctl("--version").out.decode().strip() == "memctl " + (REPOSITORY / "VERSION").read_text().strip()


@pytest.mark.parametrize("arguments", [["remember"], [], ["recall", "--source", "dreams", "--all"],
                                       ["compact", "x.txt", "--archive", "burn"], ["show"],
                                       ["--scope", "a//c", "stats"]])
def test_usage_errors_are_exit_code_2_and_one_json_document(filled, arguments):
    done = filled("--json", *arguments, code=2)
    assert done.error["code"] == "invalid_argument" and done.error["message"]
    assert done.err.startswith("memctl: ") and done.err.count("\n") == 1


# The main road


def test_compact_says_what_came_out(filled):
    done = filled.compacted
    assert done["pages"] == 3 and done["characters"] == 3 * 106 * 53
    assert done["vision_tokens"] == 300 and done["text_tokens"] > 3000
    assert done["compression"] == pytest.approx(done["text_tokens"] / 300)
    assert done["levels"]["small"]["pages"] == 3 and done["levels"]["small"]["vision_tokens"] == 300
    assert done["levels"]["small"]["fidelity"] > 0.98
    assert done["seconds"] > 0
    assert done["verbatim_characters"] == len(filled.text) - 3 * 106 * 53


def test_recall_from_the_archive_is_the_file_byte_for_byte(filled):
    assert filled.archive() == filled.text
    assert filled("recall", "--all").out.decode() == filled.text


def test_recall_from_vision_tokens_reads_the_pages(filled):
    items = filled("--json", "recall", "--all", "--source", "tokens").json["items"]
    assert [item["source"] for item in items] == ["tokens"] * 3 + ["verbatim"]
    assert [item["level"] for item in items] == ["small"] * 3 + [None]
    read = items[0]["text"].splitlines()
    exact = filled.text.splitlines()
    assert sum(a == b for a, b in zip(read, exact)) > 0.8 * len(read)
    assert 0.5 < items[0]["confidence"] <= 1


def test_recall_of_some_pages_is_in_order_and_once(filled):
    items = filled("--json", "recall", "2", "1", "2").json["items"]
    assert [item["id"] for item in items] == [1, 2]
    assert items[0]["text"] + items[1]["text"] == filled.text[: 2 * 106 * 53]


def test_recall_by_a_query(filled):
    items = filled("--json", "recall", "--query", "00090", "-k", "1").json["items"]
    assert len(items) == 1 and "00090" in items[0]["text"]


def test_a_search_of_pages_with_words_needs_no_checkpoint(filled):
    found = filled("--json", "--model", "nowhere", "search", "00010").json
    assert found["hits"] == filled("--json", "search", "00010").json["hits"] != []


def test_search_finds_the_page_with_the_words(filled):
    hits = filled("--json", "search", "00120 harbour", "-k", "2").json["hits"]
    assert len(hits) == 2 and hits[0]["id"] == 3 and hits[0]["score"] >= hits[1]["score"]
    assert "00120" in hits[0]["snippet"]


def test_the_same_file_again_adds_nothing(own):
    done = own("--json", "compact", "harbour.txt", "--level", "small").json
    assert done["pages"] == 0 and done["skipped_messages"] == done["messages"] == 1
    assert own.archive() == own.text


def test_a_grown_file_adds_its_tail(own):
    for lines in (10, 200):
        own.text += prose(lines, 500)
        own.file("harbour.txt", own.text)
        own("compact", "harbour.txt", "--level", "tiny", "--measure", "0")
        assert own.archive() == own.text


def test_finish_leaves_no_verbatim_text(own):
    done = own("--json", "compact", "harbour.txt", "--level", "small", "--finish").json
    assert done["pages"] == 1 and done["verbatim_characters"] == 0
    assert own.archive() == own.text


def test_any_bytes_are_text_and_json_stays_json(memctl):
    content = b"caf\xc3\xa9 \xff\xfe \x00 \r\n" * 700
    memctl.file("bytes.bin", content)
    memctl("compact", "bytes.bin", "--level", "tiny", "--finish", "--measure", "0")
    assert memctl("recall", "--all", "--source", "archive").out == content
    assert memctl.archive() == content.decode("utf-8", "replace")


def test_stdin_is_a_history_too(memctl):
    chat = json.dumps({"role": "user", "content": "Where is the lighthouse?"}) + "\n"
    memctl("compact", "-", input=chat.encode())
    assert memctl.archive() == "user:\nWhere is the lighthouse?\n\n"


def test_scopes_do_not_see_each_other(copied):
    copied("--scope", "ann/coder", "compact", "-", input=b"for ann only")
    assert copied.archive() == copied.text
    items = copied("--json", "--scope", "ann/coder/default", "recall", "--all").json["items"]
    assert [item["text"] for item in items] == ["for ann only"]
    copied("--scope", "bob", "recall", "1", code=3)


def test_a_level_follows_from_the_age_of_the_messages(memctl):
    old = json.dumps({"role": "user", "content": prose(60), "timestamp": "2020-01-01T00:00:00Z"})
    memctl.file("chat.jsonl", old + "\n")
    assert list(memctl("--json", "compact", "chat.jsonl").json["levels"]) == ["tiny"]
    policy = memctl.file("policy.json", '{"bands": [{"older_than": 0, "level": "small"}]}')
    done = memctl("--json", "--scope", "b", "compact", "chat.jsonl", "--policy", policy).json
    assert list(done["levels"]) == ["small"]


# Keeping no text


def test_archive_drop_keeps_vision_tokens_and_nothing_else(memctl):
    memctl.file("harbour.txt", prose(2 * PAGE_LINES))
    memctl("compact", "harbour.txt", "--archive", "drop", "--level", "small", "--finish", "--measure", "0")
    stored = b"".join(path.read_bytes() for path in memctl.folder.glob("memory.db*"))
    assert b"harbour before noon" not in stored
    assert "00001 The two ships" in memctl("recall", "1", "--source", "auto").out.decode()
    assert memctl("--json", "recall", "1", "--source", "archive", code=3).error["code"] == "not_found"
    assert memctl("--json", "search", "lighthouse keeper", "-k", "1").json["hits"]


CHEROKEE = "ᏥᏳ ᎤᏂᎩᏒᎩ ᎠᏏ ᎢᎦ ᎠᏰᎵ ᎾᎵᏍᏔᏴᎾ, ᎠᎴ ᎠᎦᏘᏱ ᏚᏬᏪᎳᏅᎩ ᏚᎾᏙᎥᎢ.\n" * 8


@pytest.mark.parametrize("text", [
    CHEROKEE,
    "གྲུ་གཟིངས་རྣམས་ཉིན་གུང་གི་སྔོན་ལ་གྲུ་ཁ་ནས་ཐོན་པ་རེད།\n" * 8,
    prose(20) + "The word ᎠᎺᏉᎯ is Cherokee, \U0001D11E a clef.\n" + prose(5),
])
def test_archive_drop_keeps_the_text_that_cannot_be_read_back(memctl, text):
    memctl.file("mixed.txt", text)
    done = memctl("--json", "compact", "mixed.txt", "--archive", "drop", "--level", "base", "--finish")
    assert done.json["kept_exact"] == 1 and "warning: 1 page with text that cannot be read back" in done.err
    assert memctl("recall", "--all").out.decode() == text
    assert memctl("--json", "stats").json["kept_exact"] == 1
    assert memctl("--json", "verify").json == {"ok": True, "findings": [], "kept_exact": [1]}
    assert "page 1 keeps text" in memctl("verify").out.decode()


@pytest.mark.parametrize("line", [
    "배는 정오가 되기 전에 항구를 떠났고, 등대지기는 그 이름들을 책에 적었다.\n",
    "غادرت السفن الميناء قبل الظهر وكتب الحارس أسماءها في كتابه.\n",
    "जहाज़ दोपहर से पहले बंदरगाह से निकल गए, और रखवाले ने उनके नाम लिख लिए।\n",
])
def test_archive_drop_keeps_scripts_of_the_alphabet_in_the_tokens(memctl, line):
    memctl.file("page.txt", line * 8)
    done = memctl("--json", "compact", "page.txt", "--archive", "drop", "--level", "base", "--finish")
    assert done.json["outside_alphabet"] == {}
    assert difflib.SequenceMatcher(None, memctl("recall", "--all").out.decode(), line * 8, False).ratio() > 0.97


def test_a_page_read_worse_than_asked_is_a_warning(memctl):
    memctl.file("cherokee.txt", CHEROKEE)
    done = memctl("--json", "compact", "cherokee.txt", "--level", "base", "--finish")
    assert done.json["below_floor"] == 1 and done.json["kept_exact"] == 0
    assert "warning: 1 page read back worse than the policy asks" in done.err and "the archive has" in done.err


# Forgetting


def test_a_dry_run_measures_and_changes_nothing(filled):
    done = filled("--json", "age", "--to", "tiny", "--dry-run").json
    assert [(step["id"], step["from"], step["to"]) for step in done["steps"]] == [
        (i, "small", "tiny") for i in (1, 2, 3)]
    assert all(0.5 < step["fidelity"] <= 1 and step["tokens_saved"] == 36 for step in done["steps"])
    assert all(isinstance(step["lost_words"], list) for step in done["steps"])
    assert list(filled("--json", "stats").json["levels"]) == ["small"]


@pytest.mark.parametrize("verb", ["pin", "promote"])
def test_where_one_page_does_not_exist_none_is_changed(copied, verb):
    copied("age", "--to", "trace")
    before = copied("--json", "pages").json
    error = copied("--json", verb, "1", "99", code=3).error
    assert error["code"] == "not_found" and "99" in error["message"]
    assert copied("--json", "pages").json == before


def test_pages_step_down_but_for_pinned_ones(copied):
    copied("pin", "2")
    done = copied("--json", "age", "--to", "tiny").json
    assert [step["id"] for step in done["steps"]] == [1, 3] and done["refused"] == []
    levels = copied("--json", "stats").json["levels"]
    assert levels["small"]["pages"] == 1 and levels["tiny"]["pages"] == 2
    copied("unpin", "2")
    assert [step["id"] for step in copied("--json", "age", "--to", "tiny").json["steps"]] == [2]
    assert copied.archive() == copied.text


def test_age_by_policy_uses_the_given_time(copied):
    assert copied("--json", "age").json["steps"] == []
    later = int(time.time()) + 8 * 86400
    assert {s["to"] for s in copied("--json", "age", "--now", later).json["steps"]} == {"tiny"}


def test_a_level_that_the_checkpoint_does_not_read_is_refused(memctl, lesser_checkpoint):
    memctl.file("a.txt", prose(PAGE_LINES))
    model = ("--model", lesser_checkpoint)
    memctl(*model, "compact", "a.txt", "--level", "base", "--measure", "0", "--finish")
    done = memctl("--json", *model, "age", "--to", "trace").json
    assert done["steps"] == [] and done["refused"][0]["id"] == 1
    assert "reads large, base, small, tiny" in done["refused"][0]["reason"]


def test_without_the_archive_a_step_down_redraws_what_the_tokens_say(memctl):
    memctl.file("harbour.txt", prose(PAGE_LINES))
    memctl("compact", "harbour.txt", "--archive", "drop", "--level", "small", "--finish", "--measure", "0")
    step = memctl("--json", "age", "--to", "tiny").json["steps"][0]
    assert step["fidelity"] is None and step["to"] == "tiny"
    assert "ships" in memctl("recall", "1").out.decode()


# Pages


def test_show_writes_the_picture_of_a_level(filled):
    for level, side in [(None, 640), ("tiny", 512), ("large", 1280)]:
        arguments = ["--level", level] if level else []
        assert filled("--json", "show", "1", "-o", "page.png", *arguments).json["side"] == side
        header = (filled.folder / "page.png").read_bytes()[:24]
        assert header.startswith(b"\x89PNG") and struct.unpack(">II", header[16:]) == (side, side)


def test_erase_leaves_no_trace_and_a_receipt(copied):
    marker = copied.text[:40].encode()
    done = copied("--json", "erase", "1", "--receipt", "receipt.json").json
    assert done["pages"] == [1] and done["bytes_gone"] is True
    assert json.loads((copied.folder / "receipt.json").read_text()) == done
    assert marker not in b"".join(path.read_bytes() for path in copied.folder.glob("memory.db*"))
    assert copied("--json", "recall", "1", code=3).error["code"] == "not_found"
    assert copied("--json", "verify").json["ok"] is True
    copied("erase", "--all")
    assert copied("--json", "stats").json["pages"] == 0


def test_stats_and_verify(filled):
    stats = filled("--json", "stats").json
    assert stats["pages"] == 3 and stats["vision_tokens"] == 300 and stats["token_bytes"] > 0
    assert 0 < stats["text_bytes"] <= len(filled.text.encode()) and stats["kept_exact"] == 0
    assert filled("--json", "verify").json == {"ok": True, "findings": [], "kept_exact": []}


# The codec alone


def test_encode_and_decode_files(memctl):
    memctl.file("note.txt", prose(20))
    done = memctl("--json", "encode", "note.txt", "-o", "note.fvt", "--level", "base").json
    assert done["level"] == "base" and done["vision_tokens"] == 256
    assert memctl("decode", "note.fvt").out.decode().startswith("00000 The one ships left the harbour")


def test_encode_a_picture(filled, tmp_path):
    filled("show", "1", "--level", "small", "-o", tmp_path / "page.png")
    done = filled("--json", "encode", tmp_path / "page.png", "-o", tmp_path / "page.fvt").json
    assert done["level"] == "small" and done["vision_tokens"] == 100
    assert "ships left the harbour" in filled("decode", tmp_path / "page.fvt").out.decode()


def test_more_text_than_a_page_is_an_error_that_says_so(memctl):
    memctl.file("long.txt", prose(100))
    message = memctl("--json", "encode", "long.txt", "-o", "x.fvt", code=2).error["message"]
    assert "long.txt" in message and "5,618" in message


def test_a_limit_on_instructions_that_is_none_is_a_usage_error(memctl):
    memctl.file("note.txt", prose(2))
    done = memctl("--json", "encode", "note.txt", "-o", "note.fvt", code=2, env={"FOVEA_CPU": "mmx"})
    assert 'FOVEA_CPU is "mmx"; expected base, sse4, avx2, avx512, bf16 or amx' in done.error["message"]
    memctl("encode", "note.txt", "-o", "note.fvt", env={"FOVEA_CPU": "avx2"})
