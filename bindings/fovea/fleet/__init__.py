"""Bulk work over many scopes on Ray Data: compact, age, migrate, experiment. `python -m fovea.fleet --help`."""
