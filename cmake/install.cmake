# `cmake --install` and find_package(fovea).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(FOVEA_INSTALLED GLOBAL PROPERTY FOVEA_LIBRARIES)
install(TARGETS ${FOVEA_INSTALLED} EXPORT fovea-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS memctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
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
