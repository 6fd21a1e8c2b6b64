"""Line reading: the decoder over many rows that share a page's prefix."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from .attention import attend
from .geometry import GRIDS
from .model import CodecModel


@dataclass
class RowTokens:
    """The tokens of the same rows of every page, laid end to end and padded to a fixed length.

    inputs   [N] token ids; each row starts with its position token
    targets  [N] the token that follows, the end of row last; -100 for padding
    row      [N] page * L + number of the row; padding: B * L
    step     [N] place in its row
    cells    [N] cells already read
    rows     [L] which rows of the page, the same for all pages
    longest  the largest step + 1
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    row: torch.Tensor
    step: torch.Tensor
    cells: torch.Tensor
    rows: torch.Tensor
    longest: int


def row_states(model: CodecModel, tokens, additions, text: RowTokens):
    """Runs the decoder with teacher forcing.

    tokens [B, g * g, d]; additions [B, L, columns + 1, d] from `row_inputs`.
    Returns final states [B * P + N, d] (the prefix's first) and the experts' balance loss.
    """
    b, rows = tokens.shape[0], len(text.rows)
    prefix = model.prefix(tokens)
    p, d = prefix.shape[1:]
    n, padded_t = text.inputs.shape[0], (text.longest + 7) // 8 * 8
    used = text.row < b * rows
    # Every token has its own slot in the padded [rows, longest] table; padding lies behind it.
    slot = torch.where(used, text.row * padded_t + text.step,
                       b * rows * padded_t + torch.arange(n, device=used.device))
    place = (text.row * additions.shape[2] + text.cells).clamp(max=b * rows * additions.shape[2] - 1)
    x = model.embed_tokens(text.inputs) + additions.flatten(0, 2).index_select(0, place)
    x = torch.cat([prefix.flatten(0, 1), x.to(prefix.dtype)])  # [B * P + N, d]
    positions = torch.cat([torch.arange(p, device=x.device).repeat(b), p + text.step])
    cos, sin = model.rotary(positions)
    mask = torch.ones(padded_t, p + padded_t, dtype=torch.bool, device=x.device).tril(p)

    heads = model.config.heads
    split = b * p
    balance = 0.0

    def table(v):  # [N, h, e] -> [B * L, h, T, e]
        out = v.new_zeros(b * rows * padded_t + n, *v.shape[1:]).index_copy(0, slot, v[split:])
        return out[: b * rows * padded_t].view(b * rows, padded_t, *v.shape[1:]).transpose(1, 2)

    def shared(v):  # [B * P, h, e] -> [B, h, P, e]
        return v[:split].view(b, p, heads, -1).transpose(1, 2)

    def all_keys(v):  # each row sees its page's prefix, then itself
        own, prefix_part = table(v), shared(v)
        wide = prefix_part[:, None].expand(b, rows, *prefix_part.shape[1:]).flatten(0, 1)
        return torch.cat([wide, own], 2)

    for layer in model.layers:
        q, k, v = layer.before(x, cos, sin)
        over_prefix = attend(shared(q), shared(k), shared(v), causal=True).transpose(1, 2).reshape(split, d)
        over_rows = attend(table(q), all_keys(k), all_keys(v), mask=mask).transpose(1, 2).reshape(-1, d)
        over_rows = torch.cat([over_rows, over_rows.new_zeros(n, d)]).index_select(0, slot)
        x, aux = layer.after(x, torch.cat([over_prefix, over_rows]))
        balance = balance + aux
    return model.norm(x), balance


class RowReader:
    """Greedy reading with a key/value cache: what the C++ library does, without its speed.

    `token_bytes`: the bytes of every id; `width_of`: the cells that a character takes.
    """

    def __init__(self, model: CodecModel, token_bytes: list[bytes], width_of):
        self.model, self.token_bytes, self.width_of = model, token_bytes, width_of

    def cells(self, ids) -> int:
        text = b"".join(self.token_bytes[i] for i in ids)
        complete = text.decode("utf-8", "ignore") if text else ""
        return sum(self.width_of(ch) for ch in complete)

    @torch.no_grad()
    def read(self, tokens, columns: int, lengths, max_steps: int = 240) -> list[list[bytes]]:
        """tokens [B, n, d] as stored; lengths [B][rows] cells used. Returns the bytes of every row."""
        model, c, grid = self.model, self.model.config, GRIDS[columns]
        b, rows = tokens.shape[0], grid.rows
        device = tokens.device
        features = model.glyph_reader.features(tokens, columns)
        index = torch.arange(rows, device=device)
        additions = model.row_inputs(features, index, columns).flatten(0, 1)  # [B * rows, columns + 1, d]
        prefix = model.prefix(tokens)
        p = prefix.shape[1]
        caches = self._prefill(prefix, rows)
        ids: list[list[int]] = [[] for _ in range(b * rows)]
        want = [n for page in lengths for n in page]
        done = [n == 0 for n in want]
        current = model.position_token(index, columns).repeat(b)
        cells = torch.zeros(b * rows, dtype=torch.long, device=device)
        each = torch.arange(b * rows, device=device)
        for step in range(max_steps):
            x = model.embed_tokens(current) + additions[each, cells.clamp(max=columns)]
            hidden = self._step(x.to(prefix.dtype), caches, p + step)
            logits = (hidden @ model.embed_tokens.weight.to(hidden.dtype).T).float()
            logits[:, c.first_position :] = float("-inf")  # text only: the rows' lengths are known
            choice = logits.argmax(-1).tolist()
            for r, token in enumerate(choice):
                if not done[r]:
                    ids[r].append(token)
                    n = self.cells(ids[r])
                    cells[r] = n
                    done[r] = n >= want[r]
            if all(done):
                break
            current = torch.tensor(choice, device=device)
        out = [b"".join(self.token_bytes[i] for i in row) for row in ids]
        return [out[i * rows : (i + 1) * rows] for i in range(b)]

    def _prefill(self, prefix, rows: int):
        model = self.model
        b, p, d = prefix.shape
        x = prefix.flatten(0, 1)
        cos, sin = model.rotary(torch.arange(p, device=x.device).repeat(b))
        caches = []
        for layer in model.layers:
            q, k, v = (t.view(b, p, model.config.heads, -1).transpose(1, 2) for t in layer.before(x, cos, sin))
            x, _ = layer.after(x, attend(q, k, v, causal=True).transpose(1, 2).reshape(b * p, d))
            caches.append([t[:, None].expand(b, rows, *t.shape[1:]).flatten(0, 1) for t in (k, v)])
        return caches

    def _step(self, x, caches, position: int):
        model = self.model
        n, d = x.shape
        cos, sin = model.rotary(torch.full((n,), position, device=x.device))
        for layer, cache in zip(model.layers, caches):
            q, k, v = (t[:, :, None] for t in layer.before(x, cos, sin))
            cache[0], cache[1] = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
            x, _ = layer.after(x, attend(q, cache[0], cache[1]).reshape(n, d))
        return model.norm(x)
