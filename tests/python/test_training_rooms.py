"""What the rooms of `fovea.training` may know of each other: no arrow turns back."""

import ast
import pathlib

import pytest

TRAINING = pathlib.Path(__file__).resolve().parents[2] / "bindings" / "fovea" / "training"
# Room: the rooms that its modules may import from, beside their own.
MAY_IMPORT = {
    "text": set(),
    "network": set(),
    "measure": {"text", "network"},
    "run": {"text", "network", "measure"},
}
NEEDS_NO_TORCH = "text"  # gathering runs on machines that have none
MODULES = sorted(path for room in MAY_IMPORT for path in (TRAINING / room).rglob("*.py"))


def imports_of(path: pathlib.Path) -> list[tuple[int, str]]:
    """Line and full name of each module that the file imports, also inside functions."""
    found = []
    package = ("fovea", "training", *path.relative_to(TRAINING).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(node.lineno, name.name) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            found += [(node.lineno, f"{module}.{name.name}") for name in node.names]
    return found


def is_absolute(path: pathlib.Path, line: int) -> bool:
    return "fovea.training" in path.read_text().splitlines()[line - 1]


def test_every_module_stands_in_a_room():
    assert {path.name for path in TRAINING.glob("*.py")} == {"__init__.py", "__main__.py"}
    assert {path.parent.name for path in TRAINING.glob("*/__init__.py")} == set(MAY_IMPORT)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(TRAINING)))
def test_a_room_imports_what_it_may_know(path):
    file = path.relative_to(TRAINING)
    room = file.parts[0]
    for line, name in imports_of(path):
        top, *rest = name.split(".")
        assert not (room == NEEDS_NO_TORCH and top == "torch"), f"{file}:{line} imports {name}; {room}/ needs no torch"
        if top != "fovea":
            continue
        assert not is_absolute(path, line), f"{file}:{line} imports {name} by its full name; imports here are relative"
        assert rest[0] == "training", f"{file}:{line} imports {name}, which is no part of training"
        known = {room, *MAY_IMPORT[room]}
        assert rest[1] in known, f"{file}:{line} imports {name}; {room}/ may know {', '.join(sorted(known))} alone"
