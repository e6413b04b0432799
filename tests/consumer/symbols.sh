# Fails where a library has a symbol of Eigen's: symbols.sh NM LIBRARY
set -eu
if "$1" -C "$2" 2>/dev/null | grep -E "(^|[^A-Za-z_])Eigen::"; then
  echo "symbols.sh: $2 has symbols of Eigen's" >&2
  exit 1
fi
