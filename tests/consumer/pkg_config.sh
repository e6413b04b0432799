# A program built with pkg-config alone: pkg_config.sh COMPILER FOLDER_OF_THE_PC_FILES FOLDER_TO_BUILD_IN
set -eu
export PKG_CONFIG_PATH="$2:${PKG_CONFIG_PATH:-}"
for package in custfolio custfolio-header-only; do
  # shellcheck disable=SC2046
  "$1" -std=c++20 "$(dirname "$0")/app.cpp" -o "$3/$package" $(pkg-config --cflags --libs "$package")
  LD_LIBRARY_PATH="$2/..:${LD_LIBRARY_PATH:-}" "$3/$package"
done
