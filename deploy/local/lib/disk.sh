# shellcheck shell=bash
# Whether there is room. Sourced; needs report.sh.

# require_disk_space FOLDER...: refuses to begin on a disk that would fill up half-way: mariadbd aborts then, a build leaves
# half-written files, and apt-get blames the network.
require_disk_space() {
  local folder free_mb
  for folder in "$@"; do
    free_mb=$(df -Pm "$folder" | awk 'NR == 2 { print $4 }')
    if ((free_mb < 2048)); then
      die "only $free_mb MB are free on the disk of $folder; 2048 MB are needed" \
        "make room there, then start again; build/ of this tree may be deleted, var/ is the region's data"
    fi
  done
}
