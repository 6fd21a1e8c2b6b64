"""What fovea-mcp and fovea-hook make of a command line and of an event, in this process."""

from __future__ import annotations

import io
import json
import sys

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("mcp.server.mcpserver", reason="pip install mcp")

import fovea  # noqa: E402
from fovea import hook, mcp_server  # noqa: E402


@pytest.fixture
def options(monkeypatch):
    """Parses a command line of fovea-mcp."""
    for name in ("FOVEA_MCP_TOKEN", "FOVEA_SCOPE", "FOVEA_STORE", "FOVEA_KEY", "FOVEA_EMBEDDER"):
        monkeypatch.delenv(name, raising=False)

    def options(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["fovea-mcp", *arguments])
        return mcp_server._options()

    return options


def test_without_options_it_speaks_over_stdin_and_ages_every_hour(options):
    given = options()
    assert (given.http, given.age_every, given.most_characters) == (None, 60, 1_000_000)
    assert (given.scope, given.keep_secrets, given.allow_host) == ("default", False, [])
    assert options("--age-every", "0.5").age_every == 0.5 and options("--age-every", "0").age_every == 0
    assert options("--http", "[::1]:80", "--allow-host", "a", "--allow-host", "b").allow_host == ["a", "b"]


@pytest.mark.parametrize("arguments, message", [
    (("--age-every", "inf"), "--age-every: 'inf': expected minutes, 0 to 525,600 (a year)"),  # the thread had died
    (("--age-every", "nan"), "'nan': expected minutes"),
    (("--age-every=-1",), "'-1': expected minutes"),
    (("--age-every", "soon"), "'soon': expected minutes"),
    (("--most-characters", "0"), "--most-characters: '0': expected a whole number from 1 on"),
    (("--most-characters=-5",), "'-5': expected a whole number"),
    (("--most-characters", "1e6"), "'1e6': expected a whole number"),
    (("--http", "8321"), "'8321': expected HOST:PORT"),
    (("--http", "localhost:http"), "expected HOST:PORT"),
    (("--colour", "red"), "unrecognized arguments"),
    (("--store",), "expected one argument"),
])
def test_a_wrong_option_is_told_with_what_was_expected(options, capsys, arguments, message):
    with pytest.raises(SystemExit) as ended:
        options(*arguments)
    assert ended.value.code == 2 and message in capsys.readouterr().err


def test_a_token_comes_from_a_file_or_the_environment_and_others_addresses_need_one(options, monkeypatch, tmp_path):
    token = tmp_path / "token"
    token.write_text("  0123456789abcdef\n")
    token.chmod(0o600)
    assert mcp_server.token_of(options()) is None and mcp_server.token_of(options("--http", "127.0.0.1:1")) is None
    assert mcp_server.token_of(options("--http", "[::1]:1")) is None
    for host in ("0.0.0.0", "[::]", "memory.example.org", "192.168.1.5"):
        with pytest.raises(ValueError, match="others can reach this address; give --token-file FILE"):
            mcp_server.token_of(options("--http", f"{host}:1"))
    monkeypatch.setenv("FOVEA_MCP_TOKEN", "from the environment")
    assert mcp_server.token_of(options("--http", "0.0.0.0:1")) == "from the environment"
    assert mcp_server.token_of(options("--token-file", str(token))) == "0123456789abcdef"
    monkeypatch.setenv("FOVEA_MCP_TOKEN", "short")
    with pytest.raises(ValueError, match="shorter than 16 characters"):
        mcp_server.token_of(options())
    token.write_text("")
    with pytest.raises(ValueError, match="shorter than 16"):
        mcp_server.token_of(options("--token-file", str(token)))


@pytest.mark.parametrize("event, kind", [
    ({"format": "opencode", "turn_id": "t"}, "opencode"), ({"turn_id": "t", "timestamp": "x"}, "codex"),
    ({"timestamp": "2026-10-01T08:00:00Z"}, "gemini"), ({"session_id": "s"}, "claude-code"), ({"format": 5}, "5")])
def test_an_event_tells_whose_transcript_it_names(event, kind):
    assert hook.format_of(event) == kind


@pytest.mark.parametrize("event, lost", [
    ({"source": "compact"}, True), ({"source": "startup"}, False), ({}, False), ({"source": "resume"}, False),
    ({"source": "resume", "timestamp": "x"}, True), ({"source": "resume", "timestamp": "x", "turn_id": "t"}, False)])
def test_only_a_session_that_has_lost_words_is_told_where_they_are(event, lost):
    assert hook.lost_words(event) is lost


@pytest.fixture
def hooked(tmp_path, monkeypatch, capsys):
    """Runs fovea-hook with an event; gives its exit code, answer and what it said."""

    def hooked(event, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["fovea-hook", "--store", str(tmp_path / "memory.db"), *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(event if isinstance(event, str) else json.dumps(event)))
        code = hook.main()
        told = capsys.readouterr()
        return code, told.out, told.err

    return hooked


@pytest.mark.parametrize("event", [{}, {"hook_event_name": "Notification"}, {"hook_event_name": None},
                                   {"hook_event_name": "SessionStart"}, {"hook_event_name": "SessionStart", "source": 5},
                                   {"hook_event_name": "SessionStart", "source": "compact"}])
def test_an_event_that_asks_for_nothing_is_answered_with_nothing(hooked, event, tmp_path):
    assert hooked(event) == (0, "", "")
    assert list(tmp_path.iterdir()) == []  # it left an empty store


@pytest.mark.parametrize("event, message", [
    ("", "Expecting value"), ("[]", "expected an event on stdin, a JSON object"), ("5", "a JSON object"), ("null", "a JSON object"),
    ("{", "a JSON object; what came cannot be read as JSON: Expecting property name"), ("\ufeff{}", "BOM"), pytest.param("[" * 100_000, "read as JSON", id="deep"),
    ({"hook_event_name": "Stop"}, "names no transcript_path"), ({"hook_event_name": "Stop", "transcript_path": 5}, "no transcript_path"),
    ({"hook_event_name": "Stop", "transcript_path": "/nowhere"}, "/nowhere: cannot be read"),
    ({"hook_event_name": "Stop", "transcript_path": "/"}, "/: cannot be read: Is a directory"),
    ({"hook_event_name": "Stop", "transcript_path": "a\0b"}, "b: cannot be read: embedded null byte")])
def test_what_is_no_event_is_said_and_never_blocks_a_session(hooked, event, message, tmp_path):
    code, answer, told = hooked(event)
    assert list(tmp_path.iterdir()) == []  # it left an empty store
    assert code == 1 and answer == "" and message in told and told.startswith("fovea-hook: ") and told.count("\n") == 1


def test_a_format_that_is_none_is_said(hooked):
    code, _, told = hooked({"hook_event_name": "Stop", "transcript_path": "/dev/null", "format": "morse"})
    assert code == 1 and "morse" in told and told.startswith("fovea-hook: ") and told.count("\n") == 1


def test_a_session_is_kept_in_its_scope_and_greeted_there_alone(hooked, tmp_path):
    transcript = tmp_path / "session.jsonl"
    transcript.write_text(json.dumps({"type": "user", "sessionId": "s", "uuid": "u",
                                      "message": {"role": "user", "content": "The heron waits, ghp_" + "a1B2" * 9}}) + "\n")
    event = {"hook_event_name": "PreCompact", "transcript_path": str(transcript)}
    code, _, told = hooked(event, "--scope", "ann")
    assert code == 0 and "0 new pages" in told and "not kept: 1 GitHub token" in told
    start = {"hook_event_name": "SessionStart", "source": "compact"}
    code, answer, _ = hooked(start, "--scope", "ann")
    assert code == 0 and "1 messages (0 pages)" in json.loads(answer)["hookSpecificOutput"]["additionalContext"]
    assert hooked(start, "--scope", "bob") == (0, "", "")
    with fovea.Memory(tmp_path / "memory.db", scope="ann") as memory:
        assert "heron" in memory.verbatim() and "ghp_" not in memory.verbatim()
        memory.erase_scope()
    code, _, told = hooked(event, "--scope", "ann")
    assert code == 0 and "1 messages kept out, as they were erased" in told
