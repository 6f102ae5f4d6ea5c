// Correction notices: made from the audit of reads, followed until they are acknowledged.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "common/unit/unit_of_work.h"
#include "services/lab/domain/notice_store.h"
#include "services/lab/domain/report.h"

namespace yilian::lab {

// Timer of a report whose readers are to be found; its name tells versions apart.
inline constexpr std::string_view kReadersTimer = "lab.Readers";
// Timer of a notice that nobody has acknowledged.
inline constexpr std::string_view kNoticeTimer = "lab.Notice";

// Inside the transaction that corrects or withdraws: whoever read `before`, or what stood before
// that, is told. Not at once: a read that is under way at this moment has its record soon.
absl::Status TellReaders(mysql::Session& session, const Report& before, const Report& after,
                         absl::Time at);

// Thread-safe.
class MysqlNoticeStore : public NoticeStore {
 public:
  MysqlNoticeStore(unit::UnitOfWork& unit_of_work, const NoticeRules& rules)
      : unit_of_work_(unit_of_work), rules_(rules) {}

  absl::StatusOr<std::vector<CorrectionNotice>> List(const NoticesQuery& query,
                                                     absl::Time deadline) override;

  // For timers, inside their own transaction.
  // Makes the notices of a report's version, once the audit of reads is complete up to it.
  absl::Status Issue(mysql::Session& session, ReportId report, const std::string& name,
                     absl::Time at);
  absl::Status Escalate(mysql::Session& session, NoticeId id, absl::Time at);

 protected:
  absl::StatusOr<std::string> AcknowledgeBytes(const unit::WriteContext& context, NoticeId id,
                                               const NoticeActor& by,
                                               const RespondBytes& respond) override;

 private:
  unit::UnitOfWork& unit_of_work_;
  const NoticeRules& rules_;
};

}  // namespace yilian::lab
