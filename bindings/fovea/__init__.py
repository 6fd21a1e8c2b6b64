"""Optical memory for language models: text kept as vision tokens."""
