# shellcheck shell=bash
# Where everything of a local region lives, and which port belongs to whom. Sourced; needs report.sh and $root.
# shellcheck disable=SC2034 # the scripts that source this read what is set here
: "${root:?the top of the tree}"

# Folders may be entered by the database's and nginx's user; what is secret says so itself.
umask 022

readonly region=yilian.local

# In the order of start; each is `yilian-<name>` with a schema `yilian_<name>` of its own.
readonly services=(directory referral scheduling consultation lab gateway)
# The order in which `down` stops and `status` lists.
readonly processes=(nginx gateway lab consultation scheduling referral directory database-3 database-2 database)

var=${YILIAN_VAR:-$root/var}
[[ $var == /* ]] || var=$PWD/$var
if [[ -L $var ]]; then var=$(readlink -f "$var"); fi  # see layout_leave_closed_home

# A second region beside the first: another YILIAN_VAR and another YILIAN_PORT_BASE. A region keeps the base it began with.
if [[ -z ${YILIAN_PORT_BASE:-} && -s $var/config/port-base ]]; then YILIAN_PORT_BASE=$(<"$var/config/port-base"); fi
readonly port_base=${YILIAN_PORT_BASE:-7000}

declare -A port=(
  [directory]=$((port_base + 101)) [referral]=$((port_base + 102)) [scheduling]=$((port_base + 103))
  [consultation]=$((port_base + 104)) [lab]=$((port_base + 105)) [gateway]=$((port_base + 106))
  [database]=$((port_base + 400)) [database-2]=$((port_base + 401)) [database-3]=$((port_base + 402)) [nginx]=$((port_base + 443)) [mllp]=$((port_base + 575))
  # What nginx asks the gateway, and what it serves to phones.
  [calendar_feeds]=$((port_base + 180)) [calendars]=$((port_base + 480))
)
admin_port() { echo $((port[$1] + 100)); }
metrics_port() { echo $((port[$1] + 200)); }

binary() { echo "$root/build/release/bin/yilian-$1"; }
yilianctl=$root/build/release/bin/yilianctl

# When root starts the region, the database and nginx run as this user.
readonly unprivileged=${YILIAN_DB_USER:-nobody}

# Words to put before a command that the unprivileged user is to run; none when one is not root.
as_unprivileged=()
if ((EUID == 0)); then
  as_unprivileged=(setpriv --reuid="$unprivileged" --regid="$(id -gn "$unprivileged")" --clear-groups)
fi

give_to_unprivileged() {
  if ((EUID == 0)); then chown -R "$unprivileged:$(id -gn "$unprivileged")" "$@"; fi
}

# Makes var/ and its folders; explains a var/ that somebody else made.
layout_make() {
  local folder
  if [[ -z ${YILIAN_VAR:-} ]]; then layout_leave_closed_home; fi
  mkdir -p "$var" 2>/dev/null || die "cannot make the folder $var" "name a folder you can write to: YILIAN_VAR=FOLDER"
  if [[ ! -w $var ]] || { [[ -d $var/run ]] && [[ ! -w $var/run ]]; }; then
    die "$var belongs to $(stat -Lc %U "$var/run" 2>/dev/null || stat -Lc %U "$var"), and you are $(id -un)" \
      "start as that user, or: sudo chown -R $(id -un) '$var', or use another folder: YILIAN_VAR=FOLDER"
  fi
  for folder in run log pki config keys keys/db keys/token keys/token-public keys/field keys/seal db nginx; do
    mkdir -p "$var/$folder"
  done
  chmod 700 "$var/keys" "$var/keys/db" "$var/keys/token" "$var/keys/field" "$var/keys/seal"
  chmod 755 "$var/db" "$var/nginx"
  if ((EUID == 0)) && ! "${as_unprivileged[@]}" test -x "$var/db"; then
    die "the user $unprivileged, who runs the database, cannot enter $var" "name a folder it can reach: YILIAN_VAR=/var/lib/yilian"
  fi
}

# Root's clone in a home that nobody else may enter: the data then lives under /var/lib, and var/ points there.
layout_leave_closed_home() {
  local elsewhere
  if ((EUID != 0)) || [[ -e $var ]] || "${as_unprivileged[@]}" test -x "$root"; then return; fi
  elsewhere=/var/lib/yilian/$(cksum <<<"$root" | cut -d' ' -f1)
  say "  the user $unprivileged cannot enter $root: data goes to $elsewhere, and var/ points there"
  mkdir -p "$elsewhere"
  ln -s "$elsewhere" "$var"
  var=$elsewhere
}
