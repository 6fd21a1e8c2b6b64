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
