# Builds and runs flags.cpp against a library that was compiled with other flags, unoptimised and optimised:
# flags.sh COMPILER FLAGS INCLUDES FOLDER LIBRARY...; the includes are separated by semicolons. Builds what has changed.
set -eu
compiler=$1 flags=$2 includes=$3 folder=$4
shift 4
here=$(dirname "$0")
# shellcheck source=/dev/null
. "$here/up_to_date.sh"
source=$here/flags.cpp
mkdir -p "$folder"
paths=$(echo "$includes" | tr ';' ' ')
include=
for path in $paths; do include="$include -I$path"; done
run=true
case $flags in *avx2*) grep -qw avx2 /proc/cpuinfo || run=false ;; esac
for level in -O0 -O2; do
  object=$folder/flags$level.o
  # shellcheck disable=SC2086
  up_to_date "$object" "$0" "$source" "$compiler" $paths ||
    "$compiler" -std=c++20 $level $flags $include -c "$source" -o "$object"
  for library in "$@"; do
    program=$folder/flags$level-$(basename "$library").out
    # shellcheck disable=SC2086
    up_to_date "$program" "$object" "$library" ||
      "$compiler" $flags "$object" "$library" -pthread -Wl,-rpath,"$(dirname "$library")" -o "$program"
    echo "$level $flags $library"
    if $run; then "$program"; fi
  done
done
