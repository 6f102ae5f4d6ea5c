// Certificates for tests: a region's CA and what it signs, made in a temporary folder.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/rpc/certificate.h"

namespace yilian::contract {

// Owns its folder. One thread makes certificates; the files may be read by anybody.
class TestPki {
 public:
  TestPki();
  ~TestPki();
  TestPki(const TestPki&) = delete;
  TestPki& operator=(const TestPki&) = delete;

  const std::string& folder() const { return folder_; }
  // Files of a certificate for `spiffe_uri`, named `name`; made anew (renewed by rename) when
  // called again.
  rpc::TlsFiles Issue(const std::string& name, const std::string& spiffe_uri,
                      absl::Duration lifetime = absl::Hours(1));
  // The certificate as nginx's $ssl_client_escaped_cert has it.
  static std::string Escaped(const rpc::TlsFiles& files);
  // An EC P-256 key pair for tokens: `private_file`, and `<folder>/<kid>.pem` beside others of its
  // folder.
  static void IssueTokenKey(const std::string& private_file, const std::string& public_file);

 private:
  struct Ca;
  std::string folder_;
  std::unique_ptr<Ca> ca_;
};

}  // namespace yilian::contract
