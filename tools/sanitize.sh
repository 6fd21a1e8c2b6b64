#!/usr/bin/env bash
# Builds the C++ tests with sanitizers and runs them; fails if one has found something, at the end.
# Usage: tools/sanitize.sh BUILD JOBS     builds into BUILD-sanitize and BUILD-sanitize-threads
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# = 2 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
export build=$1
jobs=$2

export ASAN_OPTIONS=detect_stack_use_after_return=1:check_initialization_order=1
export LSAN_OPTIONS=suppressions=$PWD/tests/leaks.txt:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
# Fontconfig and GLib, which are not built with the sanitizer, keep threads apart in ways that it does
# not see; races of Fovea's own code are reported all the same.
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:ignore_noninstrumented_modules=1

make_tests() {  # make_tests <preset> <tests...>
  cmake --preset "$1" -B "$build-$1"
  cmake --build "$build-$1" -j "$jobs" --target "${@:2}"
}

run() {  # run <preset> <tests> [options]: prints what they say at their end, as others run beside them
  local begin=$SECONDS said=fine placed=() threads=() log
  # Where a kernel places libraries very much at random, GCC 12's sanitizers do not find their memory
  # free.
  setarch -R true 2>/dev/null && placed=(setarch -R)
  # GCC's OpenMP hands work to its threads in ways that the thread sanitizer does not see: it would
  # report every piece. A loop of libtorch's or FAISS's gets no thread but its own, so what several
  # threads of one loop do to each other stays unseen; threads of a program are what is searched.
  [ "$1" != sanitize-threads ] || threads=(OMP_THREAD_LIMIT=1)
  log=$(env "${threads[@]}" "${placed[@]}" "$build-$1/$2" "${@:3}" 2>&1) || said="FOUND SOMETHING"
  printf '%s\nsanitize: %s (%s): %s, %d s\n' "$log" "$2" "$1" "$said" $((SECONDS - begin))
  [ "$said" = fine ]
}
export -f run

make_tests sanitize fovea_kernel_tests fovea_tests fovea_model_tests fovea_fuzz_corpora
make_tests sanitize-threads fovea_thread_tests

# The longest first, without two files that take minutes and run nothing that others do not.
xargs -P "$jobs" -L 1 bash -c 'run "$@"' run <<'TESTS'
sanitize fovea_model_tests --source-file-exclude=*/unreadable_text_test.cpp,*/model/reading_test.cpp
sanitize-threads fovea_thread_tests
sanitize fovea_tests
sanitize fovea_fuzz_corpora
sanitize fovea_kernel_tests
TESTS
