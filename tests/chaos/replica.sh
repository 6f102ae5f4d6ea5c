# shellcheck shell=bash
# A second process of a service in the same region, NAME-2: 50 ports above the first. Sourced; needs layout.sh and $root.
: "${root:?the top of the tree}" "${var:?where the region lives}"

for replica in scheduling consultation; do
  # shellcheck disable=SC2154,SC2004 # keys of an associative array, which layout.sh declares
  if [[ -e $var/config/$replica-2.json ]]; then port[$replica-2]=$((port[$replica] + 50)); fi
done

# The service whose binary a process runs.
service_of() { echo "${1%-2}"; }

# replica_make SERVICE: the configuration of SERVICE-2; tests/chaos/revive starts it.
replica_make() {
  jq --arg host 127.0.0.1 \
    'def up: split(":") | "\($host):\((.[1] | tonumber) + 50)";
     .service |= (.listen |= up | .admin_listen |= up | .metrics_listen |= up)' \
    "$var/config/$1.json" >"$var/config/$1-2.json"
}
