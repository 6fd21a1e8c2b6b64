"""How well text that was never trained on is read: the card's tables, the README's part of them, and the
pictures of experiments.md."""

from __future__ import annotations

import csv
import itertools
import json
import shutil
from collections.abc import Callable
from typing import Any

from ..documents import table
from ..held_out import KINDS, LANGUAGES, PROGRAMS, texts
from ..subject import Sentence, Subject, Values
from ..work import REPOSITORY, Work

LEVELS = ("large", "base", "small", "tiny", "faint", "trace")
NAMES = {
    "prose": "English prose", "agent": "agent histories, generated", "code": "source code", "docs": "documentation",
    "chinese": "Chinese", "mingled": "English with a few other characters", "random": "random strings",
    "synthetic": "synthetic", "zh_TW": "Chinese, traditional", "ja": "Japanese", "ko": "Korean", "vi": "Vietnamese",
    "ar": "Arabic", "fa": "Persian", "he": "Hebrew", "hi": "Hindi", "bn": "Bengali", "ta": "Tamil", "te": "Telugu",
    "th": "Thai", "km": "Khmer", "ka": "Georgian", "hy": "Armenian", "am": "Amharic", "el": "Greek", "ru": "Russian",
    "de": "German", "fr": "French", "pl": "Polish", "tr": "Turkish",
}
KINDS_SHOWN = ("prose", "agent", "code", "docs", "chinese", "mingled", "random", "synthetic")
PICTURES = {"doc/accuracy.png": "accuracy.png", "doc/slips.png": "errors-prose-106.png"}
BANDS = (0, 10, 30, 50, 70, 90, 95, 99, 99.9, 100)  # %
BYTES_SHOWN = (*KINDS_SHOWN, "zh_TW", "ko", "ar", "hi", "th", "ru")


def measure(work: Work) -> Values:
    """By text and level: accuracy, compression, bytes of a page's text and vision tokens; and how sure the
    reader was of how many rows, and how many were exact."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    rows: list[tuple[float, bool]] = []
    # Runs of about the same length, each of which goes on where it was stopped.
    runs = {"english": (KINDS[:4], 4), "others": (KINDS[4:], 4), "languages-1": (LANGUAGES[:11], 1),
            "languages-2": (LANGUAGES[11:], 1)}
    for name, (kinds, pages) in runs.items():
        out = work.folder / name
        shown = name == "english"  # in pictures, beside all controls
        work.run("memctl", "experiment", *texts(work, kinds), "--pages", str(pages), *(() if shown else ("--no-shuffles",)),
                 "--out", out)
        # The control is in each run, the same text; the first counts.
        counted = (*kinds, "random") if name == "english" else kinds
        for curve in json.loads((out / "experiment.json").read_text())["curves"]:
            if curve["domain"] in counted:
                found.setdefault(curve["domain"], {})[curve["level"]] = {
                    "accuracy": round(curve["accuracy"], 6), "compression": round(curve["compression"], 3),
                    "text_bytes": curve["text_bytes"] / curve["pages"],
                    "token_bytes": curve["token_bytes"] / curve["pages"]}
        with (out / "rows.csv").open(newline="") as lines:
            rows += [(float(row["confidence"]), row["exact"] == "1") for row in csv.DictReader(lines)
                     if row["domain"] in counted]
    for picture, drawn in PICTURES.items():
        shutil.copyfile(work.folder / "english/pictures" / drawn, REPOSITORY / picture)
    return {"texts": found, "confidence": bands(rows)}


def bands(rows: list[tuple[float, bool]]) -> list[dict[str, Any]]:
    """How sure the reader was of the rows, in bands, and how many of them were exact."""
    found = []
    for low, high in itertools.pairwise(BANDS):
        here = [row for row in rows if low <= 100 * row[0] < high or (high == 100 and row[0] == 1)]
        if here:
            found.append({"band": f"{low:g} to {high:g}", "rows": len(here),
                          "said": round(sum(said for said, _ in here) / len(here), 6),
                          "exact": round(sum(exact for _, exact in here) / len(here), 6)})
    return found


def times(compression: float, sign: str = "x") -> str:
    return f"{compression:.1f}{sign}" if compression < 9.95 else f"{compression:.0f}{sign}"


def accuracy_table(values: Values, names: tuple[str, ...]) -> str:
    texts_ = values["texts"]
    return table(["text", *LEVELS], ([NAMES[name], *(
        f"{100 * texts_[name][level]['accuracy']:.2f} ({times(texts_[name][level]['compression'])})"
        for level in LEVELS)] for name in names))


def bytes_table(values: Values) -> str:
    texts_ = values["texts"]
    return table(["text", "its bytes", *LEVELS], ([
        NAMES[name], f"{texts_[name]['base']['text_bytes']:,.0f}",
        *(f"{texts_[name][level]['token_bytes']:,.0f}" for level in LEVELS)] for name in BYTES_SHOWN))


def confidence_table(values: Values) -> str:
    return table(["confidence, %", "rows", "mean confidence, %", "exact, %"], ([
        band["band"], f"{band['rows']:,.0f}", f"{100 * band['said']:.1f}", f"{100 * band['exact']:.1f}"]
        for band in values["confidence"]))


def span(values: list[float], form: Callable[[float], str]) -> str:
    low, high = form(min(values)), form(max(values))
    return low if low == high else f"{low} to {high}"


def readme_table(values: Values) -> str:
    """Five levels; languages together, the least and the most of them."""
    texts_, levels = values["texts"], LEVELS[1:]

    def percent(level: str) -> Callable[[float], str]:
        return lambda share: f"{100 * share:.1f}" if level in ("faint", "trace") else f"{100 * share:.2f}"

    def row(title: str, name: str) -> list[str]:
        return [title, *(f"{percent(level)(texts_[name][level]['accuracy'])} "
                         f"({times(texts_[name][level]['compression'], '×')})" for level in levels)]
    three = [texts_[name] for name in ("ja", "ar", "ru")]
    kilobytes = [span([texts_[name][level]["token_bytes"] / 1000 for name in KINDS_SHOWN], lambda size: f"{size:.0f}")
                 for level in levels]
    text = span([texts_[name]["base"]["text_bytes"] / 1000 for name in (*KINDS_SHOWN, "ja", "ar", "ru")],
                lambda size: f"{size:.1f}")
    return table(["text", *levels], [
        row("English prose", "prose"),
        row("agent histories, generated: JSON, shell, logs, diffs", "agent"),
        row("Chinese", "chinese"),
        ["Japanese, Arabic, Russian",
         *(span([one[level]["accuracy"] for one in three], percent(level)) for level in levels)],
        row("random ids and numbers, the control", "random"),
        [f"kB of vision tokens per page (text: {text})", *kilobytes]])


def blocks(values: Values) -> dict[str, str]:
    return {
        "accuracy": accuracy_table(values, KINDS_SHOWN),
        "accuracy-languages": accuracy_table(values, LANGUAGES),
        "accuracy-bytes": bytes_table(values),
        "accuracy-confidence": confidence_table(values),
        "accuracy-readme": readme_table(values),
    }


def numbers(values: Values) -> dict[str, Any]:
    """The span that the README states of languages, from base down to tiny."""
    shares = [100 * values["texts"][name][level]["accuracy"] for name in LANGUAGES for level in ("base", "small", "tiny")]
    return {"least": min(shares), "most": max(shares)}


SUBJECT = Subject(
    name="accuracy", title="accuracy, bytes and confidence on unseen text", minutes=20, measure=measure,
    programs=PROGRAMS, blocks=blocks, numbers=numbers,
    sentences=(
        Sentence("README.md", "It reads twenty-two more languages at {least:.1f} to {most:.1f} % down to tiny;"),
    ),
    pictures=tuple(PICTURES), tolerance=0.002,
)
