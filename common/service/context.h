// What Main builds a service from; the implementation of Context.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/audit/log.h"
#include "common/crypto/fingerprint.h"
#include "common/observe/frame_observer.h"
#include "common/observe/metrics.h"
#include "common/outbox/feed.h"
#include "common/rpc/executor.h"
#include "common/rpc/revocation.h"
#include "common/rpc/server.h"
#include "common/service/audit_trail.h"
#include "common/service/housekeeping.h"
#include "common/service/revocations.h"
#include "common/service/service.h"

namespace yilian::service {

// Members go in the reverse order of their declaration: first what takes calls and events, last the
// pool. One thread.
class ServiceContext : public Context {
 public:
  // Opens the pool, checks the schema and starts the jobs that every service has.
  // FAILED_PRECONDITION with the remedy.
  static absl::StatusOr<std::unique_ptr<ServiceContext>> Open(const Definition& definition,
                                                              const config::Service& config);
  ~ServiceContext() override;

  // After Build: serves, follows events, runs sagas and timers.
  absl::Status Start();
  // Finishes what is being done, for at most `limit`.
  void Drain(absl::Duration limit);
  int port() const { return server_->port(); }

  const config::Service& config() const override { return config_; }
  const base::Clock& clock() override { return base::SystemClock(); }
  mysql::Pool& pool() override { return *pool_; }
  unit::UnitOfWork& unit_of_work() override { return *unit_of_work_; }
  outbox::Sequencer& sequencer() override { return *sequencer_; }
  outbox::Feed& feed() override { return *feed_; }
  saga::Runner& sagas() override { return *sagas_; }
  saga::TimerRunner& timers() override { return *timers_; }
  std::shared_ptr<grpc::Channel> Channel(std::string_view peer) override;
  absl::StatusOr<const crypto::FieldCipher*> FieldCipher() override;
  absl::StatusOr<const crypto::Sealer*> Sealer() override;
  void Serve(rpc::Dispatch dispatch) override { dispatches_.push_back(std::move(dispatch)); }
  void ConsumeTogether(outbox::ConsumerOptions options, outbox::Consumer::Effects effects) override;

 private:
  ServiceContext(std::string name, config::Service config)
      : name_(std::move(name)), config_(std::move(config)) {}
  void Keep(std::shared_ptr<void> object) override { kept_.push_back(std::move(object)); }
  absl::Status StartServer();
  absl::Status StartMetrics();
  void FollowDirectory();

  struct Following {
    outbox::ConsumerOptions options;
    outbox::Consumer::Effects effects;
  };

  const std::string name_;
  const config::Service config_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<crypto::TokenVerifier> tokens_;
  rpc::RevocationList revocations_;
  observe::FrameObserver observer_{observe::Metrics::Process()};
  std::unique_ptr<crypto::FieldCipher> cipher_;
  std::unique_ptr<crypto::Sealer> sealer_;
  std::unique_ptr<crypto::Fingerprints> fingerprints_;
  std::map<std::string, std::shared_ptr<grpc::Channel>, std::less<>> channels_;
  std::unique_ptr<RevocationReader> revocation_reader_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::unique_ptr<outbox::Sequencer> sequencer_;
  std::unique_ptr<audit::Chainer> chainer_;
  std::unique_ptr<audit::ReadLog> read_log_;
  std::unique_ptr<unit::UnitOfWork> unit_of_work_;
  std::vector<std::shared_ptr<void>> kept_;
  std::unique_ptr<saga::Runner> sagas_;
  std::unique_ptr<saga::TimerRunner> timers_;
  std::unique_ptr<outbox::Feed> feed_;
  std::optional<AuditTrail> audit_trail_;
  std::vector<observe::Metrics::Registration> gauges_;
  std::vector<Following> following_;
  std::vector<std::unique_ptr<outbox::Consumer>> consumers_;
  std::vector<rpc::Dispatch> dispatches_;
  std::unique_ptr<rpc::Server> server_;
};

// Connection options for serving, or with the migrator's user for --migrate.
absl::StatusOr<mysql::PoolOptions> PoolOptionsFor(const config::Service& config, bool migrator);

}  // namespace yilian::service
