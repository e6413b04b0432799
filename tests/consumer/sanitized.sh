# Builds and runs the example application with the address and undefined-behaviour sanitizers:
# sanitized.sh COMPILER SOURCE INCLUDE EIGEN LIBRARY_FOLDER FOLDER
set -eu
"$1" -std=c++20 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all "$2" -I"$3" -isystem "$4" \
  -L"$5" -lcustfolio -pthread -Wl,-rpath,"$5" -o "$6/example_sanitized"
"$6/example_sanitized"
