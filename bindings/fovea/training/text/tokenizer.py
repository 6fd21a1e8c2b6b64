"""The byte-level BPE of fovea-nano, trained on the same kinds of text as the codec."""

from __future__ import annotations

# Escapes of JSON, digits one by one, words with their marks, runs of other signs, white space: what agents' text is made of.
PATTERN = r"""\\+[nrtu"'/]?|\p{N}| ?\p{L}[\p{L}\p{M}]*| ?[^\s\p{L}\p{N}\\]+|\s*[\r\n]+|\s+(?!\S)|\s+"""


def train(texts, size: int, longest: int = 16):
    """Trains on an iterable of str; `size` counts the byte alphabet too. Returns tokenizers.Tokenizer."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=longest,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def byte_signs() -> dict[str, int]:
    """The byte of each sign that a byte-level BPE writes bytes with."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {chr(b): b for b in printable}
    table.update({chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in printable)})
    return table


def token_bytes(tokenizer) -> list[bytes]:
    """The bytes of every id of a byte-level BPE, without its special tokens."""
    table = byte_signs()
    vocab = tokenizer.get_vocab()
    out = [b""] * (max(vocab.values()) + 1)
    for token, i in vocab.items():
        out[i] = bytes(table[ch] for ch in token)
    return out
