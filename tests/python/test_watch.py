"""memctl compact --watch from outside: a file grows, is rewritten, is replaced, and Ctrl-C ends it."""

from __future__ import annotations

import json
import signal
import time

import pytest

from harbour import PAGE_LINES, prose
from memctl_program import pytestmark  # noqa: F401


def said(role: str, text: str) -> str:
    return json.dumps({"role": role, "content": text}) + "\n"


class Watch:
    """memctl compact --watch in the background; its stderr goes to a file."""

    def __init__(self, memctl, name, *options):
        self.memctl, self.log = memctl, memctl.folder / "watch.log"
        with open(self.log, "wb") as log:
            self.process = memctl.start("--json", "compact", name, "--watch", "--level", "trace", "--measure", "0",
                                        *options, env={"OMP_WAIT_POLICY": "passive"}, stderr=log)

    def wait_for(self, what, seconds=240):
        """`what`: a text on stderr, or a function that becomes true."""
        test = what if callable(what) else lambda: what in self.log.read_text()
        end = time.monotonic() + seconds
        while not test():
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def wait_for_text(self, text):
        self.wait_for(lambda: text in recalled(self.memctl))

    def stop(self, code=0) -> dict:
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=240)
        assert self.process.returncode == code, self.log.read_text()
        return json.loads(out)


def recalled(memctl) -> str:
    # The store, then its scope appear a moment before the text does.
    if not memctl.store.exists() or not memctl("--json", "scopes").json["scopes"]:
        return ""
    return memctl.archive()


@pytest.fixture
def watch(memctl):
    started = []

    def start(name, *options):
        started.append(Watch(memctl, name, *options))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def append(path, text):
    with open(path, "a") as file:
        file.write(text)


def test_whole_lines_are_taken_as_they_come_and_ctrl_c_ends_with_the_summary(memctl, watch):
    file = memctl.file("chat.jsonl", said("user", "one") + said("user", "begun")[:12])
    watching = watch("chat.jsonl")
    watching.wait_for("following chat.jsonl as openai")
    watching.wait_for_text("user:\none\n\n")
    append(file, said("user", "begun")[12:] + "broken\n")
    watching.wait_for_text("begun")
    watching.wait_for("chat.jsonl:3: not JSON")
    done = watching.stop()
    assert done["messages"] == 2 and done["broken_lines"] == 1 and not done["stopped"]
    assert memctl.archive() == "user:\none\n\nuser:\nbegun\n\n"
    assert memctl("--json", "compact", "chat.jsonl").json["skipped_messages"] == 2


def test_pages_are_made_while_the_file_grows_and_progress_is_said(memctl, watch):
    lines = PAGE_LINES + 10
    file = memctl.file("log.txt", prose(lines))
    watching = watch("log.txt", "--finish")
    watching.wait_for("log.txt: 1 message, 1 page")
    append(file, prose(lines, lines))
    watching.wait_for(lambda: watching.log.read_text().count("1 page;") == 2)
    append(file, "the end\n")
    watching.wait_for_text("the end\n")
    done = watching.stop()
    assert done["pages"] == 3 and done["verbatim_characters"] == 0
    assert memctl.archive() == file.read_text()
    assert memctl("--json", "compact", "log.txt").json["pages"] == 0
    assert memctl.archive() == file.read_text()


def test_a_rewritten_and_a_replaced_file_are_said_and_read_again(memctl, watch):
    first = said("user", "first")
    file = memctl.file("chat.jsonl", first + said("user", "second"))
    watching = watch("chat.jsonl")
    watching.wait_for_text("second")
    file.write_text(first)
    watching.wait_for("shortened or rewritten")
    append(file, said("user", "third"))
    watching.wait_for_text("third")
    memctl.file("new", first + said("user", "fourth")).rename(file)
    watching.wait_for("chat.jsonl: was replaced")
    watching.wait_for_text("fourth")
    file.unlink()
    watching.wait_for("is gone; waiting for a new one")
    memctl.file("chat.jsonl", said("user", "fifth"))
    watching.wait_for_text("fifth")
    watching.stop()
    kept = "first second third first fourth fifth"  # a file that goes on otherwise is another chat: all of it is kept
    assert memctl.archive() == "".join(f"user:\n{name}\n\n" for name in kept.split())


def test_an_empty_file_may_become_a_session_later(memctl, watch):
    file = memctl.file("rollout.jsonl", "")
    watching = watch("rollout.jsonl")
    watching.wait_for("waiting for lines that show its format")
    append(file, json.dumps({"type": "session_meta", "payload": {"id": "s"}}) + "\n")
    watching.wait_for("following rollout.jsonl as codex")
    for kind, payload in [("response_item", {"type": "message", "role": "user", "content": "Go"}),
                          ("event_msg", {"type": "user_message", "message": "Go"})]:
        append(file, json.dumps({"type": kind, "payload": payload}) + "\n")
    watching.wait_for_text("user:\nGo\n\n")
    assert watching.stop()["messages"] == 1


@pytest.mark.parametrize("arguments, code", [(["-", "--watch"], 2), (["a.txt", "b.txt", "--watch"], 2),
                                             (["missing.txt", "--watch"], 3)])
def test_what_cannot_be_watched_is_refused(memctl, arguments, code):
    assert memctl("--json", "compact", *arguments, code=code, input=b"").error["message"]
