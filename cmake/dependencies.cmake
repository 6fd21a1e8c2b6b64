# The libraries that Fovea stands on. A missing one is an error that names its Debian package.

function(fovea_missing what package)
  message(FATAL_ERROR "${what} was not found. On Debian: apt-get install ${package} "
    "(`make deps` installs all that Fovea needs).")
endfunction()

# fovea_find(<package> <debian package> [arguments of find_package...])
macro(fovea_find name package)
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    fovea_missing(${name} ${package})
  endif()
endmacro()

find_program(FOVEA_PKG_CONFIG NAMES pkg-config pkgconf)
if(NOT FOVEA_PKG_CONFIG)
  fovea_missing("pkg-config" pkg-config)
endif()
find_package(PkgConfig REQUIRED QUIET)

# `fovea-config.cmake` asks for the same modules again, so that a static fovea links: for all, and
# for those who read pictures.
set(FOVEA_PKG_MODULES "")
set(FOVEA_OCR_PKG_MODULES "")

# fovea_pkg(<NAME> <pkg-config module> <debian package> [ocr|memctl]) makes the target
# PkgConfig::NAME. `ocr`: that component alone needs it; `memctl`: no installed library does.
macro(fovea_pkg name module package)
  pkg_check_modules(${name} QUIET IMPORTED_TARGET GLOBAL ${module})
  if(NOT ${name}_FOUND)
    fovea_missing("${module}" ${package})
  endif()
  if("${ARGN}" STREQUAL "ocr")
    set(modules FOVEA_OCR_PKG_MODULES)
  else()
    set(modules FOVEA_PKG_MODULES)
  endif()
  if(NOT "${ARGN}" STREQUAL "memctl")
    string(APPEND ${modules} "pkg_check_modules(${name} REQUIRED QUIET IMPORTED_TARGET ${module})\n")
  endif()
endmacro()

if(FOVEA_BUILD_PYTHON)
  include(${CMAKE_CURRENT_LIST_DIR}/python.cmake)
endif()

# Of the model.
fovea_pkg(UTF8PROC libutf8proc libutf8proc-dev)
fovea_pkg(PNG libpng libpng-dev)
fovea_pkg(PCRE2 libpcre2-8 libpcre2-dev)
fovea_pkg(SODIUM libsodium libsodium-dev)
fovea_pkg(HWY libhwy libhwy-dev)
fovea_find(Threads g++)
fovea_find(nlohmann_json nlohmann-json3-dev CONFIG)
fovea_find(OpenMP g++)  # before faiss, whose target names it
fovea_find(Torch libtorch-dev CONFIG)  # Debian's 1.13 or a 2.x on CMAKE_PREFIX_PATH
if(Torch_VERSION VERSION_LESS 2)  # Debian's
  # oneDNN, which that libtorch multiplies with too. PyPI's libtorch has one inside, which a second
  # one must not meet.
  fovea_find(dnnl libdnnl-dev CONFIG)
  set(FOVEA_FIND_DNNL "find_dependency(dnnl CONFIG)")
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # PyPI's libtorch exports an old std::filesystem of its own, in which remove_all crashes: named
  # first, the standard library is what programs find.
  link_libraries(stdc++)
endif()
if(FOVEA_BUILD_TESTS)
  fovea_find(doctest doctest-dev CONFIG)
endif()
if(FOVEA_MODEL_ONLY)
  return()
endif()

# Of the rest.
fovea_pkg(JPEG libjpeg libjpeg62-turbo-dev ocr)
fovea_pkg(WEBP libwebp libwebp-dev ocr)
fovea_pkg(WEBPDEMUX libwebpdemux libwebp-dev ocr)
fovea_pkg(EXIF libexif libexif-dev ocr)
fovea_pkg(POPPLER poppler-cpp libpoppler-cpp-dev ocr)
fovea_pkg(CAIRO cairo libcairo2-dev)
fovea_pkg(PANGOCAIRO pangocairo libpango1.0-dev)
fovea_pkg(PANGOFT2 pangoft2 libpango1.0-dev)
fovea_pkg(FONTCONFIG fontconfig libfontconfig-dev)
fovea_pkg(HARFBUZZ harfbuzz libharfbuzz-dev)
fovea_pkg(MD4C md4c libmd4c-dev)
fovea_pkg(SQLITE3 sqlite3 libsqlite3-dev)
fovea_pkg(LIBPQ libpq libpq-dev memctl)  # its header alone
fovea_pkg(ZSTD libzstd libzstd-dev)
fovea_pkg(ZLIB zlib zlib1g-dev)
fovea_pkg(LZMA liblzma liblzma-dev memctl)
fovea_pkg(HTTPLIB cpp-httplib libcpp-httplib-dev memctl)
fovea_pkg(CURL libcurl libcurl4-openssl-dev)
fovea_pkg(ICU icu-uc libicu-dev)
fovea_find(CLI11 libcli11-dev CONFIG)
fovea_find(faiss libfaiss-dev CONFIG)
