"""The package as it is installed: light to import, one libtorch in a process, typed, built into a wheel."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
core = pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

PACKAGE = pathlib.Path(fovea.__file__).parent
BUILD = pathlib.Path(os.environ.get("FOVEA_BUILD_DIR", REPOSITORY / "build"))


def python(program: str, *arguments, path: pathlib.Path | None = None) -> subprocess.CompletedProcess:
    environment = dict(os.environ, **({"PYTHONPATH": str(path)} if path else {}))
    return subprocess.run([sys.executable, "-c", program, *map(str, arguments)], env=environment, text=True,
                          capture_output=True, timeout=300)


def test_importing_loads_neither_the_library_nor_torch():
    done = python("import fovea, sys; fovea.Error; print([m for m in sys.modules if m in ('torch', 'fovea._core')])")
    assert done.stdout == "[]\n", done.stderr


def test_a_name_that_the_package_lacks_does_not_load_the_library():
    done = python("import fovea, sys; print(hasattr(fovea, 'inner_compile'), 'fovea._core' in sys.modules)")
    assert done.stdout == "False False\n", done.stderr


def test_every_public_name_of_the_library_is_the_packages():
    lacking = {name for name in dir(core) if not name.startswith("_")} - set(fovea.__all__)
    assert lacking == set()
    assert [name for name in fovea.__all__ if not hasattr(fovea, name)] == []


@pytest.mark.parametrize("order", ["import torch, fovea; fovea.Level", "import fovea; fovea.Level; import torch"])
def test_pytorch_and_fovea_share_a_process_in_either_order(order):
    done = python(f"{order}; print(fovea.side_of('tiny'), int(torch.ones(2).sum()))")
    assert done.stdout == "512 2\n", done.stderr


@pytest.fixture
def other_torch(tmp_path):
    """A package torch with a libtorch of its own."""
    (tmp_path / "torch" / "lib").mkdir(parents=True)
    (tmp_path / "torch" / "__init__.py").write_text("")
    (tmp_path / "torch" / "lib" / "libtorch_cpu.so").write_bytes(b"another")
    return tmp_path


@pytest.mark.parametrize("order", ["import torch, fovea; fovea.Level", "import fovea; fovea.Level; import torch"])
def test_another_pytorch_is_an_import_error_that_says_how_to_rebuild(other_torch, order):
    done = python(f"import sys; sys.path.insert(0, sys.argv[1]); {order}", other_torch)
    assert done.returncode == 1 and "ImportError" in done.stderr, done.stderr
    assert f"the PyTorch in {other_torch / 'torch'}" in done.stderr and "pip install" in done.stderr


def test_a_missing_system_library_names_its_debian_package(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "fovea", symlinks=True)
    library = pathlib.Path(core.__file__)
    (tmp_path / "fovea" / library.name).write_bytes(
        library.read_bytes().replace(b"libzstd.so.1\0", b"libzstd.so.9\0"))
    done = python("import fovea; fovea.Memory", path=tmp_path)
    assert "fovea needs libzstd.so.9. On Debian: apt-get install libzstd-dev" in done.stderr


def test_a_missing_checkpoint_names_the_places_looked_at(tmp_path, monkeypatch):
    from fovea import _models

    monkeypatch.delenv("FOVEA_MODEL", raising=False)
    monkeypatch.setattr(_models, "SHIPPED", "fovea-nowhere")
    with pytest.raises(KeyError, match="models/fovea-nowhere.*name its folder with model= or FOVEA_MODEL"):
        fovea.Memory(tmp_path / "memory.db")


def test_typed_code_and_the_package_itself_are_clean_under_mypy_strict():
    pytest.importorskip("mypy")
    files = [REPOSITORY / "tests/python/typed_sample.py", *PACKAGE.glob("*.py")]
    if all(importlib.util.find_spec(name) for name in ("langgraph", "llama_index", "agents", "anthropic")):
        files += (PACKAGE / "agents").rglob("*.py")
    if all(importlib.util.find_spec(name) for name in ("fastapi", "prometheus_client", "limits", "opentelemetry.sdk")):
        files += (PACKAGE / "server").glob("*.py")
    if all(importlib.util.find_spec(name) for name in ("ray", "pyarrow")):
        files += (PACKAGE / "fleet").glob("*.py")
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", f"--cache-dir={BUILD / 'mypy-cache'}", *map(str, files)],
                          env=dict(os.environ, MYPYPATH=str(PACKAGE.parent)), text=True, capture_output=True)
    assert done.returncode == 0, done.stdout


def public_classes() -> dict[str, type]:
    return {name: owner for name, owner in vars(core).items()
            if isinstance(owner, type) and not isinstance(owner, type(fovea.Level)) and owner.__module__ == "fovea._core"}


def test_everything_public_has_a_docstring():
    missing = [f"{name}.{member}" for name, owner in public_classes().items() for member, value in vars(owner).items()
               if callable(value) and not member.startswith("_") and not value.__doc__]
    missing += [name for name, value in vars(core).items()
                if callable(value) and not name.startswith("_") and not value.__doc__]
    assert missing == []


def test_everything_public_has_a_repr():
    assert [name for name, owner in public_classes().items() if "__repr__" not in vars(owner)] == []


def test_an_sdist_makes_a_wheel_that_works_in_a_clean_environment(tmp_path):
    pytest.importorskip("scikit_build_core")
    # The compiler under the name that `make build` calls it by, so that ccache knows its work.
    environment = dict(os.environ, CXX="c++")
    environment.pop("PYTHONPATH", None)

    def run(*command, cwd=tmp_path):
        done = subprocess.run(list(map(str, command)), cwd=cwd, env=environment, text=True, capture_output=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    run(sys.executable, "-c", f"from scikit_build_core.build import build_sdist; build_sdist({str(tmp_path)!r})",
        cwd=REPOSITORY)
    sdist, = tmp_path.glob("fovea-*.tar.gz")
    shutil.unpack_archive(sdist, tmp_path)
    source = tmp_path / sdist.name.removesuffix(".tar.gz")
    (source / ".venv").symlink_to(sys.prefix)  # as in the repository, for ccache again
    run(source / ".venv" / "bin" / "python", "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps",
        "--config-settings", "cmake.define.CMAKE_COMPILE_WARNING_AS_ERROR=ON",  # as `make`, for ccache once more
        "-w", tmp_path, source)
    wheel, = tmp_path.glob("fovea-*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", tmp_path / "clean")
    clean = tmp_path / "clean" / "bin" / "python"
    run(sys.executable, "-m", "pip", "-q", "--python", clean, "install", "--no-deps", wheel)
    said = run(clean, "-c", "import fovea\n"
               "with fovea.Memory('m.db') as memory: memory.add('hello'); print(memory.stats().messages)\n"
               "print(fovea.__version__, fovea.Codec().name, fovea.__file__)")
    version = (REPOSITORY / "VERSION").read_text().strip()
    assert said.startswith(f"1\n{version} fovea-nano {tmp_path / 'clean'}")


def test_the_guide_names_every_call_and_class():
    guide = (REPOSITORY / "doc/python.md").read_text()
    calls = [name for name in vars(fovea.Memory) if not name.startswith("_") and name not in ("closed", "path", "scope")]
    assert [name for name in [*calls, "close"] if f"`{name}`" not in guide] == []
    assert [name for name in dir(fovea.errors) if name[0].isupper() and name not in guide] == []
