// A region for contract tests: CA, token keys, one running server, and clients of every kind.
#pragma once

#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/fingerprint.h"
#include "common/crypto/jwt.h"
#include "common/rpc/channel.h"
#include "common/rpc/client_call.h"
#include "common/rpc/server.h"
#include "common/status/matchers.h"
#include "tests/contract/contract.grpc.pb.h"
#include "tests/contract/test_pki.h"
#include "tests/contract/test_service.h"

namespace yilian::contract {

inline constexpr char kRegion[] = "test.region";
inline constexpr char kClinic[] = "0193f2c4-7b1e-7c3a-8a54-00000000c111";
inline constexpr char kHospital[] = "0193f2c4-7b1e-7c3a-8a54-00000000a222";

// Waits until `condition` holds; false after ten seconds.
template <typename Condition>
bool Eventually(Condition condition, absl::Duration limit = absl::Seconds(10)) {
  const absl::Time end = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

// Fixture: the server runs when a test calls Start. One thread, except where said.
class ContractTest : public ::testing::Test {
 protected:
  using Stub = v1::ContractService::Stub;

  ContractTest();
  ~ContractTest() override;

  rpc::Server::Options NewOptions();
  void Start(rpc::Server::Options options);
  void Start() { Start(NewOptions()); }

  std::string Spiffe(std::string_view path) const;
  std::string target() const { return "127.0.0.1:" + std::to_string(server_->port()); }
  // A stub with the certificate of `path` ("service/referral", "client/desk" ...), checked by
  // MakeChannel.
  std::unique_ptr<Stub> Client(const std::string& path = "client/desk");
  // Without our checks: any certificate, or none with an empty file name.
  std::unique_ptr<Stub> LooseClient(const rpc::TlsFiles& files);

  std::string Token(std::vector<std::string> roles = {"ROLE_CLINIC_DOCTOR"},
                    const std::string& organization = kClinic);
  rpc::ClientCall Doctor(absl::Duration timeout = absl::Seconds(10)) {
    return rpc::ClientCall(timeout).WithToken(Token());
  }
  // A unary call of any method, with any bytes.
  absl::Status CallRaw(const std::string& method, const std::string& bytes);
  static v1::EchoRequest Text(std::string text);

  TestPki pki_;
  const base::Uuid user_ = base::Uuid::V7();
  base::FakeClock token_clock_;  // of the signer
  std::unique_ptr<crypto::JwtSigner> signer_;
  std::unique_ptr<crypto::JwtVerifier> verifier_;
  rpc::RevocationList revocations_;
  const crypto::Fingerprints fingerprints_{crypto::KeyRing::Ephemeral()};
  TestService service_;

  // Audit records as the server appended them; `audit_held_` keeps their callbacks back until
  // ReleaseAudit.
  std::mutex audit_mutex_;
  std::vector<audit::Record> audit_;
  bool audit_held_ = false;
  absl::Status audit_result_;
  std::vector<std::function<void(absl::Status)>> audit_waiting_;
  std::vector<audit::Record> AuditRecords();
  void ReleaseAudit();

  std::unique_ptr<rpc::Server> server_;
};

}  // namespace yilian::contract
