"""fovea-hook, as Codex CLI, Gemini CLI and OpenCode run it; test_mcp.py has Claude Code's."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
ROLLOUT = REPOSITORY / "tests/history/fixtures/codex_rollout.jsonl"

GEMINI = {"sessionId": "5e9c2b1a-8d7f-4b52-9a43-0f2d1c3b4a59", "projectHash": "0a1b", "messages": [
    {"id": "0b6e3f7a-52c1-4a4d-8b3e-6f0d9e1c2b3a", "timestamp": "2026-10-01T08:00:00Z", "type": "user",
     "content": "Where does the heron wait?"},
    {"id": "7c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f", "timestamp": "2026-10-01T08:00:05Z", "type": "gemini",
     "content": "By the water.", "thoughts": [], "model": "gemini-3"}]}

OPENCODE = [
    {"info": {"id": "msg_84f3d0d3b001Yl5wmYx3bPqYvB", "sessionID": "ses_1", "role": "user",
              "time": {"created": 1778842422314}},
     "parts": [{"id": "prt_1", "type": "text", "text": "Where does the kestrel nest?"}]},
    {"info": {"id": "msg_84f3d0d3c002Qk2nwLz9aKdTsM", "sessionID": "ses_1", "role": "assistant",
              "time": {"created": 1778842423314}},
     "parts": [{"id": "prt_2", "type": "tool", "callID": "c", "tool": "grep", "state":
                {"status": "completed", "input": {"pattern": "nest"}, "output": "tower.txt: nest"}},
               {"id": "prt_3", "type": "text", "text": "In the tower."}]}]


@pytest.fixture
def run(tmp_path):
    """Runs the hook with an event on one store."""

    def run(event: dict, *options: str, code: int = 0) -> subprocess.CompletedProcess:
        done = subprocess.run([sys.executable, "-m", "fovea.hook", "--store", str(tmp_path / "memory.db"), *options],
                              input=json.dumps(event), text=True, capture_output=True, timeout=120)
        assert done.returncode == code, done.stderr
        return done

    run.store = tmp_path / "memory.db"
    return run


def messages(store: pathlib.Path, scope: str = "default") -> list[fovea.MessageInfo]:
    with fovea.Memory(store, scope=scope) as memory:
        return memory.messages()


def codex(name: str, **more) -> dict:
    return {"session_id": "s", "transcript_path": str(ROLLOUT), "cwd": "/x", "hook_event_name": name, "model": "gpt-5",
            "turn_id": "t", **more}


@pytest.mark.parametrize("event", [codex("PreCompact", trigger="auto"), codex("Stop", stop_hook_active=False)])
def test_codex_hands_its_rollout_over(run, event):
    assert run(event, "--scope", "me/codex").stdout == ""  # Codex reads words there as JSON
    kept = messages(run.store, "me/codex")
    assert {"user", "assistant", "tool"} <= {message.role for message in kept}
    run(event, "--scope", "me/codex")
    assert len(messages(run.store, "me/codex")) == len(kept)  # the same again adds nothing
    assert messages(run.store, "you/codex") == []


def test_codex_is_told_after_a_compaction(run):
    start = {**codex("SessionStart", source="compact", permission_mode="default")}
    assert run(start).stdout == ""
    run(codex("PreCompact", trigger="manual"))
    answer = json.loads(run(start).stdout)["hookSpecificOutput"]
    assert answer["hookEventName"] == "SessionStart" and "kept word for word in Fovea" in answer["additionalContext"]
    assert run({**start, "source": "resume"}).stdout == ""


def test_codex_without_a_transcript_is_told_so(run):
    assert "names no transcript_path" in run({**codex("Stop"), "transcript_path": None}, code=1).stderr


def gemini(name: str, path: pathlib.Path, **more) -> dict:
    return {"session_id": "s", "transcript_path": str(path), "cwd": "/x", "hook_event_name": name,
            "timestamp": "2026-10-01T08:01:00Z", **more}


@pytest.mark.parametrize("name", ["PreCompress", "SessionEnd"])
def test_gemini_hands_its_session_over(run, tmp_path, name):
    path = tmp_path / "session-2026-10-01T08-00-5e9c2b1a.json"
    path.write_text(json.dumps(GEMINI))
    assert run(gemini(name, path, trigger="auto")).stdout == ""
    assert [(m.role, m.begins) for m in messages(run.store)] == [("user", "Where does the heron wait?"),
                                                                 ("assistant", "By the water.")]
    grown = {**GEMINI, "messages": [*GEMINI["messages"], {"id": "1f2e3d4c-5b6a-4788-9a9b-0c1d2e3f4a5b", "type": "user",
                                                         "timestamp": "2026-10-01T08:02:00Z", "content": "And at ebb?"}]}
    path.write_text(json.dumps(grown))
    run(gemini(name, path))
    assert [m.begins for m in messages(run.store)][2:] == ["And at ebb?"]
    told = run(gemini("SessionStart", path, source="resume"))
    assert "3 messages" in json.loads(told.stdout)["hookSpecificOutput"]["additionalContext"]
    assert run(gemini("SessionStart", path, source="startup")).stdout == ""


DRIVER = """
import { Fovea } from %s
const logged = []
const client = { session: { messages: async ({ path }) => ({ data: path.id === "ses_1" ? %s : [] }) },
                 app: { log: async ({ body }) => logged.push(body.message) } }
const plugin = await Fovea({ client })
await plugin.event({ event: { type: "session.idle", properties: { sessionID: "ses_1" } } })
await plugin.event({ event: { type: "session.updated", properties: {} } })
const output = { context: [] }
await plugin["experimental.session.compacting"]({ sessionID: "ses_1" }, output)
console.log(JSON.stringify({ logged, context: output.context }))
"""


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js")
def test_opencodes_plugin_hands_its_sessions_over(run, tmp_path):
    driver = tmp_path / "driver.mjs"
    plugin = shutil.copy(REPOSITORY / "examples/opencode/fovea.js", tmp_path / "fovea.mjs")
    driver.write_text(DRIVER % (json.dumps(pathlib.Path(plugin).as_uri()), json.dumps(OPENCODE)))
    hook = f"{sys.executable} -m fovea.hook --store {run.store} --scope me/opencode"
    done = subprocess.run(["node", str(driver)], env={**os.environ, "FOVEA_HOOK": hook}, text=True, capture_output=True,
                          timeout=300)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["logged"]) == 2 and "new pages" in told["logged"][0] and "kept in Fovea" in told["context"][0]
    kept = messages(run.store, "me/opencode")
    assert [message.role for message in kept] == ["user", "assistant"]  # once, though handed over twice
    with fovea.Memory(run.store, scope="me/opencode") as memory:
        assert "tool result grep:\ntower.txt: nest" in memory.verbatim() and "In the tower." in memory.verbatim()


def test_the_guides_lines_are_hooks_that_their_agents_have(run):
    guide = (REPOSITORY / "doc/agents.md").read_text()
    section = guide.split("## Before an agent compacts a session")[1].split("\n## ")[0]
    settings = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, re.S)]
    assert [set(each["hooks"]) for each in settings] == [{"PreCompact", "SessionEnd", "SessionStart"},
                                                         {"PreCompact", "Stop", "SessionStart"},
                                                         {"PreCompress", "SessionEnd", "SessionStart"}]
    for each in settings:
        for entries in each["hooks"].values():
            assert entries[0]["hooks"][0]["command"].startswith("fovea-hook --scope me/")
