#include "tests/chaos/storm/tables.h"

#include <fmt/format.h>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"

namespace yilian::chaos {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

std::string IdText(const mysql::Row& row, int column) {
  return row.IsNull(column) ? "" : row.Id(column).ToString();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Tables>> Tables::Open(const ctl::Region& region) {
  ASSIGN_OR_RETURN(std::unique_ptr<mysql::Pool> pool, region.Audit("referral"));
  return std::unique_ptr<Tables>(new Tables(std::move(pool)));
}

absl::Status Tables::Read(std::string_view name, const std::string& sql, mysql::RowCallback row) {
  return mysql::RunRead(*pool_, absl::Now() + kPatience, [&](mysql::Session& session) {
    return session.SelectValues({name, sql}, {}, row);
  });
}

absl::StatusOr<std::vector<ReferralRow>> Tables::Referrals(const std::string& run) {
  std::vector<ReferralRow> rows;
  RETURN_IF_ERROR(Read(
      "chaos.Referrals",
      fmt::format("SELECT referral_id, question, state, booking_id, "
                  "first_response_at IS NOT NULL FROM yilian_referral.referral "
                  "WHERE question LIKE '{} %'",
                  run),
      [&](const mysql::Row& row) {
        rows.push_back({IdText(row, 0), row.Text(1), row.Text(2), IdText(row, 3), row.Bool(4)});
        return absl::OkStatus();
      }));
  return rows;
}

absl::StatusOr<std::vector<ConsultationRow>> Tables::Consultations(const std::string& run) {
  std::vector<ConsultationRow> rows;
  RETURN_IF_ERROR(
      Read("chaos.Consultations",
           fmt::format("SELECT c.consultation_id, c.question, (SELECT COUNT(*) FROM "
                       "yilian_consultation.opinion o WHERE o.consultation_id = c.consultation_id) "
                       "FROM yilian_consultation.consultation c WHERE c.question LIKE '{} %'",
                       run),
           [&](const mysql::Row& row) {
             rows.push_back({IdText(row, 0), row.Text(1), row.Int(2)});
             return absl::OkStatus();
           }));
  return rows;
}

absl::StatusOr<std::vector<BookingRow>> Tables::Bookings() {
  std::vector<BookingRow> rows;
  RETURN_IF_ERROR(Read("chaos.Bookings",
                       "SELECT booking_id, referral_id, state FROM yilian_scheduling.booking "
                       "WHERE referral_id IS NOT NULL",
                       [&](const mysql::Row& row) {
                         rows.push_back({IdText(row, 0), IdText(row, 1), row.Text(2)});
                         return absl::OkStatus();
                       }));
  return rows;
}

absl::StatusOr<std::vector<MessageRow>> Tables::Messages() {
  std::vector<MessageRow> rows;
  RETURN_IF_ERROR(Read("chaos.Messages",
                       "SELECT control_id, state FROM yilian_gateway.inbound_message "
                       "WHERE claim IS NOT NULL",
                       [&](const mysql::Row& row) {
                         rows.push_back({row.Text(0), row.Text(1)});
                         return absl::OkStatus();
                       }));
  return rows;
}

absl::StatusOr<std::vector<std::string>> Tables::ReportOrders() {
  std::vector<std::string> orders;
  // One report row an order; each version of it is one time that it was taken.
  RETURN_IF_ERROR(Read("chaos.Reports",
                       "SELECT r.filler_order_number FROM yilian_lab.report r JOIN "
                       "yilian_lab.report_version v ON v.report_id = r.report_id "
                       "WHERE r.filler_order_number LIKE 'STORM-%'",
                       [&](const mysql::Row& row) {
                         orders.push_back(row.Text(0));
                         return absl::OkStatus();
                       }));
  return orders;
}

absl::StatusOr<std::set<std::string>> Tables::Patients() {
  std::set<std::string> ids;
  RETURN_IF_ERROR(Read("chaos.Patients", "SELECT patient_id FROM yilian_directory.patient",
                       [&](const mysql::Row& row) {
                         ids.insert(IdText(row, 0));
                         return absl::OkStatus();
                       }));
  return ids;
}

absl::StatusOr<std::vector<CareRow>> Tables::Care(const std::string& service) {
  const std::string sql = service == "directory"
                              ? std::string(
                                    "SELECT patient_id, organization_id, source_id FROM "
                                    "yilian_directory.care_relationship WHERE source = 'REFERRAL'")
                              : fmt::format(
                                    "SELECT data_subject_id, organization_id, source_id FROM "
                                    "yilian_{}.relationship WHERE source = 'REFERRAL'",
                                    service);
  std::vector<CareRow> rows;
  RETURN_IF_ERROR(Read("chaos.Care", sql, [&](const mysql::Row& row) {
    rows.push_back({IdText(row, 0), IdText(row, 1), IdText(row, 2)});
    return absl::OkStatus();
  }));
  return rows;
}

absl::StatusOr<std::vector<EventRow>> Tables::Events(const std::string& service,
                                                     const std::string& type) {
  std::vector<EventRow> rows;
  RETURN_IF_ERROR(
      Read("chaos.Events",
           fmt::format("SELECT type, aggregate_id FROM yilian_{}.outbox WHERE type = '{}'", service,
                       type),
           [&](const mysql::Row& row) {
             rows.push_back({row.Text(0), IdText(row, 1)});
             return absl::OkStatus();
           }));
  return rows;
}

absl::StatusOr<StreamEnds> Tables::Stream(const std::string& service) {
  StreamEnds ends;
  RETURN_IF_ERROR(Read("chaos.Stream",
                       fmt::format("SELECT COALESCE(MIN(position), 0), COALESCE(MAX(position), 0), "
                                   "COUNT(position), COUNT(*) - COUNT(position) FROM "
                                   "yilian_{}.outbox",
                                   service),
                       [&](const mysql::Row& row) {
                         ends = {row.Int(0), row.Int(1), row.Int(2), row.Int(3)};
                         return absl::OkStatus();
                       }));
  return ends;
}

absl::StatusOr<int64_t> Tables::Count(std::string_view name, const std::string& sql) {
  int64_t count = 0;
  RETURN_IF_ERROR(Read(name, sql, [&](const mysql::Row& row) {
    count = row.Int(0);
    return absl::OkStatus();
  }));
  return count;
}

absl::StatusOr<std::vector<std::vector<std::string>>> Tables::Texts(std::string_view name,
                                                                    const std::string& sql,
                                                                    int columns) {
  std::vector<std::vector<std::string>> rows;
  RETURN_IF_ERROR(Read(name, sql, [&](const mysql::Row& row) {
    std::vector<std::string>& texts = rows.emplace_back();
    for (int i = 0; i < columns; ++i) texts.push_back(row.Text(i));
    return absl::OkStatus();
  }));
  return rows;
}

}  // namespace yilian::chaos
