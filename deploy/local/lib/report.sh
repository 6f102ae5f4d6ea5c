# shellcheck shell=bash
# How the scripts speak: one line a step, and every failure with what to do about it. Sourced, never run.

report_started=$SECONDS

# One line about what happens now.
say() { printf '%s\n' "$*"; }

# A step of a longer run, with the minutes and seconds since the script began.
step() {
  local passed=$((SECONDS - report_started))
  printf '[%02d:%02d] %s\n' $((passed / 60)) $((passed % 60)) "$*"
}

warn() { printf 'warning: %s\n' "$*" >&2; }

# die WHAT REMEDY [DETAIL-FILE]: says what went wrong, what to do, and shows the end of a log when there is one.
die() {
  printf '\nerror: %s\n' "$1" >&2
  if [[ -n ${3:-} && -s ${3:-} ]]; then
    printf -- '--- the last lines of %s\n' "$3" >&2
    tail -n 15 "$3" >&2
    printf -- '---\n' >&2
  fi
  printf 'remedy: %s\n' "$2" >&2
  exit 1
}

# Prints the comment block at the top of a script as its help.
print_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$1"; }
