"""Repeats the figures of the README, the guides and the model card: `make figures`.

Without options, measures what was never measured, or with another checkpoint or other programs than the
ones here, and writes the documents' tables, numbers and pictures anew.
"""

from __future__ import annotations

import argparse
import pathlib
import time
from typing import Any

from . import documents, kept
from .subject import Sentence, Subject
from .subjects import SUBJECTS
from .work import REPOSITORY, Failure, Work


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m figures", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", type=pathlib.Path, default=REPOSITORY / "build", help="folder with memctl and the benches")
    p.add_argument("--only", metavar="NAME", choices=[subject.name for subject in SUBJECTS], help="one subject")
    p.add_argument("--force", action="store_true", help="measure again what has not changed")
    p.add_argument("--transcripts", type=pathlib.Path, metavar="DIR",
                   help="public histories that bench/search_quality.py names; without them, what needs them is left out")
    p.add_argument("--list", action="store_true", help="show the subjects and what is to do, and end")
    return p


def write_documents() -> list[str]:
    """Writes what is kept into the documents; returns the names of those that change."""
    blocks: dict[str, str] = {}
    numbers: list[tuple[Sentence, dict[str, Any]]] = []
    changed = []
    for subject in SUBJECTS:
        found = kept.load(subject)
        if found is None:
            continue
        blocks |= subject.blocks(found["values"])
        numbers += [(sentence, subject.numbers(found["values"])) for sentence in subject.sentences]
    for path in documents.documents():
        name, before = str(path.relative_to(REPOSITORY)), path.read_text()
        text, _ = documents.with_blocks(before, blocks)
        for sentence, of_subject in numbers:
            if sentence.document == name:
                text = documents.with_sentence(text, sentence, of_subject)
        if text != before:
            path.write_text(text)
            changed.append(name)
    return changed


def minutes(amount: float) -> str:
    return f"{amount:.0f} min" if amount >= 1 else "under a minute"


def measured(subject: Subject, options: argparse.Namespace) -> list[str]:
    work = Work(subject.name, options.build, options.transcripts)
    if options.force:
        work.forget()
    begin = time.monotonic()
    values = subject.measure(work)
    return kept.keep(subject, work, values, time.monotonic() - begin)


def main() -> int:
    p = parser()
    options = p.parse_args()
    asked = [subject for subject in SUBJECTS if options.only in (None, subject.name)]
    reasons = {subject.name: kept.reason_to_measure(subject) or ("--force" if options.force else "") for subject in asked}
    if options.list:
        for subject in asked:
            print(f"{subject.name:12} {subject.title}: {reasons[subject.name] or 'measured'}, "
                  f"takes about {minutes(subject.minutes)}")
        return 0
    to_do = [subject for subject in asked if reasons[subject.name]]
    without = [subject for subject in to_do if subject.needs_transcripts and not options.transcripts]
    if options.only and without:
        p.error(f"{options.only} needs the histories that bench/search_quality.py names: --transcripts DIR "
                "(make figures TRANSCRIPTS=DIR)")
    to_do = [subject for subject in to_do if subject not in without]
    summary, failed = [], 0
    for place, subject in enumerate(to_do):
        left = sum(one.minutes for one in to_do[place:])
        print(f"figures: {place + 1} of {len(to_do)}: {subject.name} ({reasons[subject.name]}), about "
              f"{minutes(subject.minutes)}; {minutes(left)} to go", flush=True)
        try:
            changed = measured(subject, options)
            summary += [f"{subject.name}: {line}" for line in changed or ["as before"]]
        except Failure as error:
            failed += 1
            summary.append(f"{subject.name}: failed: {error}")
    summary += [f"{subject.name}: left out ({reasons[subject.name]}): it needs --transcripts" for subject in without]
    summary += [f"{name}: written anew" for name in write_documents()]
    print("\n".join(f"figures: {line}" for line in summary or ["nothing to do"]))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
