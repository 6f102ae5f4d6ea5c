// What the schema knows that a rota has to keep to: experts' sessions and absences, sites' clocks,
// what was published before. Functions run in the session that they are given.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/replan.h"
#include "services/scheduling/rota/judgement.h"
#include "services/scheduling/rota/rota.h"

namespace yilian::scheduling {

enum class Standings {
  kRead,
  kLock,  // the standing sessions and their seats, so that nobody books one meanwhile
};

// `rules`: the clock of sites that were never defined.
absl::StatusOr<rota::Known> LoadKnown(mysql::Session& sql, const rota::Rota& rota,
                                      const rota::Asked& asked, const TemplateRules& rules,
                                      Standings standings, absl::Time now);

}  // namespace yilian::scheduling
