# A header is included by its path below one of these: "memory/store.h", "model/encoder.h".
set(FOVEA_INCLUDE_ROOTS ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)

# fovea_add_library(<name> <sources...>): a static library of this project with the public headers,
# the private ones of every room, and the warnings on. Installed and exported as fovea::<name>.
function(fovea_add_library name)
  add_library(${name} STATIC ${ARGN})
  target_include_directories(${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${FOVEA_INCLUDE_ROOTS})
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_compile_options(${name} PRIVATE ${FOVEA_WARNINGS})
  set_property(GLOBAL APPEND PROPERTY FOVEA_LIBRARIES ${name})
endfunction()
