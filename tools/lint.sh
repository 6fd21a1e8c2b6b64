#!/usr/bin/env bash
# The checks of `make lint` that need no build. C++ layout and the width of prose are held on the
# lines that differ from the main branch: older lines keep their layout until somebody changes them.
# Usage: tools/lint.sh PYTHON [BASE]     PYTHON has ruff and pytest; BASE by itself is where main was left
set -uo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
python=$1 base=${2:-} failed=0
# What was written up to this commit keeps its layout, on the main branch or not.
before=6c9594df114933e55747651787d9d1a5736d0192

check() {  # check <what> <command...>
  local what=$1 said; shift
  if said=$("$@" 2>&1); then
    echo "lint: $what: fine"
  else
    printf '%s\nlint: %s: see above\n' "$said" "$what"
    failed=1
  fi
}

changed() {  # changed <patterns...>: the changed lines; moving a file changes none
  git diff -U0 -M --no-color --no-ext-diff "$base" -- "$@"
}

layout() {
  local wanted
  wanted=$(changed '*.h' '*.cpp' | clang-format-diff-14 -p1 -binary clang-format-14) || return 1
  [ -z "$wanted" ] || {
    echo "$wanted"
    echo "To have it so: git diff -U0 -M $base | clang-format-diff-14 -p1 -i -binary clang-format-14"
    return 1
  }
}

prose() {  # tables and links stay on one line
  changed '*.md' | "$python" -c '
import re, sys
wide, name = [], ""
for line in sys.stdin:
    line = line.rstrip("\n")
    if line.startswith("+++ "):
        name = line[6:]
    elif line.startswith("+") and len(line) > 101 and not re.match(r"\+(\||\s*\S+$)", line):
        wide.append(f"{name}: {len(line) - 1} columns: {line[1:61]}...")
print("\n".join(wide))
sys.exit(bool(wide))'
}

if [ -z "$base" ]; then
  for main in origin/main main; do
    base=$(git merge-base HEAD "$main" 2>/dev/null) && break
  done
  # On the main branch itself: what its newest commit brought.
  [ "$base" != "$(git rev-parse HEAD 2>/dev/null)" ] || base=$(git rev-parse -q --verify HEAD^)
  git merge-base --is-ancestor "${base:-none}" $before 2>/dev/null && base=$before
fi
if [ -n "$base" ]; then
  check "layout of changed C++" layout
  check "width of changed prose" prose
else
  echo "lint: layout and width: not checked, since there is no main branch here to compare with"
fi
check "Python" "$python" -m ruff check --no-cache --quiet .
check "order of the rooms" "$python" -m pytest -q tests/python/test_layering.py tests/python/test_training_rooms.py
exit $failed
