# shellcheck shell=bash
# The region's certificate authority, and one certificate per service and client. Sourced; needs layout.sh.
: "${var:?where the region lives}"

readonly renew_before=$((30 * 24 * 3600))

new_key() {
  (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null)
}

# The CA lives ten years; when it is near its end, or lost, it is made anew and every certificate after it.
pki_authority() {
  local pki=$var/pki
  if [[ -s $pki/ca.pem && -s $pki/ca.key ]] && openssl x509 -checkend $renew_before -noout -in "$pki/ca.pem" >/dev/null; then
    return
  fi
  new_key "$pki/ca.key.new"
  openssl req -x509 -new -key "$pki/ca.key.new" -sha256 -days 3650 -subj "/O=Yilian/CN=$region CA" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
    -out "$pki/ca.pem.new"
  mv "$pki/ca.key.new" "$pki/ca.key"
  mv "$pki/ca.pem.new" "$pki/ca.pem"
}

# certificate NAME SPIFFE_URI [server]: var/pki/NAME.pem and NAME.key, made when missing, foreign to the CA, of another
# URI, or within 30 days of expiry. Both are renamed into place: a running service reads the pair again by itself.
certificate() {
  local name=$1 uri=$2 use=${3:-client} pki=$var/pki names extended
  if [[ -s $pki/$name.pem && -s $pki/$name.key ]] &&
    openssl x509 -checkend $renew_before -noout -in "$pki/$name.pem" >/dev/null &&
    openssl verify -CAfile "$pki/ca.pem" "$pki/$name.pem" >/dev/null 2>&1 &&
    openssl x509 -noout -ext subjectAltName -in "$pki/$name.pem" | grep -F "URI:$uri" >/dev/null; then
    return
  fi
  names="URI:$uri"
  extended=clientAuth
  if [[ $use == server ]]; then
    names+=",DNS:localhost,DNS:$name,IP:127.0.0.1"
    extended=serverAuth,clientAuth
  fi
  new_key "$pki/$name.key.new"
  openssl x509 -req -sha256 -days 365 -CA "$pki/ca.pem" -CAkey "$pki/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
    -in <(openssl req -new -key "$pki/$name.key.new" -subj "/O=Yilian/CN=$name") -out "$pki/$name.pem.new" \
    -extfile <(printf '%s\n' "subjectAltName=$names" basicConstraints=critical,CA:FALSE \
      keyUsage=critical,digitalSignature "extendedKeyUsage=$extended") 2>"$pki/$name.log" ||
    die "openssl could not make the certificate $name" "read the lines above; without '$pki' the next start makes a new CA, and what was made with deploy/local/certificate has to be made again" "$pki/$name.log"
  rm -f "$pki/$name.log"
  mv "$pki/$name.key.new" "$pki/$name.key"
  mv "$pki/$name.pem.new" "$pki/$name.pem"
}

# Everyone who speaks in a local region.
pki_make() {
  local service
  pki_authority
  for service in "${services[@]}" nginx database; do
    certificate "$service" "spiffe://$region/service/$service" server
  done
  # An operator's yilianctl calls as a service of its own, which may load organizations and accounts and sees no patient; a
  # person at a workstation as a client who then signs in.
  certificate ctl "spiffe://$region/service/ctl"
  certificate yilianctl "spiffe://$region/client/yilianctl"
  give_to_unprivileged "$var/pki/nginx.key" "$var/pki/nginx.pem"
}
