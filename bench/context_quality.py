"""How much of the evidence stands in a context of so many tokens: the questions of search_quality.py.

    python bench/context_quality.py TRANSCRIPTS --build build [--embedder FOLDER | URL#MODEL]

TRANSCRIPTS has hermes_session.txt and prometheus_run/claude-code.txt. Each history is stored without its questions.
Printed: the mean share of a question's evidence (its 400 characters that share the most words with the question) that
stands in a context, at 500 to 8,000 tokens:

  newest     the end of the history
  pages      whole pages by a search, best first
  messages   whole messages by FTS5's bm25, best first
  pieces     Memory.context with the question
  overview   Memory.context without one
  meaning    Memory.context with the question and the embedder: a folder with all-MiniLM-L6-v2 as ONNX (see
             fovea.embedders.LocalEmbedder), or an endpoint

A share counts words of the evidence, in order, that stand in the context in a run of eight or more.
"""

from __future__ import annotations

import argparse
import contextlib
import pathlib
import re
import sqlite3
import sys
import tempfile
from dataclasses import dataclass

import search_quality

BUDGETS = (500, 1000, 2000, 4000, 8000)
SPAN = 400  # characters of evidence
RUN = 8  # words


@dataclass
class Question:
    kind: str
    text: str
    evidence: list[str]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def evidence_of(text: str, question: str) -> list[str]:
    """The words of the stretch of SPAN characters that shares the most different words with the question."""
    asked = set(words(question))
    begins = range(0, max(1, len(text) - SPAN + 1), 50)
    best = max(begins, key=lambda at: len(asked & set(words(text[at:at + SPAN]))))
    return words(text[best:best + SPAN])


def share(evidence: list[str], context: str) -> float:
    """The share of the words that are in runs of RUN which stand there."""
    held = " ".join(words(context))
    run = min(RUN, len(evidence))
    found = [False] * len(evidence)
    for i in range(len(evidence) - run + 1):
        if " ".join(evidence[i:i + run]) in held:
            found[i:i + run] = [True] * run
    return sum(found) / max(1, len(found))


def history(parts, seed: int = 7):
    """(role, text) of the messages, and the questions."""
    pairs, messages, questions = search_quality.Pairs([], seed), [], []
    for text, kind, question in parts:
        kept = pairs.without_sentences(text, 0)
        messages.append(("assistant" if kind == "user" else "tool", kept))
        if question:
            questions.append(Question(kind, " ".join(question.split()), evidence_of(kept, question)))
        for _, sentence, begin, end in pairs.questions:
            questions.append(Question("cloze", sentence, words(kept[begin:end])))
        pairs.questions.clear()
    return messages, [question for question in questions if len(question.evidence) >= RUN]


def by_fts5(messages) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE messages USING fts5 (text, tokenize = 'porter unicode61')")
    database.executemany("INSERT INTO messages VALUES (?)", [(text,) for _, text in messages])
    return database


def cut(texts, budget: int, count) -> str:
    """Texts in their order as far as the budget goes; the last one is cut."""
    held = ""
    for text in texts:
        left = budget - count(held)
        if left <= 0:
            break
        size = len(text)
        while size and count(text[:size]) > left:
            size = size * max(1, left) // max(left + 1, count(text[:size]))
        held += text[:size] + "\n"
        if size < len(text):
            break
    return held


def embedder_of(fovea, given: str):
    import fovea.embedders

    url, _, model = given.rpartition("#")
    return fovea.OpenAIEmbedder(url, model) if model and url else fovea.embedders.LocalEmbedder(folder=given)


def contexts(fovea, memory, meaning, database, messages, question: str, budget: int, target: str) -> dict[str, str]:
    count = fovea.count_text_tokens
    asked = " OR ".join(f'"{word}"' for word in dict.fromkeys(words(question)))
    found = [row[0] for row in database.execute(
        "SELECT text FROM messages WHERE messages MATCH ? ORDER BY rank LIMIT 60", (asked,))] if asked else []
    pages = [hit.id for hit in memory.search(question, k=8)]

    def texts_of(made) -> str:
        return "\n".join(part.text for part in made.parts)

    newest = "".join(text for _, text in messages)[-6 * budget:]
    while count(newest) > budget:
        newest = newest[len(newest) // 20 + 1:]
    made = {"newest": newest,
            "pages": cut((memory.recall(page).text for page in pages), budget, count),
            "messages": cut(found, budget, count),
            "pieces": texts_of(memory.context(budget, query=question, target=target)),
            "overview": texts_of(memory.context(budget, target=target))}
    if meaning:
        made["meaning"] = texts_of(meaning.context(budget, query=question, target=target))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("transcripts", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default="build", help="with python/fovea")
    parser.add_argument("--target", default="text")
    parser.add_argument("--embedder", help="a folder with a model, or URL#MODEL")
    parser.add_argument("--most", type=int, default=60, help="questions of each history")
    options = parser.parse_args()
    sys.path.insert(0, str(options.build.resolve() / "python"))
    import fovea

    histories = {"chats": search_quality.hermes(options.transcripts / "hermes_session.txt"),
                 "agent": search_quality.agent_run(options.transcripts / "prometheus_run" / "claude-code.txt")}
    for name, parts in histories.items():
        messages, questions = history(parts)
        questions = questions[::max(1, len(questions) // options.most)][:options.most]
        database = by_fts5(messages)
        sums: dict[str, list[float]] = {}
        with contextlib.ExitStack() as stack:
            store = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory())) / "memory.db"
            memory = stack.enter_context(fovea.Memory(store, level="base", measured_pages=0))
            memory.add_many([{"role": role, "content": text} for role, text in messages if text.strip()])
            memory.finish()
            meaning = None
            if options.embedder:
                meaning = stack.enter_context(fovea.Memory(store, embedder=embedder_of(fovea, options.embedder)))
                meaning.embed_pieces(progress=True)
            for at, budget in enumerate(BUDGETS):
                for question in questions:
                    made = contexts(fovea, memory, meaning, database, messages, question.text, budget,
                                    options.target)
                    for method, text in made.items():
                        sums.setdefault(method, [0.0] * len(BUDGETS))[at] += share(question.evidence, text)
            print(f"{name}: {memory.stats().pages} pages, {len(messages)} messages, {len(questions)} questions; "
                  f"evidence at {', '.join(map(str, BUDGETS))} tokens")
        for method, of_method in sums.items():
            print(f"  {method:10s} " + " ".join(f"{value / len(questions):.3f}" for value in of_method))


if __name__ == "__main__":
    main()
