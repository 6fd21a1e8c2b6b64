"""What the benches of search and contexts compute: questions out of histories, evidence, shares, ranks."""

from __future__ import annotations

import json
import pathlib
import sys
import types

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "bench"))

import context_quality  # noqa: E402
import search_quality  # noqa: E402

SENTENCE = "The keeper of the harbour lit the lamp before the ships came home at last."


def chat(*messages: tuple[str, str]) -> list[dict]:
    return [{"role": role, "content": content} for role, content in messages]


# Histories


def test_questions_are_what_a_user_asked_before_an_answer(tmp_path):
    path = tmp_path / "hermes.txt"
    first = chat(("user", "User: Where did the keeper put the lamp?"), ("assistant", "Assistant: In the tower."),
                 ("user", "Why?"), ("assistant", "It burns there."))
    # Conversations are repeated as they grow; what an agent was told by its harness is no question.
    second = [*first, *chat(("user", "System note: six words and some more here"), ("assistant", "Noted."))]
    path.write_text(json.dumps([first]) + "\n" + json.dumps([second]) + "\n")
    assert list(search_quality.hermes(path)) == [
        ("In the tower.", "user", "Where did the keeper put the lamp?"), ("It burns there.", "user", None),
        ("Noted.", "user", None)]


def test_a_long_question_is_cut_and_an_answer_without_one_is_kept(tmp_path):
    path = tmp_path / "hermes.txt"
    path.write_text(json.dumps([chat(("assistant", "Welcome."), ("user", "why " * 200), ("assistant", "So."))]) + "\n")
    (welcome, _, none), (_, _, asked) = search_quality.hermes(path)
    assert (welcome, none) == ("Welcome.", None) and len(asked) == 300


def turn(kind: str, *blocks: dict) -> str:
    return json.dumps({"type": kind, "message": {"content": list(blocks)}})


def test_an_agents_words_ask_for_the_call_that_follows_them(tmp_path):
    path = tmp_path / "claude-code.txt"
    path.write_text("\n".join([
        json.dumps({"type": "summary", "summary": "no turn"}), json.dumps({"type": "user", "message": {"content": "text"}}),
        turn("assistant", {"type": "text", "text": "I will look at the tests of the store now."}),
        turn("assistant", {"type": "tool_use", "name": "Bash", "input": {"command": "ls tests"}}),
        turn("user", {"type": "tool_result", "content": [{"type": "text", "text": "a.py"}, {"type": "image"}]}),
        turn("assistant", {"type": "tool_use", "name": "Bash", "input": {"command": "cat a.py", "description": "Show it"}}),
        turn("user", {"type": "tool_result", "content": "print(1)"}),
        turn("assistant", {"type": "text", "text": "Short."}, {"type": "tool_use", "name": "Read", "input": {"file": "b"}}),
    ]))
    assert list(search_quality.agent_run(path)) == [
        ("tool call Bash\ncommand: ls tests", "tool", "I will look at the tests of the store now."),
        ("tool result\na.py\n", "tool", None),
        ("tool call Bash\ncommand: cat a.py", "tool", "Show it"),
        ("tool result\nprint(1)", "tool", None),
        ("tool call Read\nfile: b", "tool", None)]


# Questions


def test_a_sentence_that_is_cut_out_is_asked_for_where_it_stood():
    filling = "lower case words without an end " * 40
    pairs = search_quality.Pairs([(f"{filling}{SENTENCE} {filling}", "user", None)])
    (kind, question, begin, end), = pairs.questions
    assert kind == "cloze" and question == SENTENCE and SENTENCE not in pairs.text
    assert begin + search_quality.AROUND == len(filling) and end == len(filling) + search_quality.AROUND
    assert pairs.text == f"{filling} {filling}\n\n"


def test_places_of_questions_count_what_stood_before_and_never_reach_into_the_part_before():
    first, filling = "x" * 500, " and so on" * 100
    pairs = search_quality.Pairs([(first, "tool", "What is\n that  about?"), (f"{SENTENCE}{filling}", "user", None)])
    asked, cloze = pairs.questions
    assert asked == ("tool", "What is that about?", 0, len(first) + 2)
    assert cloze[2] == len(first) + 2  # at the beginning of its own part


def test_the_same_seed_cuts_the_same_sentences():
    text = " ".join(f"{SENTENCE[:-1]} of year {year}." for year in range(60)) + " "
    cut = [[question for _, question, _, _ in search_quality.Pairs([(text, "user", None)], seed).questions]
           for seed in (7, 7, 8)]
    assert cut[0] == cut[1] != cut[2] and len(cut[0]) == len(text) // search_quality.CLOZE_EVERY
    assert not search_quality.Pairs([("short. " + SENTENCE + " ", "user", None)]).questions  # nothing would be left


def test_pages_are_evidence_where_any_character_is():
    pages = ["a" * 10, "b" * 10, "c" * 10]
    assert search_quality.evidence(pages, 0, 1) == {1}
    assert search_quality.evidence(pages, 9, 11) == {1, 2}
    assert search_quality.evidence(pages, 10, 20) == {2}
    assert search_quality.evidence(pages, 0, 30) == {1, 2, 3}
    assert search_quality.evidence(pages, 30, 40) == set() and search_quality.evidence([], 0, 1) == set()


def test_recall_at_one_five_and_ten_and_the_mean_of_the_reciprocal_ranks():
    assert search_quality.measures([1]) == "1.00 1.00 1.00 1.000"
    assert search_quality.measures([1, 5, 10, 99]) == "0.25 0.50 0.75 0.325"
    assert search_quality.measures([50, 51]) == "0.00 0.00 0.00 0.010"  # beyond 50 it counts as not found


def test_a_kind_without_questions_has_no_figures():
    assert search_quality.measures([]) == "none"


# Contexts


def test_evidence_is_the_stretch_that_shares_the_most_words():
    text = "nothing here " * 60 + "the lamp of the tower burns " + "nothing there " * 60
    found = context_quality.evidence_of(text, "Where does the lamp burn, in which tower?")
    assert {"lamp", "tower"} <= set(found) and len(" ".join(found)) <= context_quality.SPAN
    assert context_quality.evidence_of("Short.", "any question") == ["short"]
    assert context_quality.evidence_of("", "any question") == []


def test_a_share_counts_words_in_runs_of_eight():
    evidence = [f"w{n}" for n in range(16)]
    assert context_quality.share(evidence, "before " + " ".join(evidence) + " after") == 1
    assert context_quality.share(evidence, " ".join(evidence[:8])) == 0.5
    assert context_quality.share(evidence, " ".join(evidence[:7])) == 0
    assert context_quality.share(evidence, " ".join(evidence[4:14])) == 10 / 16
    assert context_quality.share(evidence, " ".join(reversed(evidence))) == 0
    assert context_quality.share(evidence[:3], "W0, w1: W2!") == 1  # fewer words than a run
    assert context_quality.share([], "anything") == 0


def test_questions_with_hardly_any_evidence_are_left_out():
    filling = "some words of a log that goes on " * 40
    messages, questions = context_quality.history([
        (f"{filling}{SENTENCE} {filling}", "user", "What did\nthe log say?"), ("too short", "tool", "Was it long?")])
    assert [role for role, _ in messages] == ["assistant", "tool"] and SENTENCE not in messages[0][1]
    assert [(question.kind, question.text) for question in questions] == [
        ("user", "What did the log say?"), ("cloze", SENTENCE)]
    assert all(len(question.evidence) >= context_quality.RUN for question in questions)


def words_of(text: str) -> int:
    return len(text.split())


def test_a_context_is_cut_at_its_budget():
    texts = ["one two three", "four five six", "seven"]
    assert context_quality.cut(texts, 100, words_of).split() == "one two three four five six seven".split()
    assert context_quality.cut(texts, 0, words_of) == "" and context_quality.cut([], 5, words_of) == ""
    for budget in range(1, 8):
        held = context_quality.cut(texts, budget, words_of)
        assert words_of(held) <= budget and " ".join(texts).startswith(" ".join(held.split()))
    assert context_quality.cut(["x" * 1000], 5, len) == "xxxxx\n"


def test_messages_are_found_by_the_stems_of_their_words():
    database = context_quality.by_fts5([("user", "The lamps were lit"), ("tool", "nothing")])
    found = database.execute("SELECT text FROM messages WHERE messages MATCH '\"lamp\"'").fetchall()
    assert found == [("The lamps were lit",)]


def test_an_embedder_is_an_endpoint_or_a_folder(monkeypatch):
    made = types.SimpleNamespace(OpenAIEmbedder=lambda url, model: ("endpoint", url, model),
                                 embedders=types.SimpleNamespace(LocalEmbedder=lambda folder: ("folder", folder)))
    monkeypatch.setitem(sys.modules, "fovea", made)
    monkeypatch.setitem(sys.modules, "fovea.embedders", made.embedders)
    assert context_quality.embedder_of(made, "http://h/v1#mini") == ("endpoint", "http://h/v1", "mini")
    assert context_quality.embedder_of(made, "http://h/#a#mini") == ("endpoint", "http://h/#a", "mini")
    for folder in ("models/mini", "models/mini#", "#mini"):
        assert context_quality.embedder_of(made, folder) == ("folder", folder)


@pytest.mark.parametrize("program, wanted", [("search_quality", "transcripts"), ("context_quality", "transcripts")])
def test_without_histories_they_say_what_they_need(program, wanted, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [program])
    with pytest.raises(SystemExit) as ended:
        {"search_quality": search_quality, "context_quality": context_quality}[program].main()
    assert ended.value.code == 2 and wanted in capsys.readouterr().err
