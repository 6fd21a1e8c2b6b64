"""The figures that the documents state: how each is measured, what it was last, where it is written.

A subject (a module in `subjects`) says which commands measure it and what of the documents its values
write: blocks (a table or a program's output below a line `<!-- figures: NAME -->`) and sentences.
`doc/figures/SUBJECT.json` keeps what was measured last. `python -m figures --help` has the commands.
"""
