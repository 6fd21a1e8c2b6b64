"""Words, names and signs that made-up histories are full of. What stands twice is drawn twice as often."""

from __future__ import annotations

import string

BASE62 = string.ascii_letters + string.digits
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
NAMES = (
    "alice bob carol dave erin frank grace heidi ivan judy mallory oscar peggy trent wendy kim lee maria "
    "chen olga tomas yuki anna paul nina omar zoe liam emma noah root ubuntu admin dev app deploy runner"
).split()
NOUNS = (
    "api auth cache client cluster config core data db engine events gateway graph handler index ingest "
    "job kernel ledger lexer loader log memory metrics model node page parser pipeline planner pool proxy "
    "query queue reader registry render report router runner scheduler schema search server session shard "
    "sort store stream sync table task test token trace user utils vector view wal web worker writer"
).split()
VERBS = (
    "add apply build cache check clean close compute create decode delete drain drop encode fetch find "
    "fix flush get handle improve init insert keep limit list load log make merge move open parse pin "
    "prune push read refactor remove rename reset retry revert run save scan send set skip sort split "
    "start stop store sync test track update use validate verify wait write"
).split()
SUFFIXES = (
    "py py py py go go rs ts ts js tsx c cc cpp h java rb sh md md json yaml toml sql txt css html cfg lock".split()
)
LANGUAGES = (
    "python python bash bash go rust javascript typescript json yaml c cpp sql html diff text"
).split() + [""]
SYMBOLS = (
    "✅", "❌", "⭐", "⚠️", "→", "✓", "✗", "•", "🚀", "📊", "🔧", "💡", "🔍", "📝", "🎯", "😊", "≈", "×", "…", "—",
    "▸", "★",
)  # fmt: skip
MODELS = (
    "claude-opus-4-1-20250805", "claude-sonnet-4-5-20250929", "claude-opus-4-5",
    "claude-haiku-4-5-20251001", "gpt-5", "gpt-5-mini", "gpt-4.1-2025-04-14", "o4-mini", "gemini-2.5-pro",
    "gemini-3-pro", "deepseek-chat", "qwen3-coder", "<synthetic>",
)  # fmt: skip
TOOLS = (
    "Bash", "Bash", "Bash", "Read", "Read", "Edit", "Write", "Grep", "Glob", "Task", "TodoWrite",
    "WebFetch", "WebSearch", "MultiEdit", "NotebookEdit", "LS", "BashOutput", "KillShell", "ExitPlanMode",
)  # fmt: skip
FOREIGN_LETTERS = (
    "aeioubcdfghlmnprstvz" + "áéíóúñüçàèêôãõß", "aeioklmnprstvyz" + "ąćęłńóśźżčďěňřšťůž", "aeioklmnprst" + "äöåøæðþ",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψως", "aeiklmnrstuyz" + "ğışçöüâî",
)  # fmt: skip
FOREIGN_LABELS = (
    "es", "fr", "de", "pl", "ru", "el", "tr", "pt-BR", "original", "translated", "name", "locale",
)  # fmt: skip
HOSTS = (
    "example.com example.org github.com pypi.org docs.python.org api.example.net registry.npmjs.org "
    "crates.io localhost"
).split()
COMMANDS = (
    "ls -la", "git status", "git diff", "git log --oneline -{n}", "cat {path}", "head -{n} {path}",
    "sed -n '{n},{m}p' {path}", "grep -rn \"{word}\" {dir}", "rg -n '{word}' {dir} | head -{n}",
    "python -m pytest -q {path}", "pytest {dir} -x -k {word}", "npm test", "npm run build",
    "npm install {noun}-{noun2}", "cargo build --release", "cargo test {word}", "go test ./...",
    "go vet ./{noun}/...", "make -j{n}", "cmake -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build",
    "docker ps -a", "docker compose up -d {noun}", "kubectl get pods -n {noun}",
    "curl -s {url} | jq '.{word}[0]'", "find . -name '*.{ext}' | xargs wc -l", "pip install -e '.[dev]'",
    "mkdir -p {dir} && cd {dir}", "ps aux | grep {noun}", "df -h", "tail -f /var/log/{noun}.log",
    "git checkout -b {word}/{noun}", "git commit -am \"{word} {noun} {noun2}\"",
    "export {NOUN}_{NOUN2}={n}", "ssh {name}@{ip}", "python3 - <<'EOF'", "wc -l {path}",
    "awk -F, '{{ s += ${n} }} END {{ print s }}' {noun}.csv", "chmod +x {path}", "rm -rf {dir}/build",
    "timeout {n} python {path} --{noun}={n} --{noun2} {m} 2>&1 | tail -{n}", "tar czf {noun}.tar.gz {dir}",
    "uv run {path}", "nvidia-smi",
)  # fmt: skip
