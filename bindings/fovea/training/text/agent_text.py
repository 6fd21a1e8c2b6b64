"""Makes text that looks like what agents keep in their histories.

Events of agents as JSON lines, chats, shell sessions, diffs, listings, logs and tables,
put together from slices of real prose, code and documents and random values. Nothing is
copied from a recorded session.
"""

from __future__ import annotations

import base64
import json
import random
import typing

from .agent_blocks import Blocks
from .agent_values import NOUNS, SUFFIXES, TOOLS, VERBS, Slices


class Maker(Blocks):
    """Makes events and chats around the blocks. One per sample."""

    def usage(self) -> dict:
        usage: dict[str, typing.Any] = {
            "input_tokens": self.int(1, 12) if self.chance(0.6) else self.int(1, 99_999),
            "cache_creation_input_tokens": self.int(0, 30_000),
            "cache_read_input_tokens": self.int(0, 180_000),
        }
        if self.chance(0.6):
            usage["cache_creation"] = {
                "ephemeral_5m_input_tokens": self.int(0, 30_000),
                "ephemeral_1h_input_tokens": self.pick((0, self.int(0, 20_000))),
            }
        usage |= {"output_tokens": self.int(1, 3_000), "service_tier": self.pick(("standard", "standard", "default"))}
        if self.chance(0.3):
            usage["server_tool_use"] = {"web_search_requests": self.int(0, 3), "web_fetch_requests": 0}
        return usage

    def tool_input(self, tool: str) -> dict:
        if tool in ("Bash", "BashOutput"):
            command = self.command()
            if self.chance(0.3):
                command = f"cd {self.cwd} && {command}" + self.pick(
                    ("", " 2>&1 | tail -20", " | head -50", f" && {self.command()}")
                )
            return {
                "command": command,
                "description": f"{self.pick(VERBS).capitalize()} {self.noun()} {self.noun()}",
            } | ({"timeout": self.int(1, 600) * 1000} if self.chance(0.2) else {})
        path = self.under(f"{self.folder()}/{self.file()}")
        if tool == "Read":
            return {"file_path": path} | (
                {"offset": self.int(1, 900), "limit": self.int(20, 400)} if self.chance(0.4) else {}
            )
        if tool == "Write":
            return {"file_path": path, "content": self.code(self.size(200, 5000)) + "\n"}
        if tool in ("Edit", "MultiEdit"):
            old = self.code(self.int(60, 500))
            return {
                "file_path": path,
                "old_string": old,
                "new_string": old[: len(old) // 2] + self.code(self.int(40, 300)),
                "replace_all": False,
            }
        if tool == "Grep":
            return {
                "pattern": self.pick(
                    (
                        self.identifier(),
                        f"def {self.pick(VERBS)}_\\w+\\(",
                        f"(?i){self.noun()}|{self.noun()}",
                        "TODO|FIXME",
                    )
                ),
                "path": self.folder(),
                "output_mode": self.pick(("content", "files_with_matches")),
                "-n": True,
            }
        if tool == "Glob":
            return {"pattern": f"**/*{self.noun()}*.{self.pick(SUFFIXES)}"}
        if tool == "TodoWrite":
            return {
                "todos": [
                    {
                        "content": f"{self.pick(VERBS).capitalize()} {self.words(2, 8)}",
                        "status": self.pick(("completed", "in_progress", "pending")),
                        "activeForm": f"{self.pick(VERBS).capitalize().removesuffix('e')}ing {self.noun()}",
                    }
                    for _ in range(self.int(2, 6))
                ]
            }
        if tool in ("WebFetch", "WebSearch"):
            return {"url": self.url(), "prompt": self.sentence()} if tool == "WebFetch" else {"query": self.words(2, 9)}
        if tool == "Task":
            return {
                "description": self.words(2, 5),
                "prompt": self.paragraph(),
                "subagent_type": self.pick(("general-purpose", "Explore", "code-reviewer")),
            }
        return self.object(1)

    def blocks(self) -> list[dict]:
        """The content of one assistant message: text, thinking and calls of tools."""
        result: list[dict] = []
        if self.chance(0.15):
            result.append(
                {
                    "type": "thinking",
                    "thinking": self.paragraph(),
                    "signature": base64.b64encode(self.rng.randbytes(self.int(40, 240))).decode(),
                }
            )
        if self.chance(0.6):
            result.append({"type": "text", "text": self.paragraph() if self.chance(0.6) else self.markdown()})
        if self.chance(0.7) or not result:
            tool = self.pick(TOOLS)
            result.append({"type": "tool_use", "id": self.id("toolu_01"), "name": tool, "input": self.tool_input(tool)})
        return result

    def result_block(self, identifier: str) -> dict:
        text = self.body()
        content: typing.Any = text if self.chance(0.6) else [{"type": "text", "text": text}]
        block = {"tool_use_id": identifier, "type": "tool_result", "content": content}
        return block | ({"is_error": self.chance(0.3)} if self.chance(0.5) else {})

    def assistant_message(self) -> dict:
        blocks = self.blocks()
        message = {
            "id": self.id("msg_01"),
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": blocks,
            "stop_reason": self.pick((None, "tool_use", "end_turn")),
            "stop_sequence": None,
            "usage": self.usage(),
        }
        if self.chance(0.4):
            message = {"model": self.model, "id": message["id"], "type": "message", "role": "assistant"} | message
        return message

    def user_content(self) -> typing.Any:
        kind = self.int(0, 9)
        if kind < 6:
            return [self.result_block(self.id("toolu_01"))]
        text = self.paragraph() if kind < 9 else self.tagged() + "\n" + self.paragraph()
        return text if self.chance(0.5) else [{"type": "text", "text": text}]

    def tool_outcome(self, content: typing.Any) -> typing.Any:
        """The second copy of a result that session files keep beside the message."""
        text = content[0].get("content", "") if isinstance(content, list) else content
        if not isinstance(text, str):
            text = text[0]["text"]
        kind = self.int(0, 3)
        if kind == 0:
            return {"stdout": text, "stderr": "", "interrupted": False, "isImage": False}
        if kind == 1:
            return {
                "type": "text",
                "file": {
                    "filePath": self.path(),
                    "content": text,
                    "numLines": text.count("\n") + 1,
                    "startLine": 1,
                    "totalLines": self.int(10, 2000),
                },
            }
        if kind == 2:
            return {
                "filePath": self.path(),
                "oldString": self.code(80),
                "newString": self.code(120),
                "structuredPatch": [
                    {
                        "oldStart": self.int(1, 900),
                        "oldLines": self.int(1, 9),
                        "newStart": self.int(1, 900),
                        "newLines": self.int(1, 9),
                        "lines": [" " + line for line in self.code(200).split("\n")],
                    }
                ],
                "userModified": False,
                "replaceAll": False,
            }
        return "Error: " + self.sentence()

    def session_lines(self) -> str:
        """Lines of a Claude Code session file."""
        lines = []
        for _ in range(self.int(1, 4)):
            this, kind = self.uuid(), self.int(0, 19)
            base: dict[str, typing.Any] = {
                "parentUuid": self.previous,
                "isSidechain": self.chance(0.1),
                "userType": "external",
                "cwd": self.cwd,
                "sessionId": self.session,
                "version": self.version,
                "gitBranch": self.branch,
            }
            if kind < 9:
                event = base | {
                    "message": self.assistant_message(),
                    "requestId": self.id("req_011"),
                    "type": "assistant",
                    "uuid": this,
                    "timestamp": self.iso(),
                }
            elif kind < 17:
                content = self.user_content()
                event = base | {
                    "type": "user",
                    "message": {"role": "user", "content": content},
                    "uuid": this,
                    "timestamp": self.iso(),
                }
                if self.chance(0.5):
                    event["toolUseResult"] = self.tool_outcome(content)
            elif kind == 17:
                event = {"type": "summary", "summary": self.words(3, 9), "leafUuid": self.uuid()}
            elif kind == 18:
                event = base | {
                    "type": "system",
                    "content": self.sentence(),
                    "isMeta": False,
                    "timestamp": self.iso(),
                    "uuid": this,
                    "toolUseID": self.id("toolu_01"),
                    "level": "info",
                }
            else:
                event = {
                    "type": "file-history-snapshot",
                    "messageId": self.uuid(),
                    "snapshot": {
                        "messageId": self.uuid(),
                        "trackedFileBackups": {
                            self.path(): {
                                "backupFileName": f"{self.hex(16)}@v{self.int(1, 9)}",
                                "version": self.int(1, 9),
                                "backupTime": self.iso(),
                            }
                        },
                        "timestamp": self.iso(),
                    },
                    "isSnapshotUpdate": False,
                }
            self.previous = this
            lines.append(self.dump(event))
        return "\n".join(lines)

    def stream_lines(self) -> str:
        """Lines of Claude Code's stream-json output."""
        lines = []
        for _ in range(self.int(1, 4)):
            kind = self.int(0, 19)
            tail = {
                "parent_tool_use_id": None,
                "session_id": self.session,
                "uuid": self.uuid(),
                "timestamp": self.iso(),
            }
            if kind < 9:
                event = (
                    {"type": "assistant", "message": self.assistant_message() | {"context_management": None}}
                    | tail
                    | {"request_id": self.id("req_011")}
                )
            elif kind < 16:
                content = self.user_content()
                event = (
                    {"type": "user", "message": {"role": "user", "content": content}}
                    | tail
                    | {"tool_use_result": self.tool_outcome(content)}
                )
            elif kind == 16:
                event = {
                    "type": "system",
                    "subtype": "init",
                    "cwd": self.cwd,
                    "session_id": self.session,
                    "tools": self.rng.sample(sorted(set(TOOLS)), self.int(4, 15)),
                    "mcp_servers": [],
                    "model": self.model,
                    "permissionMode": self.pick(("default", "acceptEdits", "bypassPermissions", "plan")),
                    "slash_commands": [self.identifier() for _ in range(self.int(2, 12))],
                    "apiKeySource": "none",
                    "output_style": "default",
                    "uuid": self.uuid(),
                }
            elif kind == 17:
                event = {
                    "type": "result",
                    "subtype": "success",
                    "is_error": False,
                    "duration_ms": self.int(1000, 999999),
                    "duration_api_ms": self.int(1000, 999999),
                    "num_turns": self.int(1, 90),
                    "result": self.markdown(),
                    "session_id": self.session,
                    "total_cost_usd": self.random() * 5,
                    "usage": self.usage(),
                    "permission_denials": [],
                    "uuid": self.uuid(),
                }
            else:
                event = {
                    "type": "stream_event",
                    "event": {
                        "type": "content_block_delta",
                        "index": self.int(0, 3),
                        "delta": self.pick(
                            (
                                {"type": "text_delta", "text": self.words(1, 5)},
                                {"type": "input_json_delta", "partial_json": json.dumps(self.words(1, 6))},
                            )
                        ),
                    },
                } | tail
            lines.append(self.dump(event))
        return "\n".join(lines)

    def rollout_lines(self) -> str:
        """Lines of a Codex rollout."""
        lines = []
        for _ in range(self.int(1, 4)):
            call = f"call_{self.base62(24)}"
            payload = self.pick(
                (
                    lambda: {
                        "type": "message",
                        "role": "assistant",
                        "content": [{"type": "output_text", "text": self.paragraph()}],
                    },
                    lambda: {
                        "type": "message",
                        "role": "user",
                        "content": [{"type": "input_text", "text": self.paragraph()}],
                    },
                    lambda: {
                        "type": "function_call",
                        "name": "shell",
                        "arguments": json.dumps(
                            {
                                "command": ["bash", "-lc", self.command()],
                                "workdir": self.cwd,
                                "timeout_ms": self.int(1, 120) * 1000,
                            }
                        ),
                        "call_id": call,
                    },
                    lambda: {
                        "type": "function_call_output",
                        "call_id": call,
                        "output": json.dumps(
                            {
                                "output": self.body() + "\n",
                                "metadata": {
                                    "exit_code": self.int(0, 2),
                                    "duration_seconds": round(self.random() * 9, 1),
                                },
                            }
                        ),
                    },
                    lambda: {
                        "type": "reasoning",
                        "summary": [{"type": "summary_text", "text": f"**{self.words(2, 6)}**\n\n{self.paragraph()}"}],
                        "content": None,
                        "encrypted_content": "gAAAAAB" + self.base62(self.int(60, 300)),
                    },
                    lambda: {
                        "type": "token_count",
                        "info": {
                            "total_token_usage": {
                                "input_tokens": self.int(1, 10**6),
                                "cached_input_tokens": self.int(1, 10**6),
                                "output_tokens": self.int(1, 10**5),
                                "reasoning_output_tokens": self.int(0, 10**4),
                                "total_tokens": self.int(1, 10**6),
                            }
                        },
                    },
                )
            )()
            kind = "event_msg" if payload["type"] == "token_count" else "response_item"
            lines.append(self.dump({"timestamp": self.iso(), "type": kind, "payload": payload}))
        return "\n".join(lines)

    def openai_messages(self) -> str:
        """Chat messages of the OpenAI interface; arguments are JSON inside JSON."""
        messages: list[dict] = []
        for _ in range(self.int(1, 4)):
            kind = self.int(0, 6)
            if kind == 0:
                messages.append({"role": self.pick(("system", "developer")), "content": self.paragraph()})
            elif kind < 3:
                messages.append(
                    {
                        "role": "user",
                        "content": self.paragraph()
                        if self.chance(0.7)
                        else [{"type": "text", "text": self.paragraph()}],
                    }
                )
            elif kind < 5:
                messages.append(
                    {"role": "assistant", "content": self.markdown(), "refusal": None}
                    if self.chance(0.3)
                    else {"role": "assistant", "content": self.markdown()}
                )
            else:
                call = f"call_{self.base62(24)}"
                tool = self.pick(TOOLS)
                messages.append(
                    {
                        "role": "assistant",
                        "content": None,
                        "tool_calls": [
                            {
                                "id": call,
                                "type": "function",
                                "function": {
                                    "name": self.pick((tool.lower(), self.identifier())),
                                    "arguments": json.dumps(self.tool_input(tool)),
                                },
                            }
                        ],
                    }
                )
                messages.append(
                    {
                        "role": "tool",
                        "tool_call_id": call,
                        "content": self.body() if self.chance(0.6) else json.dumps(self.object(1)),
                    }
                )
        kind = self.int(0, 3)
        if kind == 0:
            return "\n".join(self.dump(message) for message in messages)
        if kind == 1:
            return self.dump(
                {
                    "model": self.model,
                    "messages": messages,
                    "temperature": self.pick((0, 0.2, 0.7, 1.0)),
                    "stream": True,
                },
                self.pick((None, 2)),
            )
        return self.dump(messages, self.pick((None, None, 2, 4)))

    def chat_lists(self) -> str:
        """One chat a line: a list of messages that name their speaker and time."""
        lines = []
        for _ in range(self.int(1, 3)):
            chat = []
            for _ in range(self.int(1, 3)):
                time = self.iso_long()
                chat.append(
                    {
                        "role": "user",
                        "content": self.pick(("User: ", "User: ", "Human: ", "")) + self.paragraph(),
                        "timestamp": time,
                    }
                )
                chat.append(
                    {
                        "role": "assistant",
                        "content": self.pick(("Assistant: ", "Assistant: ", "AI: ", ""))
                        + (self.markdown() if self.chance(0.75) else self.paragraph()),
                        "timestamp": time,
                    }
                )
            lines.append(self.dump([chat] if self.chance(0.4) else chat))
        return "\n".join(lines)

    def sharegpt(self) -> str:
        turns = []
        for _ in range(self.int(1, 4)):
            turns += [
                {"from": self.pick(("human", "human", "user")), "value": self.paragraph()},
                {"from": "gpt", "value": self.markdown()},
            ]
        return self.dump(
            {"id": self.pick((self.base62(7), self.uuid(), self.int(1, 99999))), "conversations": turns},
            self.pick((None, None, 2)),
        )

    def trajectory(self) -> str:
        """Steps of a run, the arguments and observations nested."""
        steps = []
        for number in range(self.int(1, 3)):
            tool = self.pick(TOOLS)
            steps.append(
                {
                    "step_id": number + self.int(1, 90),
                    "timestamp": self.iso(),
                    "source": "agent",
                    "model_name": self.model,
                    "message": self.sentence(),
                    "tool_calls": [
                        {"tool_call_id": self.id("toolu_01"), "function_name": tool, "arguments": self.tool_input(tool)}
                    ],
                    "observation": {"results": [{"content": self.body()}]},
                    "metrics": {
                        "prompt_tokens": self.int(1, 99999),
                        "completion_tokens": self.int(1, 9999),
                        "cached_tokens": self.int(0, 99999),
                    },
                }
            )
        return self.dump(steps, self.pick((None, 2, 2, 4)))

    def plain_chat(self) -> str:
        """A chat as plain text."""
        parts = []
        user, agent = self.pick(
            (
                ("User: ", "Assistant: "),
                ("Human: ", "AI: "),
                ("### User\n", "### Assistant\n"),
                ("> ", "⏺ "),
                ("<|user|>\n", "<|assistant|>\n"),
                ("[user] ", "[assistant] "),
            )
        )
        for _ in range(self.int(1, 4)):
            parts += [user + self.paragraph(), agent + (self.markdown() if self.chance(0.6) else self.paragraph())]
            if self.chance(0.4):
                parts.append(f"⏺ {self.pick(TOOLS)}({self.command()})\n  ⎿  " + self.body().replace("\n", "\n     "))
        return "\n\n".join(parts)

    def twice_escaped(self) -> str:
        """JSON in a string in JSON, as logs of agents that call agents have it."""
        inner = json.dumps(
            {"result": self.body(), "status": self.pick(("ok", "error")), "path": self.path()},
            ensure_ascii=self.chance(0.5),
        )
        event = {"type": "tool_result", "id": self.id("toolu_01"), "output": inner, "ts": self.iso()}
        return self.dump(event if self.chance(0.6) else {"level": "info", "payload": json.dumps(event)})


# The kinds of a sample and how often each is drawn.
KINDS: dict[str, tuple[typing.Callable[[Maker], str], int]] = {
    "session_lines": (Maker.session_lines, 16),
    "stream_lines": (Maker.stream_lines, 18),
    "rollout_lines": (Maker.rollout_lines, 6),
    "openai_messages": (Maker.openai_messages, 9),
    "chat_lists": (Maker.chat_lists, 16),
    "sharegpt": (Maker.sharegpt, 5),
    "trajectory": (Maker.trajectory, 5),
    "twice_escaped": (Maker.twice_escaped, 3),
    "plain_chat": (Maker.plain_chat, 5),
    "markdown": (Maker.markdown, 4),
    "shell": (Maker.shell, 4),
    "diff": (Maker.diff, 2),
    "listing": (Maker.listing, 2),
    "grep": (Maker.grep, 1),
    "traceback": (Maker.traceback, 1),
    "compiler": (Maker.compiler, 1),
    "log": (Maker.log, 3),
    "csv": (Maker.csv, 2),
    "floats": (Maker.floats, 2),
    "yaml": (Maker.yaml, 2),
    "toml": (Maker.toml, 1),
    "sql": (Maker.sql, 2),
    "http": (Maker.http, 1),
    "promql": (Maker.promql, 1),
    "xml": (Maker.xml, 2),
    "objects": (Maker.objects, 3),
    "identifiers": (Maker.identifiers, 3),
    "base64_block": (Maker.base64_block, 1),
}
_MAKERS = tuple(make for make, _ in KINDS.values())
_WEIGHTS = tuple(sum(weight for _, weight in list(KINDS.values())[: i + 1]) for i in range(len(KINDS)))


def generate(
    rng: random.Random, texts: typing.Mapping[str, Slices], characters: int, vocabulary: typing.Sequence[str] = NOUNS
) -> str:
    """At least `characters` characters, which start anywhere inside the first piece.
    `texts`: slices of "prose", "code" and "docs". `vocabulary`: words for names of things."""
    parts, length = [], -1  # the last part is followed by no newline
    while length < characters:
        maker = Maker(rng, texts, vocabulary)
        make = rng.choices(_MAKERS, cum_weights=_WEIGHTS)[0]
        # A session goes on in its kind for a while, so that ids, names and times come back.
        for _ in range(rng.randint(1, 3)):
            part = make(maker)
            if not parts:
                part = part[int(rng.random() * len(part) * 0.8) :]
            parts.append(part)
            length += len(part) + 1
            if length >= characters:
                break
    return "\n".join(parts)
