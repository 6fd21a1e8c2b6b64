# How everything is compiled.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo" FORCE)
endif()
# No -march: one build runs on every machine of the architecture. libtorch and Fovea's own kernels,
# which Highway compiles for each instruction set, are picked at run time.
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")

if(PROJECT_IS_TOP_LEVEL)
  # Programs stand at the top of the build folder: build/memctl, build/fovea_golden.
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  find_program(CCACHE_PROGRAM ccache)
  if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Paths below the checkout count as relative, so that another clone finds what this one compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${CCACHE_PROGRAM})
  endif()
endif()

if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_UNITY_BUILD)
  # Twenty files in one: most of a compilation is what the headers of libtorch, JSON and the like say,
  # and the whole build takes a fifth of the time. The preset `debug` compiles each file by itself.
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 20)
endif()

if(FOVEA_SANITIZE)
  # Undefined behaviour alone would only be printed, and the test pass. Of debug information, a report
  # shows no more than lines.
  set(FOVEA_SANITIZE_FLAGS -fsanitize=${FOVEA_SANITIZE} -fno-sanitize-recover=all)
  add_compile_options(${FOVEA_SANITIZE_FLAGS} -fno-omit-frame-pointer -g1)
  add_link_options(${FOVEA_SANITIZE_FLAGS})
endif()

if(FOVEA_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "The fuzz targets need Clang's libFuzzer, and the compiler is "
      "${CMAKE_CXX_COMPILER_ID}: `cmake --preset fuzz`, or `make fuzz`, which installs it.")
  endif()
  # The whole library is watched, and tells libFuzzer which code an input reaches.
  set(FOVEA_FUZZ_FLAGS -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer -gline-tables-only)
  add_compile_options(-O1 ${FOVEA_FUZZ_FLAGS})
  add_link_options(${FOVEA_FUZZ_FLAGS})
endif()

set(FOVEA_WARNINGS -Wall -Wextra)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A type of a file's own is taken for one of a header's, as the file is included.
  list(APPEND FOVEA_WARNINGS -Wno-subobject-linkage)
endif()
