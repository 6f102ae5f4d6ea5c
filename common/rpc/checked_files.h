// A server's certificate, key and CA as gRPC reads them: copies in memory, renewed only by a set
// that was checked.
//
// gRPC 1.51 watches files and takes what it finds: a key that does not belong to its certificate
// fails every new handshake from then on, until somebody mends the files.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/certificate.h"

namespace yilian::rpc {

// Owned by the server, for longer than anything that reads `copies`. Look: one thread.
class CheckedFiles {
 public:
  // FAILED_PRECONDITION as CheckTlsFiles has it.
  static absl::StatusOr<std::unique_ptr<CheckedFiles>> Open(TlsFiles files, absl::Time now);
  ~CheckedFiles();
  CheckedFiles(const CheckedFiles&) = delete;
  CheckedFiles& operator=(const CheckedFiles&) = delete;

  // Where the set that was last found good can be read, by this process only.
  const TlsFiles& copies() const { return copies_; }
  // Reads the files again. What is good is copied; what is not is told in the log, once, and what
  // was there before goes on being served.
  void Look(absl::Time now);

 private:
  using Contents = std::array<std::string, 3>;  // CA, certificate, key

  explicit CheckedFiles(TlsFiles files) : files_(std::move(files)) {}
  Contents Read() const;
  absl::Status Put(const Contents& contents);

  const TlsFiles files_;
  TlsFiles copies_;
  std::array<int, 3> descriptors_{-1, -1, -1};
  Contents served_;
  // Seen once: perhaps half of a renewal. Seen twice, it is judged.
  Contents suspected_;
  Contents refused_;
};

}  // namespace yilian::rpc
