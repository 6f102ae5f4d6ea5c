// A service process from `main` to SIGTERM: flags, configuration, schema, connections, jobs,
// server, drain. What is left for a service is its Build function.
//
//   yilian-referral --config F             serves until SIGTERM
//   yilian-referral --config F --check-config
//   yilian-referral --config F --migrate   brings the schema up to date and ends
//   yilian-referral --help
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/config/config.pb.h"
#include "common/crypto/field_cipher.h"
#include "common/crypto/sealed.h"
#include "common/mysql/migration.h"
#include "common/mysql/pool.h"
#include "common/outbox/consumer.h"
#include "common/outbox/outbox.h"
#include "common/rpc/dispatch.h"
#include "common/saga/saga.h"
#include "common/saga/timer.h"
#include "common/unit/unit_of_work.h"

namespace yilian::outbox {
class Feed;
}

namespace yilian::service {

// What Build gets to wire a service from. Owned by Main, outlives everything that Build registers;
// used by one thread.
class Context {
 public:
  virtual ~Context() = default;
  virtual const config::Service& config() const = 0;
  virtual const base::Clock& clock() = 0;
  virtual mysql::Pool& pool() = 0;
  virtual unit::UnitOfWork& unit_of_work() = 0;
  virtual outbox::Sequencer& sequencer() = 0;
  // For streams of the service's own that show a part of its events.
  virtual outbox::Feed& feed() = 0;
  virtual saga::Runner& sagas() = 0;
  virtual saga::TimerRunner& timers() = 0;
  // Channel to another service by its name in `config().peers`.
  virtual std::shared_ptr<grpc::Channel> Channel(std::string_view peer) = 0;
  // For fields that identify a person; FAILED_PRECONDITION when `field_keys_folder` is not
  // configured.
  virtual absl::StatusOr<const crypto::FieldCipher*> FieldCipher() = 0;
  // Seals page tokens and hold tokens; keys from `seal_keys_folder`, so that every replica opens
  // them.
  virtual absl::StatusOr<const crypto::Sealer*> Sealer() = 0;

  // Serves the methods; the frame adds EventFeed, AuditTrail and health by itself.
  virtual void Serve(rpc::Dispatch dispatch) = 0;
  // Follows a peer's events once the server runs. The frame already follows `directory` for
  // revocations and relationships where that peer is configured.
  virtual void ConsumeTogether(outbox::ConsumerOptions options,
                               outbox::Consumer::Effects effects) = 0;
  void Consume(outbox::ConsumerOptions options, outbox::Consumer::Effect effect) {
    ConsumeTogether(std::move(options), outbox::Consumer::OneByOne(std::move(effect)));
  }
  // Keeps an object until the process ends; destroyed in reverse order, after the server.
  template <typename T>
  T* Own(std::unique_ptr<T> object) {
    T* raw = object.get();
    Keep(std::shared_ptr<T>(std::move(object)));
    return raw;
  }

 protected:
  virtual void Keep(std::shared_ptr<void> object) = 0;
};

// A service. `config` is an instance of its config message (its field `service` is
// yilian.config.Service); Build may downcast it: it is filled and checked by then.
struct Definition {
  std::string name;                                 // "referral"
  const google::protobuf::Message* config_default;  // prototype of the config message
  std::vector<mysql::Migration> migrations;  // the service's own; the frame's come before them
  std::function<absl::Status(Context&, const google::protobuf::Message& config)> build;
  // For --check-config, after the rules of the fields: what the service itself asks of its
  // configuration. May be absent.
  std::function<absl::Status(const google::protobuf::Message& config)> check_config = nullptr;
};

// Returns the process's exit code: 0 after a drain, 2 for wrong flags or configuration, 1
// otherwise.
int Main(int argc, char** argv, const Definition& definition);

// The frame's own migrations, in order, and then the service's.
std::vector<mysql::Migration> AllMigrations(const std::vector<mysql::Migration>& own);

}  // namespace yilian::service
