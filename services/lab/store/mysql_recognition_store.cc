#include "services/lab/store/mysql_recognition_store.h"

#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/relationship/merges.h"
#include "services/lab/domain/errors.h"
#include "services/lab/store/mapping_queries.h"
#include "services/lab/store/queries.h"
#include "services/lab/store/recognition_terms.h"
#include "services/lab/store/sensitivity.h"
#include "services/lab/store/trend_rows.h"

namespace yilian::lab {
namespace {

using mysql::Query;

// The newest of the report that the reader may see. Index: primary key, read backwards.
constexpr Query kResult{
    "lab.ResultToRecognize",
    "SELECT " YILIAN_POINT_COLUMNS
    " FROM trend_point WHERE patient_id = ? AND loinc = ? AND report_id = "
    "?" YILIAN_IN_SIGHT("trend_point") " ORDER BY observed_at DESC, ordinal DESC LIMIT 1"};
constexpr Query kInsert{"lab.InsertDecision",
                        "INSERT INTO recognition_decision (decision_id, patient_id, "
                        "organization_id, practitioner_id, loinc, order_number, report_id, "
                        "report_version, outcome, reason, comment, decided_at, saved_fen) VALUES "
                        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: uq_recognition_decision__order.
constexpr Query kDecided{"lab.DecidedBefore",
                         "SELECT decision_id, outcome FROM recognition_decision WHERE "
                         "organization_id = ? AND order_number = ? AND loinc = ?"};
// Index: primary key. One row an organization, month, item and reason: who decides at once waits
// for the other's commit.
constexpr Query kCount{"lab.CountDecision",
                       "INSERT INTO recognition_count (organization_id, month, loinc, reason, "
                       "decided, saved_fen) VALUES (?, ?, ?, ?, 1, ?) ON DUPLICATE KEY UPDATE "
                       "decided = decided + 1, saved_fen = saved_fen + ?"};
// Keyset on (month, loinc). Index: primary key, in the order of the groups.
constexpr Query kStatistics{
    "lab.RecognitionStatistics",
    "SELECT month, loinc, "
    "CAST(SUM(CASE WHEN reason = 0 THEN decided ELSE 0 END) AS SIGNED), "
    "CAST(SUM(CASE WHEN reason = 1 THEN decided ELSE 0 END) AS SIGNED), "
    "CAST(SUM(CASE WHEN reason = 2 THEN decided ELSE 0 END) AS SIGNED), "
    "CAST(SUM(CASE WHEN reason = 3 THEN decided ELSE 0 END) AS SIGNED), "
    "CAST(SUM(CASE WHEN reason = 4 THEN decided ELSE 0 END) AS SIGNED), "
    "CAST(SUM(CASE WHEN reason = 5 THEN decided ELSE 0 END) AS SIGNED), "
    "CAST(SUM(CASE WHEN reason = 6 THEN decided ELSE 0 END) AS SIGNED), "
    "CAST(SUM(saved_fen) AS SIGNED) FROM recognition_count WHERE organization_id = ? AND month >= "
    "? AND month <= ? AND (month > ? OR (month = ? AND loinc > ?)) GROUP BY month, loinc ORDER BY "
    "month, loinc LIMIT ?"};

std::string DayText(absl::CivilMonth month) { return absl::FormatCivilTime(absl::CivilDay(month)); }

template <typename Term>
absl::StatusOr<std::string> DefineIn(unit::UnitOfWork& unit_of_work,
                                     const unit::WriteContext& context, const Term& term,
                                     const std::string& etag,
                                     const wire::RespondBytes<Stored<Term>>& respond) {
  return unit_of_work.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const std::optional<Stored<Term>> before, LockTerm(scope.sql(), term));
    const std::string current = before ? before->etag() : "";
    if (etag != current) return errors::EtagStale(current);
    const absl::Status written = WriteTerm(scope.sql(), term, before ? before->version : 0);
    // Two who define it at once: the other was first.
    if (absl::IsAlreadyExists(written)) return errors::EtagStale("v1");
    RETURN_IF_ERROR(written);
    return respond({.term = term, .version = before ? before->version + 1 : 1});
  });
}

absl::StatusOr<TrendPoint> ResultOf(mysql::Session& session, const NewDecision& decision,
                                    const Sight& sight) {
  // A correction or a withdrawal comes before the decision or after it.
  RETURN_IF_ERROR(session.SelectValues(queries::kLockReport, {decision.report},
                                       [](const mysql::Row&) { return absl::OkStatus(); }));
  mysql::Values values = {decision.patient, decision.loinc, decision.report};
  AddSight(sight, values);
  std::optional<TrendPoint> result;
  RETURN_IF_ERROR(session.SelectValues(kResult, values, [&](const mysql::Row& row) {
    result = rows::PointFromRow(row);
    return absl::OkStatus();
  }));
  if (!result) return errors::NotFound();
  return *std::move(result);
}

absl::Status Decided(mysql::Session& session, const RecognitionDecision& decision) {
  absl::Status found = absl::InternalError("a decision is neither there nor can be made");
  RETURN_IF_ERROR(session.SelectValues(
      kDecided, {decision.organization, decision.asked.order_number, decision.asked.loinc},
      [&](const mysql::Row& row) {
        found = errors::AlreadyDecided(row.Id<DecisionId>(0),
                                       static_cast<RecognitionOutcome>(row.Int(1)));
        return absl::OkStatus();
      }));
  return found;
}

absl::Status Write(mysql::Session& session, const RecognitionDecision& decision) {
  const NewDecision& asked = decision.asked;
  const absl::Status inserted =
      session
          .Execute(kInsert, decision.id, asked.patient, decision.organization,
                   mysql::OrNull(asked.practitioner), asked.loinc, asked.order_number, asked.report,
                   decision.report_version, static_cast<int>(asked.outcome),
                   static_cast<int>(asked.reason), asked.comment, decision.decided_at,
                   decision.saved_fen)
          .status();
  if (absl::IsAlreadyExists(inserted)) return Decided(session, decision);
  RETURN_IF_ERROR(inserted);
  const absl::CivilMonth month(DayInChina(decision.decided_at));
  return session
      .Execute(kCount, decision.organization, DayText(month), asked.loinc,
               static_cast<int>(asked.reason), decision.saved_fen, decision.saved_fen)
      .status();
}

RecognitionStatistic StatisticFromRow(const mysql::Row& row) {
  RecognitionStatistic statistic;
  absl::CivilDay day;
  absl::ParseCivilTime(row.Text(0), &day);
  statistic.month = absl::CivilMonth(day);
  statistic.loinc = row.Text(1);
  statistic.recognized = row.Int(2);
  for (int reason = 1; reason <= static_cast<int>(RepeatReason::kOther); ++reason) {
    const int64_t count = row.Int(2 + reason);
    if (count > 0) statistic.repeated.emplace_back(static_cast<RepeatReason>(reason), count);
  }
  statistic.saved_fen = row.Int(9);
  return statistic;
}

}  // namespace

absl::StatusOr<std::string> MysqlRecognitionStore::DefineBytes(
    const unit::WriteContext& context, const RecognitionRule& rule, const std::string& etag,
    const wire::RespondBytes<Stored<RecognitionRule>>& respond) {
  return DefineIn(unit_of_work_, context, rule, etag, respond);
}
absl::StatusOr<std::string> MysqlRecognitionStore::DefineBytes(
    const unit::WriteContext& context, const QualityAssessment& assessment, const std::string& etag,
    const wire::RespondBytes<Stored<QualityAssessment>>& respond) {
  return DefineIn(unit_of_work_, context, assessment, etag, respond);
}
absl::StatusOr<std::string> MysqlRecognitionStore::DefineBytes(
    const unit::WriteContext& context, const ItemPrice& price, const std::string& etag,
    const wire::RespondBytes<Stored<ItemPrice>>& respond) {
  return DefineIn(unit_of_work_, context, price, etag, respond);
}

absl::StatusOr<RecognitionTerms> MysqlRecognitionStore::Terms(
    const std::vector<std::string>& loincs, absl::Time deadline) {
  RecognitionTerms terms;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(terms, LoadTerms(session, loincs));
        return absl::OkStatus();
      }));
  return terms;
}

absl::StatusOr<std::string> MysqlRecognitionStore::DecideBytes(
    const unit::WriteContext& context, const NewDecision& decision, const Sight& sight,
    const wire::RespondBytes<RecognitionDecision>& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const TrendPoint result, ResultOf(scope.sql(), decision, sight));
    RETURN_IF_ERROR(relationship::HoldLive(scope.sql(), decision.patient.uuid()));
    ASSIGN_OR_RETURN(const RecognitionTerms terms, LoadTerms(scope.sql(), {decision.loinc}));
    // What holds for the patient is what the decision is about; it is the reason of a repeat.
    const RecognitionJudgement judgement = JudgeRecognition(terms, result, {}, scope.now());
    if (!judgement.obstacles.empty()) return errors::NotRecognizable(judgement.obstacles);
    RecognitionDecision made{.id = DecisionId::New(scope.now()),
                             .asked = decision,
                             .organization = sight.organization,
                             .report_version = result.report_version,
                             .decided_at = scope.now()};
    if (decision.outcome == RecognitionOutcome::kRecognized) {
      made.saved_fen =
          terms.PriceFor(sight.organization, decision.loinc, DayInChina(scope.now())).value_or(0);
    }
    RETURN_IF_ERROR(Write(scope.sql(), made));
    scope.Subject("recognition_decision", made.id.uuid(), decision.patient.uuid());
    return respond(made);
  });
}

absl::StatusOr<std::vector<RecognitionStatistic>> MysqlRecognitionStore::Statistics(
    const RecognitionStatisticsQuery& query, absl::Time deadline) {
  std::vector<RecognitionStatistic> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(
            found, session.SelectAll<RecognitionStatistic>(
                       kStatistics, StatisticFromRow, query.organization, DayText(query.from),
                       DayText(query.to), DayText(query.after_month), DayText(query.after_month),
                       query.after_loinc, query.limit));
        return absl::OkStatus();
      }));
  return found;
}

}  // namespace yilian::lab
