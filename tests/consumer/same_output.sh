# Fails where two programs print different texts: same_output.sh PROGRAM PROGRAM
set -eu
expected=$("$1")
printed=$("$2")
[ -n "$expected" ] && [ "$expected" = "$printed" ] || {
  echo "same_output.sh: $1 and $2 do not print the same" >&2
  exit 1
}
