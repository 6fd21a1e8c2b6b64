"""The control without a picture: characters pooled over each vision token's cells, all else as for pictures."""

import copy
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from conftest import TOY  # noqa: E402
from test_training_model import batch_of  # noqa: E402
from test_training_run import TOY as RUN  # noqa: E402

from fovea.training.__main__ import main  # noqa: E402
from fovea.training.measure.evaluate import Evaluator  # noqa: E402
from fovea.training.network import checkpoint  # noqa: E402
from fovea.training.network.geometry import GRIDS, SIDES, cell_map  # noqa: E402
from fovea.training.network.model import ENCODER_PARTS, CodecModel, initialise, with_new_encoder  # noqa: E402
from fovea.training.network.model_config import ModelConfig  # noqa: E402
from fovea.training.network.pooled_encoder import PLACES, PageCells, PooledEncoder  # noqa: E402
from fovea.training.run import config, state  # noqa: E402
from fovea.training.run.optim import Optimiser  # noqa: E402
from fovea.training.run.setup import model_of, sizes_of  # noqa: E402
from fovea.training.run.stages import part_of  # noqa: E402
from fovea.training.run.trainer import Trainer  # noqa: E402

CONTROL = dict(encoder="pooled", pool_features=12, pool_waves=(4, 8), pool_layers=2)
WEIGHTS = {"glyph_reader": 1.0, "patch_reader": 0.0, "balance": 0.01}
TOY_RUN = {**RUN, "model": {**RUN["model"], **CONTROL, "pool_waves": [4, 8]}, "weights": WEIGHTS}


def pooled_model(alphabet, **sizes):
    torch.manual_seed(0)
    model = CodecModel(ModelConfig(characters=alphabet.classes, **{**TOY, **CONTROL, "vocab": 758, **sizes}))
    initialise(model)
    return model


@pytest.fixture(scope="module")
def pooled(alphabet):
    return pooled_model(alphabet).eval()


def page_of(alphabet, columns, level, seed=0):
    glyphs = np.random.default_rng(seed).integers(1, len(alphabet.narrow), (2, GRIDS[columns].rows, columns))
    return torch.from_numpy(glyphs), SIDES[level]


def test_the_two_that_are_compared_differ_in_the_encoder_alone():
    drawn, control = (config.load(config.DEFAULT.with_name(f"{name}_characters.json")) for name in ("drawn", "pooled"))
    assert drawn["model"] == {} and control["model"] == {"encoder": "pooled"}
    assert control["weights"] == {**drawn["weights"], "patch_reader": 0}
    same = [key for key in drawn if key not in ("model", "weights", "description")]
    assert {key: drawn[key] for key in same} == {key: control[key] for key in same}
    sizes = {"characters": 43119, "vocab": 12544}
    image, pooled = (CodecModel(ModelConfig(**sizes, **cfg["model"])) for cfg in (drawn, control))
    counts = [sum(p.numel() for n, p in m.named_parameters() if n.startswith(ENCODER_PARTS)) for m in (image, pooled)]
    assert counts[1] == pytest.approx(counts[0], rel=0.02)
    rest = [{n: p.shape for n, p in m.named_parameters() if not n.startswith(ENCODER_PARTS)} for m in (image, pooled)]
    assert rest[0] == rest[1]


@pytest.mark.parametrize("level", ["large", "base", "small", "tiny", "faint", "trace"])
def test_a_page_becomes_the_levels_number_of_vision_tokens(pooled, alphabet, level):
    glyphs, side = page_of(alphabet, 106, level)
    with torch.no_grad():
        tokens, patches = pooled.raw_tokens(pooled.drawer(alphabet, "cpu").draw(glyphs, 106, side))
    assert tokens.shape == (2, (side // 64) ** 2, pooled.config.width) and patches is None


def test_a_token_depends_on_its_own_cells_and_on_their_places(pooled, alphabet):
    glyphs, side = page_of(alphabet, 80, "tiny")
    drawer = pooled.drawer(alphabet, "cpu")
    cells = cell_map(80, 8, "cpu")
    here = torch.nonzero(cells.token == 27)[:, 0]

    def tokens_of(changed):
        with torch.no_grad():
            return pooled.raw_tokens(drawer.draw(changed, 80, side))[0]

    before = tokens_of(glyphs)
    swapped = glyphs.flatten(1).clone()
    swapped[0, here[0]], swapped[0, here[1]] = 5, 6
    one = tokens_of(swapped.view_as(glyphs))
    swapped[0, here[0]], swapped[0, here[1]] = 6, 5
    other = tokens_of(swapped.view_as(glyphs))
    moved = (one - before).abs().amax(-1) > 1e-6
    assert moved[0].nonzero().flatten().tolist() == [27] and not moved[1].any()
    assert float((one - other)[0, 27].norm()) > 0.01 * float(one[0, 27].norm())  # the same characters, swapped


def test_a_block_of_cells_is_averaged(pooled, alphabet):
    """As a loop over cells has it, before the linear layer."""
    encoder = pooled.pooled_encoder
    page = PageCells(torch.randint(0, alphabet.classes, (1, 40, 80)), 4)
    cells, seen = cell_map(80, 4, "cpu"), []
    handle = encoder.norm.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        encoder(page)
        handle.remove()
        here = torch.nonzero(cells.token == 6)[:, 0]
        total = torch.zeros(32, 12)
        for cell in here.tolist():
            x, y = (int(v * n) for v, n in zip(cells.offset[cell], PLACES[::-1]))
            total += torch.outer(encoder.places[y, x], encoder.characters(page.classes.flatten()[cell]))
    assert torch.allclose(seen[0][0, 6], (total / len(here)).flatten(), atol=1e-5)


@pytest.mark.parametrize("columns", [c for c in GRIDS if c > 32])
def test_no_two_cells_of_a_token_share_a_place(columns):
    for side in SIDES.values():
        cells = cell_map(columns, side // 64, "cpu")
        x, y = (cells.offset * torch.tensor(PLACES[::-1])).long().unbind(-1)
        assert len(set(zip(cells.token.tolist(), y.tolist(), x.tolist()))) == len(cells.token)
        assert int(x.max()) < PLACES[1] and int(y.max()) < PLACES[0]


def test_places_begin_as_waves_that_tell_them_apart(alphabet):
    encoder = PooledEncoder(ModelConfig(characters=10, pool_waves=(20, 40), pool_features=2, width=8, pool_layers=0))
    encoder.initialise()
    table = encoder.places.flatten(0, 1).detach()
    gram = table @ table.T / table.shape[1]
    assert float((gram - torch.diag(gram.diagonal())).abs().max()) < 0.05 * float(gram.diagonal().min())


def test_training_lowers_the_loss_and_a_few_pages_are_learned_by_heart(alphabet, tokenizer):
    model = pooled_model(alphabet, width=48, slots=16, pool_features=16)
    trainer = Trainer(model, alphabet, {"weights": WEIGHTS, "reader_cells": 2048}, "cpu")
    assert trainer.patch_reader is None and {part_of(n) for n, _ in trainer.named_parameters()} == {
        "pooled_encoder", "projector", "glyph_reader", "decoder"}
    optimiser = Optimiser(trainer.named_parameters(), 3e-3, 1e-2)
    assert {"model.pooled_encoder.characters.weight", "model.pooled_encoder.places"} <= {n for n, _ in optimiser.rest}
    batch = batch_of(alphabet, tokenizer, model, columns=32, pages=2, tokens=300)
    first = None
    for step in range(150):
        optimiser.zero()
        loss, figures = trainer(batch)
        loss.backward()
        assert optimiser.step(min(1.0, (step + 1) / 10))
        first = first or loss.item()
    assert loss.item() < 0.4 * first
    assert float(figures[1]) > 0.95  # of the decoder's tokens


def test_a_checkpoint_comes_back_and_evaluate_reads_it(pooled, alphabet, atlas_folder, tokenizer, tmp_path, capsys):
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    checkpoint.save(tmp_path / "c", pooled, tmp_path / "tokenizer.json", atlas_folder,
                    np.full(pooled.config.vocab, 1 / pooled.config.vocab), levels=["tiny", "trace"], densities=[64])
    again = checkpoint.load(tmp_path / "c")
    for (name, a), (_, b) in zip(sorted(pooled.state_dict().items()), sorted(again.state_dict().items())):
        assert (a - b).norm() <= 0.01 * a.norm(), name
    described = json.loads((tmp_path / "c" / "config.json").read_text())
    assert described["fovea"]["encoder"] == {"kind": "pooled", "features": 12, "waves": [4, 8], "layers": 2}
    assert "vision_config" not in described and again.config.encoder == "pooled"

    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "poems.txt").write_text("a rose is a rose\n" * 300)
    main(["evaluate", "--checkpoint", str(tmp_path / "c"), "--texts", str(tmp_path / "texts"), "--cpu", "--pages", "2",
          "--levels", "trace", "--densities", "64", "--out", str(tmp_path / "found.json")])
    found = json.loads((tmp_path / "found.json").read_text())
    poems = found["rows"][0]["kinds"]["poems"]
    assert found["encoder"] == "pooled" and poems["bytes"] == 16 * (pooled.config.width + 4)
    assert sum(page["characters"] for page in poems["pages"]) == poems["characters"] == 2 * 64 * 32
    wrong = sum(page["errors"] for page in poems["pages"])
    assert poems["accuracy"] == pytest.approx(1 - wrong / poems["characters"], abs=1e-5)


def test_pages_that_are_empty_count_nothing(pooled, alphabet, tokenizer):
    found = Evaluator(pooled, tokenizer, alphabet, "cpu").measure(["", "ab"], 64, "trace")
    assert [page["characters"] for page in found["pages"]] == [0, 2]


@pytest.fixture(scope="module")
def common(tmp_path_factory, corpus_folder):
    file = tmp_path_factory.mktemp("config") / "toy.json"
    file.write_text(json.dumps(TOY_RUN))
    return ["train", "--config", str(file), "--corpus", str(corpus_folder), "--workers", "1", "--cpu", "--evaluate", ""]


@pytest.fixture(scope="module")
def whole(common, atlas_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "whole"
    main([*common, "--atlas", str(atlas_folder), "--steps", "12", "--out", str(out)])
    return out


def test_a_run_goes_on_as_if_it_had_not_stopped_is_coded_and_exported(common, whole, atlas_folder, corpus_folder, tmp_path):
    again = tmp_path / "run"
    main([*common, "--atlas", str(atlas_folder), "--steps", "6", "--out", str(again)])
    main([*common, "--steps", "12", "--out", str(again), "--resume"])
    first, second = (state.tensors_of(f, state.facts_of(f)) for f in (whole, again))
    assert first.keys() == second.keys()
    assert {"adamw.average.model.pooled_encoder.places", "muon.momentum.model.pooled_encoder.mix.weight"} <= first.keys()
    assert "learn (projector, pooled_encoder, glyph_reader, decoder)" in (whole / "train.log").read_text()
    main(["export", "--run", str(whole), "--out", str(tmp_path / "codec")])
    exported, saved = checkpoint.load(tmp_path / "codec"), checkpoint.load(whole / "checkpoint")
    assert all(torch.equal(t, exported.state_dict()[name]) for name, t in saved.state_dict().items())
    main(["code", "--from", str(tmp_path / "codec"), "--corpus", str(corpus_folder), "--cpu", "--tokens", "300",
          "--density", "64", "--out", str(tmp_path / "coded")])
    assert set(checkpoint.load(tmp_path / "coded").token_code) == {"tiny", "trace"}


def test_a_run_can_take_readers_and_decoder_from_a_codec_of_pictures(common, whole, model, atlas_folder, tokenizer,
                                                                     tmp_path, capsys):
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    checkpoint.save(tmp_path / "pictures", model, tmp_path / "tokenizer.json", atlas_folder,
                    np.full(model.config.vocab, 1 / model.config.vocab), levels=["tiny"], densities=[64])
    main([*common, "--from", str(tmp_path / "pictures"), "--steps", "2", "--out", str(tmp_path / "run")])
    assert "the encoder is new (pooled, not image)" in capsys.readouterr().out
    facts = state.facts_of(tmp_path / "run")
    assert facts["sizes"]["pool_layers"] == 2 and not facts["curriculum"]["start_open"]
    main([*common, "--from", str(tmp_path / "run" / "checkpoint"), "--steps", "2", "--out", str(tmp_path / "more")])
    assert state.facts_of(tmp_path / "more")["curriculum"]["start_open"]


def test_a_new_encoder_leaves_readers_and_decoder_as_they_were(model):
    changed = with_new_encoder(model, ModelConfig(**{**TOY, **CONTROL, "characters": model.config.characters}))
    before, after = model.state_dict(), changed.state_dict()
    assert all(torch.equal(t, before[name]) for name, t in after.items() if not name.startswith(ENCODER_PARTS))
    assert not any(name.startswith("sam_model") for name in after)
    back = with_new_encoder(changed, model.config)
    assert back.state_dict().keys() == before.keys()


def test_an_encoder_that_nothing_names_stays_that_of_the_checkpoint(whole):
    class Args:
        source = str(whole / "checkpoint")

    cfg = config.checked({**copy.deepcopy(TOY_RUN), "model": {}})
    sizes = sizes_of(Args, cfg, {}, None)
    assert sizes.encoder == "pooled" and sizes.pool_features == 12
    assert model_of(Args, cfg, {}, sizes, print).pooled_encoder


def test_what_a_control_cannot_do_is_a_clear_error(common, whole, corpus_folder, tmp_path, capsys):
    with pytest.raises(config.ConfigError, match='"model.encoder" is "pool"; known: image, pooled'):
        config.checked({**TOY_RUN, "model": {"encoder": "pool"}})
    for change, message in (
        ({"weights": {**WEIGHTS, "patch_reader": 0.3}}, '"weights.patch_reader" must be 0: the pooled encoder has no'),
        ({"stages": [{"name": "early", "share": 1, "train": ["first_tower"]}]}, 'stage "early" trains nothing: this'),
    ):
        (tmp_path / "bad.json").write_text(json.dumps({**TOY_RUN, **change}))
        with pytest.raises(SystemExit) as ended:
            main(["train", "--config", str(tmp_path / "bad.json"), *common[3:], "--from", str(whole / "checkpoint"),
                  "--steps", "1", "--out", str(tmp_path / "run")])
        assert ended.value.code == 2 and message in capsys.readouterr().err
