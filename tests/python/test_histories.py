"""Histories as memctl and Python read them: what is said, counted, and what no input may do."""

from __future__ import annotations

import gzip
import json
import os
import threading

import pytest

from memctl_program import pytestmark  # noqa: F401

PROMPT = ('{"type":"user","sessionId":"s","uuid":"%s","timestamp":"2026-06-01T10:00:00Z",'
          '"message":{"role":"user","content":"%s"}}\n')
SNAPSHOT = '{"type":"file-history-snapshot","messageId":"x","snapshot":{}}\n'


def test_compact_says_the_format_and_names_once_what_was_left_out(memctl):
    memctl.file("session.jsonl", 70 * SNAPSHOT + PROMPT % ("1", "Count the ovens."))
    memctl.file("notes.jsonl", '{"event": "probe", "limit": 1e999}\n')
    done = memctl("--json", "compact", "session.jsonl", "notes.jsonl")
    assert done.json["formats"] == {"claude-code": 1, "text": 1}
    assert done.json["left_out"] == {"file-history-snapshot": 70}
    assert "session.jsonl: read as claude-code" in done.err
    assert "warning: notes.jsonl: no line is a message of a known format" in done.err
    assert done.err.count("left out on purpose: 70 file-history-snapshot") == 1


def test_a_folder_stands_for_its_transcripts_packed_ones_too(memctl):
    (memctl.folder / "projects" / "oven").mkdir(parents=True)
    memctl.file("projects/oven/a.jsonl", PROMPT % ("1", "first"))
    memctl.file("projects/b.jsonl.gz", gzip.compress((PROMPT % ("2", "second")).encode()))
    memctl.file("projects/index.json", '{"entries": []}')
    memctl.file("projects/memory.md", "# not a transcript\n")
    os.utime(memctl.folder / "projects" / "oven" / "a.jsonl", (1, 1))
    memctl("compact", "projects")
    texts = [item["text"] for item in memctl("--json", "recall", "--all", "--source", "archive").json["items"]]
    assert "".join(texts) == "user:\nfirst\n\nuser:\nsecond\n\n"
    (memctl.folder / "empty").mkdir()
    assert "no .jsonl or .json file in this folder" in memctl("compact", "empty", code=3).err


def test_a_named_pipe_is_opened_once(memctl):
    pipe = memctl.folder / "pipe.jsonl"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(PROMPT % ("1", "through a pipe")))
    writer.start()
    done = memctl("--json", "compact", "pipe.jsonl")
    writer.join()
    assert done.json["messages"] == 1 and done.json["formats"] == {"claude-code": 1}


def test_python_reads_any_message_and_raises_its_own_errors(tmp_path):
    fovea = pytest.importorskip("fovea")
    deep: list = []
    for _ in range(70_000):
        deep = [deep]
    nested: dict = {"a": 1}
    for _ in range(1_100):
        nested = {"a": nested}
    with fovea.Memory(tmp_path / "memory.db", level="tiny", measured_pages=0) as memory:
        for content in (deep, nested):
            with pytest.raises(fovea.Error, match="deep"):
                memory.add_many([{"role": "user", "content": content}])
        picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
        done = memory.add_many([{"role": "user", "content": [picture, {"type": "text", "text": "\ud83d"}],
                                 "score": float("nan")}])
        assert done.left_out == {"image": 1}
        assert memory.verbatim() == "user:\n[image image/png]\n\ufffd\n\n"
        (tmp_path / "chat.jsonl").write_text(
            json.dumps({"role": "user", "content": "a"}) + "\n" + '{"role":"user","content":' + "[" * 100_000 + "\n")
        broken: list[tuple[int, str]] = []
        memory.add_file(tmp_path / "chat.jsonl", on_broken=lambda line, reason: broken.append((line, reason)))
        assert [line for line, _ in broken] == [2]
        with pytest.raises(fovea.Error):
            memory.add("b", time=float("inf"))
        with pytest.raises(fovea.Error):
            memory.add_file(tmp_path)


def test_a_thread_of_the_same_process_may_feed_a_pipe(tmp_path):
    pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
    import fovea

    os.mkfifo(tmp_path / "pipe")

    def feed():
        with open(tmp_path / "pipe", "w") as pipe:
            for line in range(3000):
                pipe.write(f"line {line} of a long text that is more than a pipe holds\n")

    feeding = threading.Thread(target=feed)
    feeding.start()
    with fovea.Memory(tmp_path / "memory.db", level="tiny", measured_pages=0) as memory:
        memory.add_file(tmp_path / "pipe", format="text")
        assert "line 2999 of" in memory.verbatim()
    feeding.join()


def test_a_copy_that_is_given_the_name_of_its_original_brings_nothing_twice(tmp_path):
    fovea = pytest.importorskip("fovea")
    lines = "".join(json.dumps({"role": "user", "content": f"line {i}"}) + "\n" for i in range(3))
    (tmp_path / "log.jsonl").write_text(lines)
    (tmp_path / "copy.jsonl").write_text(lines + json.dumps({"role": "user", "content": "line 3"}) + "\n")
    with fovea.Memory(tmp_path / "memory.db", measured_pages=0) as memory:
        memory.add_file(tmp_path / "log.jsonl", name="s3://logs/log.jsonl")
        assert memory.add_file(tmp_path / "copy.jsonl", name="s3://logs/log.jsonl").skipped_messages == 3
        assert memory.stats().messages == 4  # and the new one
        memory.add_file(tmp_path / "log.jsonl", name="s3://other/log.jsonl")
        assert memory.stats().messages == 7
        with pytest.raises(KeyError, match="gone.jsonl: cannot be read .it stands for s3://logs/gone.jsonl"):
            memory.add_file(tmp_path / "gone.jsonl", name="s3://logs/gone.jsonl")
        (tmp_path / "broken.jsonl").write_text('{"role": 3}\n')
        with pytest.raises(fovea.Corruption, match="^s3://logs/broken.jsonl: no line is a message of format openai"):
            memory.add_file(tmp_path / "broken.jsonl", name="s3://logs/broken.jsonl", format="openai")
