"""Makes tests/golden/tokenizer: two small tokenizers and what the `tokenizers` package gives.

    python tests/golden/make_tokenizer_cases.py

deepseek.json has the pre-tokenizer of DeepSeek's file, added tokens, and merges as pairs;
digits.json has single digits, GPT-2's expression, and merges as strings. Both are trained here,
on this script and a few sentences. cases.json: texts, and ids of each tokenizer.
"""

import json
import pathlib
import random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parent
OUT = HERE / "tokenizer"
DEEPSEEK = [
    r"\p{N}{1,3}",
    "[一-龥\u3040-ゟ゠-ヿ]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
    "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
]
SENTENCES = [
    "The memory of an agent fades, the oldest pages first.",
    "It isn't gone: they've kept what they'll need, and we'd read it again.",
    "Das Gedächtnis verblaßt; naïve café résumé — “quoted” … €5",
    "天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。混合 English 和中文 text 2024年5月",
    "日本語のテキスト カタカナ ひらがな",
    "Привет, мир! Γειά σου Κόσμε",
    "for (int i = 0; i < 10; ++i) {\n    sum += a[i];\n}\n",
    '{"type":"tool_result","id":"toolu_01","content":[{"text":"ok\\n"}]}',
]
EXTRA = [
    "",
    " ",
    "x",
    "12345 1234567890 3.14159e-10 $1299.99",
    "  leading and trailing  ",
    "\r\n\r\n\n\n\n\t\t\tx",
    "a\u00a0b\u3000c\u2028d\u0085e",
    "snake_case camelCase HTTPServer !!!???...",
    "🙂👩‍👩‍👧‍👦🇨🇳 emoji",
    "e\u0301 combining \ufb01 Å vs A\u030a",
    "<td><tr></td>in<td>side",
    "<|ref|>a<|ref|b<|ref|><|/ref|>",
    "<|long|>er <|long|",
    "\u0000\u0001\u007f\ufffd\U0010ffff",
    " " * 300 + "end",
    "ab" * 200,
]
ADDED = ["<td>", "</td>", "<|ref|>", "<|/ref|>", "<|long|>", "<|long|>er", "<tr></td>"]


def train(tokenizer: Tokenizer, vocab: int) -> None:
    trainer = trainers.BpeTrainer(
        vocab_size=vocab, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, max_token_length=10
    )
    tokenizer.train_from_iterator(SENTENCES * 3 + pathlib.Path(__file__).read_text().split("\n\n"), trainer)


def deepseek() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    steps = [pre_tokenizers.Split(Regex(p), "isolated") for p in DEEPSEEK]
    steps.append(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    tokenizer.decoder = decoders.ByteLevel()
    train(tokenizer, 480)
    for i, text in enumerate(ADDED):
        add = tokenizer.add_special_tokens if i < 4 else tokenizer.add_tokens
        add([AddedToken(text, normalized=i >= 6)])
    return tokenizer


def digits() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    train(tokenizer, 420)
    return tokenizer


def texts() -> list[str]:
    rng = random.Random(7)
    letters = sorted(set("".join(SENTENCES + EXTRA) + " \n\t'0123456789"))
    mixed = ["".join(rng.choices(letters, k=rng.randrange(30))) for _ in range(60)]
    return SENTENCES + EXTRA + mixed


def save(tokenizer: Tokenizer, name: str, merges_as_strings: bool) -> None:
    data = json.loads(tokenizer.to_str())
    if merges_as_strings:
        data["model"]["merges"] = [m if isinstance(m, str) else " ".join(m) for m in data["model"]["merges"]]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    assert Tokenizer.from_str(text).to_str() == tokenizer.to_str()
    (OUT / name).write_text(text + "\n")


def main() -> None:
    OUT.mkdir(exist_ok=True)
    made = {"deepseek": deepseek(), "digits": digits()}
    save(made["deepseek"], "deepseek.json", merges_as_strings=False)
    save(made["digits"], "digits.json", merges_as_strings=True)
    cases = [
        {"text": text} | {name: t.encode(text, add_special_tokens=False).ids for name, t in made.items()} for text in texts()
    ]
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    (OUT / "cases.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
