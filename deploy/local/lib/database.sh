# shellcheck shell=bash
# The region's own database server: accounts, start, question whether it answers. Sourced; needs process.sh and $root.
# shellcheck source=deploy/local/lib/attend.sh
source "$root/deploy/local/lib/attend.sh"
: "${var:?where the region lives}"

# Schemas and accounts, applied by the server at every start: the password files are the truth. The service's user has no
# DDL, its migrator does; neither sees another schema. `auditor` reads everything, for the checks across services.
database_accounts() {
  local service user
  for service in "${services[@]}"; do
    echo "CREATE DATABASE IF NOT EXISTS yilian_$service CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
    for user in "$service" "${service}_migrator"; do
      database_account "yilian_$user" "$var/keys/db/$user"
    done
    # The backslash: an underscore in a grant stands for any character.
    echo "GRANT SELECT, INSERT, UPDATE, DELETE ON \`yilian\\_$service\`.* TO 'yilian_$service'@'%';"
    echo "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON \`yilian\\_$service\`.* TO 'yilian_${service}_migrator'@'%';"
  done
  database_account yilian_auditor "$var/keys/db/auditor"
  for service in "${services[@]}"; do
    echo "GRANT SELECT ON \`yilian\\_$service\`.* TO 'yilian_auditor'@'%';"
  done
}

database_account() {
  echo "CREATE USER IF NOT EXISTS '$1'@'%' IDENTIFIED BY '$(<"$2")';"
  echo "ALTER USER '$1'@'%' IDENTIFIED BY '$(<"$2")';"
}

database_user=$("${as_unprivileged[@]}" id -un)

# The processes of a kind; `cluster` is three members of a MySQL group (deploy/cluster).
database_members() { if [[ $1 == cluster ]]; then echo database database-2 database-3; else echo database; fi; }

# Where the region's database is, for people.
database_addresses() {
  local name addresses=''
  for name in $(database_members "$kind"); do addresses+="${addresses:+,}127.0.0.1:${port[$name]}"; done
  echo "$addresses"
}

# The same for the services' configuration: of one server the host alone.
database_host() { if [[ $kind == cluster ]]; then database_addresses; else echo 127.0.0.1; fi; }

# database_folder KIND NAME
database_folder() {
  case $1-$2 in
    cluster-database) echo "$var/db/cluster/1" ;;
    cluster-*) echo "$var/db/cluster/${2#database-}" ;;
    *) echo "$var/db/$1" ;;
  esac
}

# A unix socket's path may have 107 bytes; a deep clone gets a short one.
database_socket() {
  local socket="$1/run/server.sock"
  if ((${#socket} > 107)); then socket="/tmp/yilian-$(cksum <<<"$1" | cut -d' ' -f1)/server.sock"; fi
  echo "$socket"
}

# The password goes by an option file: arguments are visible to every user of the machine.
database_client() {
  local name=$1
  shift
  mariadb --defaults-extra-file=<(printf '[client]\nuser=yilian_auditor\npassword=%s\n' "$(<"$var/keys/db/auditor")") \
    --protocol=tcp --host=127.0.0.1 --port="${port[$name]}" --ssl-ca="$var/pki/ca.pem" --ssl-verify-server-cert \
    --connect-timeout=2 --batch --skip-column-names "$@"
}

database_answers() { database_client "$1" -e 'SELECT 1' >/dev/null 2>&1; }

database_fetch_mysql() { exec "$root/deploy/mysql/fetch-mysql" >/dev/null; }

database_init() {
  cd / || return
  exec "$1" init "$2" >"$var/log/database-init.log" 2>&1
}

# database_group COMMAND: deploy/cluster/group about the region's three members.
database_group() {
  local kind=cluster
  "$root/deploy/cluster/group" "$@" --members "$(database_addresses)" --password-file "$var/keys/db/cluster" --tls-ca "$var/pki/ca.pem"
}

# database_launch KIND NAME [OPTION]: one server, until it answers.
database_launch() {
  local kind=$1 name=$2 folder runner=("$root/deploy/mysql/$1") own=(--port "${port[$2]}" --least-free "${YILIAN_LEAST_FREE_MB:-512}")
  shift 2
  folder=$(database_folder "$kind" "$name")
  if [[ -e $folder/data && $(stat -Lc %U "$folder/data") != "$database_user" ]]; then
    die "$folder/data belongs to $(stat -Lc %U "$folder/data"), and the database would run as $database_user" \
      "start as the user who made it, or: sudo chown -R $database_user '$folder'"
  fi
  mkdir -p "$folder/run"
  give_to_unprivileged "$folder" "$folder/run"
  if [[ $kind == cluster ]]; then
    runner=("$root/deploy/mysql/mysql")
    own=(--number "${folder##*/}" --members "$(database_addresses)" --group "$(<"$var/db/cluster/name")" "$@")
  fi
  if [[ ! -d $folder/data ]]; then step "making a $kind data folder"; fi
  attend database_init "${runner[0]}" "$folder/data" ||
    die "the data folder of $kind could not be made" "mend what the lines above name, then start again" "$var/log/database-init.log"
  if [[ $kind == cluster ]]; then runner=("$root/deploy/cluster/member"); fi
  (
    umask 077
    database_accounts >"$var/db/accounts.sql"
    if [[ $kind == cluster ]]; then "$root/deploy/cluster/accounts" "$var/keys/db/cluster" >>"$var/db/accounts.sql"; fi
  )
  step "starting $kind on port ${port[$name]}"
  start "$name" "${runner[@]}" run "$folder/data" --socket "$(database_socket "$folder")" "${own[@]}" \
    --init-file "$var/db/accounts.sql" --tls-ca "$var/pki/ca.pem" --tls-cert "$var/pki/database.pem" \
    --tls-key "$var/pki/database.key"
  await "$name" 60
  rm -f "$var/db/accounts.sql"
}

database_start() {
  local kind=$1 name
  for name in database database-2 database-3; do
    if ! running "$name" >/dev/null; then continue; fi
    if [[ $(<"$var/run/database.kind") != "$kind" ]]; then
      die "the region runs on $(<"$var/run/database.kind"), not on $kind" "deploy/local/down, then start again with --db $kind"
    fi
    # It reads its certificate and CA at its start only.
    if [[ $var/pki/database.pem -nt $var/run/$name.pid || $var/pki/ca.pem -nt $var/run/$name.pid ]]; then
      step "restarting the database: its certificate is newer"
      stop "$name" 60
    fi
  done
  if [[ $kind != mariadb ]]; then
    attend database_fetch_mysql || die "MySQL could not be fetched" "see the line above, or use --db mariadb"
  fi
  if [[ $kind == cluster && ! -s $var/db/cluster/name ]]; then
    mkdir -p "$var/db/cluster"
    cat /proc/sys/kernel/random/uuid >"$var/db/cluster/name"
  fi
  echo "$kind" >"$var/run/database.kind"
  for name in $(database_members "$kind"); do
    if ! running "$name" >/dev/null; then database_launch "$kind" "$name" --wait-for-form; fi
  done
  if [[ $kind == cluster ]]; then
    step "bringing the three members together"
    database_group form || die "the members do not come together" "read their messages: deploy/local/logs database, database-2, database-3"
  fi
}
