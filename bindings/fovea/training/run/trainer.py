"""The loss: next-token prediction through the pages, and the glyph readers beside it."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from ..network.alphabet import Alphabet
from ..network.geometry import GRIDS, SIDES
from ..network.model import CodecModel, disturbed, quantised
from ..network.readers import GlyphReader
from ..network.reading import RowTokens, row_states
from .pages import Batch


FIGURES = 6  # that `Trainer` gives beside the loss


class Trainer(torch.nn.Module):
    """The model with what only training needs, and its loss."""

    def __init__(self, model: CodecModel, alphabet: Alphabet, cfg: dict, device):
        super().__init__()
        self.model, self.weights, self.device = model, cfg["weights"], device
        self.reader_cells = cfg["reader_cells"]
        self.rates = (cfg.get("token_code") or {}).get("weights", {})
        self.disturbance = {level: torch.tensor(steps) for level, steps in cfg.get("disturbance", {}).items()}
        # A second glyph reader on the first tower's patches: it makes that tower learn early.
        self.patch_reader = None
        if not model.pooled_encoder:
            self.patch_reader = GlyphReader(model.config.sam_width, 12, model.config, refine=False)
            for p in self.patch_reader.parameters():
                if p.dim() >= 2:
                    torch.nn.init.normal_(p, std=0.02)
        self.drawer = model.drawer(alphabet, device)
        self.register_buffer("class_of", torch.from_numpy(alphabet.class_of_glyph()), persistent=False)

    def compile(self) -> None:
        """Compiles what runs on flat tokens; lengths are the same for all levels, so once each."""
        torch._dynamo.config.recompile_limit = 64
        for block in () if self.model.pooled_encoder else self.model.sam_model.blocks:
            block.before = torch.compile(block.before, dynamic=False)
            block.after = torch.compile(block.after, dynamic=False)
        for layer in self.model.layers:
            layer.before = torch.compile(layer.before, dynamic=False)
            layer.after = torch.compile(layer.after, dynamic=False)
        self.token_loss = torch.compile(self.token_loss, dynamic=False)
        self.reader_loss = torch.compile(self.reader_loss, dynamic=False)

    def token_loss(self, states, targets):
        """-> cross-entropy and the share of tokens right."""
        logits = F.linear(states, self.model.embed_tokens.weight.to(states.dtype)).float()
        loss = F.cross_entropy(logits, targets, ignore_index=-100)
        here = targets >= 0
        right = ((logits.argmax(-1) == targets) & here).sum() / here.sum()
        return loss, right

    def reader_loss(self, features, classes):
        return self.model.glyph_reader.head.loss(features, classes)

    def forward(self, batch: Batch):
        """-> loss, [loss, token accuracy, glyph reader's, patch reader's accuracy, bits of the tokens of full pages
        at the code's first rate, number of these tokens]."""
        columns, model = batch.job.columns, self.model

        def to(a):
            return torch.from_numpy(np.ascontiguousarray(a)).to(self.device, torch.long)

        glyphs = to(batch.glyphs.astype(np.int32))
        text = RowTokens(to(batch.inputs), to(batch.targets), to(batch.row), to(batch.step), to(batch.cells),
                         to(batch.rows), batch.longest)
        classes = self.class_of[glyphs]
        kind = torch.device(self.device).type
        with torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
            raw, patches = model.raw_tokens(self.drawer.draw(glyphs, columns, SIDES[batch.job.level]))
            tokens, rate, cost = self._stored(raw, glyphs, to(batch.rates), batch.job.level)
            features = model.glyph_reader.features(tokens, columns, text.rows)
            # A fixed number of cells: one compilation, and the many characters cost memory.
            some = torch.randint(0, features.shape[:-1].numel(), (self.reader_cells,), device=self.device)
            reader_loss, reader_right = self.reader_loss(features.flatten(0, 2)[some],
                                                         classes[:, text.rows].flatten()[some])
            patch_loss = patch_right = reader_loss.new_zeros(())
            if self.weights["patch_reader"]:
                patch_loss, patch_right = self._patch_loss(patches, classes, columns, SIDES[batch.job.level] // 16)
            additions = model.row_inputs(features, text.rows, columns)
            states, balance = row_states(model, tokens, additions, text)
            targets = torch.cat([text.targets.new_full((len(states) - len(text.targets),), -100), text.targets])
            token_loss, right = self.token_loss(states, targets)
        w = self.weights
        loss = token_loss + w["glyph_reader"] * reader_loss + w["patch_reader"] * patch_loss + w["balance"] * balance
        loss = loss + rate
        return loss, torch.cat([torch.stack([token_loss.detach(), right, reader_right, patch_right]).float(), cost])

    def _stored(self, raw, glyphs, rates, level: str):
        """-> tokens as they come back from the store, the bits' part of the loss, what full pages cost [2]."""
        code = self.model.code_of(raw)
        if code is None:
            tokens, steps = quantised(raw), self.disturbance.get(level)
            if steps is not None:
                tokens = disturbed(tokens, steps[torch.randint(len(steps), (len(raw),))].to(raw.device))
            return tokens, 0.0, raw.new_zeros(2, dtype=torch.float32)
        tokens, bits = code.learn(raw, rates)
        full = (glyphs[:, -1] > 0).any(1) & (rates == 0)
        cost = torch.stack([(bits.detach() * full[:, None]).sum(), full.sum() * float(bits.shape[1])])
        cells = glyphs.shape[1] * glyphs.shape[2]
        # A page that may take more bits has something that is hard to read: its bits weigh less.
        weighed = bits.mean(1) * code.rates[rates]
        return tokens.to(raw.dtype), self.rates.get(level, 0.0) * weighed.mean() * bits.shape[1] / cells, cost

    def _patch_loss(self, patches, classes, columns: int, side: int):
        """The patch reader at random cells, as many of each page."""
        b, grid, window = classes.shape[0], GRIDS[columns], self.model.config.window
        each = min(256, max(1, self.reader_cells // 8 // b))
        row = torch.randint(0, grid.rows, (b, each), device=self.device)
        column = torch.randint(0, columns, (b, each), device=self.device)
        x = (grid.margin_x + (column + 0.5) * grid.cell_width) / 1280 * side
        y = (grid.margin_y + (row + 0.5) * grid.cell_height) / 1280 * side
        px, py = x.long(), y.long()
        across = side // window
        index = ((py // window) * across + px // window) * window**2 + py % window * window + px % window
        features = self.patch_reader.at(patches.view(b, side * side, -1), index, torch.stack([x - px, y - py], -1))
        target = classes[torch.arange(b, device=self.device)[:, None], row, column]
        return self.patch_reader.head.loss(features.flatten(0, 1), target.flatten())
