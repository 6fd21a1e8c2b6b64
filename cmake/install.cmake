# `cmake --install` and find_package(fovea).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# fovea::fovea and what stands below it; beside them fovea::ocr, which alone needs the libraries of
# picture files.
get_property(FOVEA_INSTALLED GLOBAL PROPERTY FOVEA_LIBRARIES)
get_property(FOVEA_INSTALLED_OCR GLOBAL PROPERTY FOVEA_OCR_LIBRARIES)
install(TARGETS ${FOVEA_INSTALLED} EXPORT fovea-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS ${FOVEA_INSTALLED_OCR} EXPORT fovea-ocr-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS memctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# The manual and the completions are made of the command line itself.
set(made ${PROJECT_BINARY_DIR}/command_line)
file(MAKE_DIRECTORY ${made})
set(completions ${made}/memctl ${made}/_memctl ${made}/memctl.fish)
add_custom_command(OUTPUT ${made}/memctl.1 ${completions}
  COMMAND memctl man > ${made}/memctl.1
  COMMAND memctl completion bash > ${made}/memctl
  COMMAND memctl completion zsh > ${made}/_memctl
  COMMAND memctl completion fish > ${made}/memctl.fish
  DEPENDS memctl VERBATIM)
add_custom_target(fovea_command_line ALL DEPENDS ${made}/memctl.1 ${completions})
install(FILES ${made}/memctl.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/memctl DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${made}/_memctl DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${made}/memctl.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# What `make build` builds, and all that an installation takes: no test.
add_custom_target(fovea_programs)
add_dependencies(fovea_programs ${FOVEA_INSTALLED} ${FOVEA_INSTALLED_OCR} fovea_command_line fovea_golden)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/fovea DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/fovea-nano
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fovea/models OPTIONAL)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/policies
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fovea/models)
install(FILES ${PROJECT_SOURCE_DIR}/models/targets.json ${PROJECT_SOURCE_DIR}/models/secrets.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fovea/models)

set(FOVEA_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/fovea)
set(FOVEA_MODELS_DIR ${CMAKE_INSTALL_DATADIR}/fovea/models)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/fovea-config.cmake.in
  ${PROJECT_BINARY_DIR}/fovea-config.cmake
  INSTALL_DESTINATION ${FOVEA_PACKAGE_DIR} PATH_VARS FOVEA_MODELS_DIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/fovea-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/fovea-config.cmake
  ${PROJECT_BINARY_DIR}/fovea-config-version.cmake DESTINATION ${FOVEA_PACKAGE_DIR})
install(EXPORT fovea-targets NAMESPACE fovea:: DESTINATION ${FOVEA_PACKAGE_DIR})
install(EXPORT fovea-ocr-targets NAMESPACE fovea:: DESTINATION ${FOVEA_PACKAGE_DIR})
