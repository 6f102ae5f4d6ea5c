#include "services/consultation/app/build.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "common/crypto/fingerprint.h"
#include "common/relationship/consents.h"
#include "common/relationship/merges.h"
#include "common/rpc/channel.h"
#include "services/consultation/app/config.pb.h"
#include "services/consultation/clients/replica_link.h"
#include "services/consultation/jobs/jobs.h"
#include "services/consultation/rpc/centre_convert.h"
#include "services/consultation/rpc/centre_handlers.h"
#include "services/consultation/rpc/handlers.h"
#include "services/consultation/rpc/live_handlers.h"
#include "services/consultation/store/mysql_consultation_store.h"
#include "services/consultation/store/mysql_live_session_store.h"
#include "services/consultation/store/mysql_reading_centre_store.h"
#include "services/consultation/store/mysql_signing_keys.h"

namespace yilian::consultation {
namespace {

absl::StatusOr<TurnServer> TurnOf(const LiveConfig& config) {
  TurnServer turn{.urls = {config.turn_urls().begin(), config.turn_urls().end()},
                  .lifetime = absl::Seconds(config.turn_seconds())};
  if (turn.urls.empty()) return turn;
  ASSIGN_OR_RETURN(turn.secret,
                   config::ReadSecretFile(config.turn_secret_file(), "live.turn_secret_file"));
  return turn;
}

ReplicaLink* LinkReplicas(service::Context& context) {
  const config::Service& config = context.config();
  return context.Own(std::make_unique<ReplicaLink>([&config](const std::string& target) {
    auto channel = rpc::MakeChannel(target,
                                    {.ca_file = config.tls().ca_file(),
                                     .certificate_file = config.tls().certificate_file(),
                                     .key_file = config.tls().key_file()},
                                    {.region = config.region(),
                                     .service = "consultation",
                                     .proto_files = {"yilian/consultation/v1/live_session.proto"}});
    // Files that went bad since the start: calls fail until the replica is started anew.
    return channel.ok() ? *channel
                        : grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials());
  }));
}

absl::Status ServeLiveSessions(service::Context& context, const LiveConfig& config) {
  ASSIGN_OR_RETURN(std::unique_ptr<crypto::Fingerprints> fingerprints,
                   crypto::Fingerprints::Open(context.config().seal_keys_folder()));
  ASSIGN_OR_RETURN(TurnServer turn, TurnOf(config));
  auto* store = context.Own(std::make_unique<MysqlLiveSessionStore>(context.unit_of_work()));
  ReplicaLink* const link = LinkReplicas(context);
  const Replica self{
      .id = ReplicaId::New(context.clock().Now()),
      .target = config.target().empty() ? context.config().listen() : config.target()};
  auto* hub = context.Own(std::make_unique<LiveHub>(
      *store, self, [link](ReplicaId to, const v1::RelayFrame& frame) { link->Send(to, frame); },
      [link, self](const std::vector<Replica>& replicas) { link->SetReplicas(replicas, self.id); },
      LiveHub::Options{}));
  auto* handlers = context.Own(std::make_unique<LiveSessionHandlers>(
      LiveDeps{.store = *store,
               .hub = *hub,
               .fingerprints = *context.Own(std::move(fingerprints)),
               .turn = *context.Own(std::make_unique<TurnServer>(std::move(turn))),
               .clock = context.clock()}));
  context.Serve(Bind(*handlers));
  context.Serve(BindRelay(*handlers));
  return absl::OkStatus();
}

}  // namespace

absl::Status Build(service::Context& context, const google::protobuf::Message& message) {
  const auto& config = static_cast<const ConsultationConfig&>(message);
  ASSIGN_OR_RETURN(const crypto::Sealer* sealer, context.Sealer());
  ASSIGN_OR_RETURN(const crypto::FieldCipher* cipher, context.FieldCipher());

  auto* clocks = context.Own(std::make_unique<Clocks>(
      Clocks{.emergency = absl::Minutes(config.clocks().emergency_minutes()),
             .urgent = absl::Hours(config.clocks().urgent_hours()),
             .routine = absl::Hours(config.clocks().routine_hours()),
             .acknowledgement = absl::Hours(config.clocks().acknowledgement_hours()),
             .arrangement = absl::Hours(config.clocks().arrangement_hours())}));
  auto* store = context.Own(std::make_unique<MysqlConsultationStore>(context.unit_of_work()));
  auto* centres = context.Own(std::make_unique<MysqlReadingCentreStore>(
      context.unit_of_work(), convert::CentreEncodingOfTheWire()));
  auto* keys = context.Own(std::make_unique<MysqlSigningKeys>(context.pool(), *cipher));
  auto* relationships = context.Own(std::make_unique<relationship::Check>(
      context.pool(), context.Channel("directory"), context.clock()));
  DefineTimers(context.timers(), *store, context.clock());
  context.Consume({.name = "consultation.merges",
                   .source = "directory",
                   .types = relationship::MergeEventTypes()},
                  [store](mysql::Session& session, const event::v1::Event& event) {
                    return ApplyDirectoryEvent(session, event, *store);
                  });
  context.Consume({.name = "consultation.consents",
                   .source = "directory",
                   .types = relationship::ConsentEventTypes()},
                  [store, &context](mysql::Session& session, const event::v1::Event& event) {
                    return store->ApplyConsent(session, event, context.clock().Now());
                  });
  auto* handlers = context.Own(std::make_unique<ConsultationHandlers>(
      ConsultationHandlers::Deps{.store = *store,
                                 .keys = *keys,
                                 .centres = *centres,
                                 .relationships = *relationships,
                                 .sealer = *sealer,
                                 .clocks = *clocks,
                                 .default_lease = absl::Seconds(config.clocks().lease_seconds())}));
  auto* centre_handlers = context.Own(std::make_unique<ReadingCentreHandlers>(
      ReadingCentreHandlers::Deps{.centres = *centres, .sealer = *sealer}));
  context.Serve(Bind(*handlers));
  context.Serve(Bind(*centre_handlers));
  return ServeLiveSessions(context, config.live());
}

service::Definition ConsultationDefinition() {
  return {.name = "consultation",
          .config_default = &ConsultationConfig::default_instance(),
          .migrations = ConsultationMigrations(),
          .build = &Build};
}

}  // namespace yilian::consultation
