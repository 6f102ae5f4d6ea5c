#include "services/scheduling/store/job_journal.h"

#include "common/audit/log.h"
#include "common/base/status_macros.h"
#include "common/outbox/outbox.h"
#include "services/scheduling/store/events.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::scheduling {

absl::Status JobJournal::Announce(mysql::Session& sql, std::string_view type, std::string_view job,
                                  const Booking& booking, absl::Time now) const {
  RETURN_IF_ERROR(outbox::Append(sql, {events::BookingChanged(type, booking, encoding_, now)}));
  return Record(sql, job, "booking", booking.id.uuid(), booking.patient, now);
}

absl::Status JobJournal::Announce(mysql::Session& sql, std::string_view type, std::string_view job,
                                  const WaitListEntry& entry, absl::Time now) const {
  RETURN_IF_ERROR(outbox::Append(sql, {events::WaitListChanged(type, entry, encoding_, now)}));
  return Record(sql, job, "wait_list_entry", entry.id.uuid(), entry.patient, now);
}

absl::Status JobJournal::AnnounceCancelled(mysql::Session& sql, std::string_view job,
                                           const Booking& booking, std::string_view reason,
                                           absl::Time now) const {
  RETURN_IF_ERROR(outbox::Append(sql, {events::BookingCancelled(booking, reason, encoding_, now)}));
  return Record(sql, job, "booking", booking.id.uuid(), booking.patient, now);
}

absl::Status JobJournal::Record(mysql::Session& sql, std::string_view job,
                                std::string_view subject_type, const base::Uuid& subject,
                                PatientId patient, absl::Time now) const {
  audit::Record record;
  record.audit_id = base::Uuid::V7(now);
  record.occurred_at = now;
  record.method = "job:" + std::string(job);
  record.action = audit::Action::kWrite;
  record.peer = peer_;
  record.subject_type = std::string(subject_type);
  record.subject_id = subject;
  record.data_subject_id = patient.uuid();
  record.outcome = "OK";
  return audit::InsertRecords(sql, {record});
}

}  // namespace yilian::scheduling
