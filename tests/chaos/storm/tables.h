// What really stands in the schemas, read as the auditor: the checker's other witness beside the
// API.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mysql/pool.h"
#include "services/ctl/region.h"

namespace yilian::chaos {

struct ReferralRow {
  std::string referral_id;
  std::string marker;
  std::string state;
  std::string booking_id;  // "" for none
  bool answered = false;
};
struct BookingRow {
  std::string booking_id;
  std::string referral_id;
  std::string state;
  bool live() const { return state == "HELD" || state == "BOOKED" || state == "CHECKED_IN"; }
};
struct ConsultationRow {
  std::string consultation_id;
  std::string marker;
  int64_t opinions = 0;
};
struct MessageRow {
  std::string control_id;
  std::string state;
};
// A row of directory.care_relationship, or of a follower's projection.
struct CareRow {
  std::string patient_id;
  std::string organization_id;
  std::string referral_id;
};
// An event as it stands in an outbox.
struct EventRow {
  std::string type;
  std::string aggregate_id;
};
struct StreamEnds {
  int64_t lowest = 0;
  int64_t highest = 0;
  int64_t numbered = 0;
  int64_t unnumbered = 0;
};

// One thread. Every read is fresh.
class Tables {
 public:
  static absl::StatusOr<std::unique_ptr<Tables>> Open(const ctl::Region& region);

  // Of this storm: those whose question starts with `run`.
  absl::StatusOr<std::vector<ReferralRow>> Referrals(const std::string& run);
  absl::StatusOr<std::vector<ConsultationRow>> Consultations(const std::string& run);
  absl::StatusOr<std::vector<BookingRow>> Bookings();
  absl::StatusOr<std::vector<MessageRow>> Messages();
  // Order numbers of the storm's reports, as often as they stand there.
  absl::StatusOr<std::vector<std::string>> ReportOrders();
  absl::StatusOr<std::set<std::string>> Patients();
  // With source REFERRAL: the directory's own rows, or the projection in a follower's schema.
  absl::StatusOr<std::vector<CareRow>> Care(const std::string& service);
  absl::StatusOr<std::vector<EventRow>> Events(const std::string& service, const std::string& type);
  absl::StatusOr<StreamEnds> Stream(const std::string& service);
  // A count, for the many small questions.
  absl::StatusOr<int64_t> Count(std::string_view name, const std::string& sql);
  // Rows as text.
  absl::StatusOr<std::vector<std::vector<std::string>>> Texts(std::string_view name,
                                                              const std::string& sql, int columns);

 private:
  explicit Tables(std::unique_ptr<mysql::Pool> pool) : pool_(std::move(pool)) {}
  absl::Status Read(std::string_view name, const std::string& sql, mysql::RowCallback row);

  const std::unique_ptr<mysql::Pool> pool_;
};

}  // namespace yilian::chaos
