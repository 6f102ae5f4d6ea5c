#include "services/lab/app/build.h"

#include <memory>

#include "common/base/status_macros.h"
#include "common/relationship/merges.h"
#include "services/lab/app/config.pb.h"
#include "services/lab/jobs/jobs.h"
#include "services/lab/rpc/handlers.h"
#include "services/lab/store/mysql_report_store.h"

namespace yilian::lab {

absl::Status Build(service::Context& context, const google::protobuf::Message&) {
  ASSIGN_OR_RETURN(const crypto::Sealer* sealer, context.Sealer());
  auto* store = context.Own(std::make_unique<MysqlReportStore>(context.unit_of_work()));
  auto* relationships = context.Own(std::make_unique<relationship::Check>(
      context.pool(), context.Channel("directory"), context.clock()));
  context.Consume(
      {.name = "lab.merges", .source = "directory", .types = relationship::MergeEventTypes()},
      [store](mysql::Session& session, const event::v1::Event& event) {
        return ApplyDirectoryEvent(session, event, *store);
      });
  auto* handlers = context.Own(std::make_unique<LabHandlers>(
      LabHandlers::Deps{.store = *store, .relationships = *relationships, .sealer = *sealer}));
  context.Serve(Bind(*handlers));
  return absl::OkStatus();
}

service::Definition LabDefinition() {
  return {.name = "lab",
          .config_default = &LabConfig::default_instance(),
          .migrations = LabMigrations(),
          .build = &Build};
}

}  // namespace yilian::lab
