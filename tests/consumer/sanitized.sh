# Builds and runs the example application with the address and undefined-behaviour sanitizers:
# sanitized.sh COMPILER SOURCE INCLUDE EIGEN LIBRARY_FOLDER FOLDER. Builds if something has changed.
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/up_to_date.sh"
program=$6/example_sanitized
up_to_date "$program" "$0" "$1" "$2" "$3" "$5" ||
  "$1" -std=c++20 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all "$2" -I"$3" -isystem "$4" \
    -L"$5" -lcustfolio -pthread -Wl,-rpath,"$5" -o "$program"
"$program"
