// Replicas of the consultation service's live sessions in one process: over mutual TLS, on one
// real database. For tests and benchmarks.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/crypto/fingerprint.h"
#include "common/crypto/jwt.h"
#include "common/mysql/pool.h"
#include "common/rpc/call.h"
#include "common/rpc/server.h"
#include "common/unit/unit_of_work.h"
#include "services/consultation/clients/replica_link.h"
#include "services/consultation/rpc/live_handlers.h"
#include "services/consultation/store/mysql_consultation_store.h"
#include "services/consultation/store/mysql_live_session_store.h"
#include "tests/contract/test_pki.h"

namespace yilian::consultation {

// Somebody of one of the two organizations, or of another one.
struct LivePerson {
  base::Uuid practitioner;
  base::Uuid organization;
  std::string id() const { return practitioner.ToString(); }
};

// One thread makes and stops replicas; the rest is thread-safe.
class LiveReplicas {
 public:
  // `clock`: what participants' allowances go by. Not `linked`: the replicas have no direct way, as
  // if no packet passed between them.
  LiveReplicas(const base::Clock& clock, LiveHub::Options options, bool linked = true);
  ~LiveReplicas();

  // Its number, from 0.
  size_t Start();
  // Drains it, as SIGTERM does.
  void Stop(size_t replica);
  // A connection of its own to the replica.
  std::shared_ptr<grpc::Channel> Channel(size_t replica);

  static LivePerson Doctor(int n);    // of the organization that asks; 1 asks
  static LivePerson Expert(int n);    // of the one that is asked
  static LivePerson Stranger(int n);  // of another one
  std::string TokenOf(const LivePerson& person) const;

  // Of a consultation by Doctor(1), with nobody's claim; opened by the doctor.
  std::string OpenSession();

  MysqlLiveSessionStore& store() { return *store_; }
  mysql::Pool& pool() { return *pool_; }
  TurnServer& turn() { return turn_; }

 private:
  struct Process;
  std::string AskForOne();  // a consultation

  const base::Clock& clock_;
  const LiveHub::Options options_;
  const bool linked_;
  contract::TestPki pki_;
  TurnServer turn_;
  const crypto::Fingerprints fingerprints_;
  std::unique_ptr<crypto::JwtSigner> signer_;
  std::unique_ptr<crypto::JwtVerifier> verifier_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlConsultationStore> consultations_;
  std::unique_ptr<MysqlLiveSessionStore> store_;
  std::vector<std::unique_ptr<Process>> processes_;
  int channels_ = 0;
};

}  // namespace yilian::consultation
