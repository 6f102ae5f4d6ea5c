#include "tests/bench/referral/sql_floor.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "tests/bench/support/c_client.h"
#include "tests/bench/support/run_each.h"
#include "tests/bench/support/sample_rows.h"

namespace yilian::bench {
namespace {

std::string Hex(const base::Uuid& id) {
  std::string hex;
  for (const char c : id.ToString()) {
    if (c != '-') hex += c;
  }
  return hex;
}

}  // namespace

struct SqlFloor::Template {
  DatabaseAccess access;
  base::Uuid sample;         // the referral whose rows these are
  std::string patient;       // bytes
  std::string organization;  // bytes
  std::vector<TableRows> tables;
};

// A session with the statements of a submission. One thread.
class SqlFloor::Connection {
 public:
  absl::Status Prepare(const Template& what) {
    RETURN_IF_ERROR(client_.Open(what.access, what.access.user, what.access.password));
    RETURN_IF_ERROR(
        Add("SELECT 1 FROM relationship WHERE data_subject_id = ? AND "
            "organization_id = ? AND started_at <= ? AND (ends_at IS NULL OR "
            "ends_at > ?) LIMIT 1",
            {what.patient, what.organization, "2100-01-01", "2100-01-01"}, {}));
    RETURN_IF_ERROR(Add("SELECT survivor_id FROM merged_subject WHERE data_subject_id = ?",
                        {what.patient}, {}));
    RETURN_IF_ERROR(
        Add("SELECT organizations, starts_at, ends_at, revoked_at FROM relationship_consent "
            "WHERE data_subject_id = ? AND purpose = ?",
            {what.patient, "1"}, {}));
    before_ = statements_;
    RETURN_IF_ERROR(Add(
        "SELECT m.survivor_id FROM merge_gate g LEFT JOIN merged_subject m "
        "ON m.data_subject_id = ? WHERE g.gate = ? LOCK IN SHARE MODE",
        {what.patient, std::to_string(static_cast<unsigned char>(what.patient.back()) % 64)}, {}));
    for (const TableRows& table : what.tables) {
      Insert insert = InsertOf(table);
      for (size_t at = 0; at < insert.values.size(); ++at) FindSample(what.sample, at, insert);
      RETURN_IF_ERROR(Add(insert.sql, std::move(insert.values), std::move(insert.fresh)));
    }
    return absl::OkStatus();
  }

  // One submission: relationship, merge and consents are looked up, then one transaction writes
  // all.
  absl::Status Submit() {
    const base::Uuid id = base::Uuid::V7();
    for (Place& place : places_) {
      // Of the same length: an id in a message is text.
      if (place.text) place.value.replace(*place.text, id.ToString().size(), id.ToString());
      client_.Set(place.statement, place.at, place.text ? place.value : id.ToBytes());
    }
    for (size_t i = 0; i < before_; ++i) RETURN_IF_ERROR(client_.Execute(i).status());
    RETURN_IF_ERROR(client_.Text("START TRANSACTION"));
    for (size_t i = before_; i < statements_; ++i) RETURN_IF_ERROR(client_.Execute(i).status());
    return client_.Text("COMMIT");
  }

 private:
  // Where the referral is named: each submission is one of its own, so that what follows an event
  // (the statistics) finds it.
  struct Place {
    size_t statement = 0;
    size_t at = 0;
    std::string value;           // of a text
    std::optional<size_t> text;  // where the id stands in it
  };

  void FindSample(const base::Uuid& sample, size_t at, const Insert& insert) {
    const Field& value = insert.values[at];
    if (!value || std::find(insert.fresh.begin(), insert.fresh.end(), at) != insert.fresh.end()) {
      return;
    }
    Place place{.statement = statements_, .at = at, .value = *value};
    if (const size_t found = value->find(sample.ToString()); found != value->npos) {
      place.text = found;
    } else if (*value != sample.ToBytes()) {
      return;
    }
    places_.push_back(std::move(place));
  }

  absl::Status Add(const std::string& sql, std::vector<Field> values, std::vector<size_t> fresh) {
    ++statements_;
    return client_.Prepare(sql, std::move(values), std::move(fresh)).status();
  }

  CClient client_;
  std::vector<Place> places_;
  size_t before_ = 0;  // of them, those that precede the transaction
  size_t statements_ = 0;
};

SqlFloor::SqlFloor() : template_(std::make_unique<Template>()) {}
SqlFloor::~SqlFloor() = default;

absl::StatusOr<std::unique_ptr<SqlFloor>> SqlFloor::Make(const ctl::Region& region,
                                                         const std::string& referral_id,
                                                         int threads) {
  std::unique_ptr<SqlFloor> floor(new SqlFloor());
  Template& what = *floor->template_;
  ASSIGN_OR_RETURN(what.access, DatabaseAccess::Of(region, "referral"));
  ASSIGN_OR_RETURN(const base::Uuid id, base::Uuid::Parse(referral_id));
  what.sample = id;
  CClient maker;
  RETURN_IF_ERROR(
      maker.Open(what.access, what.access.migrator_user, what.access.migrator_password));
  const std::string same = fmt::format("= X'{}'", Hex(id));
  const std::vector<SampleSource> sources = {
      {"referral", {"open_key"}, "referral_id " + same, ""},
      {"timer", {}, "aggregate_id " + same, ""},
      {"outbox", {"event_id"}, "aggregate_id " + same, "'outbox_id', 'position'"},
      {"idempotency_ledger", {"request_id"}, "1 = 1 ORDER BY created_at DESC LIMIT 1", ""},
  };
  for (const SampleSource& source : sources) {
    ASSIGN_OR_RETURN(what.tables.emplace_back(), RowsOf(maker, what.access.schema, source));
  }
  what.tables.push_back(
      PendingRowOf("/yilian.referral.v1.ReferralService/CreateReferral", "referral"));
  ASSIGN_OR_RETURN(const auto parties,
                   maker.Rows("SELECT patient_id, referring_organization_id FROM referral WHERE "
                              "referral_id " +
                              same));
  what.patient = *parties[0][0];
  what.organization = *parties[0][1];
  for (int i = 0; i < threads; ++i) {
    floor->connections_.push_back(std::make_unique<Connection>());
    RETURN_IF_ERROR(floor->connections_.back()->Prepare(what));
  }
  return floor;
}

Slice SqlFloor::Run(absl::Duration duration) {
  return RunEach(connections_, duration,
                 [](Connection& connection) { return connection.Submit(); });
}

}  // namespace yilian::bench
