"""memctl experiment: what it measures, its controls and baselines, and that it goes on where it was stopped."""

from __future__ import annotations

import csv
import fcntl
import gzip
import hashlib
import json
import resource
import shutil
import signal
import struct
from xml.etree import ElementTree

import pytest

from harbour import PAGE_LINES, prose
from memctl_program import MODEL, Memctl, pytestmark, wait_for_lines  # noqa: F401

ONE_PAGE = ("--levels", "tiny", "--pages", "1")
EXACT = "commit 4f9a1c2e on 2026-05-15 changed 1,234 rows in src/harbour/lamp.cpp\n"


def timeless(found: dict) -> dict:
    """The figures without what the clock and the command line say."""
    def curve(one: dict) -> dict:
        return {name: value for name, value in one.items() if not name.endswith("_seconds")}
    kept = {name: value for name, value in found.items() if name not in ("seconds", "pages_known", "command")}
    return {**kept, "curves": list(map(curve, found["curves"])), "controls": list(map(curve, found["controls"]))}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """One page of a text, measured; for tests that change nothing."""
    memctl = Memctl(tmp_path_factory.mktemp("measured"))
    memctl.text = prose(PAGE_LINES // 2) + EXACT * 8 + prose(PAGE_LINES, 100)
    memctl.file("ships.txt", memctl.text)
    memctl.found = memctl("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "out").json
    return memctl


@pytest.fixture
def again(measured, tmp_path):
    """The same folder, for tests that change it."""
    return measured.copy(tmp_path)


# What is measured


def test_each_text_has_its_measures(measured):
    ships, random = measured.found["curves"]
    assert (ships["domain"], random["domain"]) == ("ships", "random")
    assert ships["characters_per_token"] == ships["characters"] / 64
    assert 0 < ships["zstd_bytes"] < ships["text_bytes"] and 0 < ships["xz_bytes"] < ships["text_bytes"]
    assert 0 <= ships["word_recall"] <= 1 and 0 <= ships["brier"] <= 1
    assert ships["encode_seconds"] > 0 and ships["read_seconds"] > 0
    assert ships["accuracy_interval"] is None  # of one page nothing can be said
    kinds = ships["exact_strings_by_kind"]
    assert kinds["id"]["count"] == 8 and kinds["path"]["count"] == 8
    total, back = (sum(kind[name] for kind in kinds.values()) for name in ("count", "given_back"))
    assert ships["exact_strings"] == pytest.approx(back / total)
    slips = sum(one["count"] for one in random["confusions"])
    assert slips > 0 or random["accuracy"] == 1
    assert 0 <= measured.found["brier"] <= 1 and 0 <= measured.found["base_brier"] <= 0.25


def test_controls_stand_beside_each_text_at_the_same_level(measured):
    ships = measured.found["curves"][0]
    controls = measured.found["controls"]
    assert [(c["domain"], c["shuffle"], c["level"]) for c in controls] == [
        ("ships", "words", "tiny"), ("ships", "characters", "tiny")]
    for control in controls:
        assert control["characters"] == ships["characters"] and control["vision_tokens"] == 64
        assert 0 <= control["accuracy"] <= 1


def test_without_shuffles_random_strings_are_the_only_control(memctl):
    memctl.file("ships.txt", prose(PAGE_LINES))
    found = memctl("--json", "experiment", "ships.txt", *ONE_PAGE, "--no-shuffles", "--out", "out").json
    assert found["controls"] == [] and [one["domain"] for one in found["curves"]] == ["ships", "random"]
    assert found["shuffles"] is False and "shuffled |" not in (memctl.folder / "out" / "experiment.md").read_text()
    assert (memctl.folder / "out" / "pictures" / "accuracy.png").exists()
    differs = memctl("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "out", code=2).error["message"]
    assert "shuffles" in differs


def test_baselines_keep_within_the_budget_of_the_level(measured):
    found = [one for one in measured.found["baselines"] if one["domain"] == "ships"]
    assert [one["baseline"] for one in found] == ["truncation", "newest", "sentences", "bm25", "dropping"]
    for one in found:
        assert one["budget"] == 64 and 0 < one["tokens"] <= 64 and one["compression"] > 10
        assert 0 < one["accuracy"] < 0.3 and 0 < one["word_recall"] < 1 and one["exact_strings"] < 0.5
        assert one["level"] == "tiny" and one["density"] == 106


def test_what_is_needed_to_repeat_it_is_written_down(measured):
    found = json.loads((measured.folder / "out" / "experiment.json").read_text())
    assert found == measured.found
    assert found["inputs"] == [{
        "domain": "ships", "file": "ships.txt", "format": "text", "bytes": len(measured.text),
        "sha256": hashlib.sha256(measured.text.encode()).hexdigest(), "text_bytes": len(measured.text),
        "zstd_bytes": found["inputs"][0]["zstd_bytes"], "xz_bytes": found["inputs"][0]["xz_bytes"]}]
    assert found["command"][-len(ONE_PAGE) - 4:] == ["experiment", "ships.txt", *ONE_PAGE, "--out", "out"]
    assert found["seed"] == 1 and found["levels"] == ["tiny"] and found["densities"] == [106] and found["pages"] == 1
    assert len(found["checkpoint"]["fingerprint"]) == 64 and found["memctl"] and found["machine"]["processor"]


def test_tables_and_csv(measured):
    out = measured.folder / "out"
    tables = (out / "experiment.md").read_text()
    for row in ("| ships |", "| ships, words shuffled |", "| ships, characters shuffled |", "| random |",
                "| ships, dropping |", "Brier score over"):
        assert row in tables
    lines = list(csv.DictReader((out / "curves.csv").open(newline="")))
    assert {(line["domain"], line["shuffle"], line["method"]) for line in lines} >= {
        ("ships", "none", "vision tokens"), ("ships", "words", "vision tokens"), ("ships", "none", "truncation")}
    for name in ("accuracy", "compression", "characters_per_token", "word_recall", "word_precision", "exact_rows",
                 "confidence", "brier"):  # numbers with a fraction had been cut to whole ones
        assert float(lines[0][name]) == pytest.approx(measured.found["curves"][0][name], abs=1e-6), name
    rows = list(csv.DictReader((out / "rows.csv").open(newline="")))
    assert {row["domain"] for row in rows} == {"ships", "random"} and len(rows) == 106
    pages = [json.loads(line) for line in (out / "pages.jsonl").read_text().splitlines()]
    assert [(page["domain"], page["shuffle"]) for page in pages] == [
        ("ships", "none"), ("ships", "words"), ("ships", "characters"), ("random", "none")]


def test_published_points_are_labelled_as_another_task(measured):
    deepseek = measured.found["references"][0]
    assert deepseek["name"] == "DeepSeek-OCR, 64 tokens" and "arXiv 2510.18234" in deepseek["source"]
    assert deepseek["points"][0] == {"compression": 10.5, "share": 0.965}
    assert all(one["another_task"] and one["measure"] for one in measured.found["references"])
    tables = (measured.folder / "out" / "experiment.md").read_text()
    assert "of another task" in tables and "| C3 | 20.0x: 98.0, 40.0x: 93.0 |" in tables
    assert "another_task" not in measured.found["curves"][0]


def evaluated(domain: str) -> str:
    """What `python -m fovea.training evaluate --texts DIR --out FILE` writes of a codec without pictures."""
    pages = [{"characters": 5618, "errors": 500}, {"characters": 5000, "errors": 0}]
    kind = {"accuracy": 0.95291, "exact_rows": 0.5, "glyph_cells": 0.9, "characters": 10618, "bytes": 33024, "pages": pages}
    row = {"level": "tiny", "density": 106, "vision_tokens": 64, "kinds": {domain: kind, "random": kind}}
    return json.dumps({"checkpoint": "run", "encoder": "pooled", "pages": 2, "seed": 5, "rate": 0, "rows": [row]})


def test_a_trained_control_joins_a_measurement_that_is_over(again):
    command = ("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "out")
    again.file("no-picture.json", evaluated("ships"))
    found = again(*command, "--control", "no-picture.json").json
    assert found["pages_known"] == 4 and {**timeless(found), "trained_controls": []} == timeless(again.found)
    (control,) = found["trained_controls"]  # not of random strings
    assert (control["domain"], control["level"], control["density"]) == ("ships", "tiny", 106)
    assert (control["control"], control["encoder"]) == ("no-picture", "pooled")
    assert control["sha256"] == hashlib.sha256(evaluated("ships").encode()).hexdigest()
    assert (control["pages"], control["characters"], control["vision_tokens"]) == (2, 10618, 128)
    assert control["token_bytes"] == 2 * 33024 and control["accuracy"] == pytest.approx(1 - 500 / 10618)
    ships = found["curves"][0]
    assert control["compression"] == pytest.approx(ships["text_tokens"] / ships["characters"] * 10618 / 128)
    out = again.folder / "out"
    assert "| ships, no-picture (pooled encoder) | 95.29 [91.10, 100.00] (33,024) |" in (out / "experiment.md").read_text()
    last = list(csv.DictReader((out / "curves.csv").open(newline="")))[-1]
    assert last["method"] == "no-picture (pooled encoder)" and last["token_bytes"] == "66048" and last["text_tokens"] == ""
    assert float(last["accuracy"]) == pytest.approx(control["accuracy"], abs=1e-6) and None not in last


def test_a_control_of_other_texts_is_a_clear_error(again):
    command = ("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "out", "--control")
    again.file("other.json", evaluated("poems"))
    message = again(*command, "other.json", code=2).error["message"]
    assert "--control other.json: none of its texts (poems) is measured here" in message
    again.file("note.json", "{}")
    message = again(*command, "note.json", code=4).error["message"]
    assert "note.json: not what `python -m fovea.training evaluate --out` writes" in message
    assert "absent.json" in again(*command, "absent.json", code=3).error["message"]


def test_text_is_counted_with_other_tokenizers_too(memctl):
    text = prose(3)
    memctl.file("ships.txt", text)
    shutil.copy(MODEL / "tokenizer.json", memctl.folder / "own.json")
    arguments = ("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "out")
    found = memctl(*arguments, "--tokenizer", "own.json").json
    assert found["tokenizers"] == {"own": hashlib.sha256((MODEL / "tokenizer.json").read_bytes()).hexdigest()}
    own = found["curves"][0]["by_tokenizer"]["own"]
    assert 0 < own["text_tokens"] < len(text) and own["compression"] == own["text_tokens"] / 64
    lines = list(csv.DictReader((memctl.folder / "out" / "curves.csv").open(newline="")))
    assert float(lines[0]["text_tokens own"]) == own["text_tokens"] and None not in lines[-1]
    assert "| ships, own |" in (memctl.folder / "out" / "experiment.md").read_text()
    assert "tokenizers" in memctl(*arguments, code=2).error["message"]
    twice = memctl(*arguments, "--tokenizer", "own.json", "--tokenizer", "own.json", code=2).error["message"]
    assert "own.json" in twice and "given twice" in twice
    memctl.file("odd.json", "{}")
    assert "odd.json" in memctl(*arguments, "--tokenizer", "odd.json", code=4).error["message"]
    assert "none.json" in memctl(*arguments, "--tokenizer", "none.json", code=3).error["message"]


# Pictures

PICTURES = ["accuracy", "errors-random-106", "errors-ships-106", "page-random-106", "page-ships-106", "rate"]


def test_pictures_are_png_and_svg_of_the_same_size(measured):
    folder = measured.folder / "out" / "pictures"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{name}.{kind}" for name in PICTURES for kind in ("png", "svg"))
    for name in PICTURES:
        png = (folder / f"{name}.png").read_bytes()
        assert png.startswith(b"\x89PNG")
        svg = ElementTree.parse(folder / f"{name}.svg").getroot()
        size = [int(svg.get(side).removesuffix("px")) for side in ("width", "height")]
        assert list(struct.unpack(">II", png[16:24])) == [2 * side for side in size]


def test_pictures_of_a_finished_folder_are_drawn_again_to_the_byte(again):
    folder = again.folder / "out" / "pictures"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    again("experiment", "ships.txt", *ONE_PAGE, "--out", "out")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_pictures_that_cannot_be_written_are_an_error_that_names_them(again):
    arguments = ("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "out")

    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (80_000, 80_000))
    folder = again.folder / "out" / "pictures"
    before = (folder / "accuracy.png").read_bytes()
    message = again(*arguments, code=1, preexec_fn=little_room).error["message"]
    assert "out/pictures/accuracy.png" in message and "File too large" in message
    assert (folder / "accuracy.png").read_bytes() == before and len(list(folder.iterdir())) == 2 * len(PICTURES)
    shutil.rmtree(folder)
    folder.write_text("a file")
    assert "out/pictures" in again(*arguments, code=1).error["message"]


def test_where_slips_are_is_kept_of_each_page(measured):
    pages = [json.loads(line) for line in (measured.folder / "out" / "pages.jsonl").read_text().splitlines()]
    for page in pages:
        if page["shuffle"] != "none":
            assert page["wrong_cells"] == [] and page["read_rows"] == []
            continue
        assert len(page["wrong_cells"]) == len(page["row_lengths"]) == len(page["read_rows"]) == 53
        for signs, length in zip(page["wrong_cells"], page["row_lengths"]):
            assert not signs or ("x" in signs and set(signs) <= {"x", "."} and len(signs) == length)
        wrong = sum(row.count("x") for row in page["wrong_cells"])
        assert (wrong > 0) == (page["errors"] > 0.5)


def test_a_part_of_the_pages_does_not_overlap_and_all_of_them_are_the_text(memctl):
    text = prose(3 * PAGE_LINES - 10)
    memctl.file("ships.txt", text)
    memctl("experiment", "ships.txt", "--levels", "tiny", "--pages", "2", "--no-shuffles", "--out", "two")
    memctl("experiment", "ships.txt", "--levels", "tiny", "--pages", "0", "--no-shuffles", "--out", "all")

    def spans(out: str) -> list[tuple[int, int]]:
        pages = map(json.loads, (memctl.folder / out / "pages.jsonl").read_text().splitlines())
        return [(p["begin"], p["begin"] + p["text_bytes"]) for p in pages
                if (p["domain"], p["shuffle"]) == ("ships", "none")]
    (first, second), everything = spans("two"), spans("all")
    assert first[1] <= second[0]
    assert everything[0][0] == 0 and everything[-1][1] == len(text)
    assert all(before[1] == after[0] for before, after in zip(everything, everything[1:]))
    found = json.loads((memctl.folder / "two" / "experiment.json").read_text())
    low, high = found["curves"][0]["accuracy_interval"]
    assert low <= found["curves"][0]["accuracy"] <= high


def test_the_seed_decides_about_the_controls(again):
    other = again("--json", "experiment", "ships.txt", *ONE_PAGE, "--seed", "2").json
    assert other["curves"][0]["accuracy"] == again.found["curves"][0]["accuracy"]
    assert other["controls"][0]["accuracy"] != again.found["controls"][0]["accuracy"] or \
        other["curves"][1]["characters"] != again.found["curves"][1]["characters"] or \
        other["curves"][1]["text_tokens"] != again.found["curves"][1]["text_tokens"]


# Going on


def test_after_a_kill_the_same_command_goes_on_to_the_same_figures(again):
    command = ["--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "killed"]
    process = again.start(*command)
    pages = again.folder / "killed" / "pages.jsonl"
    wait_for_lines(pages, 1, process)
    process.kill()
    process.communicate()
    read = pages.read_text().splitlines()
    assert 1 <= len(read)
    with pages.open("a") as file:
        file.write(read[0][:100])  # killed while it wrote
    done = again(*command)
    assert f"{len(read)} page" in done.err and done.json["pages_known"] == len(read)
    assert timeless(done.json) == timeless(again.found)
    assert pages.read_text().splitlines()[:len(read)] == read and pages.read_text().count("\n") == 4


def test_an_interrupt_writes_what_was_read_and_the_same_command_goes_on(again):
    process = again.start("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "stopped")
    wait_for_lines(again.folder / "stopped" / "pages.jsonl", 1, process)
    process.send_signal(signal.SIGINT)
    found = json.loads(process.communicate(timeout=300)[0])
    assert process.returncode == (0 if found["complete"] else 130)
    assert found["curves"][0]["domain"] == "ships"
    assert (again.folder / "stopped" / "pictures" / "accuracy.png").exists()
    done = again("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "stopped").json
    assert done["complete"] and timeless(done) == timeless(again.found)


def test_a_finished_one_is_only_reported_again(again):
    before = (again.folder / "out" / "pages.jsonl").read_bytes()
    done = again("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "out").json
    assert done["pages_known"] == 4 and (again.folder / "out" / "pages.jsonl").read_bytes() == before
    own = {"seconds": 0, "pages_known": 0, "command": []}
    assert {**done, **own} == {**again.found, **own}


@pytest.mark.parametrize(("arguments", "difference"), [
    (["other.txt", *ONE_PAGE], "inputs"),
    (["ships.txt", "other.txt", *ONE_PAGE], "inputs other sha256"),
    (["ships.txt", *ONE_PAGE, "--seed", "2"], "seed was 1 and is 2"),
    (["ships.txt", "--levels", "tiny", "--pages", "2"], "pages was 1 and is 2"),
    (["ships.txt", "--levels", "small", "--pages", "1"], 'levels 0 was "tiny" and is "small"'),
])
def test_another_experiment_in_the_same_folder_is_refused(again, arguments, difference):
    again.file("other.txt", prose(10))
    before = {path: path.read_bytes() for path in (again.folder / "out").rglob("*.*") if path.is_file()}
    done = again("--json", "experiment", *arguments, "--out", "out", code=2)
    assert "holds another run" in done.error["message"] and difference in done.error["message"]
    assert {path: path.read_bytes() for path in (again.folder / "out").rglob("*.*") if path.is_file()} == before


def test_a_text_that_changed_is_another_input(again):
    again.file("ships.txt", again.text + "one more line\n")
    message = again("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "out", code=2).error["message"]
    assert "inputs ships sha256" in message


def test_another_checkpoint_is_refused(again, lesser_checkpoint):
    done = again("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "out", "--model", str(lesser_checkpoint),
                 code=2)
    assert "checkpoint fingerprint" in done.error["message"]


# Inputs


def test_transcripts_are_read_as_compact_reads_them(memctl):
    lines = [json.dumps({"role": "user" if i % 2 else "assistant", "content": line})
             for i, line in enumerate(prose(20).splitlines())]
    chat = "\n".join(lines) + "\n"
    memctl.file("chat.jsonl", chat)
    memctl.file("packed.jsonl.gz", gzip.compress(chat.encode()))
    found = memctl("--json", "experiment", "chat.jsonl", "packed.jsonl.gz", "-", *ONE_PAGE, "--no-shuffles",
                   input=chat.encode()).json
    assert [i["format"] for i in found["inputs"]] == ["openai"] * 3
    assert [i["domain"] for i in found["inputs"]] == ["chat", "packed.jsonl", "stdin"]
    chat_curve, packed, stdin, _ = found["curves"]
    assert chat_curve["text_bytes"] == packed["text_bytes"] == stdin["text_bytes"] > len(prose(20))
    assert chat_curve["accuracy"] > 0.9
    as_text = memctl("--json", "experiment", "chat.jsonl", "--format", "text", *ONE_PAGE, "--no-shuffles").json
    assert as_text["inputs"][0]["format"] == "text" and as_text["inputs"][0]["text_bytes"] == len(chat)


def test_files_of_one_name_and_odd_names_are_kept_apart(memctl):
    for folder in ("a", "b"):
        (memctl.folder / folder).mkdir()
        memctl.file(f"{folder}/notes.txt", prose(3))
    memctl.file("random.txt", prose(3))
    memctl.file('x|y,"z.txt', prose(3))
    found = memctl("--json", "experiment", "a/notes.txt", "b/notes.txt", "random.txt", 'x|y,"z.txt', *ONE_PAGE,
                   "--no-shuffles", "--out", "out").json
    names = ["notes", "notes-2", "random-2", 'x|y,"z', "random"]
    assert [curve["domain"] for curve in found["curves"]] == names
    lines = csv.DictReader((memctl.folder / "out" / "curves.csv").open(newline=""))
    assert list(dict.fromkeys(line["domain"] for line in lines)) == names
    assert r"| x\|y,\"z |".replace('\\"', '"') in (memctl.folder / "out" / "experiment.md").read_text()


@pytest.mark.parametrize(("content", "said"), [
    pytest.param(b"", "is empty", id="empty"),
    pytest.param(b" \n\t\n ", "has no text", id="blank"),
    pytest.param(bytes(range(256)) * 40, "is binary", id="all bytes"),
    pytest.param(b"\0" * 5000, "is binary", id="zeros"),
])
def test_what_is_no_text_is_an_error_that_says_so(memctl, content, said):
    memctl.file("odd.txt", content)
    done = memctl("--json", "experiment", "odd.txt", *ONE_PAGE, "--out", "out", code=2)
    assert said in done.error["message"] and "odd.txt" in done.error["message"]
    assert not (memctl.folder / "out").exists()


@pytest.mark.parametrize("text", [
    pytest.param("x", id="one letter"),
    pytest.param("word " * 200_000, id="one enormous line"),
    pytest.param("é日本" * 4_000, id="wide"),
    pytest.param("e" + "\u0301" * 3_000, id="a letter with many marks"),
    pytest.param("log line with a stray \0 byte\n" * 10, id="a stray zero"),
])
def test_odd_texts_are_measured(memctl, text):
    memctl.file("odd.txt", text)
    found = memctl("--json", "experiment", "odd.txt", *ONE_PAGE, "--out", "out").json
    odd = found["curves"][0]
    assert odd["pages"] == 1 and 0 <= odd["accuracy"] <= 1 and odd["characters"] > 0
    assert len(found["controls"]) == 2 and all(0 <= one["accuracy"] <= 1 for one in found["controls"])


def test_a_folder_that_cannot_be_written_is_an_error_that_names_it(memctl):
    memctl.file("ships.txt", prose(3))
    memctl.file("taken", "a file")
    assert "taken/out" in memctl("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "taken/out",
                                 code=1).error["message"]
    (memctl.folder / "odd" / "pages.jsonl").mkdir(parents=True)
    message = memctl("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "odd", code=1).error["message"]
    assert "odd/pages.jsonl" in message and "cannot be written" in message


def test_on_a_full_disk_it_says_so_and_goes_on_once_there_is_room(again):
    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    arguments = ("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "full")
    message = again(*arguments, code=1, preexec_fn=little_room).error["message"]
    assert "full/pages.jsonl: cannot be written: File too large" in message
    whole = (again.folder / "full" / "pages.jsonl").read_text()
    assert whole.count("\n") >= 1 and whole.endswith("\n")
    assert timeless(again(*arguments).json) == timeless(again.found)


def test_a_damaged_folder_is_an_error_that_names_the_line(again):
    pages = again.folder / "out" / "pages.jsonl"
    lines = pages.read_text().splitlines(keepends=True)
    pages.write_text(lines[0] + "{}\n" + "".join(lines[2:]))
    arguments = ("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "out")
    assert "out/pages.jsonl:2" in again(*arguments, code=4).error["message"]
    pages.write_text("".join(lines))
    (again.folder / "out" / "run.json").write_text("{")
    assert "out/run.json" in again(*arguments, code=4).error["message"]
    (again.folder / "out" / "run.json").unlink()
    assert "out/run.json" in again(*arguments, code=4).error["message"]


def test_two_at_once_in_one_folder_are_refused(again):
    with (again.folder / "out" / "pages.jsonl").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = again("--json", "experiment", "ships.txt", *ONE_PAGE, "--out", "out", code=1)
    assert "another memctl" in done.error["message"]
