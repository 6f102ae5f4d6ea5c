# shellcheck shell=bash
# A region of its own for one test: its own folder, its own ports, nothing left behind. Sourced by scripts under tests/.
: "${root:?the top of the tree}"

# shellcheck disable=SC2034 # the scripts that source this use it
readonly ctl="$root/build/release/bin/yilianctl"

# region_start PORT_BASE [deploy/local/up's arguments]: starts a region in a new folder; it ends with the script.
region_start() {
  export YILIAN_PORT_BASE=$1
  shift
  YILIAN_VAR=$(mktemp -d "${TMPDIR:-/tmp}/yilian-region-XXXXXX")
  export YILIAN_VAR
  chmod 755 "$YILIAN_VAR"
  trap region_end EXIT
  "$root/deploy/local/up" --no-build "$@"
}

region_end() {
  local status=$?
  trap - EXIT
  if ((status != 0)); then
    echo "--- what the services said last"
    tail -n 15 "$YILIAN_VAR"/log/*.log 2>/dev/null || true
  fi
  "$root/deploy/local/down" >/dev/null 2>&1 || true
  rm -rf "$YILIAN_VAR"
  exit "$status"
}
