"""What a run works with, made in the one order that works: workers are forked before a GPU is touched."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..network import checkpoint
from ..network.alphabet import Alphabet
from ..network.model import CodecModel, initialise, with_new_encoder
from ..network.model_config import ENCODER_SIZES, ModelConfig
from ..network.token_code import add_codes
from ..text import tokenizer as bpe
from ..text.corpus import Corpus
from .config import ConfigError
from .feed import Feed
from .log import Log
from .pages import BatchMaker
from .ranks import Ranks
from .stages import stages_of
from .trainer import Trainer


@dataclass
class Parts:
    """`atlas`: its folder. `reads`: the run starts from a checkpoint that has learned to read pages."""

    out: Path
    ranks: Ranks
    log: Log
    atlas: Path
    alphabet: Alphabet
    sizes: ModelConfig
    corpus: Corpus
    tokenizer_file: Path
    tokenizer: object
    feed: Feed
    device: str
    reads: bool
    trainer: Trainer


def setup(args, cfg: dict, facts: dict) -> Parts:
    """`facts`: state.json of the run to go on with, empty for a new one."""
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    ranks = Ranks.of_environment()
    log = Log(out, ranks.first, facts.get("wall", 0.0))
    atlas = out / "atlas" if facts else Path(args.source or args.atlas)
    alphabet = Alphabet.load(atlas)
    sizes = sizes_of(args, cfg, facts, alphabet)
    check_weights(cfg, sizes)
    if not facts and ranks.first:
        keep_atlas(out / "atlas", atlas, alphabet)
    corpus = Corpus(args.corpus, alphabet=alphabet.narrow[2:] + alphabet.wide, max_characters=args.max_characters)
    tokenizer_file, given = out / "tokenizer.json", None if facts else given_tokenizer(args)
    if not facts and ranks.first:
        make_tokenizer(tokenizer_file, given, corpus, cfg, sizes.first_position)
    tokenizer = load_tokenizer(tokenizer_file, given, sizes.first_position)
    log("tokenizer", tokenizer.get_vocab_size())
    maker = BatchMaker(corpus, tokenizer, alphabet, sizes.first_position, sizes.eos)
    feed = Feed(maker, args.workers, ranks.rank, ranks.count)
    device = ranks.join(args.cpu)
    model = model_of(args, cfg, facts, sizes, log)
    trainer = Trainer(model, alphabet, cfg, device).to(device)
    check_stages(cfg, trainer)
    log(f"parameters {sum(p.numel() for p in model.parameters()) / 1e6:.2f} M, {ranks.count} rank(s), {device}")
    if cfg["compile"] and device != "cpu":
        trainer.compile()
    return Parts(out, ranks, log, atlas, alphabet, sizes, corpus, tokenizer_file, tokenizer, feed, device,
                 starts_reading(args, facts, sizes), trainer)


def held_out_corpus(args, alphabet: Alphabet) -> Corpus:
    return Corpus(args.corpus, split="validation", alphabet=alphabet.narrow[2:])


def sizes_of(args, cfg: dict, facts: dict, alphabet: Alphabet) -> ModelConfig:
    if facts:
        return checkpoint.sizes_of(facts["sizes"])
    if args.source:
        return with_wanted_encoder(checkpoint.config_of(args.source), checkpoint.sizes_of(cfg["model"]), cfg)
    return checkpoint.sizes_of({"characters": alphabet.classes, "groups": alphabet.groups, **cfg["model"]})


def with_wanted_encoder(sizes: ModelConfig, wanted: ModelConfig, cfg: dict) -> ModelConfig:
    """A checkpoint's sizes, but those of the configuration's encoder if that is of another kind."""
    if cfg["model"].get("encoder", sizes.encoder) == sizes.encoder:
        return sizes
    return dataclasses.replace(sizes, **{name: getattr(wanted, name) for name in ENCODER_SIZES})


def starts_reading(args, facts: dict, sizes: ModelConfig) -> bool:
    return bool(args.source and not facts) and checkpoint.config_of(args.source).encoder == sizes.encoder


def check_weights(cfg: dict, sizes: ModelConfig) -> None:
    """Raises ConfigError: the patch reader reads what only the encoder of pictures has."""
    if sizes.encoder == "pooled" and any(stage.cfg["weights"]["patch_reader"] for stage in stages_of(cfg)):
        raise ConfigError('"weights.patch_reader" must be 0: the pooled encoder has no first tower to read from')


def check_stages(cfg: dict, trainer: Trainer) -> None:
    for stage in stages_of(cfg):
        if not any(stage.learns(name) for name, _ in trainer.named_parameters()):
            raise ConfigError(f'stage "{stage.name}" trains nothing: this model has no {" or ".join(stage.parts)}')


def keep_atlas(folder: Path, source: Path, alphabet: Alphabet) -> None:
    """The run's folder keeps the atlas, as the tokenizer: going on and exporting need no others."""
    folder.mkdir(exist_ok=True)
    (folder / "atlas.json").write_text(json.dumps(alphabet.description) + "\n")
    shutil.copyfile(source / "atlas.png", folder / "atlas.png")


def given_tokenizer(args) -> Path | None:
    if args.tokenizer:
        return Path(args.tokenizer)
    return Path(args.source) / "tokenizer.json" if args.source else None


def make_tokenizer(file: Path, given: Path | None, corpus: Corpus, cfg: dict, size: int) -> None:
    """Copies the one given, or trains one. The file appears whole."""
    part = file.with_suffix(".part")
    if given:
        shutil.copyfile(given, part)
    else:
        rng = np.random.default_rng(cfg["seed"])
        texts = (corpus.sample(rng, domain, 4000)
                 for domain, n in cfg["tokenizer"]["characters"].items() for _ in range(n // 4000))
        bpe.train(texts, size).save(str(part))
    part.replace(file)


def load_tokenizer(file: Path, given: Path | None, room: int):
    """The one given, or the one that the first rank makes."""
    from tokenizers import Tokenizer

    while not file.exists():
        time.sleep(0.5)
    tokenizer = Tokenizer.from_file(str(given or file))
    if tokenizer.get_vocab_size() > room:
        raise SystemExit(f"the tokenizer has {tokenizer.get_vocab_size()} tokens, the model room for {room}")
    return tokenizer


def model_of(args, cfg: dict, facts: dict, sizes: ModelConfig, log: Log) -> CodecModel:
    """New, or with the weights of --from; those of a training state come later."""
    torch.manual_seed(cfg["seed"])
    if args.source and not facts:
        model = checkpoint.load(args.source)
        if model.config.encoder != sizes.encoder:
            log(f"the encoder is new ({sizes.encoder}, not {model.config.encoder}); readers and decoder are those of "
                f"{args.source}")
            model = with_new_encoder(model, sizes)
    else:
        model = CodecModel(sizes)
        initialise(model)
        add_codes(model, facts.get("codes", {}))
    code = cfg["token_code"]
    if model.token_code and not code:
        log("the token code of the checkpoint is left out, because its weights will change; "
            "`python -m fovea.training code` makes one of the result")
        model.token_code.clear()
    missing = [level for level in code.get("bits", {}) if level not in model.token_code]
    if missing:
        raise SystemExit(f"the configuration steers a token code, but level {missing[0]} has none; "
                         "`python -m fovea.training code` gives one to a checkpoint")
    return model
