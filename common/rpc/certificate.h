// Certificates as files and as the header that nginx passes on: checked before they are believed.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace yilian::rpc {

// Paths of PEM files; see config.Tls.
struct TlsFiles {
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
};

// Everything that would make handshakes fail later, said now: a file missing, a key that others may
// read or that is not the certificate's, a certificate that expired, is not the CA's or has no
// SPIFFE URI. FAILED_PRECONDITION with the remedy. The certificate's SPIFFE URI when all is well.
absl::StatusOr<std::string> CheckTlsFiles(const TlsFiles& files, absl::Time now);

struct CheckedCertificate {
  std::string spiffe_uri;
  absl::Time not_after;
};

// Checks client certificates against the region's CA. The CA's file is read again when it changes.
// Thread-safe.
class CertificateChecker {
 public:
  explicit CertificateChecker(std::string ca_file);
  ~CertificateChecker();
  // `escaped_pem`: URL-escaped, as nginx's $ssl_client_escaped_cert. UNAUTHENTICATED
  // (CERTIFICATE_INVALID).
  absl::StatusOr<CheckedCertificate> Check(std::string_view escaped_pem, absl::Time now);

 private:
  struct Store;
  std::shared_ptr<Store> CurrentStore();

  const std::string ca_file_;
  std::mutex mutex_;
  std::shared_ptr<Store> store_;
};

}  // namespace yilian::rpc
