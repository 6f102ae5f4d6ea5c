# shellcheck shell=bash
# Configures and builds a CMake preset, with progress. Sourced; needs report.sh and $root.
: "${root:?the top of the tree}"

# Refuses to begin on a disk that would fill up half-way: mariadbd aborts then, and a build leaves half-written files.
require_disk_space() {
  local folder=$1 free_mb
  free_mb=$(df -Pm "$folder" | awk 'NR == 2 { print $4 }')
  if ((free_mb < 2048)); then
    die "only $free_mb MB are free on the disk of $folder; 2048 MB are needed" \
      "make room there (build/ and var/ of this tree may be deleted), then start again"
  fi
}

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
  if ! (cd "$root" && cmake --preset "$preset" >"$folder/configure.log" 2>&1); then
    die "cmake could not configure $preset" "rm -rf '$folder' when the tree was moved or half-built; then start again" \
      "$folder/configure.log"
  fi
}

# build_targets PRESET [TARGET...]: everything when no target is named. One builder a folder at a time. Stops with 124 after
# $build_seconds, when that is set.
build_targets() {
  local preset=$1 folder="$root/build/$1" waiting=0 status=0 ninja=(timeout --foreground "${build_seconds:-0}" ninja)
  shift
  exec {build_lock}>"$folder/.lock"
  if ! flock -n "$build_lock"; then
    waiting=1
    step "another build of $preset is running; waiting for it"
    flock "$build_lock"
  fi
  if ((waiting == 0)); then step "building $preset"; fi
  if [[ -t 1 ]]; then
    NINJA_STATUS='[%f/%t %es] ' "${ninja[@]}" -C "$folder" "$@" {build_lock}>&- || status=$?
  else
    # A line every twentieth of the way; warnings and errors in full.
    NINJA_STATUS='[%f/%t] ' "${ninja[@]}" -C "$folder" "$@" {build_lock}>&- 2>&1 | tee "$folder/build.log" | awk '
      match($0, /^\[[0-9]+\/[0-9]+\] /) && !/FAILED/ {
        split(substr($0, 2, RLENGTH - 3), part, "/")
        twentieth = int(part[1] * 20 / part[2])
        if (twentieth != shown) { printf "  built %d of %d\n", part[1], part[2]; fflush(); shown = twentieth }
        next
      }
      /^ninja: (Entering|no work)/ { next }
      { print; fflush() }' || status=$?
  fi
  exec {build_lock}>&-
  return "$status"
}
