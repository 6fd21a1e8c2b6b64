import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fovea.training.network import checkpoint
from fovea.training.network.alphabet import PageDrawer
from fovea.training.network.geometry import SIDES, cell_map
from fovea.training.network.model import quantised
from fovea.training.network.readers import GlyphReader
from fovea.training.network.reading import RowReader, RowTokens, row_states
from fovea.training.run.curriculum import Curriculum
from fovea.training.run.optim import Optimiser, orthogonalised
from fovea.training.run.pages import BatchMaker, Job
from fovea.training.run.stages import schedule
from fovea.training.run.train import main
from fovea.training.run.trainer import FIGURES, Trainer
from fovea.training.text.corpus import Corpus
from fovea.training.text.tokenizer import token_bytes


def batch_of(alphabet, tokenizer, model, level="tiny", columns=64, pages=2, tokens=600):
    c = model.config
    maker = BatchMaker(Corpus.builtin(), tokenizer, alphabet, c.first_position, c.eos)
    return maker(Job(1, columns, level, pages, tokens, {"prose": 1, "code": 1}, partial=0))


def tensors_of(batch):
    names = ("inputs", "targets", "row", "step", "cells", "rows")
    return RowTokens(*(torch.from_numpy(getattr(batch, n)).long() for n in names), batch.longest)


@pytest.mark.parametrize("level", ["large", "base", "small", "tiny", "faint", "trace"])
def test_a_page_becomes_the_levels_number_of_vision_tokens(model, level):
    side = SIDES[level]
    with torch.no_grad():
        tokens, patches = model.raw_tokens(torch.zeros(1, 1, side, side))
    assert tokens.shape == (1, (side // 64) ** 2, model.config.width)
    assert patches.shape == ((side // 16) ** 2, model.config.sam_width)


def test_vision_tokens_have_eight_bits(model):
    v = quantised(torch.randn(1, 4, 32))
    scale = v.abs().amax(-1, keepdim=True) / 127
    assert torch.allclose(v / scale, (v / scale).round(), atol=1e-3)


def test_features_of_some_rows_and_of_single_places_are_those_of_the_page(model):
    tokens, rows = torch.randn(2, 64, model.config.width), torch.tensor([39, 3])
    reader = GlyphReader(model.config.width, 12, model.config, refine=False)
    with torch.no_grad():
        page = reader.features(tokens, 80)
        assert torch.allclose(reader.features(tokens, 80, rows), page[:, rows], atol=1e-5)
        cells = cell_map(80, 8, "cpu")
        some = torch.tensor([[3, 700, 3199], [0, 81, 2000]])
        single = reader.at(tokens, cells.token[some], cells.offset[some])
        assert torch.allclose(single, page.flatten(1, 2)[torch.arange(2)[:, None], some], atol=1e-4)


def test_reading_step_by_step_equals_the_training_forward(model, alphabet, tokenizer):
    """The cached reader's choices, fed back as text, are the teacher-forced model's choices too."""
    batch = batch_of(alphabet, tokenizer, model)
    reader = RowReader(model, token_bytes(tokenizer), alphabet.width_of)
    with torch.no_grad():
        pixels = PageDrawer(alphabet, "cpu").draw(torch.from_numpy(batch.glyphs.astype(np.int64)), 64, 512)
        tokens, _ = model.encode(pixels)
        text = tensors_of(batch)
        features = model.glyph_reader.features(tokens, 64)[:, text.rows]
        states, _ = row_states(model, tokens, model.row_inputs(features, text.rows, 64), text)
        states = states[-len(text.inputs):]
        caches = reader._prefill(model.prefix(tokens), len(text.rows))
        additions = model.row_inputs(features, text.rows, 64).flatten(0, 1)
        for step in range(4):
            here = (text.step == step) & (text.row < 2 * len(text.rows))
            row = text.row[here]
            order = row.argsort()
            if not torch.equal(row[order], torch.arange(2 * len(text.rows))):
                break
            x = model.embed_tokens(text.inputs[here][order])
            x = x + additions[torch.arange(len(x)), text.cells[here][order]]
            hidden = reader._step(x, caches, model.prefix(tokens).shape[1] + step)
            assert torch.allclose(hidden, states[here][order], atol=1e-4)
    assert step >= 2


def test_a_checkpoint_comes_back_as_it_was_saved(model, atlas_folder, tokenizer, tmp_path):
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    frequency = np.full(model.config.vocab, 1 / model.config.vocab)
    checkpoint.save(tmp_path / "c", model, tmp_path / "tokenizer.json", atlas_folder, frequency,
                    levels=["tiny"], densities=[106])
    again = checkpoint.load(tmp_path / "c")
    assert again.config == model.config
    for (name, a), (_, b) in zip(sorted(model.state_dict().items()), sorted(again.state_dict().items())):
        assert (a - b).norm() <= 0.01 * a.norm(), name
    checkpoint.save(tmp_path / "d", again, tmp_path / "c" / "tokenizer.json", tmp_path / "c", frequency,
                    levels=["tiny"], densities=[106])
    assert json.loads((tmp_path / "d" / "config.json").read_text())["fovea"]["levels"] == ["tiny"]
    config = json.loads((tmp_path / "c" / "config.json").read_text())
    assert config["language_config"]["eos_token_id"] == model.config.vocab - 1


def test_orthogonalised_updates_have_singular_values_near_one():
    torch.manual_seed(0)
    for shape in ((2, 16, 48), (1, 48, 16)):
        s = torch.linalg.svdvals(orthogonalised(torch.randn(shape)).float())
        assert 0.3 < float(s.min()) and float(s.max()) < 1.4


def test_training_lowers_the_loss(model, alphabet, tokenizer):
    import copy

    cfg = {"weights": {"glyph_reader": 1.0, "patch_reader": 0.3, "balance": 0.01}, "reader_cells": 4096}
    trainer = Trainer(copy.deepcopy(model), alphabet, cfg, "cpu")
    optimiser = Optimiser(trainer.named_parameters(), 1e-3, 2e-3)
    batch = batch_of(alphabet, tokenizer, model)
    losses = []
    for _ in range(8):
        optimiser.zero()
        loss, figures = trainer(batch)
        loss.backward()
        assert optimiser.step(1.0)
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] - 0.3
    assert figures.shape == (FIGURES,)


def test_a_gradient_that_is_not_finite_changes_nothing():
    p = torch.nn.Parameter(torch.ones(4, 4))
    optimiser = Optimiser([("layers.w", p)], 1e-3, 1e-3)
    p.grad.fill_(float("nan"))
    assert not optimiser.step(1.0)
    assert torch.equal(p.data, torch.ones(4, 4))


def test_the_rate_warms_up_stays_and_falls():
    cfg = {"warmup": 10, "constant": 0.3, "floor": 0.01}
    assert schedule(0.0, 0, cfg) == pytest.approx(0.1)
    assert schedule(0.2, 50, cfg) == pytest.approx(1.0)
    assert schedule(1.0, 500, cfg) == pytest.approx(0.01)


def test_dense_pages_join_when_easier_ones_are_read():
    cfg = {"levels": {"tiny": 0.5, "large": 0.5}, "densities": {"32": 1, "64": 1, "106": 1}, "hardest": 100, "unlock": 0.75}
    c = Curriculum(cfg)
    assert c.open == {("tiny", 32)}
    c.learn(("tiny", 32), [1, 0.9, 0.8, 0.8])
    assert ("tiny", 64) in c.open and ("large", 106) in c.open and ("tiny", 106) not in c.open
    c.done = 0.5
    c.learn(("tiny", 32), [1, 0.9, 0.8, 0.8])
    assert ("tiny", 106) in c.open
    assert c.pick(3) == c.pick(3)


def test_the_command_trains_resumes_and_evaluates(tmp_path, atlas_folder, monkeypatch):
    builtin = Corpus.builtin
    monkeypatch.setattr("fovea.training.run.setup.Corpus", lambda *a, **k: builtin())
    cfg = {
        "model": dict(sam_width=32, sam_layers=3, sam_heads=2, sam_global=[2], neck=16, downsample=[24, 32], clip_layers=1,
                      clip_heads=2, width=32, layers=2, heads=2, dense_ffn=64, experts=4, expert_ffn=16, slots=8, vocab=900),
        "tokenizer": {"characters": {"prose": 20000, "code": 20000}},
        "levels": {"tiny": 1.0}, "densities": {"32": 1, "64": 1}, "hardest": 60, "mix": {"prose": 1, "code": 1},
        "patches": 1024, "tokens": 700, "reader_cells": 500, "adamw_lr": 1e-3, "muon_lr": 2e-3, "warmup": 2, "constant": 0.3, "floor": 0.01,
        "unlock": 0.75, "weights": {"glyph_reader": 1.0, "patch_reader": 0.3, "balance": 0.01}, "compile": False, "seed": 1,
    }
    (tmp_path / "toy.json").write_text(json.dumps(cfg))
    common = ["--config", str(tmp_path / "toy.json"), "--corpus", "-", "--steps", "4", "--workers", "1", "--cpu"]
    main([*common, "--atlas", str(atlas_folder), "--evaluate", "64", "--pages", "1", "--out", str(tmp_path / "a")])
    assert "evaluation tiny 64" in (tmp_path / "a" / "train.log").read_text()
    main([*common, "--from", str(tmp_path / "a" / "checkpoint"), "--evaluate", "", "--out", str(tmp_path / "b")])
    assert (tmp_path / "b" / "checkpoint" / "model.safetensors").stat().st_size > 10000
