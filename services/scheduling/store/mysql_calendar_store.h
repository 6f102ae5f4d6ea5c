// Calendars and their links in the scheduling schema: every method is one transaction or one read.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/field_cipher.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/calendar_store.h"
#include "yilian/scheduling/v1/calendar.pb.h"

namespace yilian::scheduling {

// Thread-safe.
class MysqlCalendarStore : public CalendarStore {
 public:
  // `digests` keys the digests of secrets.
  MysqlCalendarStore(unit::UnitOfWork& unit_of_work, const crypto::BlindIndex& digests,
                     CalendarLinkEncoding encoding, const CalendarRules& rules)
      : unit_of_work_(unit_of_work),
        digests_(digests),
        encoding_(std::move(encoding)),
        rules_(rules) {}

  absl::StatusOr<CalendarContent> Read(const CalendarView& view, const Span& time,
                                       absl::Time deadline) override;
  absl::StatusOr<v1::CalendarLink> CreateLink(const unit::WriteContext& context,
                                              const CalendarReader& by, const CalendarLink& link,
                                              std::string_view secret) override;
  absl::StatusOr<v1::CalendarLink> RevokeLink(const unit::WriteContext& context, CalendarLinkId id,
                                              const CalendarReader& by) override;
  absl::StatusOr<std::vector<CalendarLink>> ListLinks(const CalendarLinkFilter& filter,
                                                      CalendarLinkId after, int limit,
                                                      absl::Time deadline) override;
  absl::StatusOr<CalendarLink> FindLink(std::string_view secret, absl::Time deadline) override;

 private:
  std::string DigestOf(std::string_view secret) const;
  v1::CalendarLink Told(unit::Scope& scope, const CalendarLink& link, std::string_view event) const;

  unit::UnitOfWork& unit_of_work_;
  const crypto::BlindIndex& digests_;
  const CalendarLinkEncoding encoding_;
  const CalendarRules rules_;
};

}  // namespace yilian::scheduling
