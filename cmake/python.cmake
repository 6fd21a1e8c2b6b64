# Which Python the module is built for, and whose PyTorch it shares a process with. Comes before the
# other dependencies: Torch is looked for where that Python has it.

find_package(Python 3.11 QUIET COMPONENTS Interpreter Development.Module)
if(NOT Python_FOUND)
  fovea_missing("Python 3.11 or newer with its headers" python3-dev)
endif()
execute_process(COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir
  OUTPUT_VARIABLE nanobind_DIR OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
find_package(nanobind CONFIG QUIET)
if(NOT nanobind_FOUND)
  message(FATAL_ERROR "nanobind was not found by ${Python_EXECUTABLE}: `pip install nanobind` there, "
    "or let pip do all of it with `pip install .`")
endif()

# PyPI's PyTorch brings its libtorch along; Debian's uses that of libtorch-dev, which is found anyway.
if(NOT Torch_DIR)
  execute_process(COMMAND ${Python_EXECUTABLE} -c
    "import importlib.util as u, os; s = u.find_spec('torch'); p = s and os.path.join(os.path.dirname(s.origin), 'share', 'cmake'); print(p if p and os.path.isdir(p) else '')"
    OUTPUT_VARIABLE FOVEA_PYTHON_TORCH OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(FOVEA_PYTHON_TORCH)
    list(PREPEND CMAKE_PREFIX_PATH ${FOVEA_PYTHON_TORCH})
  endif()
endif()
