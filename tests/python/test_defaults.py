"""What a call does where nothing is said: the same from Python as from C++, and as the stub declares."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
core = pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402


def header(name: str) -> str:
    return (REPOSITORY / "include" / "fovea" / f"{name}.h").read_text()


def value_of(text: str | None) -> object:
    """A C++ default as Python has it: enumerators by their names, what is absent as None."""
    if text is None or text == "{}":
        return None
    text = text.strip().replace("'", "")
    if text in ("true", "false"):
        return text == "true"
    if "::" in text:
        return text.split("::")[1].removeprefix("d") if text.startswith("Density") else text.split("::")[1]
    return ast.literal_eval(text)


def field(of: str, struct: str, name: str) -> object:
    body = re.search(rf"struct {struct} {{(.*?)\n}};", header(of), re.S)[1]
    found = re.search(rf"[\w>] {name}(?: = ([^;]+)|({{}}))?;", body)
    assert found, f"{struct} has no {name}"
    return value_of(found[1] or found[2])


def parameter(of: str, call: str, name: str) -> object:
    """The default of a parameter of a function of C++."""
    found = re.search(rf"\b{call}\([^;]*?\b{name} = ([^,);]+)", header(of))
    assert found, f"{call} has no default for {name}"
    return value_of(found[1])


@pytest.fixture(scope="module")
def stub() -> dict[str, list[ast.FunctionDef]]:
    """The functions of the stub, by "name" or "Class.name", each with its overloads."""
    tree = ast.parse(pathlib.Path(core.__file__).with_name("_core.pyi").read_text())
    functions: dict[str, list[ast.FunctionDef]] = {}
    for node in tree.body:
        for one in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(one, ast.FunctionDef):
                name = f"{node.name}.{one.name}" if one is not node else one.name
                functions.setdefault(name, []).append(one)
    return functions


def default(functions: list[ast.FunctionDef], name: str) -> object:
    """What stands behind the parameter, in the overload that has it."""
    for function in functions:
        given = function.args
        pairs = [*zip(reversed([*given.posonlyargs, *given.args]), reversed(given.defaults)),
                 *zip(given.kwonlyargs, given.kw_defaults)]
        for argument, value in pairs:
            if argument.arg == name and value is not None:
                return ast.literal_eval(value)
    raise AssertionError(f"no overload has a default for {name}")


OPTIONS = [
    ("Memory.__init__", "archive", "memory", "MemoryOptions", "archive"),
    ("Memory.__init__", "keep_words", "memory", "MemoryOptions", "keep_words"),
    ("Memory.__init__", "density", "memory", "MemoryOptions", "density"),
    ("Memory.__init__", "level", "memory", "MemoryOptions", "level"),
    ("Memory.__init__", "layout", "memory", "MemoryOptions", "layout"),
    ("Memory.__init__", "policy", "memory", "MemoryOptions", "policy"),
    ("Memory.__init__", "measured_pages", "memory", "MemoryOptions", "measured_pages"),
    ("Memory.__init__", "keep_secrets", "memory", "MemoryOptions", "keep_secrets"),
    ("Memory.add_many", "restore", "memory", "MemoryOptions", "restore_erased"),
    ("Memory.add_many", "expected_characters", "memory", "MemoryOptions", "expected_characters"),
    ("Memory.add_many", "now", "memory", "MemoryOptions", "now"),
    ("Memory.age", "now", "memory", "AgeOptions", "now"),
    ("Memory.age", "to", "memory", "AgeOptions", "to"),
    ("Memory.age", "policy", "memory", "AgeOptions", "policy"),
    ("Memory.search", "k", "search", "SearchOptions", "k"),
    ("Memory.search", "recency", "search", "SearchOptions", "recency"),
    ("Memory.context", "budget", "context", "ContextOptions", "budget"),
    ("Memory.context", "recent", "context", "ContextOptions", "recent"),
    ("Memory.context", "target", "context", "ContextOptions", "target"),
    ("Memory.context", "format", "context", "ContextOptions", "format"),
    ("Memory.context", "turns", "context", "ContextOptions", "turns"),
    ("Memory.erase", "dry_run", "erase", "EraseOptions", "dry_run"),
    ("Memory.embed_pieces", "replace", "embedder", "EmbedOptions", "replace"),
    ("OpenAIEmbedder.__init__", "timeout", "embedder", "EmbeddingEndpoint", "timeout"),
    ("OpenAIEmbedder.__init__", "retries", "embedder", "EmbeddingEndpoint", "retries"),
    ("Ocr.read", "mode", "ocr", "OcrOptions", "mode"), ("Ocr.read", "prompt", "ocr", "OcrOptions", "prompt"),
    ("Ocr.read", "max_tokens", "ocr", "OcrOptions", "max_tokens"), ("Ocr.read", "ngram", "ocr", "OcrOptions", "ngram"),
    ("Ocr.read", "ngram_window", "ocr", "OcrOptions", "ngram_window"),
    ("Codec.encode", "density", "codec", "PagePixels", "density"),
    ("DocumentSetting.__init__", "legible_at", "page", "DocumentSetting", "legible_at"),
    ("PageState.__init__", "order", "policy", "PageState", "order"),
    ("PageState.__init__", "last_recalled", "policy", "PageState", "last_recalled"),
    ("PageState.__init__", "pinned", "policy", "PageState", "pinned"),
    ("PageState.__init__", "characters", "policy", "PageState", "characters"),
    ("PageState.__init__", "measurable", "policy", "PageState", "measurable"),
    ("PageState.__init__", "legible_to", "policy", "PageState", "legible_to"),
    ("PageState.__init__", "has_archive", "policy", "PageState", "has_archive"),
    ("Message.__init__", "time", "message", "Message", "time"),
    *[("Scope.__init__", part, "scope", "Scope", part) for part in ("user", "agent", "session", "run")],
    *[(f"{name}.__init__", option, "codec_options", "CodecOptions", option)
      for name in ("Memory", "Codec", "Ocr") for option in ("device", "threads")],
]


@pytest.mark.parametrize("call, name, of, struct, its", OPTIONS, ids=lambda one: one)
def test_an_option_is_what_it_is_in_the_library(stub, call, name, of, struct, its):
    there, here = field(of, struct, its), default(stub[call], name)
    assert here == there or str(here) == str(there)


@pytest.mark.parametrize("name", ["Memory", "Codec", "Ocr"])
@pytest.mark.parametrize("option, enumeration", [("precision", "automatic"), ("weights", "stored")])
def test_a_checkpoint_is_loaded_as_the_library_loads_it(stub, name, option, enumeration):
    assert field("codec_options", "CodecOptions", option) == enumeration
    assert default(stub[f"{name}.__init__"], option) == {"automatic": "auto"}.get(enumeration, enumeration)


@pytest.mark.parametrize("call, name, cpp", [
    ("Memory.__init__", "access", "Memory"), ("Memory.add", "role", "add"), ("Memory.recall_pieces", "k", "recall_pieces"),
    ("Memory.pin", "pinned", "pin"), ("Memory.search", "k", "search"),
])
def test_a_parameter_is_what_it_is_in_the_library(stub, call, name, cpp):
    assert default(stub[call], name) == parameter("memory", cpp, name)


def test_the_scope_that_is_nobodys_is_the_default_one(stub):
    assert default(stub["Memory.__init__"], "scope") == str(fovea.Scope()) == "default/default/default"


def test_plan_and_age_take_the_same_but_for_the_dry_run(stub):
    plan, age = ([argument.arg for argument in stub[f"Memory.{name}"][0].args.kwonlyargs] for name in ("plan", "age"))
    assert ["dry_run", *plan] == age and default(stub["Memory.age"], "dry_run") is False


def test_calls_that_write_have_the_same_times_and_progress(stub):
    for name in ("add", "add_many", "add_file"):
        names = {argument.arg for argument in stub[f"Memory.{name}"][0].args.kwonlyargs}
        assert {"expires", "restore", "now", "progress"} <= names


def test_what_the_stub_declares_is_what_the_call_takes(stub, tmp_path):
    """A signature that was written by hand does not hide another default."""
    message, state = fovea.Message("user", "x"), fovea.PageState(1, "base", 0)
    for call, made in (("Message.__init__", message), ("PageState.__init__", state), ("Scope.__init__", fovea.Scope())):
        function, = stub[call]
        for argument in [*function.args.args[1:], *function.args.kwonlyargs]:
            if argument.arg in ("role", "text", "id", "level", "time"):
                continue
            declared, value = default([function], argument.arg), getattr(made, argument.arg)
            assert value == declared or getattr(value, "name", value) == declared, f"{call}: {argument.arg}"


def test_nothing_that_the_stub_declares_is_missing(stub):
    for name in stub:
        owner, _, method = name.rpartition(".")
        assert hasattr(getattr(core, owner) if owner else core, method), name
