#!/usr/bin/env python3
"""A chat in the terminal that remembers: what was said fades into pages, and comes back when it matters.

    python examples/chat.py --demo                          # offline, with a model that echoes
    OPENAI_API_KEY=... python examples/chat.py --model gpt-4o
    python examples/chat.py --base-url http://localhost:8000/v1 --model qwen3-vl

Works with any server that speaks OpenAI's chat API; needs `pip install fovea openai`.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import fovea

HELP = """\
/context          what went into the last prompt, part by part
/pages            the pages that are remembered
/page ID [FILE]   look at a page: its text as it is read back, its picture into FILE (page-ID.png)
/search WORDS     which pages speak of something
/age LEVEL        let everything fade to a level (small, tiny, faint, trace)
/quit             or Ctrl-D"""
SYSTEM = ("You are a helpful assistant with a long memory. What was said longer ago stands before the conversation, as "
          "text and as pictures of pages.")
RECENT = 0.25  # of the budget, for the newest messages
SAMPLE = pathlib.Path(__file__).parent / "sample_day.jsonl"

Model = Callable[[list[dict[str, Any]]], Iterator[str]]


def openai_model(base_url: str | None, name: str) -> Model:
    """A model behind OpenAI's chat API; the key is taken from OPENAI_API_KEY."""
    try:
        import openai
    except ImportError:
        raise SystemExit("chat needs OpenAI's client: pip install openai (or try --demo)") from None
    try:
        client = openai.OpenAI(base_url=base_url)
    except openai.OpenAIError as error:
        raise SystemExit(f"{error} (a local server takes any, such as OPENAI_API_KEY=none)") from None

    def reply(messages: list[dict[str, Any]]) -> Iterator[str]:
        try:
            for chunk in client.chat.completions.create(model=name, messages=messages, stream=True):
                if chunk.choices and chunk.choices[0].delta.content:
                    yield chunk.choices[0].delta.content
        except openai.OpenAIError as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error

    return reply


def echo_model(messages: list[dict[str, Any]]) -> Iterator[str]:
    """Says what it was given and repeats the last line: enough to see the memory at work, offline."""
    parts = [part for message in messages[1:] for part in message["content"]]
    pictures = sum(part["type"] == "image_url" for part in parts)
    yield f"(echo) I was given {pictures} pictures and {len(parts) - pictures - 1} texts of what was said before. "
    yield f"You said: {parts[-1]['text']}"


class Chat:
    def __init__(self, memory: fovea.Memory, model: Model, target: str, budget: int) -> None:
        self.memory, self.model, self.target, self.budget = memory, model, target, budget
        self.context: fovea.Context | None = None

    def say(self, line: str) -> None:
        """One turn. What the user said is kept even where the model does not answer."""
        self.context = self.memory.context(self.budget, query=line, recent=RECENT, target=self.target,
                                           format="openai-chat")
        show_summary(self.context)
        messages = with_line(self.context.messages, line)
        self.remember("user", line)
        said = ""
        try:
            for piece in self.model([{"role": "system", "content": SYSTEM}, *messages]):
                said += piece
                print(piece, end="", flush=True)
        except ConnectionError as error:
            print(f"[no answer: {error}]", file=sys.stderr)
        except KeyboardInterrupt:
            print(" [stopped]", end="")
        print()
        if said:
            self.remember("assistant", said)

    def remember(self, role: str, text: str) -> None:
        made = self.memory.add(text, role)
        if made.pages:
            print(f"  [{made.pages} new page{'s' * (made.pages > 1)}: {made.text_tokens:,} text tokens are now "
                  f"{made.vision_tokens:,} vision tokens]")

    def command(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        commands = {"/context": self.show_context, "/pages": self.show_pages, "/page": self.show_page,
                    "/search": self.search, "/age": self.age}
        try:
            commands[name](rest.strip()) if name in commands else print(HELP)
        except fovea.Error as error:
            print(f"[{error}]")

    def show_context(self, _: str) -> None:
        for part in self.context.parts if self.context else []:
            what = "picture" if part.png else repr(part.text[:70])
            whose = f"page {part.page}" if part.page else part.role or "text"
            print(f"  {part.tokens:6,} tokens  {whose:12} {what}")

    def show_pages(self, _: str) -> None:
        for page in self.memory.pages():
            print(f"  page {page.id}  {page.level.name:6} {fovea.token_count(page.level):4} vision tokens, "
                  f"{page.characters:,} characters{', pinned' if page.pinned else ''}")
        print(f"  {self.memory.stats().verbatim_characters:,} characters are still text")

    def show_page(self, rest: str) -> None:
        number, _, file = rest.partition(" ")
        if not number.isdigit():
            return print("[/page ID [FILE]: which page? /pages lists them]")
        page = self.memory.recall(int(number), "tokens")
        path = pathlib.Path(file or f"page-{number}.png")
        path.write_bytes(self.memory.picture(int(number)).png)
        print(page.text)
        print(f"  [read back from its vision tokens, confidence {page.confidence:.2f}; its picture is in {path}]")

    def search(self, words: str) -> None:
        found = self.memory.search(words, k=5)
        for hit in found:
            print(f"  page {hit.id}: {' '.join(hit.snippet.split())}")
        for rest in filter(None, (found.verbatim_snippet, found.note)):
            print(f"  [{' '.join(rest.split())}]")

    def age(self, level: str) -> None:
        aged = self.memory.age(to=level)
        print(f"  {len(aged.steps)} pages faded, {sum(step.tokens_saved for step in aged.steps):,} tokens saved")


def with_line(messages: list[dict[str, Any]], line: str) -> list[dict[str, Any]]:
    """What the user says now, in the user's turn: some servers refuse two in a row."""
    part = {"type": "text", "text": line}
    if messages and messages[-1]["role"] == "user":
        return [*messages[:-1], {"role": "user", "content": [*messages[-1]["content"], part]}]
    return [*messages, {"role": "user", "content": [part]}]


def show_summary(context: fovea.Context) -> None:
    if context.parts:
        print(f"  [context: {context.pages} pages, {context.images} of them pictures; {context.tokens:,} of "
              f"{context.budget:,} tokens, {context.saved_against_text:,} fewer than their text]")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", action="store_true", help="offline: a sample history and a model that echoes")
    parser.add_argument("--base-url", help="URL of the server (default: $OPENAI_BASE_URL or OpenAI)")
    parser.add_argument("--model", default="gpt-4o-mini")
    parser.add_argument("--target", help="counting rules, as for `memctl context --target` (default: the model's)")
    parser.add_argument("--store", help="store file (default: chat.db; with --demo a temporary one)")
    parser.add_argument("--scope", default="me/chat")
    parser.add_argument("--budget", type=int, default=6000, help="tokens for earlier history (%(default)s)")
    options = parser.parse_args()

    model = echo_model if options.demo else openai_model(options.base_url, options.model)
    with tempfile.TemporaryDirectory() as folder:
        store = options.store or (f"{folder}/demo.db" if options.demo else "chat.db")
        with fovea.Memory(store, scope=options.scope, measured_pages=0) as memory:
            if options.demo:
                print("One moment: a morning of an agent's work is drawn on pages.")
                with open(SAMPLE) as lines:
                    memory.add_many(sample_messages(lines, 40))
            default = "fovea" if options.demo else options.model
            chat = Chat(memory, model, options.target or default, options.budget)
            run(chat)


def sample_messages(lines: Iterator[str], count: int) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line, _ in zip(lines, range(count)))


def run(chat: Chat) -> None:
    print("Say something; /help lists what else there is.")
    while True:
        try:
            line = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            return print()
        if line == "/quit":
            return
        if line.startswith("/"):
            chat.command(line)
        elif line:
            chat.say(line)


if __name__ == "__main__":
    main()
