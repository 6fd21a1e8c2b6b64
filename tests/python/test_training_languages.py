"""Text in other languages: what packages hold of it, and what is made up from it."""

import lzma
import re
import struct
import zipfile

import numpy as np
import pytest

pytest.importorskip("torch")

from fovea.training.text import languages
from fovea.training.text.corpus import Corpus
from fovea.training.text.gather import command
from fovea.training.text.gather.languages import (
    dictionary_words, gather_language, messages_of, new_lines, pack_messages,
)  # fmt: skip

KOREAN = "설정 파일을 찾을 수 없습니다. 먼저 시험을 돌리고 나서 변경 사항을 올려 주세요."


def write_catalogue(file, messages):
    """A gettext catalogue of the msgid and msgstr given, its header first."""
    pairs = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **messages}.items())
    keys, values = [k.encode() for k, _ in pairs], [v.encode() for _, v in pairs]
    at, tables, blob = 28 + 16 * len(pairs), [], b""
    for part in (keys, values):
        for text in part:
            tables.append(struct.pack("<II", len(text), at + len(blob)))
            blob += text + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(head + b"".join(tables) + blob)


@pytest.fixture
def packages(tmp_path):
    folder = tmp_path / "ko"
    pages = folder / "help-ko" / "text"
    pages.mkdir(parents=True)
    for i in range(60):
        pages.joinpath(f"page{i}.html").write_text(f"<p>{KOREAN} 번호 {i}</p><p>공통 안내 문장입니다.</p>")
    pages.joinpath("english.html").write_text("<p>This page was never translated from English.</p>" * 5)
    write_catalogue(folder / "l10n-ko" / "program.mo", {"Open ~File": "파일 열기(~O)", "<b>Close</b>": "<b>닫기 단추입니다</b>"})
    words = folder / "hunspell-ko"
    words.mkdir()
    words.joinpath("ko.aff").write_bytes(b"SET EUC-KR\n")
    words.joinpath("ko.dic").write_bytes("3\n사람/AB\n나라\nabc/X\n".encode("euc-kr"))
    return folder


def test_catalogues_packs_and_dictionaries_are_read(tmp_path, packages):
    assert set(messages_of(packages / "l10n-ko" / "program.mo")) == {"파일 열기(~O)", "<b>닫기 단추입니다</b>"}
    assert dictionary_words(packages / "hunspell-ko" / "ko.dic") == ["사람", "나라", "abc"]
    with zipfile.ZipFile(tmp_path / "pack.xpi", "w") as archive:
        archive.writestr("a/menu.ftl", "# note\nopen = 열기\n    .label = 파일 열기\nlong =\n    여러 줄입니다\n")
        archive.writestr("a/old.properties", "close=닫기\n")
        archive.writestr("a/older.dtd", '<!ENTITY quit.label "끝내기">\n')
        archive.writestr("a/icon.png", b"\x89PNG")
    found = pack_messages(tmp_path / "pack.xpi")
    assert {"열기", "파일 열기", "여러 줄입니다", "닫기", "끝내기"} == set(found)
    assert pack_messages(packages / "hunspell-ko" / "ko.dic") == [] == messages_of(tmp_path / "pack.xpi")


def test_what_is_held_out_is_not_trained_on_and_shared_lines_come_once(packages):
    gathered, words = gather_language("ko", [packages], seed=1)
    train, held = "".join(gathered.train), "".join(gathered.validation)
    assert words == ["나라", "사람"]  # those of the script alone
    assert "never translated" not in train + held
    assert (train + held).count("공통 안내 문장입니다.") == 1
    assert held and not set(held.split("\n")) & set(train.split("\n")) - {""}


def test_without_training_the_same_is_held_out_and_nothing_else_gathered(packages):
    everything, _ = gather_language("ko", [packages], seed=1)
    gathered, words = gather_language("ko", [packages], seed=1, train=False)
    assert gathered.validation == everything.validation and gathered.train == [] == words


def test_lines_lose_the_marks_of_menus_and_pages():
    assert new_lines("<b>파일</b> ~열기 &nbsp; _닫기 단추를 누르면 모든 문서가 닫힙니다. 정말로 닫을까요? 아니면 계속할까요?",
                     languages.LANGUAGES["ko"], set()).startswith("파일 열기  닫기 단추를")


def test_a_corpus_with_languages_has_text_in_scripts_and_held_out_text_of_each(tmp_path, packages):
    out = tmp_path / "corpus"
    code = tmp_path / "code"
    code.mkdir()
    for i in range(300):
        code.joinpath(f"module{i}.py").write_text(f"def function_{i}(value):\n    return value + {i}\n" * 30)
        code.joinpath(f"page{i}.md").write_text(f"# Page {i}\n\nsome words about number {i}\n" * 30)
    book = tmp_path / "book.txt"
    book.write_text("It was a bright cold day in April.\n" * 30_000)
    assert command.main(["--out", str(out), "--only", "--root", str(code), "--books", str(book),
                        "--language", "ko", str(packages)]) == 0
    assert "나라" in lzma.open(out / "ko_words.txt.xz", "rt").read()
    corpus = Corpus(out, alphabet="가나다라마바사")
    text = corpus.sample(np.random.default_rng(1), "scripts", 20_000)
    assert len(text) >= 20_000 and "나라" in text
    held = Corpus(out, split="validation")
    assert KOREAN[:8] in held.sample(np.random.default_rng(1), "ko", 500)


def test_a_language_that_nobody_listed_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        command.main(["--out", str(tmp_path), "--only", "--language", "xx", str(tmp_path)])
    assert "--language takes one of ja, ko" in capsys.readouterr().err


@pytest.mark.parametrize("seed", range(3))
def test_made_up_text_is_of_all_languages_there_are(seed):
    corpus = Corpus.builtin(alphabet="한국어हिन्दीعربي")
    assert set(corpus.languages) == {"ko", "hi", "ar"}
    text = corpus.sample(np.random.default_rng(seed), "scripts", 40_000)
    for letters in ("[가-힣]", "[ऀ-ॿ]", "[؀-ۿ]"):
            assert len(re.findall(letters, text)) > 400


def test_shares_of_the_languages_are_positive_and_their_letters_a_set():
    for language in languages.LANGUAGES.values():
        assert language.share > 0 and re.compile(f"[{language.letters}]")
