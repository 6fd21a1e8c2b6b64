#!/usr/bin/env bash
# On a machine with a GPU, PyTorch, transformers and the CUDA toolkit: builds the model alone against
# that PyTorch, compares it with the golden vectors on the GPU and with PyTorch in speed. Each part
# is tried even if one before it failed.
#
#   bench/gpu_run.sh LIBRARIES [FOLDER [TEXT]]
#
# LIBRARIES: as tools/carry_libraries.sh makes it, for what the machine lacks. FOLDER: for the build
# and 6.7 GB of random weights, by itself a temporary one. TEXT: a file that fovea-nano reads as
# pages, by itself the guides in doc/.
set -uo pipefail
[ $# -ge 1 ] || { echo "usage: bench/gpu_run.sh LIBRARIES [FOLDER [TEXT]]" >&2; exit 2; }
source=$(cd "$(dirname "$0")/.." && pwd)
libraries=$(cd "$1" && pwd)
work=${2:-$(mktemp -d)}
text=${3:-}
build=$work/build
failed=0

part() {  # part <what> <command...>
  local what=$1 start=$SECONDS status; shift
  echo "== $what"
  "$@"; status=$?
  [ $status = 0 ] || failed=1
  echo "== $what: exit $status, $((SECONDS - start)) s"
}

configure() {
  export PATH="$libraries/bin:$PATH"
  cmake -S "$source" -B "$build" -G Ninja -DFOVEA_MODEL_ONLY=ON -DFOVEA_BUILD_BENCH=ON \
    -DCMAKE_PREFIX_PATH="$libraries;$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)')" \
    > "$work/configure.log" 2>&1 || { tail -n 30 "$work/configure.log"; return 1; }
}

compile() {
  cmake --build "$build" -- -k 0 > "$work/build.log" 2>&1 ||
    { grep -m 20 -E "error|undefined|FAILED" "$work/build.log"; return 1; }
}

golden() {  # golden <device>
  "$build/fovea_golden" "$source/tests/golden/mini_a" "$1" > "$work/golden.log" 2>&1
  local status=$?
  grep FAIL "$work/golden.log" | head -n 20
  tail -n 1 "$work/golden.log"
  return $status
}

nano() {  # nano <level> <density>
  timeout 60 "$build/nano_rates" "$source/models/fovea-nano" "$text" \
    "{\"device\": \"cuda\", \"level\": \"$1\", \"density\": $2, \"pages\": [1, 8, 64, 256]}"
}

[ -n "$text" ] || { text=$work/text; cat "$source"/doc/*.md > "$text"; }
python3 "$source/bench/random_checkpoint.py" "$work/weights" --shards 16 > "$work/weights.log" 2>&1 &
weights=$!
part "configure" configure
part "build" compile
part "golden vectors on the GPU" golden cuda
part "golden vectors on the CPU" golden cpu
part "fovea-nano, tiny" nano tiny 106
part "fovea-nano, base" nano base 106
part "fovea-nano, trace" nano trace 64
part "tests of the model" "$build/fovea_model_tests" --minimal
part "random weights" wait $weights
for at_once in 1:1 8:16 16:16; do
  part "compare with PyTorch, $at_once" python3 "$source/bench/compare_pytorch.py" "$work/weights" \
    --program "$build/model_rates" --device cuda --at-once $at_once --tokens 200 --turns 1
done
exit $failed
