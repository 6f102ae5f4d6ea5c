# shellcheck shell=bash
# Installs what deploy/packages lists and the machine does not have. Sourced; needs report.sh, disk.sh and $root.
: "${root:?the top of the tree}"

# packages_listed WORD...: the names whose word (build, run, test) is among the given.
packages_listed() {
  awk -v words=" $* " '!/^#/ && NF && index(words, " " $2 " ") { print $1 }' "$root/deploy/packages"
}

packages_missing() {
  local names
  mapfile -t names < <(packages_listed "$@")
  { dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${names[@]}" 2>/dev/null || true; } |
    awk '$2 == "installed" { print $1 }' | sort -u |
    comm -13 - <(printf '%s\n' "${names[@]}" | sort -u) |
    while read -r name; do
      # Debian's npm conflicts with the nodejs that others package with npm inside; any npm on PATH will do.
      if [[ $name == npm ]] && command -v npm >/dev/null; then continue; fi
      echo "$name"
    done
}

# packages_install WORD...: quick when all are there; else apt-get, with sudo when not root. In the foreground (sudo may ask
# for a password), and not broken off by a signal to this script: dpkg would be left half-way.
packages_install() {
  command -v dpkg-query >/dev/null ||
    die "this machine has no dpkg: the packages in deploy/packages are Debian's" \
      "use Debian 12, for instance in a container or a virtual machine"
  local missing
  mapfile -t missing < <(packages_missing "$@")
  if ((${#missing[@]} == 0)); then return; fi
  require_disk_space / /var
  step "installing ${#missing[@]} Debian packages: ${missing[*]}"

  local as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
      die "no permission to install packages: you are not root, and sudo is missing or asks for a password" \
        "let an administrator run: apt-get install --no-install-recommends ${missing[*]}"
    fi
    as_root=(sudo)
  fi
  local log
  log=$(mktemp "${TMPDIR:-/tmp}/yilian-apt.XXXXXX")
  # While packages are set up, a policy of "do not start services" holds (unless the machine has its own), and nginx
  # stays off at the next boot too: only the private instances of this tree are wanted, never the system's.
  # shellcheck disable=SC2016 # the inner shell expands
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -euo pipefail -c '
    policy=/usr/sbin/policy-rc.d
    had_nginx=$(command -v nginx || true)
    if [[ ! -e $policy ]]; then
      printf "#!/bin/sh\nexit 101\n" >"$policy"
      chmod 755 "$policy"
      trap "rm -f $policy" EXIT
    fi
    apt-get update
    apt-get install -y --no-install-recommends "$@"
    if [[ -z $had_nginx ]] && [[ -d /run/systemd/system ]] && command -v nginx >/dev/null; then
      systemctl disable nginx || true
    fi' packages "${missing[@]}" </dev/null 2>&1 | tee "$log" | awk '
      / newly installed,/ { total = $3 }
      /^Setting up / { done++; if (total && int(done * 10 / total) != shown) {
        shown = int(done * 10 / total); printf "  installed %d of %d\n", done, total; fflush() } }'; then
    die "apt-get could not install: ${missing[*]}" \
      "read the lines above (all of them: $log); check the network and /etc/apt/sources.list, then start again" "$log"
  fi
  rm -f "$log"
}
