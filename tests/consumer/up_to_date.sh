# Read by the other scripts. up_to_date FILE INPUT...: whether FILE exists and no input, file or folder, is newer.
up_to_date() {
  up_to_date_file=$1
  shift
  [ -e "$up_to_date_file" ] && [ -z "$(find "$@" -newer "$up_to_date_file" -print -quit)" ]
}
