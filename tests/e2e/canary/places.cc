#include "tests/e2e/canary/places.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"

namespace yilian::e2e {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(2);

struct ClearColumns {
  std::string why;
  std::vector<std::string> columns;  // schema.table.column, without `yilian_`
};

// Columns that may hold clinical text in clear. None may hold who it is about: the row names the
// patient by an id that says nothing outside the directory, whose names are encrypted.
const std::vector<ClearColumns>& Clinical() {
  static const std::vector<ClearColumns> all = {
      {"what the two sides of a referral tell each other, in the row that both read",
       {"referral.referral.complaint", "referral.referral.history",
        "referral.referral.diagnosis_display", "referral.referral.treatment",
        "referral.referral.question", "referral.referral.discharge_summary",
        "referral.referral.medication", "referral.referral.reason_comment",
        "referral.referral.outcome_letter", "referral.referral.urgency_reason",
        "referral.redirection.comment", "referral.follow_up_task.instruction",
        "referral.follow_up_task.result", "referral.follow_up_task.reschedule_reason",
        "referral.advice_turn.text"}},
      {"question and opinion; the signed bytes are kept as they were signed",
       {"consultation.consultation.question", "consultation.consultation.reason_comment",
        "consultation.opinion.signed_bytes"}},
      {"what was written in a live session, in the row that all who took part read",
       {"consultation.transcript_entry.text"}},
      {"results are kept exactly as they were sent, and beside each other for trends",
       {"lab.observation.value", "lab.trend_point.value"}},
      {"a repeated request gets its first answer again: what the rows above say, for some weeks",
       {"referral.idempotency_ledger.response", "consultation.idempotency_ledger.response",
        "lab.idempotency_ledger.response"}},
      {"attachments as they were sent, where the region has no other store for them",
       {"referral.blob_chunk.content"}},
  };
  return all;
}

bool MayHoldClinical(const std::string& column) {
  for (const ClearColumns& group : Clinical()) {
    for (const std::string& one : group.columns) {
      if ("yilian_" + one == column) return true;
    }
  }
  return false;
}

}  // namespace

absl::Status Places::SearchFiles(const std::string& folder, const std::string& database_folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           folder, std::filesystem::directory_options::skip_permission_denied, error)) {
    if (!entry.is_regular_file(error)) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    ++files_;
    const bool of_database = entry.path().string().starts_with(database_folder);
    for (const Form* form : finder_.FindIn(bytes.str())) {
      if (of_database && form->kind == NeedleKind::kClinical) continue;
      findings_.push_back(fmt::format("{} holds the {}", entry.path().string(), form->what));
    }
  }
  return error ? absl::InternalError(fmt::format("{}: {}", folder, error.message()))
               : absl::OkStatus();
}

absl::Status Places::SearchColumn(mysql::Pool& pool, const std::string& table,
                                  const std::string& column) {
  ++columns_;
  std::set<std::string> found;
  const std::string sql =
      fmt::format("SELECT CAST(`{0}` AS BINARY) FROM {1} WHERE `{0}` IS NOT NULL", column, table);
  const std::string full = table + "." + column;
  RETURN_IF_ERROR(mysql::RunRead(pool, absl::Now() + kPatience, [&](mysql::Session& session) {
    return session.SelectValues({"canary.Column", sql}, {}, [&](const mysql::Row& row) {
      for (const Form* form : finder_.FindIn(row.Bytes(0))) {
        if (form->kind == NeedleKind::kClinical && MayHoldClinical(full)) {
          clinical_.insert(full);
        } else {
          found.insert(form->what);
        }
      }
      return absl::OkStatus();
    });
  }));
  for (const std::string& what : found)
    findings_.push_back(fmt::format("{} holds the {}", full, what));
  return absl::OkStatus();
}

absl::Status Places::SearchColumns(const ctl::Region& region) {
  ASSIGN_OR_RETURN(const auto pool, region.Audit("directory"));
  std::vector<std::pair<std::string, std::string>> columns;
  RETURN_IF_ERROR(mysql::RunRead(*pool, absl::Now() + kPatience, [&](mysql::Session& session) {
    return session.SelectValues(
        {"canary.Columns",
         "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE "
         "table_schema LIKE 'yilian\\_%' ORDER BY table_schema, table_name, ordinal_position"},
        {}, [&](const mysql::Row& row) {
          columns.emplace_back(fmt::format("{}.{}", row.Text(0), row.Text(1)), row.Text(2));
          return absl::OkStatus();
        });
  }));
  for (const auto& [table, column] : columns) RETURN_IF_ERROR(SearchColumn(*pool, table, column));
  for (const ClearColumns& group : Clinical()) {
    for (const std::string& one : group.columns) {
      if (!clinical_.contains("yilian_" + one)) {
        findings_.push_back(fmt::format(
            "yilian_{} may hold clinical text and holds none of the story's: take it off the list "
            "in places.cc, or let the story write it",
            one));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace yilian::e2e
