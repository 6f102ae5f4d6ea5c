// A real S3-compatible server of the test's own, over TLS, with an empty bucket.
#pragma once

#include <sys/types.h>

#include <string>

namespace yilian::test_support {

// Starts in the constructor, ends in the destructor, and with the process. One thread.
class S3Server {
 public:
  // Why this machine cannot have one; empty when it can. Installs it at the first time.
  static std::string MissingReason();

  S3Server();
  ~S3Server();
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  // "https://127.0.0.1:PORT"; empty when it did not start.
  const std::string& endpoint() const { return endpoint_; }
  std::string ca_file() const { return folder_ + "/cert.pem"; }
  static std::string bucket() { return "yilian-test"; }
  // The access key's id, and its secret.
  static std::string key() { return "S3RVER"; }
  // The file of an object's bytes.
  std::string FileOf(const std::string& object) const;
  // It stops answering, as a machine that was switched off.
  void Kill9();

 private:
  const std::string folder_;
  pid_t pid_ = 0;
  int log_ = -1;  // stays open: it writes to the other end
  std::string endpoint_;
};

}  // namespace yilian::test_support
