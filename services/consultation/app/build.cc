#include "services/consultation/app/build.h"

#include <memory>

#include "common/base/status_macros.h"
#include "common/relationship/consents.h"
#include "common/relationship/merges.h"
#include "services/consultation/app/config.pb.h"
#include "services/consultation/jobs/jobs.h"
#include "services/consultation/rpc/centre_convert.h"
#include "services/consultation/rpc/centre_handlers.h"
#include "services/consultation/rpc/handlers.h"
#include "services/consultation/store/mysql_consultation_store.h"
#include "services/consultation/store/mysql_reading_centre_store.h"
#include "services/consultation/store/mysql_signing_keys.h"

namespace yilian::consultation {

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
  return absl::OkStatus();
}

service::Definition ConsultationDefinition() {
  return {.name = "consultation",
          .config_default = &ConsultationConfig::default_instance(),
          .migrations = ConsultationMigrations(),
          .build = &Build};
}

}  // namespace yilian::consultation
