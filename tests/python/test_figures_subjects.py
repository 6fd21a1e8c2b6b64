"""What the subjects of figures make of their values, and how their programs are run; nothing is measured."""

from __future__ import annotations

import hashlib
import json
import pathlib
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tools"))

from figures import __main__ as program  # noqa: E402
from figures import documents, kept, work  # noqa: E402
from figures.subject import Sentence, Subject  # noqa: E402
from figures.subjects import SUBJECTS, accuracy, context, exactness, forgetting, sample, search, store  # noqa: E402
from figures.work import Failure, Work  # noqa: E402

# Subjects


def test_rows_are_counted_by_how_sure_the_reader_was_the_surest_in_the_last_band():
    found = accuracy.bands([(0.0, False), (0.0999, True), (0.1, True), (0.999, False), (1.0, True), (1.0, True)])
    assert [(band["band"], band["rows"], band["exact"]) for band in found] == [
        ("0 to 10", 2, 0.5), ("10 to 30", 1, 1.0), ("99.9 to 100", 3, 0.666667)]
    assert found[0]["said"] == pytest.approx(0.04995) and accuracy.bands([]) == []


def test_a_span_is_one_number_where_its_ends_read_alike():
    assert accuracy.span([1.04, 1.0, 0.96], lambda value: f"{value:.1f}") == "1.0"
    assert accuracy.span([3, 1, 2], str) == "1 to 3"


def values_of_texts() -> dict:
    names = {*accuracy.NAMES}
    return {"texts": {name: {level: {"accuracy": 0.5 + at / 100, "compression": 2.0 + 10 * at, "text_bytes": 5600.0,
                                     "token_bytes": 1000.0 * (at + 1)} for at, level in enumerate(accuracy.LEVELS)}
                      for name in names}, "confidence": []}


def test_tables_of_accuracy_have_a_row_a_text_and_a_column_a_level():
    values = values_of_texts()
    head, _, row = accuracy.accuracy_table(values, ("ja",)).split("\n")
    assert head == "| text | large | base | small | tiny | faint | trace |"
    assert row.startswith("| Japanese | 50.00 (2.0x) | 51.00 (12x) |")
    readme = accuracy.readme_table(values).split("\n")
    assert "large" not in readme[0] and readme[2].startswith("| English prose | 51.00 (12×) |")
    assert readme[5].startswith("| Japanese, Arabic, Russian | 51.00 |") and readme[5].endswith("| 54.0 | 55.0 |")
    assert readme[-1] == "| kB of vision tokens per page (text: 5.6) | 2 | 3 | 4 | 5 | 6 |"
    assert accuracy.numbers(values) == {"least": 51.0, "most": 53.0}


def test_every_text_that_is_shown_has_a_name():
    assert {*accuracy.KINDS_SHOWN, *accuracy.LANGUAGES, *accuracy.BYTES_SHOWN} <= {*accuracy.NAMES}


def curve(policy: str, age: str, method: str = "vision tokens", **more) -> dict:
    shares = dict.fromkeys(forgetting.SHARES, 0.9)
    return {"policy": policy, "age": age, "method": method, "pages": 5, "tokens_per_page": 36, **shares,
            "interval": dict.fromkeys(forgetting.SHARES, 0.02), **more}


def life() -> dict:
    held = {"tokens": 1000, "verbatim_tokens": 34, "history_tokens": 10_000, "token_bytes": 8000, "archive_bytes": 2000,
            "kept_text_bytes": 500, "file_bytes": 40_000, "levels": {"base": 2, "faint": 3}, "pages": 5, "gone": 0}
    curves = [curve(policy, age, method) for policy in forgetting.POLICIES for age in ("up to 1 day", "365 days and more")
              for method in ("vision tokens", "newest text")]
    for one in curves:
        if one["policy"] == "paper":
            one |= {"tokens_per_page": 64, "fidelity": 0.99, "exact_strings": None}
    return {"days": 540, "last_day": {policy: held for policy in forgetting.POLICIES}, "curves": curves}


def test_tables_of_forgetting_have_what_was_not_measured_as_a_dash():
    assert forgetting.percent(None) == "–" and forgetting.percent(0.9753) == "97.5"
    assert forgetting.half_width([0.9, 0.95]) == 0.025 and forgetting.half_width(None) is forgetting.rounded(None) is None
    values = life()
    assert "| lean | 1,000 | 10.0 | 2 base, 3 faint | 8 | 2 | 40 |" in forgetting.holdings_table(values)
    head, _, young, old = forgetting.curve_table(values).split("\n")
    assert head == "| age | pages | none | paper | careful | balanced | lean |"
    assert "| 99.0, –, 90.0 (64) |" in young and old.startswith("| 365 days and more | 5 |")
    assert forgetting.baseline_table(values).count("\n") == 3
    assert set(forgetting.blocks(values)) == {"forgetting-held", "forgetting-curve", "forgetting-baseline"}


def test_sentences_of_forgetting_take_the_oldest_pages_and_say_where_their_text_no_longer_fits():
    values = life()
    for one in values["curves"]:
        one["exact_strings"] = 0.8
    numbers = forgetting.numbers(values)
    assert numbers["faint_lost"] == pytest.approx(10) and numbers["tiny_fidelity"] == pytest.approx(99)
    assert numbers["tiny_strings_lost"] == pytest.approx(20) and numbers["found"] == 90
    assert numbers["fidelity_width"] == pytest.approx(2) and numbers["least_times"] == numbers["most_times"] == 4
    values["curves"][-2]["tokens_per_page"] = 64  # lean's oldest pages are no longer faint
    with pytest.raises(AssertionError, match="forgetting.md no longer fits"):
        forgetting.numbers(values)


class Printing:
    """A Work whose programs print this."""

    build = pathlib.Path("build")

    def __init__(self, printed: str) -> None:
        self.printed, self.commands = printed, []

    def run(self, *command) -> str:
        self.commands.append(command)
        return self.printed

    def transcripts(self) -> pathlib.Path:
        return pathlib.Path("T")

    def sample(self) -> str:
        return "sample"


def test_searches_are_read_from_what_the_bench_prints():
    found = search.measure(Printing(
        "bytes of the store: 1,234,567 with text and words, 234,567 with hashed words, 9 with neither\n"
        "12 pages, 34 questions (5 user, 6 tool, 23 cloze); recall@1 @5 @10 MRR\n"
        "piece                      0.50 0.70 0.80 0.600 | 0.50 0.70 0.80 0.600 | none | 0.1 0.2 0.3 0.400\n"
        "piece, hashed              0.40 0.60 0.70 0.500 | none | none | none\n"))
    assert found["pages"] == 12 and found["questions"] == 34 and found["text_store_bytes"] == 1_234_567
    assert found["methods"] == {"piece": [0.5, 0.7, 0.8, 0.6], "piece, hashed": [0.4, 0.6, 0.7, 0.5]}
    numbers = search.numbers(found)
    assert f"{numbers['text_five']} {numbers['hashed_first']}" == ".70 .40" and numbers["hashed_size"] == 0.234567


def test_exactness_is_read_from_a_table_of_markdown():
    row = "| tiny | 99.5 | 99.6 | 100 | 98.7 | 1234 | 56 | 78 | 90 | 2345 |"
    found = exactness.measure(Printing(f"some words\n| level | ... |\n|---|---|\n{row}\n"))
    assert found["levels"]["tiny"]["read from tokens, %"] == 99.5 and found["levels"]["tiny"]["whole text"] == 2345
    assert exactness.blocks(found)["exactness"].split("\n")[2] == (
        "| tiny | 99.50 | 99.60 | 100.00 | 98.7 | 1,234 | 56 | 78 | 90 | 2,345 |")


def test_the_stores_tables_come_by_their_size():
    values = {"pages": 7, "bytes_a_page": {"words": 123.0, "tokens": 4567.8}, "file_bytes_a_page": 21_400, "text_bytes_a_page": 5618}
    assert store.blocks(values)["store-bytes"].split("\n")[2:] == ["| tokens | 4,570 |", "| words | 120 |"]
    assert store.numbers(values) == {"pages": 7, "file": 21.4, "text": 5620}


def test_the_sample_is_told_with_as_many_digits_as_an_estimate_has():
    levels = {level: {"vision_tokens": tokens, "accuracy": 0.9979, "pages_read": 9}
              for level, tokens in (("base", 9216), ("small", 3600), ("tiny", 2304))}
    values = {"messages": 290, "characters": 197_462, "pages": 36, "text_tokens": 62_683, "levels": levels,
              "digest_tokens": 2284, "picture_tokens": 6801, "faint_digest_tokens": 1286}
    block = sample.blocks(values)["sample"]
    assert "about 62,700 tokens" in block and "as pages, tiny:   2,304 vision tokens, 27.2 times fewer" in block
    numbers = sample.numbers(values)
    assert (numbers["digest"], numbers["faint"], numbers["pictures"]) == (2280, 1290, 6800)


def test_a_share_in_a_sentence_has_no_nought_before_its_point():
    assert f"{context.ShareNumber(0.5)} {context.ShareNumber(1)}" == ".50 1.00"


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_a_subjects_sentences_take_numbers_that_it_has(subject):
    numbers = subject.numbers(kept.load(subject)["values"])
    for sentence in subject.sentences:
        assert sentence.pattern().fullmatch(sentence.text(numbers)), sentence.template


# Documents


def test_a_fence_without_an_end_is_an_error_with_its_line():
    with pytest.raises(ValueError, match="the fenced block in line 3 has no end"):
        documents.with_blocks("a\n<!-- figures: one -->\n```\nold", {"one": "```\nnew\n```"})


def test_a_number_of_another_form_is_refused_before_it_is_written():
    with pytest.raises(ValueError, match="has not the form"):
        documents.with_sentence("It takes 5 s.", Sentence("x.md", "It takes {n} s."), {"n": "many"})


# Running programs


@pytest.fixture
def one_work(tmp_path) -> Work:
    return Work("one", tmp_path / "build", tmp_path / "transcripts")


def program_at(folder: pathlib.Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_commands_are_noted_without_the_folders_of_this_machine(one_work):
    program_at(one_work.build, "memctl", 'echo "{\\"pages\\": $#}"')
    assert one_work.memctl("stats", one_work.build / "x", store=one_work.folder / "s.db") == {"pages": 5}
    assert one_work.run(one_work.build / "memctl", REPOSITORY / "README.md") == '{"pages": 1}\n'
    assert one_work.commands == ["memctl --store build/figures/one/s.db --json stats build/x", "build/memctl README.md"]


def test_a_program_that_is_missing_or_fails_is_named(one_work):
    with pytest.raises(Failure, match="store_bench is missing; `make figures` builds it"):
        one_work.run("store_bench")
    program_at(one_work.build, "store_bench", "exit 3")
    with pytest.raises(Failure, match="store_bench 7: exit code 3"):
        one_work.run("store_bench", "7")


def test_histories_that_are_not_there_are_named(one_work, tmp_path):
    with pytest.raises(Failure, match="has no hermes_session.txt; --transcripts takes a folder with"):
        one_work.transcripts()
    for name in work.TRANSCRIPTS:
        path = tmp_path / "transcripts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    assert one_work.transcripts() == tmp_path / "transcripts"
    assert one_work.inputs == {name: hashlib.sha256(name.encode()).hexdigest() for name in work.TRANSCRIPTS}


def test_what_earlier_measurements_left_is_removed_where_that_is_asked_for(one_work):
    fresh = one_work.fresh("store")
    (fresh / "old.db").touch()
    assert not list(one_work.fresh("store").iterdir())
    (one_work.folder / "old.db").touch()
    (one_work.shared / "text").mkdir()
    one_work.forget()
    assert not list(one_work.folder.iterdir()) and (one_work.shared / "text").is_dir()


def test_the_list_says_why_and_how_long(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(program, "SUBJECTS", (Subject("one", "a thing", 12, lambda work: {}, ()),
                                              Subject("two", "another", 0.2, lambda work: {}, ())))
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    monkeypatch.setattr(sys, "argv", ["figures", "--list"])
    assert program.main() == 0
    assert capsys.readouterr().out.splitlines() == ["one          a thing: never measured, takes about 12 min",
                                                    "two          another: never measured, takes about under a minute"]


def test_what_is_kept_says_what_it_was_measured_with(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(kept, "_processors", lambda: "model name\t: Some(R) Processor(TM) 7\nmodel name\t: other\n")
    one = Subject("one", "a thing", 1, lambda work: {}, (), of_checkpoint=False)
    one_work = Work("one", tmp_path / "build", None)
    one_work.inputs["text.txt"] = "ab"
    kept.keep(one, one_work, {"a": 1}, 12.6)
    found = json.loads(kept.path_of(one).read_text())
    assert found["machine"] == "Some Processor 7" and found["seconds"] == 13 and found["checkpoint"] is None
    one_work.inputs["text.txt"] = "cd"
    assert kept.keep(one, one_work, {"a": 1}, 1) == ["text.txt is another text than before"]
    monkeypatch.setattr(kept, "_processors", lambda: "")
    assert kept.machine()
