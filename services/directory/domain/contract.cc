#include "services/directory/domain/contract.h"

#include "services/directory/domain/errors.h"

namespace yilian::directory {
namespace {

absl::TimeZone Region() { return absl::FixedTimeZone(8 * 60 * 60); }

}  // namespace

absl::Status Check(const Contract& contract, const Actor& actor) {
  if (!actor.is_service && actor.organization != contract.organization) {
    return errors::ForeignOrganization();
  }
  if (contract.end_date < contract.start_date) {
    return errors::FieldInvalid({{"end_date", "is not before start_date"}});
  }
  return absl::OkStatus();
}

absl::Time StartOf(absl::CivilDay day) { return absl::FromCivil(day, Region()); }

absl::CivilDay DayOf(absl::Time time) { return absl::ToCivilDay(time, Region()); }

}  // namespace yilian::directory
