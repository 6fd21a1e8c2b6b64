"""The sample history, compacted, read back and put into contexts: the README's first figures."""

from __future__ import annotations

import json
from typing import Any

from ..subject import Sentence, Subject, Values
from ..work import SAMPLE, Work

LEVELS = ("base", "small", "tiny")


def measure(work: Work) -> Values:
    history, out = work.sample(), work.folder / "sample.json"
    work.run("python", "tools/show_sample.py", "--memctl", work.build / "memctl", "--pages", "9", "--json", out)
    shown = json.loads(out.read_text())
    store = work.fresh("store") / "sample.db"
    work.memctl("compact", history, "--finish", store=store)

    def context(target: str) -> int:
        return int(work.memctl("context", "--budget", "200000", "--target", target, store=store)["tokens"])
    digest, pictures = context("text"), context("gpt-4o")
    work.memctl("age", "--to", "faint", store=store)
    return {
        **{key: shown[key] for key in ("messages", "characters", "pages", "text_tokens")},
        "levels": {level: {key: shown["levels"][level][key] for key in ("vision_tokens", "accuracy", "pages_read")}
                   for level in LEVELS},
        "digest_tokens": digest, "picture_tokens": pictures, "faint_digest_tokens": context("text"),
    }


def ratio(values: Values, level: str) -> float:
    return float(values["text_tokens"] / values["levels"][level]["vision_tokens"])


def blocks(values: Values) -> dict[str, str]:
    lines = [f"{values['messages']} messages, {values['characters']:,} characters on {values['pages']} pages of "
             "106 x 53 cells",
             f"as text:          about {hundreds(values['text_tokens']):,} tokens in a model's context"]
    lines += [f"as pages, {level + ':':6}  {values['levels'][level]['vision_tokens']:,} vision tokens, "
              f"{ratio(values, level):4.1f} times fewer" for level in LEVELS]
    return {"sample": "```\n" + "\n".join(lines) + "\n```"}


def hundreds(tokens: int) -> int:
    """An estimate's digits that can be relied on."""
    return round(tokens, -2)


def tens(tokens: int) -> int:
    return round(tokens, -1)


def numbers(values: Values) -> dict[str, Any]:
    read = [100 * values["levels"][level]["accuracy"] for level in LEVELS]
    return {"text": hundreds(values["text_tokens"]), "digest": tens(values["digest_tokens"]),
            "faint": tens(values["faint_digest_tokens"]), "pictures": tens(values["picture_tokens"]),
            "least": min(read), "most": max(read), "base": ratio(values, "base"), "tiny": ratio(values, "tiny")}


SUBJECT = Subject(
    name="sample", title="the sample history, compacted and read back", minutes=4, measure=measure,
    programs=("tools/show_sample.py", SAMPLE), blocks=blocks, numbers=numbers,
    sentences=(
        Sentence("README.md", "a day of {text:,} tokens in {digest:,}; aged to faint, in {faint:,}"),
        Sentence("README.md", "gpt-4o: the same day in {pictures:,} "),
        Sentence("README.md", "read back at {least:.2f} to {most:.2f} % | {base:.1f} (base) to {tiny:.0f} (tiny) times "
                              "fewer tokens"),
    ),
    tolerance=0.002,
)
