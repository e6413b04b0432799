# Checks that a source compiles, if something has changed since it did: syntax.sh STAMP SOURCE INCLUDE COMPILER FLAG...
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/up_to_date.sh"
stamp=$1 source=$2 include=$3
shift 3
up_to_date "$stamp" "$0" "$(dirname "$0")/../CMakeLists.txt" "$source" "$include" "$1" || {
  "$@" "-I$include" -fsyntax-only "$source"
  touch "$stamp"
}
