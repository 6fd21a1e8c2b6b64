#!/usr/bin/env bash
# Runs examples/memctl.sh, the commands that README.md shows, on the beginning of the sample history.
# Usage: memctl_example.sh BUILD_DIR
set -euo pipefail
build=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cd "$folder"
mkdir examples
head -n 12 "$source/examples/sample_day.jsonl" > examples/sample_day.jsonl
PATH="$build:$PATH" bash -euo pipefail -x "$source/examples/memctl.sh"
test -s page.png
head -c 15 report.html | grep -q "<!doctype html>"
