# shellcheck shell=sh
# What deploy/mysql/mariadb and deploy/mysql/mysql share: arguments, the unprivileged user, one server a data folder.
# The script that reads this sets `kind` and defines initialise DATADIR and serve (which execs the server).

: "${kind:?set by the script that reads this}"

usage() {
  cat <<TEXT
Usage: deploy/mysql/$kind init DATADIR
       deploy/mysql/$kind run DATADIR --socket PATH [--port PORT] [options] [-- SERVER ARGUMENTS]

init    Makes a data folder. Does nothing when DATADIR already is one.
run     Becomes the server (exec, in the foreground); SIGTERM stops it cleanly.

Options of run:
  --socket PATH        unix socket, at most 107 bytes; its folder is made when missing
  --port PORT          TCP port on 127.0.0.1; without it the server listens on the socket only
  --bind ADDRESS       other address for --port
  --init-file FILE     SQL, one statement a line, run at every start before a client is let in: accounts, schemas, grants
  --tls-ca FILE, --tls-cert FILE, --tls-key FILE
                       PEM; copied for the server. TCP clients must then use TLS
  --die-with-parent    the server is killed when the process that started this script dies
  --log FILE           the server's messages, instead of standard error
  --least-free MB      with less room than this on DATADIR's disk the server becomes read-only, until half as much again is
                       free: on a full disk it would abort. It says so among its messages

Neither runs the server as root: when root, it is the user in YILIAN_DB_USER (default nobody), who gets DATADIR and
must be able to enter the folders above it. root@localhost cannot be signed in to unless --init-file makes it so.
TEXT
}

die() {
  echo "$kind: $*" >&2
  exit 1
}

become=
owner=$(id -un)
if [ "$(id -u)" = 0 ]; then
  owner=${YILIAN_DB_USER:-nobody}
  group=$(id -gn "$owner" 2>/dev/null) || die "YILIAN_DB_USER names no user: $owner"
  become="setpriv --reuid=$owner --regid=$group --clear-groups"
fi

# Runs a command as the server's user.
as_owner() {
  # shellcheck disable=SC2086 # words of our own making
  $become "$@"
}

give_to_owner() {
  [ -z "$become" ] || chown -R "$owner:$group" "$@"
}

absolute() {
  case "$1" in
    /*) echo "$1" ;;
    *) echo "$PWD/$1" ;;
  esac
}

init() {
  if [ -e "$datadir/.yilian-$kind" ]; then
    echo "$kind: $datadir is initialised already" >&2
    return
  fi
  if [ -e "$datadir" ] && [ -n "$(ls -A "$datadir")" ]; then
    die "$datadir is not empty and was not made by this script for $kind; remove it or name another folder"
  fi
  mkdir -p "$(dirname "$datadir")"
  # Under another name first: a folder that was interrupted half-way is never taken for a database.
  new=$datadir.new
  rm -rf "$new"
  mkdir -m 700 "$new"
  give_to_owner "$new"
  as_owner test -x "$new" || {
    rm -rf "$new"
    die "user $owner cannot enter $new; use a folder it can reach, or set YILIAN_DB_USER"
  }
  if ! initialise "$new" >"$datadir.log" 2>&1; then
    tail -n 20 "$datadir.log" >&2
    rm -rf "$new"
    die "could not initialise $datadir; the whole log is in $datadir.log"
  fi
  rm -f "$datadir.log"
  touch "$new/.yilian-$kind"
  give_to_owner "$new"
  [ ! -d "$datadir" ] || rmdir "$datadir"
  mv "$new" "$datadir"
}

# Asks every few seconds how much room is left; ends with the server, whose process this script becomes. Writes are refused as on
# any read-only server: services answer DATABASE_READ_ONLY, and their callers send again.
guard_disk() {
  closed=''
  while sleep 2; do
    free=$(df -Pm "$datadir" | awk 'NR == 2 { print $4 }')
    case $free in '' | *[!0-9]*) continue ;; esac
    if [ -z "$closed" ] && [ "$free" -lt "$least_free" ]; then
      read_only ON || continue
      closed=yes
      echo "$kind: only $free MB are free on the disk of $datadir: writes are refused until $((least_free * 3 / 2)) MB are; make room" >&2
    elif [ -n "$closed" ] && [ "$free" -ge $((least_free * 3 / 2)) ]; then
      read_only OFF || continue
      closed=''
      echo "$kind: $free MB are free on the disk of $datadir: writes go on" >&2
    fi
  done
}

# The password is of this start only and is on no command line.
read_only() {
  printf 'SET GLOBAL read_only = %s;\n' "$1" | MYSQL_PWD=$guard_password mariadb --no-defaults --user=yilian_disk_guard --socket="$socket" >&2
}

run() {
  socket='' port='' bind=127.0.0.1 init_file='' tls_ca='' tls_cert='' tls_key='' die_with_parent='' log='' least_free=''
  while [ $# -gt 0 ]; do
    case "$1" in
      --) shift; break ;;
      --die-with-parent) die_with_parent=yes; shift; continue ;;
      --socket | --port | --bind | --init-file | --tls-ca | --tls-cert | --tls-key | --log | --least-free) ;;
      *) die "unknown argument $1; see --help" ;;
    esac
    [ $# -ge 2 ] || die "$1 needs a value"
    case "$1" in
      --socket) socket=$(absolute "$2") ;;
      --port) port=$2 ;;
      --bind) bind=$2 ;;
      --init-file) init_file=$2 ;;
      --tls-ca) tls_ca=$2 ;;
      --tls-cert) tls_cert=$2 ;;
      --tls-key) tls_key=$2 ;;
      --log) log=$2 ;;
      --least-free) least_free=$2 ;;
    esac
    shift 2
  done
  [ -n "$socket" ] || die "run needs --socket"
  [ ${#socket} -le 107 ] || die "the socket's path is longer than the 107 bytes a unix socket may have: $socket"
  [ -e "$datadir/.yilian-$kind" ] || die "$datadir is no data folder; make it with: deploy/mysql/$kind init $datadir"
  pid=$(cat "$datadir/server.pid" 2>/dev/null) || pid=
  if [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && grep -q -a -F "$datadir" "/proc/$pid/cmdline" 2>/dev/null; then
    die "a server already runs on $datadir with pid $pid; stop it with: kill $pid"
  fi
  if [ ! -d "$(dirname "$socket")" ]; then
    mkdir -p "$(dirname "$socket")"
    give_to_owner "$(dirname "$socket")"
  fi
  as_owner test -w "$(dirname "$socket")" || die "user $owner cannot write to $(dirname "$socket")"

  # Common to both servers. Durability, UTC, strictness and isolation are what common/mysql asserts when it connects.
  set -- --datadir="$datadir" --socket="$socket" --pid-file="$datadir/server.pid" --tmpdir=/tmp \
    --innodb-flush-log-at-trx-commit=1 --character-set-server=utf8mb4 --collation-server=utf8mb4_bin \
    --default-time-zone=+00:00 --transaction-isolation=READ-COMMITTED --local-infile=OFF \
    --skip-name-resolve --skip-log-bin --max-allowed-packet=16M --max-connections=512 "$@"
  if [ -n "$port" ]; then
    set -- --port="$port" --bind-address="$bind" "$@"
  else
    set -- --skip-networking "$@"
  fi
  if [ -n "$tls_cert" ]; then
    # Files, not a folder: MariaDB takes every folder here for a schema.
    install -m 600 "$tls_ca" "$datadir/.tls-ca.pem"
    install -m 600 "$tls_cert" "$datadir/.tls-cert.pem"
    install -m 600 "$tls_key" "$datadir/.tls-key.pem"
    give_to_owner "$datadir/.tls-ca.pem" "$datadir/.tls-cert.pem" "$datadir/.tls-key.pem"
    set -- --ssl-ca="$datadir/.tls-ca.pem" --ssl-cert="$datadir/.tls-cert.pem" --ssl-key="$datadir/.tls-key.pem" \
      --require-secure-transport=ON "$@"
  fi
  umask 077
  lock_root_sql >"$datadir/.init.sql"
  [ -z "$init_file" ] || cat "$init_file" >>"$datadir/.init.sql"
  if [ -n "$least_free" ]; then
    guard_password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
    {
      echo "CREATE USER IF NOT EXISTS 'yilian_disk_guard'@'localhost' IDENTIFIED BY '$guard_password';"
      echo "ALTER USER 'yilian_disk_guard'@'localhost' IDENTIFIED BY '$guard_password';"
      echo "GRANT $read_only_right ON *.* TO 'yilian_disk_guard'@'localhost';"
    } >>"$datadir/.init.sql"
  fi
  give_to_owner "$datadir/.init.sql"
  set -- --init-file="$datadir/.init.sql" "$@"
  [ -z "$die_with_parent" ] || become="setpriv ${become#setpriv} --pdeathsig=KILL"
  [ -z "$log" ] || exec 2>>"$log"
  if [ -n "$least_free" ]; then
    # shellcheck disable=SC2086 # words of our own making
    guard_password=$guard_password socket=$socket least_free=$least_free setpriv ${become#setpriv} --pdeathsig=KILL \
      "$0" guard "$datadir" &
  fi
  serve "$@"
}

main() {
  case "${1-}" in
    -h | --help) usage; exit 0 ;;
    init) [ $# -eq 2 ] || { usage >&2; exit 2; } ;;
    run) [ $# -ge 2 ] || { usage >&2; exit 2; } ;;
    guard) [ -n "${guard_password-}" ] || { usage >&2; exit 2; } ;; # by run, of itself
    *) usage >&2; exit 2 ;;
  esac
  command=$1
  [ "$command" != guard ] || command=guard_disk
  datadir=$(absolute "$2")
  shift 2
  "$command" "$@"
}
