#!/usr/bin/env bash
# Installs the library into a folder of its own, then builds and runs examples/quickstart against it
# as a stranger would. Usage: quickstart.sh BUILD_DIR
set -euo pipefail
build=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cmake --install "$build" --prefix "$folder/installed" > "$folder/install.log"
export CMAKE_CXX_COMPILER_LAUNCHER
CMAKE_CXX_COMPILER_LAUNCHER=$(command -v ccache || true)
cmake -S "$source/examples/quickstart" -B "$folder/build" -G Ninja \
  -DCMAKE_PREFIX_PATH="$folder/installed" -DCMAKE_BUILD_TYPE=Release > "$folder/configure.log" ||
  { cat "$folder/configure.log"; exit 1; }
cmake --build "$folder/build"
cd "$folder"
./build/quickstart "$source/examples/quickstart/notes.txt" | tee said.txt
awk '/^accuracy:/ { read = $2 } END { exit !(read >= 0.97) }' said.txt ||
  { echo "the page was not read back well enough"; exit 1; }

# The installed memctl finds the installed checkpoint.
"$folder/installed/bin/memctl" --json doctor > doctor.json || { cat doctor.json; exit 1; }
