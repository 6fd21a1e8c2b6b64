"""How well a search finds: questions with known evidence, made from histories, ranked in each way that there is.

    python bench/search_quality.py TRANSCRIPTS --build build [--embedder FOLDER | URL#MODEL] [--hashed]

TRANSCRIPTS has hermes_session.txt and prometheus_run/claude-code.txt. Three kinds of questions, the same each time:

  user   what a user asked, word for word; evidence: the assistant's answer. The questions are not in the store.
  tool   what an agent said that it was about to do, or a tool call's description; evidence: the call. Neither the
         sentence nor the description is in the store.
  cloze  a sentence of an answer that was cut out of the store; evidence: the 400 characters around the cut.

A page is evidence when it has any of those characters. Printed: recall at 1, 5 and 10, and the mean of 1 / rank (0
beyond 50), over all questions and by kind. --embedder also ranks with meaning: by a folder with all-MiniLM-L6-v2 as
ONNX (see fovea.embedders.LocalEmbedder), or an endpoint. --hashed also ranks the same pages by their hashed words,
their text dropped, and prints what the words cost on the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

SENTENCE = re.compile(r"[A-Z][^.!?\n|`]{50,220}[.!?](?=\s)")
AROUND = 200  # characters before and after a cut
CLOZE_EVERY = 900  # characters of text for one cut sentence


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def hermes(path: pathlib.Path):
    """(text, kind, question) of each answer; conversations there are repeated as they grow."""
    seen = set()
    for line in path.read_text().splitlines():
        for chat in json.loads(line):
            question = None
            for message in chat:
                text = re.sub(r"^(User|Assistant): ", "", message["content"])
                if message["role"] == "user":
                    question = text[:300] if len(words(text)) >= 6 and "System note" not in text else None
                elif text not in seen:
                    seen.add(text)
                    yield text, "user", question


def agent_run(path: pathlib.Path):
    said = None
    for line in path.read_text().splitlines():
        turn = json.loads(line)
        content = turn.get("message", {}).get("content") if turn.get("type") in ("assistant", "user") else None
        for block in content if isinstance(content, list) else []:
            if block["type"] == "text" and turn["type"] == "assistant":
                said = block["text"][:300] if len(words(block["text"])) > 5 else None
            elif block["type"] == "tool_use":
                arguments = dict(block["input"])
                question = arguments.pop("description", None) or said
                shown = "\n".join(f"{name}: {value}" for name, value in arguments.items())
                yield f"tool call {block['name']}\n{shown}", "tool", question
                said = None
            elif block["type"] == "tool_result":
                result = block["content"]
                if isinstance(result, list):
                    result = "\n".join(part.get("text", "") for part in result)
                yield f"tool result\n{result}", "tool", None


class Pairs:
    """The text to be stored, and questions as (kind, question, begin, end) with places in it."""

    def __init__(self, parts, seed: int = 7):
        self.random, self.text, self.questions = random.Random(seed), "", []
        for text, kind, question in parts:
            begin = len(self.text)
            self.text += self.without_sentences(text, begin) + "\n\n"
            if question:
                self.questions.append((kind, " ".join(question.split()), begin, len(self.text)))

    def without_sentences(self, text: str, begin: int) -> str:
        sentences = list(SENTENCE.finditer(text))
        self.random.shuffle(sentences)
        kept, at = "", 0
        for sentence in sorted(sentences[:len(text) // CLOZE_EVERY], key=lambda s: s.start()):
            kept += text[at:sentence.start()]
            at = sentence.end()
            place = begin + len(kept)
            self.questions.append(("cloze", sentence[0], max(begin, place - AROUND), place + AROUND))
        return kept + text[at:]


def make_store(options, text: str, folder: pathlib.Path, *more: str) -> list[str]:
    """The texts of the pages, in order; page i has the id i + 1. Without their archive: none."""
    folder.mkdir(exist_ok=True)
    (folder / "history.txt").write_text(text)
    memctl = [options.build / "memctl", "--model", options.model, "--store", folder / "store.db", "--json"]
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    subprocess.run([*memctl, "compact", folder / "history.txt", "--format", "text", "--finish", "--measure", "0",
                    "--level", options.level, *more], check=True, capture_output=True, env=environment)
    if "drop" in more:
        return []
    recalled = subprocess.run([*memctl, "recall", "--all", "--source", "archive"], check=True, capture_output=True)
    return [item["text"] for item in json.loads(recalled.stdout)["items"]]


def rank_by_store(options, questions, folder: pathlib.Path) -> list[dict]:
    done = subprocess.run([options.build / "search_rankings", folder / "store.db", options.model], check=True,
                          input="".join(question + "\n" for _, question, _, _ in questions).encode(),
                          capture_output=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def add_hashed(options, rankings: list[dict], pairs: Pairs, folder: pathlib.Path) -> None:
    for name, more in (("hashed", []), ("no words", ["--no-words"])):
        make_store(options, pairs.text, folder / name, "--archive", "drop", *more)
    for ranking, hashed in zip(rankings, rank_by_store(options, pairs.questions, folder / "hashed")):
        ranking["bm25, hashed"], ranking["piece, hashed"] = hashed["bm25"], hashed["piece"]
    sizes = {name: (folder / name / "store.db").stat().st_size for name in (".", "hashed", "no words")}
    print(f"bytes of the store: {sizes['.']:,} with text and words, {sizes['hashed']:,} with hashed words, "
          f"{sizes['no words']:,} with neither")


def add_meaning(options, rankings: list[dict], questions, store: pathlib.Path) -> None:
    sys.path.insert(0, str(options.build.resolve() / "python"))
    import fovea
    from context_quality import embedder_of

    with fovea.Memory(store, embedder=embedder_of(fovea, options.embedder)) as memory:
        memory.embed_pieces(progress=True)
        for ranking, (_, question, _, _) in zip(rankings, questions):
            ranking["piece+meaning"] = [hit.id for hit in memory.search(question, k=50)]


def evidence(pages: list[str], begin: int, end: int) -> set[int]:
    found, at = set(), 0
    for i, page in enumerate(pages):
        if at < end and at + len(page) > begin:
            found.add(i + 1)
        at += len(page)
    return found


def measures(ranks: list[int]) -> str:
    if not ranks:  # the histories have no question of this kind
        return "none"
    within = [sum(rank <= k for rank in ranks) / len(ranks) for k in (1, 5, 10)]
    mean = sum(1 / rank for rank in ranks if rank <= 50) / len(ranks)
    return " ".join(f"{value:.2f}" for value in within) + f" {mean:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("transcripts", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default="build", help="with memctl and search_rankings")
    parser.add_argument("--model", default=pathlib.Path(__file__).parents[1] / "models" / "fovea-nano")
    parser.add_argument("--level", default="tiny")
    parser.add_argument("--embedder", help="a folder with a model, or URL#MODEL")
    parser.add_argument("--hashed", action="store_true")
    options = parser.parse_args()
    pairs = Pairs([*hermes(options.transcripts / "hermes_session.txt"),
                   *agent_run(options.transcripts / "prometheus_run" / "claude-code.txt")])
    with tempfile.TemporaryDirectory() as folder:
        pages = make_store(options, pairs.text, pathlib.Path(folder))
        rankings = rank_by_store(options, pairs.questions, pathlib.Path(folder))
        if options.embedder:
            add_meaning(options, rankings, pairs.questions, pathlib.Path(folder) / "store.db")
        if options.hashed:
            add_hashed(options, rankings, pairs, pathlib.Path(folder))
    good = [evidence(pages, begin, end) for _, _, begin, end in pairs.questions]
    kinds = [kind for kind, *_ in pairs.questions]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("user", "tool", "cloze"))
    print(f"{len(pages)} pages, {len(kinds)} questions ({counts}); recall@1 @5 @10 MRR")
    for method in rankings[0]:
        ranks = [next((i + 1 for i, page in enumerate(ranking[method]) if page in pages_of), 99)
                 for ranking, pages_of in zip(rankings, good)]
        by_kind = (measures([rank for rank, of in zip(ranks, kinds) if of == kind])
                   for kind in ("user", "tool", "cloze"))
        print(f"{method:26s} {measures(ranks)} | " + " | ".join(by_kind))


if __name__ == "__main__":
    main()
