#!/usr/bin/env bash
# Builds the C++ tests with sanitizers and runs them; fails if one has found something, at the end.
# Usage: tools/sanitize.sh BUILD JOBS     builds into BUILD-sanitize and BUILD-sanitize-threads
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# = 2 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
build=$1 jobs=$2 failed=0

export ASAN_OPTIONS=detect_stack_use_after_return=1:check_initialization_order=1
export LSAN_OPTIONS=suppressions=$PWD/tests/leaks.txt:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
# Fontconfig and GLib, which are not built with the sanitizer, keep threads apart in ways that it does
# not see; races of Fovea's own code are reported all the same.
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:ignore_noninstrumented_modules=1

# Where a kernel places libraries very much at random, GCC 12's sanitizers do not find their memory free.
placed=()
setarch -R true 2>/dev/null && placed=(setarch -R)

make_tests() {  # make_tests <preset> <tests...>
  local preset=$1 folder=$build-${1}; shift
  test -e "$folder/build.ninja" || cmake --preset "$preset" -B "$folder"
  cmake --build "$folder" -j "$jobs" --target "$@"
}

run() {  # run <preset> <tests>
  local begin=$SECONDS said=fine
  echo "sanitize: $2 ($1)"
  "${placed[@]}" "$build-$1/$2" || { said="see above"; failed=1; }
  echo "sanitize: $2 ($1): $said, $((SECONDS - begin)) s"
}

make_tests sanitize fovea_kernel_tests fovea_tests fovea_model_tests
run sanitize fovea_kernel_tests
run sanitize fovea_tests
run sanitize fovea_model_tests

# The model's tests stay without the thread sanitizer: it does not see how libgomp hands work to
# libtorch's threads, and would report every piece. FAISS has libgomp too, so it gets a single thread.
make_tests sanitize-threads fovea_tests
OMP_NUM_THREADS=1 run sanitize-threads fovea_tests

exit $failed
