"""Batches: text laid out on pages and cut into rows of tokens, in whole-array steps.

Runs in worker processes; a batch travels as NumPy arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..network.alphabet import Alphabet
from ..network.geometry import GRIDS
from ..network.layout import kept, lay_out
from ..network.token_code import RATES
from ..text.tokenizer import token_bytes


@dataclass
class Job:
    """One batch to make: what to draw, from which kinds of text, how many row tokens at most."""

    seed: int
    columns: int
    level: str
    pages: int
    tokens: int
    mix: dict[str, float]
    partial: float = 0.12  # share of pages that are part-filled
    finer: dict[str, float] = field(default_factory=dict)  # share of a kind's pages that are not at the code's first rate


@dataclass
class Batch:
    """glyphs [B, rows, columns] u32; rates [B] of the token code; the rest as `reading.RowTokens`, and the widths of the
    chosen rows."""

    job: Job
    glyphs: np.ndarray
    rates: np.ndarray
    rows: np.ndarray
    inputs: np.ndarray
    targets: np.ndarray
    row: np.ndarray
    step: np.ndarray
    cells: np.ndarray
    longest: int


class RowTokeniser:
    """Rows of text to token ids and the cells read before each token."""

    def __init__(self, tokenizer, alphabet: Alphabet):
        self.tokenizer = tokenizer
        self.alphabet = alphabet
        self.token_bytes = token_bytes(tokenizer)
        self.lengths = np.array([len(b) for b in self.token_bytes], np.int64)

    def __call__(self, texts: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """-> ids [n], cells read before each [n], and where each text's ids start [len(texts) + 1]."""
        encoded = self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        counts = np.array([len(e) for e in encoded], np.int64)
        ids = np.fromiter((i for e in encoded for i in e.ids), np.int64, int(counts.sum()))
        starts = np.concatenate([[0], np.cumsum(counts)])
        joined = "".join(texts)
        codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
        size = 1 + (codes > 0x7F).astype(np.int64) + (codes > 0x7FF) + (codes > 0xFFFF)
        ends = np.cumsum(size)
        after = np.zeros(int(ends[-1]) + 1 if len(ends) else 1, np.int64)
        after[ends] = 1 + self.alphabet.is_wide(self.alphabet.glyphs(codes))
        after = np.cumsum(after)  # cells of the characters that are complete after so many bytes
        byte = np.concatenate([[0], np.cumsum(self.lengths[ids])])[:-1]
        text_byte = np.concatenate([[0], np.cumsum([len(t.encode()) for t in texts])])[:-1]
        return ids, after[byte] - np.repeat(after[text_byte], counts), starts


class BatchMaker:
    """Makes batches from a corpus. One in each worker process."""

    def __init__(self, corpus, tokenizer, alphabet: Alphabet, first_position: int, eos: int):
        self.corpus, self.alphabet = corpus, alphabet
        self.rows_of = RowTokeniser(tokenizer, alphabet)
        self.first_position, self.eos = first_position, eos

    def page(self, rng, domain: str, columns: int, rows: int, partial: float):
        need = columns * rows + 64
        text = self.corpus.sample(rng, domain, need)
        codes, glyphs = kept(text, self.alphabet)
        while len(codes) < columns * rows:
            more = kept(self.corpus.sample(rng, domain, need), self.alphabet)
            codes, glyphs = np.concatenate([codes, more[0]]), np.concatenate([glyphs, more[1]])
        if rng.random() < partial:
            n = int(np.exp(rng.uniform(0, np.log(columns * rows))))  # short ones as often as long ones
            codes, glyphs = codes[:n], glyphs[:n]
        return lay_out(codes, glyphs, self.alphabet, columns, rows)

    def __call__(self, job: Job) -> Batch:
        rng = np.random.default_rng(job.seed)
        grid = GRIDS[job.columns]
        names, shares = list(job.mix), np.array(list(job.mix.values()))
        domains = rng.choice(len(names), job.pages, p=shares / shares.sum())
        pages, texts = [], []
        for d in domains:
            page, rows = self.page(rng, names[d], job.columns, grid.rows, job.partial)
            pages.append(page)
            texts.append(rows + [""] * (grid.rows - len(rows)))
        finer = rng.random(job.pages) < [job.finer.get(names[d], 0.0) for d in domains]
        rates = np.where(finer, rng.integers(1, len(RATES), job.pages), 0)
        return self._rows(job, rng, np.stack(pages), rates, texts)

    def _rows(self, job: Job, rng, glyphs, rates, texts) -> Batch:
        """Takes random rows, the same of every page, until their tokens fill the budget."""
        grid, b = GRIDS[job.columns], len(texts)
        order = rng.permutation(grid.rows)
        guess = min(grid.rows, max(1, int(job.tokens / (b * job.columns * 0.25))))
        flat = [texts[p][r] for r in order[:guess] for p in range(b)]
        ids, cells, starts = self.rows_of(flat)
        length = np.diff(starts) + 1  # with the position token
        per_row = np.cumsum(length.reshape(guess, b).sum(1))
        take = max(1, int(np.searchsorted(per_row, job.tokens, "right")))
        rows = order[:take]
        n = min(int(per_row[take - 1]), job.tokens)

        inputs = np.zeros(job.tokens, np.int64)
        targets = np.full(job.tokens, -100, np.int64)
        row = np.full(job.tokens, b * take, np.int64)
        step = np.zeros(job.tokens, np.int64)
        cell = np.zeros(job.tokens, np.int64)
        at = 0
        y = (grid.margin_y + (rows + 0.5) * grid.cell_height) / 1280
        position = self.first_position + (y * 256).astype(np.int64)
        for k in range(take * b):
            a, z = starts[k], starts[k + 1]
            m = z - a + 1
            if at + m > job.tokens:
                break
            r, p = divmod(k, b)
            inputs[at] = position[r]
            inputs[at + 1 : at + m] = ids[a:z]
            targets[at : at + m - 1] = ids[a:z]
            targets[at + m - 1] = self.eos
            row[at : at + m] = p * take + r
            step[at : at + m] = np.arange(m)
            cell[at : at + m - 1] = cells[a:z]
            last = flat[k]
            cell[at + m - 1] = len(last) + int(self.alphabet.is_wide(self.alphabet.glyphs(
                np.frombuffer(last.encode("utf-32-le"), np.uint32))).sum()) if last else 0
            at += m
        return Batch(job, glyphs, rates, rows, inputs, targets, row, step, np.minimum(cell, job.columns), int(step[:n].max()) + 1)
