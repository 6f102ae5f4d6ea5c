#include "common/service/context.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <utility>

#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "common/crypto/jwt.h"
#include "common/idempotency/ledger.h"
#include "common/mysql/migrator.h"
#include "common/observe/log.h"
#include "common/relationship/projection.h"
#include "common/rpc/channel.h"
#include "yilian_service_migrations.h"

namespace yilian::service {
namespace {

// Sequencer, chainer, read log, revocations, sagas, timers and consumers each hold a connection now
// and then; handlers must not wait for them.
constexpr int kJobConnections = 8;

int HandlerThreads(const config::Service& config) {
  return config.admission().threads() > 0 ? config.admission().threads()
                                          : config.database().pool_size();
}

}  // namespace

std::vector<mysql::Migration> AllMigrations(const std::vector<mysql::Migration>& own) {
  std::vector<mysql::Migration> all;
  for (const auto* part :
       {&outbox::kMigrations, &audit::kMigrations, &idempotency::kMigrations, &saga::kMigrations,
        &relationship::kMigrations, &kServiceMigrations, &own}) {
    all.insert(all.end(), part->begin(), part->end());
  }
  return all;
}

absl::StatusOr<mysql::PoolOptions> PoolOptionsFor(const config::Service& config, bool migrator) {
  const config::Database& database = config.database();
  mysql::PoolOptions options;
  options.host = database.host();
  options.port = database.port();
  options.socket = database.socket();
  options.schema = database.schema();
  options.tls_ca_file = database.tls_ca_file();
  if (migrator) {
    options.user = database.migrator_user();
    ASSIGN_OR_RETURN(options.password,
                     config::ReadSecretFile(database.migrator_password_file(),
                                            "service.database.migrator_password_file"));
    // A DDL on a large table takes as long as it takes.
    options.statement_timeout = absl::Hours(6);
    options.size = 2;
  } else {
    options.user = database.user();
    ASSIGN_OR_RETURN(options.password, config::ReadSecretFile(database.password_file(),
                                                              "service.database.password_file"));
    options.statement_timeout = absl::Milliseconds(database.statement_timeout_ms());
    options.size = HandlerThreads(config) + config.admission().priority_threads() + kJobConnections;
  }
  return options;
}

absl::StatusOr<std::unique_ptr<ServiceContext>> ServiceContext::Open(
    const Definition& definition, const config::Service& config) {
  std::unique_ptr<ServiceContext> context(new ServiceContext(definition.name, config));
  RETURN_IF_ERROR(rpc::CheckTlsFiles({.ca_file = config.tls().ca_file(),
                                      .certificate_file = config.tls().certificate_file(),
                                      .key_file = config.tls().key_file()},
                                     absl::Now())
                      .status());
  ASSIGN_OR_RETURN(mysql::PoolOptions options, PoolOptionsFor(config, false));
  ASSIGN_OR_RETURN(context->pool_, mysql::Pool::Open(std::move(options)));
  RETURN_IF_ERROR(mysql::CheckSchema(*context->pool_, AllMigrations(definition.migrations)));
  if (!config.tokens().public_keys_folder().empty()) {
    ASSIGN_OR_RETURN(
        context->tokens_,
        crypto::JwtVerifier::Open(
            {.public_keys_folder = config.tokens().public_keys_folder(),
             .issuer = config.tokens().issuer(),
             .audience = config.tokens().audience(),
             .on_fault =
                 [](std::string_view fault) {
                   observe::Log(observe::Level::kError, "token key", {{"fault", fault}});
                 }},
            base::SystemClock()));
  }
  mysql::Pool& pool = *context->pool_;
  context->revocation_reader_ = std::make_unique<RevocationReader>(pool, context->revocations_);
  // A revoked token is refused from the first call on.
  RETURN_IF_ERROR(context->revocation_reader_->ReadNow());
  context->housekeeping_ = std::make_unique<Housekeeping>(pool, base::SystemClock());
  context->sequencer_ = std::make_unique<outbox::Sequencer>(pool);
  context->chainer_ = std::make_unique<audit::Chainer>(pool);
  context->read_log_ = std::make_unique<audit::ReadLog>(pool);
  context->unit_of_work_ =
      std::make_unique<unit::UnitOfWork>(pool, context->sequencer_.get(), base::SystemClock(),
                                         fmt::format("yilian.{}", definition.name));
  context->sagas_ =
      std::make_unique<saga::Runner>(pool, base::SystemClock(), saga::Runner::Options{});
  context->timers_ = std::make_unique<saga::TimerRunner>(pool, base::SystemClock());
  context->timers_->OnFired([raw = context.get()] { raw->sequencer_->Notify(); });
  context->audit_trail_.emplace(pool);
  context->feed_ = std::make_unique<outbox::Feed>(pool, *context->sequencer_);
  return context;
}

ServiceContext::~ServiceContext() {
  // Whatever calls in goes before what it calls.
  gauges_.clear();
  server_.reset();
  consumers_.clear();
  feed_.reset();
  timers_.reset();
  sagas_.reset();
  while (!kept_.empty()) kept_.pop_back();
}

std::shared_ptr<grpc::Channel> ServiceContext::Channel(std::string_view peer) {
  if (const auto found = channels_.find(peer); found != channels_.end()) return found->second;
  const auto target = config_.peers().find(std::string(peer));
  // A peer that is not configured is as one that is down: calls to it answer UNAVAILABLE.
  const std::string address =
      target == config_.peers().end() ? "127.0.0.1:1" : target->second.target();
  absl::StatusOr<std::shared_ptr<grpc::Channel>> made =
      rpc::MakeChannel(address,
                       rpc::TlsFiles{.ca_file = config_.tls().ca_file(),
                                     .certificate_file = config_.tls().certificate_file(),
                                     .key_file = config_.tls().key_file()},
                       {.region = config_.region(), .service = std::string(peer)});
  // Open has checked the same files; should they go bad in between, calls to the peer fail and say
  // so.
  std::shared_ptr<grpc::Channel> channel =
      made.ok() ? *made : grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials());
  channels_.emplace(std::string(peer), channel);
  return channel;
}

absl::StatusOr<const crypto::FieldCipher*> ServiceContext::FieldCipher() {
  if (!cipher_) {
    if (config_.field_keys_folder().empty()) {
      return absl::FailedPreconditionError(
          "service.field_keys_folder is not set; this service stores identifying fields and needs "
          "it");
    }
    ASSIGN_OR_RETURN(cipher_, crypto::FieldCipher::Open(config_.field_keys_folder()));
  }
  return cipher_.get();
}

absl::StatusOr<const crypto::Sealer*> ServiceContext::Sealer() {
  if (!sealer_) {
    if (config_.seal_keys_folder().empty()) {
      return absl::FailedPreconditionError(
          "service.seal_keys_folder is not set; this service gives out page tokens and needs it");
    }
    ASSIGN_OR_RETURN(sealer_, crypto::Sealer::Open(config_.seal_keys_folder()));
  }
  return sealer_.get();
}

void ServiceContext::ConsumeTogether(outbox::ConsumerOptions options,
                                     outbox::Consumer::Effects effects) {
  following_.push_back({std::move(options), std::move(effects)});
}

void ServiceContext::FollowDirectory() {
  if (!config_.peers().contains("directory")) return;
  Consume({.name = name_ + ".frame",
           .source = "directory",
           .types = {"UserRevoked", "CareRelationshipOpened", "CareRelationshipEnded",
                     "PatientsMerged", "PatientsUnmerged", "GlassBroken"}},
          [](mysql::Session& session, const event::v1::Event& event) -> absl::Status {
            RETURN_IF_ERROR(ApplyRevocation(session, event));
            return relationship::Apply(session, event);
          });
}

absl::Status ServiceContext::StartServer() {
  rpc::Server::Options options;
  options.listen = config_.listen();
  options.admin_listen = config_.admin_listen();
  options.region = config_.region();
  options.tls = {.ca_file = config_.tls().ca_file(),
                 .certificate_file = config_.tls().certificate_file(),
                 .key_file = config_.tls().key_file()};
  options.admission = {.threads = HandlerThreads(config_),
                       .priority_threads = config_.admission().priority_threads(),
                       .queue_length = config_.admission().queue_length()};
  options.max_request_bytes = config_.max_request_bytes();
  options.tokens = tokens_.get();
  options.revocations = &revocations_;
  options.audit = [this](audit::Record record, std::function<void(absl::Status)> done) {
    read_log_->Append(std::move(record), std::move(done));
  };
  if (!config_.seal_keys_folder().empty()) {
    ASSIGN_OR_RETURN(fingerprints_, crypto::Fingerprints::Open(config_.seal_keys_folder()));
    options.fingerprint = [this](std::string_view content) {
      return fingerprints_->Of("request", content);
    };
  }
  options.observer = &observer_;
  options.healthy = [this] { return pool_->Healthy(); };
  rpc::Dispatch events("yilian.event.v1.EventFeed");
  events.Stream("Stream", feed_.get(), &outbox::Feed::Stream);
  dispatches_.push_back(std::move(events));
  dispatches_.push_back(Bind(*audit_trail_));
  ASSIGN_OR_RETURN(server_, rpc::Server::Start(std::move(options), std::move(dispatches_)));
  return absl::OkStatus();
}

absl::Status ServiceContext::StartMetrics() {
  if (config_.metrics_listen().empty()) return absl::OkStatus();
  observe::Metrics& metrics = observe::Metrics::Process();
  gauges_.push_back(metrics.AddGauge("yilian_pool_connections", "Open database connections.", {},
                                     [this] { return pool_->GetStats().open; }));
  gauges_.push_back(metrics.AddGauge("yilian_pool_waiting",
                                     "Threads waiting for a database connection.", {},
                                     [this] { return pool_->GetStats().waiting; }));
  return metrics.Serve(config_.metrics_listen()).status();
}

absl::Status ServiceContext::Start() {
  FollowDirectory();
  RETURN_IF_ERROR(StartMetrics());
  RETURN_IF_ERROR(StartServer());
  for (Following& following : following_) {
    const std::string source = following.options.source;
    auto consumer = std::make_unique<outbox::Consumer>(
        *pool_, Channel(source), std::move(following.options), std::move(following.effects));
    // An effect may have appended events of its own or started a saga.
    consumer->OnApplied([this](const event::v1::Event&) {
      sequencer_->Notify();
      sagas_->Notify();
    });
    consumers_.push_back(std::move(consumer));
  }
  sagas_->Run();
  timers_->Run();
  return absl::OkStatus();
}

void ServiceContext::Drain(absl::Duration limit) {
  feed_->Drain();
  server_->Drain(absl::Now() + limit);
}

}  // namespace yilian::service
