# shellcheck shell=bash
# Configures and builds a CMake preset, with progress. Sourced; needs report.sh, attend.sh and $root.
: "${root:?the top of the tree}"

# build_configure PRESET: safe to repeat; explains a build folder that belongs to another source folder.
build_configure() {
  local preset=$1 folder="$root/build/$1" home
  mkdir -p "$folder"
  if [[ ! -w $folder ]]; then
    die "$folder belongs to $(stat -c %U "$folder") and you cannot write there" \
      "sudo chown -R $(id -un) '$root/build', then start again"
  fi
  if [[ -f $folder/CMakeCache.txt ]]; then
    home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$folder/CMakeCache.txt")
    if [[ -n $home && $home != "$root" ]]; then
      die "$folder was configured for another source folder, $home" "rm -rf '$folder', then start again"
    fi
  fi
  if [[ -f $folder/build.ninja ]]; then return; fi  # ninja re-runs cmake by itself when a CMakeLists changed
  step "configuring $preset"
  if ! attend run_cmake "$preset" "$folder/configure.log"; then
    die "cmake could not configure $preset" "rm -rf '$folder' when the tree was moved or half-built; then start again" \
      "$folder/configure.log"
  fi
}

run_cmake() {
  cd "$root" || return
  exec cmake --preset "$1" >"$2" 2>&1
}

# build_targets PRESET [TARGET...]: everything when no target is named. One builder a folder at a time. Stops with 124 after
# $build_seconds, when that is set.
build_targets() {
  local preset=$1 folder="$root/build/$1" waiting=0 status=0
  shift
  exec {build_lock}>"$folder/.lock"
  if ! flock -n "$build_lock"; then
    waiting=1
    step "another build of $preset is running; waiting for it"
    attend flock "$build_lock"
  fi
  if ((waiting == 0)); then step "building $preset"; fi
  attend run_ninja "$folder" "$@" || status=$?
  exec {build_lock}>&-
  return "$status"
}

run_ninja() {
  local folder=$1 ninja=(timeout --foreground "${build_seconds:-0}" ninja)
  shift
  if [[ -t 1 ]]; then
    NINJA_STATUS='[%f/%t %es] ' "${ninja[@]}" -C "$folder" "$@" {build_lock}>&-
    return
  fi
  # A line every twentieth of the way; warnings and errors in full.
  NINJA_STATUS='[%f/%t] ' "${ninja[@]}" -C "$folder" "$@" {build_lock}>&- 2>&1 | tee "$folder/build.log" | awk '
    match($0, /^\[[0-9]+\/[0-9]+\] /) && !/FAILED/ {
      split(substr($0, 2, RLENGTH - 3), part, "/")
      twentieth = int(part[1] * 20 / part[2])
      if (twentieth != shown) { printf "  built %d of %d\n", part[1], part[2]; fflush(); shown = twentieth }
      next
    }
    /^ninja: (Entering|no work)/ { next }
    { print; fflush() }'
}
