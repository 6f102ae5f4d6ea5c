# shellcheck shell=bash
# Configuration files from the templates in deploy/config and deploy/nginx. Sourced; needs layout.sh and
# database.sh, and $kind of database.
: "${var:?where the region lives}"

# fill TEMPLATE TARGET: replaces @var@, @region@, @database@, @port.NAME@, @admin.NAME@, @metrics.NAME@. The target is touched only
# when its content changes, so that a newer file means "restart".
fill() {
  local template=$1 target=$2 service expressions=()
  expressions+=(-e "s|@var@|$var|g" -e "s|@region@|$region|g" -e "s|@database@|$(database_host)|g")
  for service in "${!port[@]}"; do
    expressions+=(-e "s|@port\\.$service@|${port[$service]}|g" -e "s|@admin\\.$service@|$(admin_port "$service")|g"
      -e "s|@metrics\\.$service@|$(metrics_port "$service")|g")
  done
  sed "${expressions[@]}" "$template" >"$target.new"
  if cmp -s "$target.new" "$target"; then
    rm "$target.new"
  else
    mv "$target.new" "$target"
  fi
}

configuration_make() {
  local template
  echo "$port_base" >"$var/config/port-base"
  for template in "$root"/deploy/config/*.json; do
    fill "$template" "$var/config/$(basename "$template")"
  done
  fill "$root/deploy/nginx/nginx.conf" "$var/config/nginx.conf"
}
