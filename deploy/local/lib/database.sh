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

# A unix socket's path may have 107 bytes; a deep clone gets a short one.
database_socket() {
  local socket="$var/db/$1/run/server.sock"
  if ((${#socket} > 107)); then socket="/tmp/yilian-$(cksum <<<"$var" | cut -d' ' -f1)/server.sock"; fi
  echo "$socket"
}

# The password goes by an option file: arguments are visible to every user of the machine.
database_client() {
  mariadb --defaults-extra-file=<(printf '[client]\nuser=yilian_auditor\npassword=%s\n' "$(<"$var/keys/db/auditor")") \
    --protocol=tcp --host=127.0.0.1 --port="${port[database]}" --ssl-ca="$var/pki/ca.pem" --ssl-verify-server-cert \
    --connect-timeout=2 --batch --skip-column-names "$@"
}

database_answers() { database_client -e 'SELECT 1' >/dev/null 2>&1; }

database_fetch_mysql() { exec "$root/deploy/mysql/fetch-mysql" >/dev/null; }

database_init() {
  cd / || return
  exec "$1" init "$2" >"$var/log/database-init.log" 2>&1
}

database_start() {
  local kind=$1 folder="$var/db/$1" runner="$root/deploy/mysql/$1"
  if running database >/dev/null; then
    if [[ $(<"$var/run/database.kind") != "$kind" ]]; then
      die "the region runs on $(<"$var/run/database.kind"), not on $kind" "deploy/local/down, then start again with --db $kind"
    fi
    # It reads its certificate and CA at its start only.
    if [[ ! $var/pki/database.pem -nt $var/run/database.pid && ! $var/pki/ca.pem -nt $var/run/database.pid ]]; then return; fi
    step "restarting the database: its certificate is newer"
    stop database 60
  fi
  if [[ -e $folder/data && $(stat -Lc %U "$folder/data") != "$database_user" ]]; then
    die "$folder/data belongs to $(stat -Lc %U "$folder/data"), and the database would run as $database_user" \
      "start as the user who made it, or: sudo chown -R $database_user '$folder'"
  fi
  mkdir -p "$folder/run"
  give_to_unprivileged "$folder" "$folder/run"
  if [[ $kind == mysql ]]; then
    attend database_fetch_mysql || die "MySQL could not be fetched" "see the line above, or use --db mariadb"
  fi
  if [[ ! -d $folder/data ]]; then step "making a $kind data folder"; fi
  attend database_init "$runner" "$folder/data" ||
    die "the data folder of $kind could not be made" "mend what the lines above name, then start again" "$var/log/database-init.log"
  (umask 077 && database_accounts >"$var/db/accounts.sql")
  echo "$kind" >"$var/run/database.kind"
  step "starting $kind on port ${port[database]}"
  start database "$runner" run "$folder/data" --socket "$(database_socket "$kind")" --port "${port[database]}" \
    --init-file "$var/db/accounts.sql" --tls-ca "$var/pki/ca.pem" --tls-cert "$var/pki/database.pem" \
    --tls-key "$var/pki/database.key" --least-free "${YILIAN_LEAST_FREE_MB:-512}"
  await database 60
  rm -f "$var/db/accounts.sql"
}
