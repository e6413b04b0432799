# Builds and runs flags.cpp against a library that was compiled with other flags, unoptimised and optimised:
# flags.sh COMPILER FLAGS INCLUDES FOLDER LIBRARY...; the includes are separated by semicolons.
set -eu
compiler=$1 flags=$2 includes=$3 folder=$4
shift 4
source=$(dirname "$0")/flags.cpp
mkdir -p "$folder"
old_ifs=$IFS
IFS=';'
include=
for path in $includes; do include="$include -I$path"; done
IFS=$old_ifs
run=true
case $flags in *avx2*) grep -qw avx2 /proc/cpuinfo || run=false ;; esac
for level in -O0 -O2; do
  # shellcheck disable=SC2086
  "$compiler" -std=c++20 $level $flags $include -c "$source" -o "$folder/flags.o"
  for library in "$@"; do
    # shellcheck disable=SC2086
    "$compiler" $flags "$folder/flags.o" "$library" -pthread -Wl,-rpath,"$(dirname "$library")" -o "$folder/flags"
    echo "$level $flags $library"
    if $run; then "$folder/flags"; fi
  done
done
