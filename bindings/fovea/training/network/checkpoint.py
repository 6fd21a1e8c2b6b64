"""Checkpoint folders: config.json, model.safetensors (8 bits a weight), tokenizer.json, atlas.png."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import torch

from .alphabet import FIRST, Alphabet
from .geometry import SIDES
from .model import CodecModel
from .model_config import ModelConfig
from .token_code import LevelCode

# Small or delicate matrices get 16 bits; `GlyphReader.address` places cells, so it is one of them.
_DELICATE = ("class_embedding", "image_newline", "view_seperator", "cursor",
          "mlp.gate.weight", "glyph_reader.address", "refiner.place", "token_frequency", "pooled_encoder.places")


def stored_tensors(model: CodecModel) -> dict[str, torch.Tensor]:
    """The model's tensors under DeepSeek-OCR's names, experts apart."""
    out = {}
    for name, t in model.state_dict().items():
        if name.startswith("token_code."):
            continue  # as `LevelCode.stored` gives it
        name = "model." + name
        t = t.detach().float()
        stacked = re.fullmatch(r"(.*\.mlp\.experts)\.(gate|up|down)_proj", name)
        if stacked:
            for e, part in enumerate(t):
                out[f"{stacked[1]}.{e}.{stacked[2]}_proj.weight"] = part.contiguous()
        else:
            out[name] = t.contiguous()
    return out


def quantise(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """8 bits with one scale a row for every matrix that bears it, 16 for the others, 32 for vectors.
    The scale that loses least is looked for below the largest value."""
    out = {}
    for name, t in tensors.items():
        if t.dim() < 2 or any(x in name for x in _DELICATE):
            out[name] = t if t.dim() < 2 else t.half()
            continue
        rows = t.flatten(1)
        top = rows.abs().amax(1, keepdim=True).clamp(min=1e-12)
        best, error = None, None
        for share in (1.0, 0.95, 0.9, 0.85, 0.8):
            scale = top * share / 127
            loss = ((rows / scale).round().clamp(-127, 127) * scale - rows).pow(2).sum(1, keepdim=True)
            best = scale if best is None else torch.where(loss < error, scale, best)
            error = loss if error is None else torch.minimum(loss, error)
        out[name] = (rows / best).round().clamp(-127, 127).to(torch.int8).view(t.shape)
        out[name + ".scale"] = best[:, 0].contiguous()
    return out


def describe(c: ModelConfig, atlas: dict, levels, densities, name: str) -> dict:
    """config.json: DeepSeek-OCR's keys, then fovea's."""
    language = {
        "architectures": ["DeepseekV2ForCausalLM"],
        "bos_token_id": c.bos,
        "eos_token_id": c.eos,
        "first_k_dense_replace": 1,
        "hidden_size": c.width,
        "intermediate_size": c.dense_ffn,
        "kv_lora_rank": None,
        "max_position_embeddings": 8192,
        "moe_intermediate_size": c.expert_ffn,
        "n_group": 1,
        "n_routed_experts": c.experts,
        "n_shared_experts": c.shared_experts,
        "num_attention_heads": c.heads,
        "num_experts_per_tok": c.experts_per_token,
        "num_hidden_layers": c.layers,
        "num_key_value_heads": c.heads,
        "q_lora_rank": None,
        "qk_nope_head_dim": 0,
        "qk_rope_head_dim": 0,
        "tie_word_embeddings": True,
        "topk_group": 1,
        "topk_method": "greedy",
        "use_mla": False,
        "v_head_dim": 0,
        "vocab_size": c.vocab,
    }
    if c.encoder == "pooled":
        pooled = {"kind": c.encoder, "features": c.pool_features, "waves": list(c.pool_waves), "layers": c.pool_layers}
        described, encoder = {}, {"encoder": pooled}
    else:
        described, encoder = _described_towers(c), {}
    return {
        "architectures": ["DeepseekOCRForCausalLM"],
        "model_type": "deepseek_vl_v2",
        "language_config": language,
        **described,
        "fovea": {
            "name": name,
            **encoder,
            "levels": list(levels),
            "densities": list(densities),
            "line_reading": {"first_position_token": c.first_position, "position_tokens": c.position_tokens},
            "cursor": {
                "features": c.cursor_features,
                "min_cycles": c.cursor_cycles[0],
                "max_cycles": c.cursor_cycles[1],
            },
            "glyph_reader": {
                "slots": c.slots,
                "features": c.slot_features,
                "hidden": c.head_hidden,
                "address_features": c.address_features,
                "address_hidden": c.address_hidden,
                "address_min_cycles": c.address_cycles[0],
                "address_max_cycles": c.address_cycles[1],
                "address_scale": c.address_scale,
                "refiner_hidden": c.refiner_hidden,
                "refiner_layers": c.refiner_layers,
            },
            "glimpse": {"cells": c.glimpse},
        },
        "atlas": atlas,
    }


def _described_towers(c: ModelConfig) -> dict:
    return {
        "projector_config": {
            "input_dim": 2 * c.downsample[1],
            "model_type": "mlp_projector",
            "n_embed": c.width,
            "projector_type": "linear",
        },
        "vision_config": {
            "image_size": 1024,
            "in_chans": 1,
            "width": {
                "clip-l-14-224": {
                    "heads": c.clip_heads,
                    "layers": c.clip_layers,
                    "patch_size": 14,
                    "width": c.downsample[1],
                },
                "sam_vit_b": {
                    "downsample_channels": list(c.downsample),
                    "global_attn_indexes": list(c.sam_global),
                    "heads": c.sam_heads,
                    "layers": c.sam_layers,
                    "neck_channels": c.neck,
                    "rel_pos": False,
                    "width": c.sam_width,
                    "window_size": c.window,
                },
            },
        },
    }


def save(folder, model: CodecModel, tokenizer_file, alphabet_folder, frequency, *, levels, densities,
         name="fovea-nano"):
    """Writes a checkpoint folder; model.safetensors appears whole or not at all."""
    from safetensors.torch import save_file

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    alphabet = Alphabet.load(alphabet_folder)
    tensors = {name: t.cpu() for name, t in quantise(stored_tensors(model)).items()}
    tensors["model.token_frequency"] = torch.as_tensor(frequency, dtype=torch.float32)
    save_file(tensors | tensors_of_codes(model.token_code), folder / "model.safetensors.part")
    (folder / "model.safetensors.part").replace(folder / "model.safetensors")
    config = describe(model.config, alphabet.description, levels, densities, name)
    if model.token_code:
        config["fovea"]["token_code"] = {"levels": described_codes(model.token_code)}
    (folder / "config.json").write_text(json.dumps(config, indent=1, ensure_ascii=True) + "\n")
    picture = Path(alphabet_folder) / "atlas.png"
    for source, target in ((Path(tokenizer_file), "tokenizer.json"), (picture, "atlas.png")):
        if source.resolve() != (folder / target).resolve():
            shutil.copyfile(source, folder / target)


def tensors_of_codes(codes) -> dict[str, torch.Tensor]:
    out = {}
    for level, code in codes.items():
        for part, t in code.stored().items():
            named = {f"token_code.{level}.{part}": t.detach().cpu().contiguous()}
            out |= named if part in ("frequencies", "gain") else quantise(named)
    return out


def _expanded(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights of 8 bits as float32, without their scales."""
    out = {}
    for name, t in tensors.items():
        if not name.endswith(".scale"):
            scale = tensors.get(name + ".scale")
            out[name] = t if scale is None else t.float() * scale.view(-1, *[1] * (t.dim() - 1))
    return out


def described_codes(codes) -> dict:
    return {level: code.described() for level, code in codes.items()}


def save_with_codes(folder, source, codes) -> None:
    """The checkpoint `source` with other token codes: all else stays as it is, to the bit.

    Tokens that `source` stores with 8 bits a value mean the same in the new checkpoint, which says so.
    """
    from safetensors.torch import load_file, save_file

    folder, source = Path(folder), Path(source)
    config = json.loads((source / "config.json").read_text())
    tensors = {name: t for name, t in load_file(source / "model.safetensors").items() if not name.startswith("token_code.")}
    before = config["fovea"].get("token_code")
    config["fovea"]["token_code"] = {
        "levels": described_codes(codes),
        "also_reads": before.get("also_reads", []) if before else [fingerprint(source)],
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors | tensors_of_codes(codes), folder / "model.safetensors.part")
    (folder / "model.safetensors.part").replace(folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config, indent=1, ensure_ascii=True) + "\n")
    for name in ("tokenizer.json", "atlas.png"):
        if folder.resolve() != source.resolve():
            shutil.copyfile(source / name, folder / name)


def fingerprint(folder) -> str:
    """SHA-256 over config.json and the tensors, 64 hex digits: what stores know the makers of tokens by."""
    folder = Path(folder)
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in ("config.json", "model.safetensors"))).hexdigest()


def sizes_of(values: dict) -> ModelConfig:
    """From JSON, which has lists for tuples."""
    return ModelConfig(**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})


def config_of(folder) -> ModelConfig:
    """Sizes of a checkpoint written by `save`."""
    d = json.loads((Path(folder) / "config.json").read_text())
    if "fovea" not in d:
        raise ValueError(f"{folder}: not a checkpoint of this package; config.json has no \"fovea\"")
    lang, f = d["language_config"], d["fovea"]
    reader, cursor = f["glyph_reader"], f["cursor"]
    alphabet = d["atlas"]
    return ModelConfig(
        characters=FIRST + len(alphabet["narrow"]) + len(alphabet["wide"]),
        groups=tuple(FIRST + first for first in alphabet.get("groups", ())),
        **_encoder_sizes(d),
        width=lang["hidden_size"],
        layers=lang["num_hidden_layers"],
        heads=lang["num_attention_heads"],
        dense_ffn=lang["intermediate_size"],
        experts=lang["n_routed_experts"],
        experts_per_token=lang["num_experts_per_tok"],
        expert_ffn=lang["moe_intermediate_size"],
        shared_experts=lang["n_shared_experts"],
        vocab=lang["vocab_size"],
        position_tokens=f["line_reading"]["position_tokens"],
        cursor_features=cursor["features"],
        cursor_cycles=(cursor["min_cycles"], cursor["max_cycles"]),
        slots=reader["slots"],
        slot_features=reader["features"],
        head_hidden=reader["hidden"],
        address_features=reader["address_features"],
        address_hidden=reader["address_hidden"],
        address_cycles=(reader["address_min_cycles"], reader["address_max_cycles"]),
        address_scale=reader["address_scale"],
        refiner_hidden=reader.get("refiner_hidden", 0),
        refiner_layers=reader.get("refiner_layers", 1),
        glimpse=f["glimpse"]["cells"],
    )


def _encoder_sizes(d: dict) -> dict:
    pooled = d["fovea"].get("encoder")
    if pooled:
        return {
            "encoder": pooled["kind"],
            "pool_features": pooled["features"],
            "pool_waves": tuple(pooled["waves"]),
            "pool_layers": pooled["layers"],
        }
    sam, clip = d["vision_config"]["width"]["sam_vit_b"], d["vision_config"]["width"]["clip-l-14-224"]
    return {
        "sam_width": sam["width"],
        "sam_layers": sam["layers"],
        "sam_heads": sam["heads"],
        "sam_global": tuple(sam["global_attn_indexes"]),
        "window": sam["window_size"],
        "neck": sam["neck_channels"],
        "downsample": tuple(sam["downsample_channels"]),
        "clip_layers": clip["layers"],
        "clip_heads": clip["heads"],
    }


def load(folder, device="cpu") -> CodecModel:
    """A model with a checkpoint's weights, 8 bits expanded."""
    from safetensors.torch import load_file

    model = CodecModel(config_of(folder))
    stored = load_file(Path(folder) / "model.safetensors")
    codes = json.loads((Path(folder) / "config.json").read_text())["fovea"].get("token_code", {}).get("levels", {})
    full = {}
    for level in SIDES:
        prefix = f"token_code.{level}."
        parts = {name[len(prefix):]: stored.pop(name) for name in list(stored) if name.startswith(prefix)}
        if parts:
            model.token_code[level] = LevelCode.restored(_expanded(parts), codes[level])
    stored.pop("model.token_frequency", None)
    for name, t in _expanded(stored).items():
        full[name[len("model."):]] = t.float()
    for name in [n for n in model.state_dict() if re.search(r"\.mlp\.experts\.(gate|up|down)_proj$", n)]:
        stem, kind = name.rsplit(".", 1)
        full[name] = torch.stack([full.pop(f"{stem}.{e}.{kind}.weight") for e in range(model.config.experts)])
    model.load_state_dict(full | {n: t for n, t in model.state_dict().items() if n.startswith("token_code.")})
    return model.to(device)
