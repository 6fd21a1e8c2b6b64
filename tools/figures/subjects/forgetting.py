"""What forgetting does over simulated months, under each policy: the tables and the picture of forgetting.md."""

from __future__ import annotations

import json
import math
import shutil
from typing import Any

from ..documents import table
from ..subject import Sentence, Subject, Values
from ..work import REPOSITORY, SAMPLE, Work

POLICIES = ("none", "paper", "careful", "balanced", "lean")
SHARES = ("fidelity", "exact_strings", "readable", "found", "answered")
PICTURE = "doc/forgetting.png"
DOCUMENT = "doc/forgetting.md"


def measure(work: Work) -> Values:
    out = work.folder / "keep"
    work.run("memctl", "lifetime", work.sample(), "--days", "540", "--out", out)
    found = json.loads((out / "lifetime.json").read_text())
    shutil.copyfile(out / "pictures" / "forgetting.png", REPOSITORY / PICTURE)
    last = [holding for holding in found["holdings"] if holding["day"] == found["days"]]
    kept_holding = ("tokens", "verbatim_tokens", "vision_tokens", "history_tokens", "pages", "gone", "token_bytes",
                    "archive_bytes", "kept_text_bytes", "file_bytes", "levels")
    named = ("policy", "method", "age", "pages", "tokens_per_page")
    curves = [{**{key: curve[key] for key in named}, **{key: rounded(curve[key]) for key in SHARES},
               "interval": {key: half_width(curve[f"{key}_interval"]) for key in SHARES}}
              for curve in found["curves"] if curve["day"] is None]
    return {"days": found["days"],
            "last_day": {one["policy"]: {key: one[key] for key in kept_holding} for one in last}, "curves": curves}


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def half_width(interval: list[float] | None) -> float | None:
    return None if interval is None else round((interval[1] - interval[0]) / 2, 6)


def percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def ages_of(values: Values) -> list[str]:
    return list(dict.fromkeys(curve["age"] for curve in values["curves"]))


def curve_of(values: Values, policy: str, age: str, method: str) -> dict[str, Any]:
    return next(curve for curve in values["curves"]
                if (curve["policy"], curve["age"], curve["method"]) == (policy, age, method))


def holdings_table(values: Values) -> str:
    last = values["last_day"]
    rows = []
    for policy in POLICIES:
        one = last[policy]
        levels = ", ".join(f"{count} {level}" for level, count in one["levels"].items())
        rows.append([policy, f"{one['tokens']:,}", f"{one['history_tokens'] / one['tokens']:.1f}", levels,
                     *(f"{size / 1000:,.0f}" for size in (
                         one["token_bytes"], one["archive_bytes"] + one["kept_text_bytes"], one["file_bytes"]))])
    return table(["policy", f"tokens, with {last['none']['verbatim_tokens']:,} of text on no page yet",
                  "times fewer than text", "pages by level", "vision tokens, kB", "exact text and anchors, kB",
                  "file, kB"], rows)


def curve_table(values: Values) -> str:
    rows = []
    for age in ages_of(values):
        ours = [curve_of(values, policy, age, "vision tokens") for policy in POLICIES]
        rows.append([age, str(ours[0]["pages"]), *(
            f"{percent(one['fidelity'])}, {percent(one['exact_strings'])}, {percent(one['readable'])} "
            f"({one['tokens_per_page']:.0f})" for one in ours)])
    return table(["age", "pages", *POLICIES], rows)


def baseline_table(values: Values) -> str:
    rows = []
    for age in ages_of(values):
        ours = [curve_of(values, policy, age, "newest text") for policy in POLICIES]
        rows.append([age, *(f"{percent(one['fidelity'])}, {percent(one['answered'])}" for one in ours)])
    return table(["age", *POLICIES], rows)


def blocks(values: Values) -> dict[str, str]:
    return {"forgetting-held": holdings_table(values), "forgetting-curve": curve_table(values),
            "forgetting-baseline": baseline_table(values)}


SENTENCES = tuple(Sentence(DOCUMENT, template) for template in (
    "made up for this repository: {pages} pages, {text:,} text tokens",
    "The 95 % intervals at faint are up to ±{fidelity_width:.1f} for fidelity, ±{strings_width:.0f} for exact strings "
    "and ±{answers_width:.0f} for answers",
    "Search found the pages of {found:.0f} % of the questions or more at every age",
    "one step on, at faint, {faint_lost:.0f} % of them are and {faint_strings_lost:.0f} % of the exact strings",
    "At a fidelity of {tiny_fidelity:.1f} %, at tiny, {tiny_strings_lost:.1f} % of them are already wrong",
    "balanced's store takes {tokens_left:.0f} % of the tokens and {bytes_left:.0f} % of the bytes of one without "
    "forgetting",
    "Vision tokens still take {least_times:.0f} to {most_times:.0f} times as much as the compressed text",
))


def numbers(values: Values) -> dict[str, Any]:
    """At faint: what lean keeps of the oldest pages; at tiny: what the paper's schedule keeps of them."""
    last, oldest = values["last_day"], ages_of(values)[-1]
    faint, tiny = (curve_of(values, policy, oldest, "vision tokens") for policy in ("lean", "paper"))
    at_faint = [curve for curve in values["curves"] if curve["method"] == "vision tokens" and curve["tokens_per_page"] == 36]
    assert faint in at_faint and tiny["tokens_per_page"] == 64, "the text of forgetting.md no longer fits"

    def width(share: str) -> float:
        return 100 * max(float(curve["interval"][share]) for curve in at_faint if curve["interval"][share] is not None)
    times = [one["token_bytes"] / one["archive_bytes"] for one in last.values()]
    none, balanced = last["none"], last["balanced"]
    return {
        "pages": none["pages"], "text": round(none["history_tokens"], -2),
        "fidelity_width": width("fidelity"), "strings_width": width("exact_strings"), "answers_width": width("readable"),
        "found": math.floor(100 * min(curve["found"] for curve in values["curves"] if curve["method"] == "vision tokens")),
        "faint_lost": 100 * (1 - faint["fidelity"]), "faint_strings_lost": 100 * (1 - faint["exact_strings"]),
        "tiny_fidelity": 100 * tiny["fidelity"], "tiny_strings_lost": 100 * (1 - tiny["exact_strings"]),
        "tokens_left": 100 * balanced["tokens"] / none["tokens"],
        "bytes_left": 100 * balanced["file_bytes"] / none["file_bytes"],
        "least_times": min(times), "most_times": max(times),
    }


SUBJECT = Subject(
    name="forgetting", title="a memory over 540 simulated days, under each policy", minutes=12, measure=measure,
    programs=(SAMPLE, *(
        f"models/policies/{name}.json" for name in ("balanced", "careful", "lean"))),
    blocks=blocks, numbers=numbers, sentences=SENTENCES, pictures=(PICTURE,), tolerance=0.01,
)
