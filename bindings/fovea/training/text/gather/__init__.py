"""Gathers the corpus: a module for each source of text; `command` writes what they give."""
