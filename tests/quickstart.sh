#!/usr/bin/env bash
# Installs the library into a folder of its own, then builds and runs examples/quickstart against it
# as a stranger would, on a machine without the libraries of picture files; then a program that
# reads pictures. Usage: quickstart.sh BUILD_DIR
set -euo pipefail
build=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cmake --install "$build" --prefix "$folder/installed" > "$folder/install.log"
export CMAKE_CXX_COMPILER_LAUNCHER
CMAKE_CXX_COMPILER_LAUNCHER=$(command -v ccache || true)
build_outside() {
  cmake -S "$1" -B "$2" -G Ninja -DCMAKE_PREFIX_PATH="$folder/installed" \
    -DCMAKE_BUILD_TYPE=Release > "$folder/configure.log" || { cat "$folder/configure.log"; exit 1; }
  cmake --build "$2"
}

# What pkg-config knows, but for these.
pictures='libjpeg|libwebp|libexif|poppler'
mkdir "$folder/known"
pkg-config --variable=pc_path pkg-config | tr ':' '\n' | while read -r place; do
  for file in "$place"/*.pc; do
    [[ -e $file && ! $(basename "$file") =~ ^($pictures) ]] && ln -sf "$file" "$folder/known/"
  done
done || true
PKG_CONFIG_LIBDIR="$folder/known" build_outside "$source/examples/quickstart" "$folder/build"
if readelf -d "$folder/build/quickstart" | grep -E "NEEDED.*($pictures)"; then
  echo "fovea::fovea brings libraries of picture files along"
  exit 1
fi
cd "$folder"
./build/quickstart "$source/examples/quickstart/notes.txt" | tee said.txt
awk '/^accuracy:/ { read = $2 } END { exit !(read >= 0.97) }' said.txt ||
  { echo "the page was not read back well enough"; exit 1; }

build_outside "$source/tests/ocr_consumer" "$folder/ocr"
./ocr/ocr_consumer "$source/doc/levels.png" "$folder/installed/share/fovea/models/fovea-nano"

# The installed memctl finds the installed checkpoint.
"$folder/installed/bin/memctl" --json doctor > doctor.json || { cat doctor.json; exit 1; }
