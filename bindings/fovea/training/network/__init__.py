"""The model: its definition and maths, its alphabet and pages, its token code, its folder on disk."""
