# Finds Eigen 3.4 or newer: a system's where there is one, else the headers of the Python package cmeel-eigen.
# Asked for without a version: a range rejects 3.4.0, and "3.4" rejects 5.
find_package(Eigen3 CONFIG QUIET)
if(NOT Eigen3_FOUND)
  list(TRANSFORM CMAKE_PREFIX_PATH APPEND "/cmeel.prefix" OUTPUT_VARIABLE cmeel_prefixes)
  find_package(Eigen3 CONFIG QUIET NO_DEFAULT_PATH PATHS ${cmeel_prefixes})
endif()
if(NOT Eigen3_FOUND)
  message(FATAL_ERROR "custfolio needs Eigen 3.4 or newer and finds none. Install it (Debian, Ubuntu: libeigen3-dev; "
                      "pip: cmeel-eigen) or set Eigen3_DIR to the folder of its Eigen3Config.cmake.")
elseif(Eigen3_VERSION VERSION_LESS 3.4)
  message(FATAL_ERROR "custfolio needs Eigen 3.4 or newer; ${Eigen3_DIR} is ${Eigen3_VERSION}.")
endif()
message(STATUS "Eigen ${Eigen3_VERSION}: ${Eigen3_DIR}")
