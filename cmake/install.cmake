# Install rules: headers, libraries, the CMake package (config, version, targets) and pkg-config files.
include(CMakePackageConfigHelpers)

# Without the compiled library nothing depends on the machine's architecture.
if(CUSTFOLIO_BUILD_LIBRARY)
  set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/custfolio")
  set(pkgconfig_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
  set(arch_independent "")
else()
  set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/custfolio")
  set(pkgconfig_dir "${CMAKE_INSTALL_DATADIR}/pkgconfig")
  set(arch_independent ARCH_INDEPENDENT)
endif()

install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/include/custfolio"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT development
  FILES_MATCHING
  PATTERN "*.hpp"
  PATTERN "*.ipp")
install(
  TARGETS ${targets}
  EXPORT custfolio_targets
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT development
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
install(
  EXPORT custfolio_targets
  NAMESPACE custfolio::
  FILE custfolio-targets.cmake
  DESTINATION "${package_dir}"
  COMPONENT development)

configure_package_config_file(cmake/custfolio-config.cmake.in custfolio-config.cmake INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(custfolio-config-version.cmake COMPATIBILITY SameMinorVersion ${arch_independent})
install(
  FILES "${PROJECT_BINARY_DIR}/custfolio-config.cmake" "${PROJECT_BINARY_DIR}/custfolio-config-version.cmake"
  DESTINATION "${package_dir}"
  COMPONENT development)

# The pkg-config files find the prefix from where they lie, so that an install may be moved.
file(RELATIVE_PATH PC_PREFIX "/prefix/${pkgconfig_dir}" "/prefix")
string(REGEX REPLACE "/$" "" PC_PREFIX "\${pcfiledir}/${PC_PREFIX}")
foreach(folder IN ITEMS INCLUDE LIB)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${folder}DIR}")
    set(PC_${folder}DIR "${CMAKE_INSTALL_${folder}DIR}")
  else()
    set(PC_${folder}DIR "\${prefix}/${CMAKE_INSTALL_${folder}DIR}")
  endif()
endforeach()
if(IS_ABSOLUTE "${pkgconfig_dir}")
  set(PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
endif()
set(PC_NAME custfolio-header-only)
set(PC_CFLAGS "-DCUSTFOLIO_HEADER_ONLY ")
set(PC_LIBS "-pthread")
configure_file(cmake/custfolio.pc.in custfolio-header-only.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/custfolio-header-only.pc" DESTINATION "${pkgconfig_dir}" COMPONENT development)
if(CUSTFOLIO_BUILD_LIBRARY)
  set(PC_NAME custfolio)
  set(PC_CFLAGS "")
  set(PC_LIBS "-L\${libdir} -lcustfolio -pthread")
  configure_file(cmake/custfolio.pc.in custfolio.pc @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/custfolio.pc" DESTINATION "${pkgconfig_dir}" COMPONENT development)
endif()
