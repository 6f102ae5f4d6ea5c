#include "services/directory/store/match_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "services/directory/domain/blocking.h"
#include "services/directory/store/duplicate.h"

namespace yilian::directory {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr std::string_view kKeyColumn = "patient_match_key.key";
// Records of one block that are looked at. A larger block is a common name or a number that many
// gave; whoever belongs together shares a second key.
constexpr int kLargestBlock = 100;

constexpr Query kReviewOfPair{
    "directory.ReviewOfPair",
    "SELECT 1 FROM match_review WHERE low_patient_id = ? AND high_patient_id = ?"};
constexpr Query kInsertReview{
    "directory.InsertReview",
    "INSERT INTO match_review (review_id, low_patient_id, high_patient_id, decibits, agreements, "
    "state, due_at, created_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Another replica may be at it: then this one has nothing to do.
constexpr Query kUnsettled{"directory.UnsettledPatient",
                           "SELECT merged_into FROM patient WHERE patient_id = ? "
                           "AND match_rules < ? FOR UPDATE SKIP LOCKED"};
constexpr Query kSettled{"directory.SettlePatient",
                         "UPDATE patient SET match_rules = ? WHERE patient_id = ?"};

// Index: primary key prefix of patient_match_key, once a key. Unused places look for a key that
// nobody has.
const std::string& CandidatesSql() {
  static const std::string* const sql = [] {
    std::string text = "SELECT patient_id, COUNT(*) AS shared FROM (";
    for (int i = 0; i < kMostBlockingKeys; ++i) {
      text +=
          fmt::format("{}(SELECT patient_id FROM patient_match_key WHERE key_index = ? LIMIT {})",
                      i == 0 ? "" : " UNION ALL ", kLargestBlock);
    }
    text += fmt::format(") AS blocks GROUP BY patient_id ORDER BY shared DESC, patient_id LIMIT {}",
                        PatientRows::kBatch);
    return new std::string(text);
  }();
  return *sql;
}

const std::string& InsertKeysSql() {
  static const std::string* const sql = [] {
    std::string text = "INSERT IGNORE INTO patient_match_key (key_index, patient_id) VALUES ";
    for (int i = 0; i < kMostBlockingKeys; ++i) text += i == 0 ? "(?, ?)" : ", (?, ?)";
    return new std::string(text);
  }();
  return *sql;
}

}  // namespace

absl::Status MatchRows::WriteKeys(Session& session, PatientId patient,
                                  const MatchFacts& facts) const {
  const std::vector<std::string> keys = BlockingKeys(facts);
  if (keys.empty()) return absl::OkStatus();
  mysql::Values values;
  // Fewer keys repeat the last one, which IGNORE drops: one statement for every patient.
  for (size_t i = 0; i < kMostBlockingKeys; ++i) {
    values.emplace_back(Blob{index_.Of(kKeyColumn, keys[std::min(i, keys.size() - 1)])});
    values.emplace_back(patient);
  }
  return session.ExecuteValues({"directory.InsertMatchKeys", InsertKeysSql()}, values).status();
}

absl::StatusOr<std::vector<Resemblance>> MatchRows::Find(Session& session,
                                                         const MatchFacts& facts) const {
  mysql::Values keys;
  for (const std::string& key : LookupKeys(facts)) {
    keys.emplace_back(Blob{index_.Of(kKeyColumn, key)});
  }
  if (keys.empty()) return std::vector<Resemblance>();
  keys.resize(kMostBlockingKeys, mysql::Value(Blob{""}));
  std::vector<PatientId> ids;
  RETURN_IF_ERROR(session.SelectValues({"directory.MatchCandidates", CandidatesSql()}, keys,
                                       [&](const Row& row) {
                                         ids.push_back(row.Id<PatientId>(0));
                                         return absl::OkStatus();
                                       }));
  if (ids.empty()) return std::vector<Resemblance>();
  ASSIGN_OR_RETURN(const std::vector<Patient> records, patients_.ReadBatch(session, ids));
  std::vector<PatientId> owners;  // of identifiers: the survivors of records that were merged
  for (const Patient& record : records) {
    owners.push_back(record.merged_into.is_nil() ? record.id : record.merged_into);
  }
  std::vector<std::pair<PatientId, Identifier>> identifiers;
  if (!facts.identifiers.empty()) {
    ASSIGN_OR_RETURN(identifiers, patients_.IdentifiersOfBatch(session, owners, facts.identifiers));
  }
  std::map<PatientId, Resemblance> best;
  for (size_t i = 0; i < records.size(); ++i) {
    MatchFacts known = MatchFactsOf(names_, records[i]);
    for (const auto& [owner, identifier] : identifiers) {
      if (owner == owners[i]) known.identifiers.push_back(identifier);
    }
    Comparison comparison = Compare(facts, known);
    const Verdict verdict = Judge(comparison);
    if (verdict == Verdict::kDifferent) continue;
    Resemblance& one = best[owners[i]];
    if (one.patient.is_nil() || comparison.bits > one.comparison.bits) {
      one = {owners[i], verdict, std::move(comparison)};
    }
  }
  std::vector<Resemblance> found;
  for (auto& [patient, one] : best) found.push_back(std::move(one));
  std::sort(found.begin(), found.end(), [](const Resemblance& a, const Resemblance& b) {
    return a.comparison.bits > b.comparison.bits;
  });
  return found;
}

absl::StatusOr<bool> MatchRows::AddReview(Session& session, const MatchReview& review) const {
  ASSIGN_OR_RETURN(const auto known,
                   session.SelectOne<bool>(
                       kReviewOfPair, [](const Row&) { return true; }, review.low, review.high));
  if (known) return false;
  const auto inserted = session.Execute(
      kInsertReview, review.id, review.low, review.high, review.decibits, TextOf(review.agreements),
      Name(review.state), review.due_at, review.created_at, review.version);
  if (inserted.ok()) return true;
  if (!DuplicateKeyOf(inserted.status()).empty()) return false;  // another writer was faster
  return inserted.status();
}

absl::StatusOr<bool> MatchRows::Settle(Session& session, PatientId patient, absl::Time now) const {
  ASSIGN_OR_RETURN(
      const auto merged_into,
      session.SelectOne<PatientId>(
          kUnsettled, [](const Row& row) { return row.Id<PatientId>(0); }, patient, kMatchRules));
  if (!merged_into) return false;
  ASSIGN_OR_RETURN(const Patient whole, patients_.ReadWhole(session, patient));
  const MatchFacts facts = MatchFactsOf(names_, whole);
  RETURN_IF_ERROR(WriteKeys(session, patient, facts));
  if (merged_into->is_nil()) {
    ASSIGN_OR_RETURN(const std::vector<Resemblance> found, Find(session, facts));
    for (const Resemblance& one : found) {
      if (one.patient == patient) continue;
      RETURN_IF_ERROR(
          AddReview(session, NewReview(patient, one.patient, one.comparison, now)).status());
    }
  }
  RETURN_IF_ERROR(session.Execute(kSettled, kMatchRules, patient).status());
  return true;
}

}  // namespace yilian::directory
