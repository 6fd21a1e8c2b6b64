"""DeepSeek-OCR's decoder out of transformers' DeepSeek-V2 blocks. They bring the mixture of experts, norms and dense
layers; attention is Llama's, as the official code has it for a checkpoint without latent attention."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import DeepseekV2Config
from transformers.cache_utils import DynamicCache
from transformers.models.deepseek_v2 import modeling_deepseek_v2 as v2
from transformers.models.llama.modeling_llama import LlamaAttention, LlamaRotaryEmbedding

EXPERTS = ["grouped_mm", "batched_mm", "eager"]  # ways that transformers knows to run them


def block_config(config: dict) -> DeepseekV2Config:
    language = config["language_config"]
    same = ["hidden_size", "intermediate_size", "max_position_embeddings", "moe_intermediate_size", "n_routed_experts",
            "n_shared_experts", "num_attention_heads", "num_experts_per_tok", "num_hidden_layers",
            "num_key_value_heads", "first_k_dense_replace", "vocab_size"]
    blocks = DeepseekV2Config(**{name: language[name] for name in same}, routed_scaling_factor=1.0, n_group=1,
                              topk_group=1, topk_method="greedy", rms_norm_eps=1e-6, attention_bias=False)
    blocks.head_dim = language["hidden_size"] // language["num_attention_heads"]
    blocks._attn_implementation = "sdpa"
    return blocks


class Layer(nn.Module):
    def __init__(self, config: DeepseekV2Config, index: int):
        super().__init__()
        self.input_layernorm = v2.DeepseekV2RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = v2.DeepseekV2RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.self_attn = LlamaAttention(config, index)
        self.mlp = v2.DeepseekV2Moe(config) if index >= config.first_k_dense_replace else v2.DeepseekV2MLP(config)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], cache: DynamicCache) -> Tensor:
        attended, _ = self.self_attn(self.input_layernorm(x), position_embeddings=turn, attention_mask=None,
                                     past_key_values=cache)
        x = x + attended
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    """Takes its tensors out of `weights`, which lets the big ones go one by one."""

    def __init__(self, weights: dict[str, Tensor], config: dict):
        super().__init__()
        self.config = block_config(config)
        self.embeddings, self.head = weights["model.embed_tokens.weight"], weights["lm_head.weight"]
        with torch.device("meta"):
            self.layers = nn.ModuleList(Layer(self.config, i) for i in range(self.config.num_hidden_layers))
            self.norm = v2.DeepseekV2RMSNorm(self.config.hidden_size, self.config.rms_norm_eps)
        self.rotary = LlamaRotaryEmbedding(self.config).to(self.head.device)
        self.norm.load_state_dict({"weight": weights["model.norm.weight"]}, assign=True)
        for i, layer in enumerate(self.layers):
            layer.load_state_dict(self.layer_weights(weights, f"model.layers.{i}."), assign=True)
        self.requires_grad_(False)

    def layer_weights(self, weights: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
        state = {name[len(prefix):]: weights.pop(name) for name in list(weights) if name.startswith(prefix)}
        experts = "mlp.experts."
        if experts + "0.up_proj.weight" not in state:
            return state
        parts = [[state.pop(f"{experts}{e}.{part}_proj.weight") for part in ("gate", "up", "down")]
                 for e in range(self.config.n_routed_experts)]
        state[experts + "gate_up_proj"] = torch.stack([torch.cat(part[:2]) for part in parts])
        state[experts + "down_proj"] = torch.stack([part[2] for part in parts])
        return state

    def use_experts(self, way: str) -> None:
        self.config._experts_implementation = way

    def embed(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self.embeddings)

    def forward(self, x: Tensor, cache: DynamicCache, length: int) -> Tensor:
        """`x`: [R, T, d] behind `length` cached tokens. Returns the logits of each row's last token, [R, vocab]."""
        places = torch.arange(length, length + x.shape[1], device=x.device)[None]
        turn = self.rotary(x, places)
        for layer in self.layers:
            x = layer(x, turn, cache)
        return F.linear(self.norm(x[:, -1]), self.head)
