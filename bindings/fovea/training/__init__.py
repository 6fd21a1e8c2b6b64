"""Trains the codec that writes text into vision tokens and reads it back.

Four rooms: `text` and `network` know no other; `measure` knows both; `run` knows all.
`text` needs no torch.
"""
