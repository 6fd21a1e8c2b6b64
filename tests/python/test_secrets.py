"""What is taken for a secret, what is not, and where pieces of a file meet. All keys here are made up."""

from __future__ import annotations

import json
import pathlib
import string
import time

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

QUICK = {"measured_pages": 0, "level": "trace"}
MIXED = string.ascii_letters + string.digits


def some(length: int, letters: str = MIXED) -> str:
    """Letters that no pattern takes for prose."""
    return "".join(letters[(7 * place + place * place) % len(letters)] for place in range(length))


HEX, CAPITALS = "0123456789abcdef", string.ascii_uppercase + "234567"
PEM = "-----BEGIN RSA PRIVATE KEY-----\n" + "\n".join([some(64)] * 12) + "\n-----END RSA PRIVATE KEY-----"
SECRETS = [
    ("AWS key", "AKIA" + some(16, CAPITALS)), ("GitHub token", "ghp_" + some(36)), ("GitHub token", "ghs_" + some(40)),
    ("GitHub token", "github_pat_" + some(22) + "_" + some(59)), ("GitLab token", "glpat-" + some(20)),
    ("Slack token", "xoxb-" + some(12, string.digits) + "-" + some(24)), ("Anthropic key", "sk-ant-api03-" + some(95)),
    ("OpenAI key", "sk-proj-" + some(74)), ("OpenAI key", "sk-" + some(48)), ("Google key", "AIza" + some(35)),
    ("Stripe key", "sk_live_" + some(24)), ("SendGrid key", "SG." + some(22) + "." + some(43)),
    ("npm token", "npm_" + some(36)), ("PyPI token", "pypi-AgEIcHlwaS5vcmc" + some(60)),
    ("Hugging Face token", "hf_" + some(34)), ("Telegram token", "123456789:AA" + some(33)),
    ("DigitalOcean token", "dop_v1_" + some(64, HEX)), ("Groq key", "gsk_" + some(52)),
    ("JSON web token", "eyJ" + some(20) + ".eyJ" + some(40) + "." + some(43)), ("private key", PEM),
    ("private key", PEM.replace("\n", "\\n")), ("private key", PEM[:200]),
]


def kept(tmp_path, text: str, **options) -> tuple[str, dict[str, int]]:
    with fovea.Memory(tmp_path / "memory.db", scope=fovea.Scope(str(abs(hash(text)))), **QUICK, **options) as memory:
        made = memory.add(text)
        return memory.verbatim(), made.secrets


@pytest.mark.parametrize("kind, secret", SECRETS, ids=[f"{kind} {n}" for n, (kind, _) in enumerate(SECRETS)])
@pytest.mark.parametrize("around", ["{}", "export KEY={}\n", '{{"key": "{}"}}', "it is `{}`.", "鍵は{}です"])
def test_known_kinds_are_found_wherever_they_stand(tmp_path, kind, secret, around):
    text, counted = kept(tmp_path, around.replace("{{", "{").replace("}}", "}").replace("{}", secret))
    assert secret not in text and secret[8:40] not in text and f"[removed: {kind}]" in text and counted[kind] == 1


@pytest.mark.parametrize("text, hidden", [
    ("git clone https://ann:pa55word@example.com/x.git", "pa55word"),
    ("postgres://user:s3cr3t-pw@db:5432/app", "s3cr3t-pw"),
    ("Authorization: Bearer abcdef1234567890", "abcdef1234567890"),
    ('-H "authorization: Basic dXNlcjpwYXNzd29yZA=="', "dXNlcjpwYXNzd29yZA=="),
    ("AWS_SECRET_ACCESS_KEY=" + some(40), some(40)), ("PGPASSWORD=hunter2 psql", "hunter2"),
    ("DATABASE_PASSWORD='correct-horse'", "correct-horse"),
    ("DefaultEndpointsProtocol=https;AccountKey=" + some(86) + "==;", some(86))])
def test_what_stands_beside_a_name_goes_and_the_name_stays(tmp_path, text, hidden):
    found, counted = kept(tmp_path, text)
    assert hidden not in found and sum(counted.values()) == 1 and text[:8] in found


@pytest.mark.parametrize("text", [
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "uuid 123e4567-e89b-12d3-a456-426614174000",
    "MAX_TOKENS=4096 TOKEN_LIMIT=12", "API_KEY=${API_KEY} PASSWORD=$(cat file)", "https://example.com:8080/a@b",
    "sk-learn and sk-image", "sha256 " + some(64, HEX), "the private key of the house", "a <b>private</b> word",
    "ghp_ is how such tokens begin", "mailto://ann@example.com", "x = token == other", "AKIA", "see <private",
    "it wrote </private> alone", "use `<private>` to hide text"])
def test_what_is_no_secret_stays(tmp_path, text):
    assert kept(tmp_path, text) == (f"user:\n{text}\n\n", {})


@pytest.mark.parametrize("text, left", [
    ("a <private>b</private> c", "a [removed: private] c"), ("a <PRIVATE why='x'>b\n\nb</private > c", "a [removed: private] c"),
    ("<private>a <private>b</private> c</private> d", "[removed: private] d"),
    ("<private>1</private><private>2</private>", "[removed: private][removed: private]")])
def test_private_tags_go_with_what_stands_in_them(tmp_path, text, left):
    assert kept(tmp_path, text)[0] == f"user:\n{left}\n\n"


def test_secrets_of_chats_and_tool_calls_go_too(tmp_path):
    secret = "ghp_" + some(36)
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        made = memory.add_many([
            {"role": "user", "content": [{"type": "text", "text": f"it is {secret}"}]},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "sh", "arguments": json.dumps({"t": secret})}}]},
            {"role": "tool", "tool_call_id": "c", "content": secret}])
        assert made.secrets == {"GitHub token": 3} and secret not in memory.verbatim()


@pytest.mark.parametrize("before", range(65_480, 65_560, 9))
def test_a_secret_that_two_pieces_of_a_file_share_goes_whole(tmp_path, before):
    secret, hidden = "ghp_" + some(36), "the zebra sleeps"
    lines = ("All is well in the harbour.\n" * 3000)
    text = lines[:before] + f" {secret} <private>{hidden}</private> and on it goes.\n" + lines
    (tmp_path / "log.txt").write_text(text)
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        made = memory.add_many([fovea.Message("text", text[begin:begin + 65_536], 0, f"log.txt@{begin}")
                                for begin in range(0, len(text), 65_536)], progress=lambda done, total: False)
        assert made.secrets == {"GitHub token": 1, "private": 1}
        said = "".join(item.text for item in memory.recall_all())
    assert all(part not in said for part in (secret[-20:], hidden[-8:], "zebra"))
    assert said == text.replace(secret, "[removed: GitHub token]").replace(f"<private>{hidden}</private>",
                                                                         "[removed: private]")[:len(said)]


def test_any_text_takes_a_time_in_proportion_to_its_length(tmp_path):
    worst = ["A" * 60_000, "https://" + "a:" * 30_000, "-----BEGIN PRIVATE KEY" * 3000, "<private>" * 6000, "eyJa.eyJ" * 8000,
             "aws secret " * 6000, "X_TOKEN=" * 8000, "authorization: " * 4000]
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        for text in worst:
            begin = time.process_time()
            memory.add_many([text], progress=lambda done, total: False)  # few pages
            assert time.process_time() - begin < 60


def test_every_pattern_names_its_source():
    file = pathlib.Path(__file__).resolve().parents[2] / "models" / "secrets.json"
    known = json.loads(file.read_text())
    assert {source for entry in known["patterns"] for source in entry["source"]} == set(known["sources"])
    assert all(entry["needs"] and entry["kind"] for entry in known["patterns"])
