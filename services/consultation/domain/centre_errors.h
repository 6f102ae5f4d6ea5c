// Errors of reading centres: one factory for each reason in yilian.consultation.v1.ErrorReason.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/consultation/domain/errors.h"
#include "services/consultation/domain/reading_centre.h"

namespace yilian::consultation::errors {

// Also for a centre of another organization than the one that is named.
absl::Status CentreNotFound();
absl::Status CentreKindTaken(Kind kind, CentreId by);
absl::Status MemberNotFound();
absl::Status DutyNotAvailable(Duty now);
absl::Status OnDutyElsewhere(CentreId where);
absl::Status NotOnDuty(CentreId centre);
absl::Status NotAReader(CentreId centre, Kind kind);
absl::Status MayNotSign(CentreId centre);
absl::Status SecondReadingRequired(PractitionerId first);  // nil: nobody read it yet
absl::Status SecondReaderDiffers();
absl::Status NoSecondReading();
absl::Status OtherReaderSigns(PractitionerId signer);
absl::Status ForeignOrganization();
absl::Status CentreEtagStale(std::string_view current_etag);

}  // namespace yilian::consultation::errors
