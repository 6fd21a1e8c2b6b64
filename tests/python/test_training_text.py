import json
import lzma
import pathlib
import random
import re

import numpy as np
import pytest
from fovea.training.text import chinese, histories, synthetic
from fovea.training.text.corpus import DOMAINS, Corpus, Text, wrap
from fovea.training.text.gather import chinese as chinese_sources
from fovea.training.text.gather import command, gathered
from fovea.training.text.gather.documents import plain_manual
from fovea.training.text.gather.machine import read_slice
from fovea.training.text.histories import chat_messages, claude_code, codex, terminal, trajectory
from fovea.training.text.histories.choice import Choice
from fovea.training.text.histories.session import Session


@pytest.fixture(scope="module")
def corpus():
    return Corpus.builtin(alphabet="abc→é你\n")


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("characters", [1, 300, 5000])
def test_a_sample_is_at_least_as_long_as_asked(corpus, domain, characters):
    rng = np.random.default_rng(5)
    for _ in range(40):
        assert len(corpus.sample(rng, domain, characters)) >= characters


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_same_seed_gives_the_same_text(corpus, domain):
    first = [corpus.sample(np.random.default_rng(7), domain, 2000) for _ in range(3)]
    assert len(set(first)) == 1
    assert corpus.sample(np.random.default_rng(8), domain, 2000) != first[0]


@pytest.mark.parametrize("domain", DOMAINS)
def test_samples_can_be_encoded_and_hold_no_control_characters_but_a_terminals(corpus, domain):
    rng = np.random.default_rng(11)
    allowed = {"\n", "\t"} | ({"\r", "\x1b"} if domain == "agent" else set())
    for _ in range(40):
        text = corpus.sample(rng, domain, 3000)
        text.encode("utf-8")
        assert not {c for c in text if c < " "} - allowed


@pytest.mark.parametrize("domain", ["agent", "synthetic", "chinese", "mingled"])
def test_a_stock_hands_out_each_stretch_once(domain):
    corpus = Corpus.builtin(stock=20_000)
    rng = np.random.default_rng(9)
    samples = [corpus.sample(rng, domain, 1000) for _ in range(50)]
    assert {len(sample) for sample in samples} == {1000}
    assert len(set(samples)) == 50


def test_mingled_text_is_english_with_a_few_strangers():
    corpus = Corpus.builtin(alphabet="日本語かなéàüß→✓")
    text = corpus.sample(np.random.default_rng(4), "mingled", 60_000)
    share = sum(not c.isascii() for c in text) / len(text)
    assert 0.02 < share < 0.2
    assert all(c in text for c in "日かéàß→✓“”—Жλ")
    assert {c for c in text if c < " "} <= {"\n", "\t"}


def test_an_unknown_domain_is_an_error(corpus):
    with pytest.raises(ValueError, match="domain is 'poems'"):
        corpus.sample(np.random.default_rng(1), "poems", 10)


def test_one_prose_sample_in_five_has_plain_punctuation(corpus):
    rng = np.random.default_rng(2)
    samples = [corpus.sample(rng, "prose", 4000) for _ in range(300)]
    assert 30 <= sum("\u2019" not in sample for sample in samples) <= 90


def test_a_slice_past_the_end_goes_on_at_the_start():
    text = Text("0123456789")
    assert len(text.slice(random.Random(1), 25)) == 25
    assert "90" in text.slice(random.Random(1), 25)


def test_wrapped_lines_fit_their_width():
    text = "some words of prose that go on and on, " * 100
    for seed in range(40):
        lines = wrap(text, 50, random.Random(seed)).split("\n")
        assert max(map(len, lines)) <= 50 + len("    ")
        assert len(lines) > 60


def name_of(maker) -> str:
    return f"{maker.__module__.rpartition('.')[2]}.{maker.__name__.strip('_')}"


@pytest.mark.parametrize("make", [make for _, make in histories.KINDS], ids=name_of)
def test_every_kind_of_history_makes_text(corpus, make):
    for seed in range(40):
        assert make(Session(random.Random(seed), corpus.texts)).strip()


JSON_LINES = [claude_code.session_lines, claude_code.stream_lines, codex.rollout_lines, chat_messages.chat_lists,
              trajectory.twice_escaped]  # fmt: skip


@pytest.mark.parametrize("make", JSON_LINES, ids=name_of)
def test_events_are_json_lines(corpus, make):
    for seed in range(40):
        for line in make(Session(random.Random(seed), corpus.texts)).split("\n"):
            json.loads(line)


def test_a_choice_draws_by_weight():
    rng, choice = random.Random(1), Choice((1, "a"), (3, "b"))
    drawn = [choice.draw(rng) for _ in range(4000)] + choice.draw_many(rng, 4000)
    assert 1850 < drawn.count("a") < 2150 and drawn.count("b") == 8000 - drawn.count("a")


def test_agent_text_has_the_escapes_of_json(corpus):
    rng = np.random.default_rng(3)
    text = "".join(corpus.sample(rng, "agent", 20_000) for _ in range(20))
    for escape in ("\\n", '\\"', "\\\\", "\\t", "\\\\n", "\\u2014", "toolu_01", "✅"):
        assert escape in text, escape


@pytest.mark.parametrize("maker", [maker for maker, _ in synthetic.KINDS], ids=lambda maker: maker.__name__.strip("_"))
def test_every_synthetic_kind_makes_pieces(corpus, maker):
    for seed in range(20):
        pieces = maker(np.random.default_rng(seed), corpus.words, 200)
        assert len(pieces.replace(synthetic.CUT, "")) >= 40


def test_synthetic_text_shows_every_character_of_the_alphabet_but_hanzi(corpus):
    rng = np.random.default_rng(4)
    text = "".join(corpus.sample(rng, "synthetic", 5000) for _ in range(40))
    assert set("abc→é") <= set(text) and "你" not in text


@pytest.fixture
def machine(tmp_path):
    """A folder with sources of a few languages, and one that must not be read."""
    for folder in ("project", "transcripts"):
        (tmp_path / folder).mkdir()
    for number in range(200):
        (tmp_path / "project" / f"module{number}.py").write_text(f"value_{number} = {number}  # a comment\n" * 20)
        (tmp_path / "project" / f"notes{number}.md").write_text(f"# Notes {number}\n\nA line of notes.\n" * 20)
    (tmp_path / "transcripts" / "secret.py").write_text("never_read = True\n" * 100)
    (tmp_path / "books.txt").write_text("It was a bright cold day.\n" * 40_000)
    return tmp_path


def test_gathering_holds_text_out_and_is_repeatable(machine, capsys):
    outputs = []
    for name in ("first", "second"):
        command.main(
            ["--out", str(machine / name), "--books", str(machine / "books.txt"), "--root", str(machine), "--only"]
        )
        outputs.append({path.name: lzma.decompress(path.read_bytes()).decode() for path in (machine / name).iterdir()})
    assert outputs[0] == outputs[1]
    first = outputs[0]
    assert sorted(first) == sorted(
        f"{prefix}{kind}.txt.xz" for prefix in ("", "val_") for kind in ("code", "docs", "prose")
    )
    assert not any("never_read" in text for text in first.values())
    assert not set(first["code.txt.xz"].split("\n")) & set(first["val_code.txt.xz"].split("\n")) - {""}
    assert 399_000 < len(first["val_prose.txt.xz"]) <= gathered.VALIDATION_BYTES
    assert "python" in capsys.readouterr().out
    assert Corpus(machine / "first", split="validation").sample(np.random.default_rng(1), "code", 500)


def test_manual_pages_lose_their_markup():
    page = ".TH LS 1\n.SH NAME\nls \\- list directory contents\n.TP\n\\fB\\-a\\fR, \\fB\\-\\-all\\fR\n"
    assert plain_manual(page) == "\nNAME\n       ls - list directory contents\n\n       -a, --all\n"


def test_minified_files_are_not_learned_from(tmp_path):
    path = tmp_path / "bundle.js"
    path.write_text("var a=1;" * 1000)
    assert read_slice(path, random.Random(1)) is None


@pytest.mark.parametrize("make", [*chinese.MAKERS, *dict.fromkeys(chinese.DRESSINGS)], ids=lambda make: make.__name__)
def test_every_chinese_kind_makes_hanzi(corpus, make):
    for seed in range(20):
        text = make(random.Random(seed), np.random.default_rng(seed), corpus.chinese, 300)
        assert re.search(f"[{chinese.HANZI}]", text)


def test_hanzi_are_those_of_the_atlas_or_of_gb_2312():
    assert len(set(chinese.gb2312())) == 6763
    assert chinese.wide_characters("abc→你カ！你") == "你カ！"
    assert len(chinese.wide_characters("abcカ")) == 6764
    text = Corpus.builtin(stock=0).sample(np.random.default_rng(1), "chinese", 60_000)
    assert len(set(text)) > 4000


def test_chinese_events_are_json_lines(corpus):
    for seed in range(10):
        for make in (chinese.event, chinese.tool_result):
            text = make(random.Random(seed), np.random.default_rng(seed), corpus.chinese, 400)
            assert "\n" not in text and json.loads(text)["type"]


@pytest.fixture
def manuals(tmp_path, monkeypatch):
    """Chinese documents: a page, messages, a manual page, talks, and a page left in English."""
    monkeypatch.setattr(chinese_sources, "CHINESE_PART", 300)
    folder = tmp_path / "manuals"
    folder.mkdir()
    licence = "<p>本手册按自由许可证发布，没有任何担保。</p>"
    (folder / "page.html").write_text(
        "<html><head><script>var hidden;</script></head><body><nav>上一页</nav><h1>安装程序</h1>"
        f"<p>先下载<b>软件包</b>，\n  再安装。A &amp; B</p><ul><li><p>第一步，打开终端并且输入命令</p></ul>{licence}"
        "<table><tr><td>名称</td><td>大小</td></tr></table><pre>第一行\n  第二行</pre></body></html>"
    )
    (folder / "other.html").write_text(f"<p>另一个文档，讲的是怎样设置打印机和扫描仪，以及网络。</p>{licence}")
    (folder / "english.html").write_text("<p>A page that nobody has translated so far.</p>" * 9)
    messages = [{"key": "english", "text": f"打开第{i}个文件“{{0}}”\n并且保存"} for i in range(9)]
    (folder / "menu.json").write_text(json.dumps(messages))
    (folder / "ls.1").write_text(".SH 名称\nls \\- 列出目录内容，按照名称排列\n.B\n请参看在线手册获取更多的说明和例子。完毕\n" * 2)
    talks = "\n".join(f"用户第{i}次问：今天的天气怎么样？" for i in range(3000))
    (tmp_path / "talks.txt.xz").write_bytes(lzma.compress(talks.encode()))
    (tmp_path / "dict.txt").write_text("AT&T 3 nz\n的 300 u\n你好 900 l\n中华人民共和国 70 ns\n石狮子 4 n\n")
    return tmp_path


def gather_chinese(folder: pathlib.Path, out: str, *more: str) -> dict[str, str]:
    command.main(
        ["--out", str(folder / out), *more, "--only", "--books", str(folder / "talks.txt.xz")]
        + ["--chinese", str(folder / "talks.txt.xz"), str(folder / "manuals")]
        + ["--chinese-words", str(folder / "dict.txt")]
    )
    return {path.name: lzma.decompress(path.read_bytes()).decode() for path in (folder / out).iterdir()}


def test_chinese_is_gathered_from_pages_messages_and_text(manuals):
    first = gather_chinese(manuals, "first")
    assert first == gather_chinese(manuals, "second")
    text, held_out = first["chinese.txt.xz"], first["val_chinese.txt.xz"]
    page = "安装程序\n先下载软件包，再安装。A & B\n- 第一步，打开终端并且输入命令\n"
    assert page in text and "名称  大小\n第一行\n  第二行" in text
    assert "打开第3个文件“{0}”\n" in text and "ls - 列出目录内容" in text + held_out
    assert (text + held_out).count("没有任何担保") == 1
    assert not re.search("上一页|var hidden|nobody has translated|english", text + held_out)
    assert held_out and not set(text.split("\n")) & set(held_out.split("\n")) - {""}
    assert first["chinese_words.txt.xz"] == "你好\n的\n石狮子\n"


def test_only_held_out_text_is_gathered_where_that_is_asked_for(manuals):
    everything = gather_chinese(manuals, "everything")
    held_out = gather_chinese(manuals, "held-out", "--only-held-out")
    assert set(held_out) == {"val_chinese.txt.xz", "val_prose.txt.xz", "chinese_words.txt.xz"}
    assert all(text == everything[name] for name, text in held_out.items())


def test_a_corpus_reads_chinese_where_the_folder_has_it(manuals):
    files = gather_chinese(manuals, "corpus")
    for name in ("code", "docs", "val_code", "val_docs"):  # which a machine with sources would give
        (manuals / "corpus" / f"{name}.txt.xz").write_bytes(lzma.compress(b"value = 1\n" * 100))
    held_out = Corpus(manuals / "corpus", split="validation")
    first, second = (held_out.sample(np.random.default_rng(1), "chinese", 900) for _ in range(2))
    assert first == second
    assert list(held_out.chinese.words) == files["chinese_words.txt.xz"].split()

    (manuals / "corpus" / "chinese.txt.xz").unlink()
    without = Corpus(manuals / "corpus")
    assert without.sample(np.random.default_rng(1), "code", 100)
    with pytest.raises(ValueError, match=r"chinese\.txt\.xz is missing; gather --chinese"):
        without.sample(np.random.default_rng(1), "chinese", 100)


def test_a_terminal_colours_words_and_writes_over_its_lines(corpus):
    session = Session(random.Random(5), corpus.texts, corpus.vocabulary)
    coloured = terminal.coloured(session, "one two three\nfour five")
    assert re.sub("\x1b(\\[[0-9;]*m|\\(B)", "", coloured) == "one two three\nfour five"
    assert terminal.progress(session).count("\r") >= 2
