"""The histories that training text is made of: the library reads each as the format that it imitates, and the random
values in them have the form of real ones."""

from __future__ import annotations

import collections
import datetime
import json
import random
import re
import uuid

import pytest
from fovea.training.text.corpus import Corpus
from fovea.training.text.histories import (
    chat_messages, claude_code, codex, json_text, logs, openai_chat, plain_text, session, sharegpt, talk, terminal, trajectory,
)  # fmt: skip
from fovea.training.text.histories.choice import Choice
from fovea.training.text.histories.kinds import generate

core = pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

PAGE = 106 * 53  # characters that fill a page, which would have to be encoded


@pytest.fixture(scope="module")
def texts():
    return Corpus.builtin(alphabet="abc→é你\n").texts


def of_seed(seed: int, texts) -> session.Session:
    return session.Session(random.Random(seed), texts)


def short_samples(make, texts, wanted: int = 12) -> list[str]:
    """Samples that fill no page, whatever is drawn of them."""
    samples = (make(of_seed(seed, texts)) for seed in range(400))
    return [sample for _, sample in zip(range(wanted), (one for one in samples if len(one) < PAGE // 2))]


def said_in(format: str, sample: str) -> int:
    """Messages in which somebody speaks or a tool answers."""
    values = [json.loads(sample)] if format in ("sharegpt",) else [json.loads(line) for line in sample.split("\n")]
    if format == "claude-code":
        return sum(value["type"] in ("user", "assistant") for value in values)
    if format == "codex":
        kinds = ("message", "function_call", "function_call_output")
        return sum(value["payload"]["type"] in kinds for value in values)
    if format == "sharegpt":
        return len(values[0]["conversations"])
    return len(values)


# The formats


@pytest.fixture(scope="module")
def store(tmp_path_factory, loaded):
    return tmp_path_factory.mktemp("histories") / "memory.db"


@pytest.mark.parametrize("format, make", [
    ("claude-code", claude_code.session_lines), ("claude-code", claude_code.stream_lines), ("codex", codex.rollout_lines),
    ("sharegpt", sharegpt.conversation), ("openai", lambda s: openai_chat._lines(s, openai_chat._tool(s) + openai_chat._user(s))),
], ids=["claude-code-session", "claude-code-stream", "codex", "sharegpt", "openai"])
def test_the_library_reads_what_imitates_a_format_and_finds_out_which(format, make, texts, store, tmp_path, request):
    read = 0
    for number, sample in enumerate(short_samples(make, texts)):
        if not said_in(format, sample):
            continue
        path = tmp_path / f"{number}.jsonl"
        path.write_text(sample + "\n")
        broken: list[tuple[int, str]] = []
        with fovea.Memory(store, scope=f"{request.node.callspec.id}/{number}", measured_pages=0) as memory:
            memory.add_file(path, format=format, on_broken=lambda *part, to=broken: to.append(part))
            messages = len(memory.messages())
            assert messages and broken == [], sample
            assert memory.add_file(path).pages == 0
            assert len(memory.messages()) == messages, sample  # read as the same messages, which are known
        read += 1
    assert read > 5


@pytest.mark.parametrize("make", [chat_messages.chat_lists, openai_chat.KINDS[0][1], trajectory.steps])
def test_what_has_no_line_of_its_own_is_read_too(make, texts, store, tmp_path, request):
    for number, sample in enumerate(short_samples(make, texts, 6)):
        path = tmp_path / f"{number}.json"
        path.write_text(sample)
        with fovea.Memory(store, scope=f"other/{request.node.callspec.id}/{number}", measured_pages=0) as memory:
            memory.add_file(path)
            assert memory.messages()


def test_a_claude_code_session_is_a_chain(texts):
    for seed in range(40):
        events = [json.loads(line) for line in claude_code.session_lines(of_seed(seed, texts)).split("\n")]
        chained = [event for event in events if "parentUuid" in event]
        assert all(event["uuid"] != event["parentUuid"] for event in chained)
        assert len({event["sessionId"] for event in chained}) <= 1


def test_a_tool_answers_the_call_before_it(texts):
    for seed in range(40):
        asked, answered = openai_chat._tool(of_seed(seed, texts))
        call, = asked["tool_calls"]
        assert answered["tool_call_id"] == call["id"] and asked["content"] is None
        assert isinstance(json.loads(call["function"]["arguments"]), dict)


def test_json_in_json_comes_out_whole(texts):
    for seed in range(40):
        event = json.loads(trajectory.twice_escaped(of_seed(seed, texts)))
        inner = json.loads(event["payload"]) if "payload" in event else event
        assert set(json.loads(inner["output"])) == {"result", "status", "path"}


def test_plain_chats_have_turns_of_both(texts):
    for seed in range(40):
        chat = plain_text.plain_chat(of_seed(seed, texts))
        assert any(user in chat and agent in chat for user, agent in plain_text.SPEAKERS), chat[:80]


# Values


@pytest.fixture(params=range(5))
def one(request, texts) -> session.Session:
    return of_seed(request.param, texts)


def test_ids_are_what_they_are_called(one):
    for _ in range(50):
        made = uuid.UUID(one.uuid())
        assert made.version == 4 and made.variant == uuid.RFC_4122
        assert re.fullmatch("[0-9a-f]{40}", one.hex(40)) and re.fullmatch("[0-9a-zA-Z]{24}", one.base62(24))
        assert re.fullmatch("toolu_01[1-9A-HJ-NP-Za-km-z]{22}", one.id("toolu_01"))
        assert all(0 <= int(part) < 256 for part in one.ip().split("."))
        assert re.fullmatch(r"\d+\.\d+\.\d+", one.semver())


def test_times_are_dates_that_there_are_and_go_on(one):
    begun = one.clock
    for _ in range(200):
        assert 2010 < datetime.datetime(*one.moment()).year < 2035
        datetime.datetime.fromisoformat(one.iso())
        datetime.datetime.fromisoformat(one.iso_long())
    assert begun < one.clock < begun + 600 * 90


def test_paths_are_the_systems_own(texts):
    seen = set()
    for seed in range(60):
        made = of_seed(seed, texts)
        path = made.under("src/a.py")
        windows = path.startswith("C:\\")
        seen.add(windows)
        assert path.endswith("src\\a.py" if windows else "/src/a.py") and ("/" in path) != windows
    assert seen == {True, False}


def test_a_session_has_names_and_a_folder_that_come_back(one):
    paths = collections.Counter(one.under(one.file()).rpartition("\\" if ":" in one.cwd else "/")[0] for _ in range(20))
    assert len(paths) == 1  # its folder
    nouns = collections.Counter(one.noun() for _ in range(400))
    assert len(nouns) <= 90 and nouns.most_common(1)[0][1] > 2


def test_addresses_have_a_scheme_a_host_and_a_path(one):
    for _ in range(50):
        assert re.fullmatch(r"https?://[\w.-]+(:\d+)?/\S+", one.url())


def test_sizes_are_within_their_limits_small_ones_more_often(one):
    sizes = [one.size(10, 1000) for _ in range(500)]
    assert min(sizes) >= 10 and max(sizes) <= 1000 and sum(size < 100 for size in sizes) > 150
    assert {one.int(3, 5) for _ in range(100)} == {3, 4, 5}


def test_the_same_seed_makes_the_same_session(texts):
    first, second, other = (generate(random.Random(seed), texts, 4000) for seed in (3, 3, 4))
    assert first == second != other and len(first) >= 4000


# Parts


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_objects_are_no_deeper_than_asked(one, depth):
    def deep(value) -> int:
        if isinstance(value, dict):
            return 1 + max(map(deep, value.values()), default=0)
        return max(map(deep, value), default=0) if isinstance(value, list) else 0
    for _ in range(20):
        made = json_text.nested(one, depth)
        assert 1 <= deep(made) <= depth + 2 and json.loads(json_text.dump(one, made)) == made


def test_colours_take_nothing_from_the_text(one):
    text = "one two three\n\nfour"
    for _ in range(50):
        coloured = terminal.coloured(one, text)
        assert re.sub(r"\x1b(\[[0-9;]*m|\(B)", "", coloured) == text
        assert terminal.on_terminal(one, text).replace("\r\n", "\n").count("\n") == 2


def test_a_bar_ends_full(one):
    for _ in range(30):
        states = terminal.progress(one).split("\r")
        assert re.search(r"100%|100\.0%|(\d+)/\1(?!\d)", states[-1]), states[-1]


def test_sentences_and_log_lines_stand_on_one_line(one):
    for _ in range(60):
        assert "\n" not in talk.sentence(one) and "\n" not in talk.paragraph(one)
    assert all(line.strip() for line in logs.log(one).split("\n"))


def test_weights_decide_how_often_and_one_choice_is_always_taken():
    rng = random.Random(1)
    drawn = collections.Counter(Choice((9, "often"), (1, "seldom")).draw_many(rng, 2000))
    assert 1700 < drawn["often"] < 1900 and drawn["seldom"] == 2000 - drawn["often"]
    assert Choice((1, "only")).draw(rng) == "only"
    with pytest.raises(ValueError):
        Choice()
