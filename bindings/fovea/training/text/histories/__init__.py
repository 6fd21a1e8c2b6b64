"""Makes text that looks like what agents keep in their histories.

A module for each format, named as the library's readers of histories are; `kinds` draws from all.
They are put together from slices of real prose, code and documents and random values. Nothing is
copied from a recorded session.
"""

from __future__ import annotations

from .kinds import KINDS as KINDS
from .kinds import generate as generate
