# shellcheck shell=bash
# Keys and passwords of a local region; each is made once and kept. Sourced; needs layout.sh.
: "${var:?where the region lives}"

# new_secret_file PATH COMMAND...: keeps an existing file; a fresh one appears whole, readable by its owner only.
new_secret_file() {
  local path=$1
  shift
  if [[ -s $path ]]; then return; fi
  (umask 077 && "$@" >"$path.new")
  mv "$path.new" "$path"
}

# A folder of `<kid>.key` files; the newest kid is used for writing (common/crypto/key_ring.h).
key_folder() {
  local folder=$1
  mkdir -p "$folder"
  chmod 700 "$folder"
  if ! compgen -G "$folder/2*.key" >/dev/null; then
    new_secret_file "$folder/$(date -u +%F).key" openssl rand -hex 32
  fi
}

keys_make() {
  local service kid
  for service in "${services[@]}"; do
    key_folder "$var/keys/field/$service"
    new_secret_file "$var/keys/field/$service/blind-index.key" openssl rand -hex 32
    key_folder "$var/keys/seal/$service"
    new_secret_file "$var/keys/db/$service" openssl rand -hex 24
    new_secret_file "$var/keys/db/${service}_migrator" openssl rand -hex 24
  done
  new_secret_file "$var/keys/db/auditor" openssl rand -hex 24
  new_secret_file "$var/keys/db/cluster" openssl rand -hex 16

  # Signs access tokens; only directory reads it. Every service reads the public half.
  if ! compgen -G "$var/keys/token/*.key" >/dev/null; then
    kid=$(date -u +%F)
    new_secret_file "$var/keys/token/$kid.key" openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
  fi
  for kid in "$var"/keys/token/*.key; do
    kid=$(basename "$kid" .key)
    if [[ ! -s $var/keys/token-public/$kid.pem ]]; then
      openssl pkey -in "$var/keys/token/$kid.key" -pubout -out "$var/keys/token-public/$kid.pem.new"
      mv "$var/keys/token-public/$kid.pem.new" "$var/keys/token-public/$kid.pem"
    fi
  done
}
