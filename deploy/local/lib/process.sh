# shellcheck shell=bash
# Background processes with pid files in var/run and logs in var/log. Sourced; needs layout.sh and report.sh.
: "${var:?where the region lives}"

started_here=()

# The process's start in clock ticks: with the pid it names one process for ever, as pids come round again.
start_ticks() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# running NAME: prints the pid and succeeds when the process that the pid file names still runs.
running() {
  local pid ticks
  [[ -s $var/run/$1.pid ]] || return 1
  read -r pid ticks <"$var/run/$1.pid"
  [[ -n $ticks && $(start_ticks "$pid") == "$ticks" ]] || return 1
  [[ $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -c1) != Z ]] || return 1
  echo "$pid"
}

# Who listens on a TCP port of this machine, as "name (pid N)"; empty when nobody does. Of several the first that was started:
# nginx's master, who would replace a worker that is killed.
listener() {
  local found pid
  found=$(ss -Hltnp "sport = :$1" 2>/dev/null | head -n 1)
  [[ -n $found ]] || return 0
  if [[ $found =~ \(\(\"([^\"]+)\",pid= ]]; then
    pid=$(grep -o 'pid=[0-9]*' <<<"$found" | cut -d= -f2 | sort -n | sed -n 1p)
    echo "${BASH_REMATCH[1]} (pid $pid)"
  else
    echo "a process of another user"
  fi
}

# The file that a process runs. A MySQL runs under a loader of its own (deploy/mysql/mysql), and its command line names it.
program_of() {
  local exe word
  exe=$(readlink "/proc/$1/exe" || true)
  if [[ ${exe##*/} == ld-linux* ]]; then
    while IFS= read -r -d '' word; do
      if [[ $word == */mysqld ]]; then exe=$word; fi
    done <"/proc/$1/cmdline"
  fi
  echo "$exe"
}

# require_free_port PORT FOR: says who holds it, and how to get by.
require_free_port() {
  local holder pid exe
  holder=$(listener "$1")
  [[ -n $holder ]] || return 0
  pid=$(sed -n 's/.*pid \([0-9]*\).*/\1/p' <<<"$holder")
  exe=$(program_of "${pid:-none}")
  case $exe in
    */yilian-* | */mariadbd* | */mysqld* | */nginx*)
      die "port $1, which $2 needs, is held by $holder: an old process, $exe" \
        "stop it with: kill $pid (or deploy/local/down in the folder it was started from), or use other ports: YILIAN_PORT_BASE=$((port_base + 1000)) YILIAN_VAR=FOLDER"
      ;;
    *)
      die "port $1, which $2 needs, is held by $holder" \
        "stop that process, or use other ports: YILIAN_PORT_BASE=$((port_base + 1000)) deploy/local/up"
      ;;
  esac
}

# start NAME COMMAND...: in the top folder, which every user may enter, and in its own session, so that a Ctrl-C here does not reach it; log appended.
start() {
  local name=$1 log="$var/log/$1.log" pid
  shift
  if [[ -f $log ]] && (($(stat -c %s "$log") > 50000000)); then mv "$log" "$log.1"; fi
  started_here+=("$name")
  # shellcheck disable=SC2154 # up_lock is the lock of deploy/local/up; what outlives up must not hold it
  (cd / && exec setsid "$@") >>"$log" 2>&1 </dev/null {up_lock}>&- &
  pid=$!
  echo "$pid $(start_ticks "$pid")" >"$var/run/$name.pid"
  disown "$pid"  # the shell need not report how it ends; until here a signal ends it as one of the script's own (end_groups)
}

# stop NAME SECONDS: SIGTERM, and SIGKILL when it has not ended in time.
stop() {
  local name=$1 limit=$2 pid deadline
  if ! pid=$(running "$name"); then
    rm -f "$var/run/$name.pid"
    return 0
  fi
  kill -TERM "$pid" 2>/dev/null || true
  deadline=$((SECONDS + limit))
  while running "$name" >/dev/null; do
    if ((SECONDS >= deadline)); then
      warn "$name (pid $pid) did not end in $limit s and was killed"
      kill -KILL "$pid" 2>/dev/null || true
      break
    fi
    sleep 0.1
  done
  rm -f "$var/run/$name.pid"
}

# Database last and with time to write its pages back.
stop_all() {
  local name
  for name in "${processes[@]}"; do
    if [[ ! -e $var/run/$name.pid ]]; then continue; fi
    if [[ " $* " != *" $name "* && $# -gt 0 ]]; then continue; fi
    stop "$name" "$([[ $name == database* ]] && echo 60 || echo 20)"
  done
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# healthy NAME: what the health service says where it can be asked, else whether the port is open.
healthy() {
  case $1 in
    database*) database_answers "$1" ;;
    nginx) listens "${port[nginx]}" ;;
    *)
      if [[ -x $yilianctl ]]; then
        "$yilianctl" health "127.0.0.1:$(admin_port "$1")" >/dev/null 2>&1
      else
        listens "${port[$1]}"
      fi
      ;;
  esac
}

# await NAME SECONDS: until it is healthy; says why not when the process ends or the time is over.
await() {
  local name=$1 limit=$2 deadline=$((SECONDS + $2))
  until healthy "$name"; do
    if ! running "$name" >/dev/null; then
      die "$name ended right after its start" "read why in $var/log/$name.log; then start again" "$var/log/$name.log"
    fi
    if ((SECONDS >= deadline)); then
      die "$name runs but was not healthy within $limit s" "see $var/log/$name.log" "$var/log/$name.log"
    fi
    sleep 0.1
  done
}
