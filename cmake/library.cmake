# A header is included by its path below one of these: "memory/store.h", "model/encoder.h".
set(FOVEA_INCLUDE_ROOTS ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)

# fovea_install(<targets...> [COMPONENT ocr]): installed and exported, as fovea::<name>, with what
# find_package(fovea) finds, or with its component `ocr`.
function(fovea_install)
  cmake_parse_arguments(ARG "" "COMPONENT" "" ${ARGN})
  string(TOUPPER "FOVEA_${ARG_COMPONENT}_LIBRARIES" list)
  string(REPLACE "__" "_" list ${list})
  set_property(GLOBAL APPEND PROPERTY ${list} ${ARG_UNPARSED_ARGUMENTS})
endfunction()

# fovea_add_library(<name> <sources...> [COMPONENT ocr]): a static library of this project with the
# public headers, the private ones of every room, and the warnings on. Installed.
function(fovea_add_library name)
  cmake_parse_arguments(ARG "" "COMPONENT" "" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${FOVEA_INCLUDE_ROOTS})
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_compile_options(${name} PRIVATE ${FOVEA_WARNINGS})
  fovea_install(${name} COMPONENT ${ARG_COMPONENT})
endfunction()
