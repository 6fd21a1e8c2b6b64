"""Objects of the package after what they came from is gone, and what they keep alive: views, callbacks, rings."""

from __future__ import annotations

import copy
import gc
import pickle
import subprocess
import sys
import weakref

import numpy as np
import pytest

from harbour import prose

core = pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")
QUICK = {"level": "tiny", "measured_pages": 0}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A page of Ann's and a rest; for tests that change nothing."""
    with fovea.Memory(tmp_path_factory.mktemp("filled") / "memory.db", scope="ann", **QUICK) as memory:
        memory.add_many([fovea.Message("user", prose(60), 1_000_000, "m1")])
        yield memory


@pytest.fixture
def memory(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", scope="ann", **QUICK) as memory:
        yield memory


class Kept:
    """Something that can be watched as it goes."""


# What comes from the library


PARTS = {
    "a hit's place": (lambda m: m.search("ships", recency=0.5)[0].recency, lambda place: place.rank == 1 and place.adds > 0),
    "a hit of a list": (lambda m: m.search("ships").hits[0], lambda hit: hit.id == 1 and "ships" in hit.snippet),
    "a hit of a slice": (lambda m: m.search("ships")[:1][0], lambda hit: hit.words.rank == 1),
    "a hit's scope": (lambda m: m.search("ships")[0].scope, lambda scope: scope.user == "ann"),
    "a part of a context": (lambda m: m.context(400, target="text").parts[0], lambda part: part.text.startswith("<history>")),
    "a level of the figures": (lambda m: m.stats().levels[fovea.Level.tiny], lambda level: level.vision_tokens == 64),
    "a step of a plan": (lambda m: m.plan(to="trace").steps[0], lambda step: step.to == fovea.Level.trace),
    "a span of a text": (lambda m: m.recall(1).spans[0], lambda span: span.source == "archive"),
    "a message of a text": (lambda m: m.recall(1).messages[0], lambda message: message.role == "user"),
    "a page's scope": (lambda m: m.pages()[0].scope, lambda scope: str(scope) == "ann/default/default"),
    "a cell of a picture": (lambda m: m.picture(1).cells[-1], lambda cell: cell.row == 52),
    "a report of a picture": (lambda m: m.picture(1).report, lambda report: report.no_glyph == 0),
    "the pixels of a picture": (lambda m: m.picture(1).pixels, lambda pixels: pixels.shape == (512, 512) and pixels.min() < 99),
    "a band of a policy": (lambda m: m.policy().bands[-1], lambda band: band.older_than > 0),
    "a budget of a policy": (lambda m: fovea.Policy.preset("careful").anchors, lambda anchors: anchors.bytes > 0),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_outlives_its_whole(filled, name):
    take, holds = PARTS[name]
    part = take(filled)
    gc.collect()
    [bytearray(1_000_000) for _ in range(20)]  # what was freed is written over
    assert holds(part)


def test_an_iterator_of_hits_outlives_them(filled):
    hits = iter(filled.search("ships"))
    gc.collect()
    assert [hit.id for hit in hits] == [1]


def test_results_outlive_the_memory_and_its_file(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        memory.add_many([prose(60)])
        found, recalled, context, picture = (memory.search("ships"), memory.recall(1), memory.context(300, target="text"),
                                             memory.picture(1))
    del memory
    gc.collect()
    for path in tmp_path.iterdir():
        path.unlink()
    assert found[0].words.rank == 1 and recalled.spans[0].length == len(recalled.text) and context.parts[0].tokens > 0
    assert picture.png.startswith(b"\x89PNG")


def test_views_of_tokens_keep_them_and_cannot_change_them(filled):
    codec = fovea.Codec()
    tokens = codec.encode([filled.picture(1)])[0]
    views = [view for view in (tokens.code, tokens.values, tokens.scales) if view.size]
    copies = [view.copy() for view in views]
    for view in views:
        assert not view.flags.writeable and not view.flags.owndata
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 1
    before = sys.getrefcount(tokens)
    more = [tokens.code for _ in range(10)]
    assert sys.getrefcount(tokens) == before + 10
    del more, tokens
    gc.collect()
    [bytearray(1_000_000) for _ in range(20)]
    assert all((view == kept).all() for view, kept in zip(views, copies))


def test_vectors_and_pages_of_files_are_the_callers_own(filled):
    codec = fovea.Codec()
    tokens = codec.encode([filled.picture(1)])[0]
    for make in (lambda: codec.vectors(tokens), lambda: codec.embed(tokens), lambda: codec.embed("ships")):
        one, other = make(), make()
        one[:] = 7
        assert one.flags.writeable and not (other == 7).all() and np.isfinite(other).all()


# What goes into the library


def test_arrays_that_are_given_are_let_go(filled):
    codec, pixels = fovea.Codec(), filled.picture(1).pixels.copy()
    before = sys.getrefcount(pixels)
    codec.encode([pixels, pixels])
    fovea.Page.from_picture(pixels)
    with pytest.raises(ValueError):
        codec.encode([pixels, pixels[:100]])
    gc.collect()
    assert sys.getrefcount(pixels) == before


def call_with_callbacks(memory: fovea.Memory, kept: Kept, raises: bool) -> None:
    def told(*_: object, kept: Kept = kept) -> None:
        if raises:
            raise RuntimeError("told")

    def messages(kept: Kept = kept):
        yield prose(60)
        if raises:
            raise RuntimeError("given")

    for call in (lambda: memory.add_many([prose(60)], progress=told), lambda: memory.add_many(messages()),
                 lambda: memory.recall_all(each=told), lambda: memory.finish(progress=told),
                 lambda: memory.migrate(progress=told)):
        try:
            call()
        except RuntimeError:
            assert raises


@pytest.mark.parametrize("raises", [False, True])
def test_callbacks_and_generators_are_let_go_whether_or_not_they_raise(memory, raises):
    kept = Kept()
    alive = weakref.ref(kept)
    call_with_callbacks(memory, kept, raises)
    del kept
    gc.collect()
    assert alive() is None


def test_a_key_and_its_function_are_let_go(tmp_path):
    class Asked:
        def __call__(self) -> bytes:
            return b"0" * 32

    asked = Asked()
    alive = weakref.ref(asked)
    with fovea.Memory(tmp_path / "memory.db", key=asked, **QUICK) as memory:
        memory.add("hello")
        del asked
        gc.collect()
        assert alive() is None and memory.stats().messages == 1


def test_a_listener_lives_as_long_as_it_listens(memory):
    class Listener:
        def __call__(self, event: fovea.Event) -> None: ...

    first, second = Listener(), Listener()
    refs = weakref.ref(first), weakref.ref(second)
    memory.on_event(first)
    del first
    gc.collect()
    assert refs[0]() is not None
    memory.on_event(second)
    gc.collect()
    assert refs[0]() is None
    memory.on_event(None)
    del second
    gc.collect()
    assert refs[1]() is None


def test_a_memory_that_its_embedder_knows_is_collected(tmp_path):
    class Meaning:
        name = "a-model"

        def __init__(self) -> None:
            self.memory = fovea.Memory(tmp_path / "memory.db", embedder=self, **QUICK)

        def embed(self, texts: list[str]) -> np.ndarray:
            return np.ones((len(texts), 3))

    meaning = Meaning()
    meaning.memory.add("hello")
    alive = weakref.ref(meaning)
    del meaning
    gc.collect()
    assert alive() is None


def test_an_embedder_lives_as_long_as_its_memory(tmp_path):
    class Meaning:
        name = "a-model"

        def embed(self, texts: list[str]) -> np.ndarray:
            return np.ones((len(texts), 3))

    with fovea.Memory(tmp_path / "memory.db", embedder=Meaning(), **QUICK) as memory:
        gc.collect()
        memory.add("hello")
        assert memory.stats().embedded_pieces == 1


def test_nothing_is_left_of_many_calls(filled):
    def objects() -> int:
        gc.collect()
        return len(gc.get_objects())

    def work() -> None:
        filled.search("ships"), filled.recall([1]), filled.context(300), filled.pages(), filled.messages(), filled.stats()
        for wrong in (lambda: filled.recall(99), lambda: filled.search(" "), lambda: filled.pages(limit=0)):
            with pytest.raises((KeyError, ValueError)):
                wrong()

    work()
    before = objects()
    for _ in range(10):
        work()
    assert objects() < before + 20


# Copies


def every_value(memory: fovea.Memory) -> list[object]:
    recalled, found, plan = memory.recall(1), memory.search("ships"), memory.plan(to="trace")
    return [memory, recalled, recalled.spans[0], found, found[0], plan, plan.steps[0], memory.stats(), memory.pages()[0],
            memory.messages()[0], memory.scopes()[0], memory.policy(), memory.context(300), memory.picture(1), fovea.Renderer(),
            fovea.Message("user", "x"), fovea.Scope("ann"), fovea.PageState(1, "base", 0), fovea.grid_of(106)]


def test_objects_are_neither_copied_nor_pickled_and_say_so(filled):
    for value in every_value(filled):
        for call in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match=f"cannot pickle '{type(value).__name__}' object"):
                call(value)


def test_enumerators_are_copied_and_pickled():
    for member in (fovea.Level.tiny, fovea.Density.d80, fovea.Layout.document, fovea.Source.archive, fovea.Archive.drop,
                   fovea.Access.read, fovea.ContextFormat.anthropic, fovea.OcrMode.gundam, fovea.OcrEnd.by_limit):
        assert pickle.loads(pickle.dumps(member)) is copy.deepcopy(member) is member


def test_results_are_made_by_the_library_alone_and_do_not_change(filled):
    for value in every_value(filled):
        made_by_hand = isinstance(value, (fovea.Memory, fovea.Message, fovea.Scope, fovea.PageState, fovea.Renderer))
        if not made_by_hand:
            with pytest.raises(TypeError, match="no constructor defined"):
                type(value)()
        with pytest.raises(AttributeError):
            value.remark = 1
        if not isinstance(value, (fovea.Message, fovea.Scope)):  # these are given, and may be filled in
            for name in [name for name in dir(type(value)) if isinstance(vars(type(value)).get(name), property)]:
                with pytest.raises(AttributeError):
                    setattr(value, name, None)


def test_a_scope_that_is_changed_changes_no_memory(tmp_path):
    scope = fovea.Scope("ann")
    with fovea.Memory(tmp_path / "memory.db", scope=scope, **QUICK) as ann, \
            fovea.Memory(tmp_path / "memory.db", scope="bob", **QUICK) as bob:
        ann.add("Ann's own.")
        bob.add("Bob's own.")
        scope.user = ann.scope.user = "bob"
        ann.scope.user = "bob"
        assert ann.scope.user == "ann" and "Ann's own." in ann.verbatim() and "Bob" not in ann.verbatim()


def test_an_object_without_its_constructor_is_refused_and_crashes_nothing():
    program = ("import fovea, warnings; warnings.simplefilter('ignore')\n"
               "for one in (fovea.Memory, fovea.Codec, fovea.Renderer, fovea.Message, fovea.VisionTokens):\n"
               "    for name in ('__repr__', 'close', 'encode', 'lay_out', 'text', 'nbytes'):\n"
               "        try: value = getattr(one.__new__(one), name)()\n"
               "        except (TypeError, AttributeError): pass\n"
               "class Mine(fovea.Memory):\n"
               "    def __init__(self): pass\n"
               "try: Mine().stats()\n"
               "except TypeError as error: print('refused')\n")
    done = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr


def test_a_class_of_ones_own_is_a_memory(tmp_path):
    class Mine(fovea.Memory):
        def __init__(self, path, **options) -> None:
            super().__init__(path, **QUICK, **options)
            self.told: list[str] = []

        def add(self, *arguments, **options):
            self.told.append("add")
            return super().add(*arguments, **options)

    with Mine(tmp_path / "memory.db", scope="ann") as mine:
        mine.add("hello")
        assert mine.told == ["add"] and mine.stats().messages == 1 and str(mine.scope) == "ann/default/default"
    assert mine.closed
