#include "tests/bench/claim-storm/claim_floor.h"

#include <fmt/format.h>

#include <thread>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "services/consultation/store/centre_queries.h"
#include "services/consultation/store/queries.h"
#include "services/consultation/store/rows.h"
#include "tests/bench/support/sample_rows.h"

namespace yilian::bench {
namespace {

namespace queries = consultation::queries;

constexpr const char* kLongAgo = "2000-01-01";
// Columns of YILIAN_CONSULTATION_COLUMNS, and parameters of queries::kUpdate.
constexpr size_t kUrgencyColumn = 3;
constexpr size_t kDueColumn = 14;
constexpr size_t kDueParameter = 2;
constexpr const char* kSetTimer =
    "INSERT INTO timer (kind, aggregate_id, name, due_at, try_at, attempt, payload, last_error) "
    "VALUES (?, ?, '', ?, ?, 0, '', '') ON DUPLICATE KEY UPDATE due_at = ?, try_at = ?, attempt = "
    "0, payload = '', last_error = ''";

Field FieldOf(const mysql::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value.get())) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value.get())) return *text;
  if (const auto* blob = std::get_if<mysql::Blob>(&value.get())) return blob->bytes;
  return std::nullopt;
}

}  // namespace

struct ClaimFloor::Shared {
  DatabaseAccess access;
  std::string centre;
  std::vector<std::string> readers;
  std::vector<Field> update;
  TableRows outbox;
  TableRows ledger;
};

// One session. One thread.
class ClaimFloor::Connection {
 public:
  Connection(const Shared& shared, size_t number) : shared_(shared), reader_(number) {}

  absl::Status Prepare() {
    RETURN_IF_ERROR(sql_.Open(shared_.access, shared_.access.user, shared_.access.password));
    RETURN_IF_ERROR(Add(duty_, queries::kLockOnDuty.sql, {""}));
    RETURN_IF_ERROR(Add(lapsed_, queries::kLapsed.sql, {shared_.centre, kLongAgo, "1", "", ""}));
    RETURN_IF_ERROR(Add(take_, queries::kTakeRequested.sql, {shared_.centre, "3", "1", "", ""}));
    RETURN_IF_ERROR(Add(lock_, queries::kGetForUpdate.sql, {""}));
    RETURN_IF_ERROR(Add(update_, queries::kUpdate.sql, shared_.update));
    RETURN_IF_ERROR(Add(timer_, kSetTimer, {"consultation.Clock", "", "", "", "", ""}));
    RETURN_IF_ERROR(AddInsert(outbox_, shared_.outbox));
    RETURN_IF_ERROR(AddInsert(
        pending_, PendingRowOf("/yilian.consultation.v1.ConsultationService/ClaimConsultation",
                               "consultation")));
    return AddInsert(ledger_, shared_.ledger);
  }

  // false: nothing is left.
  absl::StatusOr<bool> Claim() {
    const std::string& reader = shared_.readers[reader_++ % shared_.readers.size()];
    sql_.Set(duty_, 0, reader);
    for (const size_t statement : {lapsed_, take_}) {
      sql_.Set(statement, 3, reader);
      sql_.Set(statement, 4, reader);
    }
    RETURN_IF_ERROR(sql_.Text("START TRANSACTION"));
    RETURN_IF_ERROR(sql_.Execute(duty_).status());
    RETURN_IF_ERROR(sql_.Execute(lapsed_).status());
    ASSIGN_OR_RETURN(const int taken, sql_.Execute(take_));
    if (taken == 0) {
      RETURN_IF_ERROR(sql_.Text("ROLLBACK"));
      return false;
    }
    const std::string id(sql_.Column(take_, 0));
    sql_.Set(lock_, 0, id);
    RETURN_IF_ERROR(sql_.Execute(lock_).status());
    RETURN_IF_ERROR(Write(id));
    return true;
  }

 private:
  absl::Status Add(size_t& number, std::string_view text, std::vector<Field> values,
                   std::vector<size_t> fresh = {}) {
    ASSIGN_OR_RETURN(number, sql_.Prepare(std::string(text), std::move(values), std::move(fresh)));
    return absl::OkStatus();
  }
  absl::Status AddInsert(size_t& number, const TableRows& table) {
    Insert insert = InsertOf(table);
    return Add(number, insert.sql, std::move(insert.values), std::move(insert.fresh));
  }

  absl::Status Write(const std::string& id) {
    const std::string due(sql_.Column(lock_, kDueColumn));
    const int rank = 3 - (sql_.Column(lock_, kUrgencyColumn).front() - '0');
    const size_t last = shared_.update.size() - 1;  // version, before it the id
    sql_.Set(update_, kDueParameter, due);
    sql_.Set(update_, last - 1, id);
    sql_.Set(update_, last - 2, std::to_string(rank));
    sql_.Set(update_, last - 3, due);
    sql_.Set(timer_, 1, id);
    for (const size_t at : {2, 3, 4, 5}) sql_.Set(timer_, at, due);
    for (const size_t statement : {update_, timer_, outbox_, pending_, ledger_}) {
      RETURN_IF_ERROR(sql_.Execute(statement).status());
    }
    return sql_.Text("COMMIT");
  }

  const Shared& shared_;
  CClient sql_;
  size_t reader_;
  size_t duty_ = 0, lapsed_ = 0, take_ = 0, lock_ = 0, update_ = 0, timer_ = 0;
  size_t outbox_ = 0, pending_ = 0, ledger_ = 0;
};

ClaimFloor::ClaimFloor() : shared_(std::make_unique<Shared>()) {}
ClaimFloor::~ClaimFloor() = default;

absl::StatusOr<std::unique_ptr<ClaimFloor>> ClaimFloor::Make(
    const DatabaseAccess& access, const StudyRoom& room, const consultation::Consultation& sample,
    int connections) {
  std::unique_ptr<ClaimFloor> floor(new ClaimFloor());
  Shared& shared = *floor->shared_;
  shared.access = access;
  shared.centre = room.centre.uuid().ToBytes();
  for (const auto& reader : room.readers) shared.readers.push_back(reader.uuid().ToBytes());
  for (const mysql::Value& value : consultation::rows::UpdateValues(sample, sample.version - 1)) {
    shared.update.push_back(FieldOf(value));
  }
  CClient maker;
  RETURN_IF_ERROR(maker.Open(access, access.user, access.password));
  ASSIGN_OR_RETURN(shared.outbox, RowsOf(maker, access.schema,
                                         {"outbox",
                                          {"event_id"},
                                          "type = 'ConsultationClaimed' LIMIT 1",
                                          "'outbox_id', 'position'"}));
  ASSIGN_OR_RETURN(
      shared.ledger,
      RowsOf(maker, access.schema, {"idempotency_ledger", {"request_id"}, "TRUE LIMIT 1", ""}));
  for (int i = 0; i < connections; ++i) {
    floor->connections_.push_back(std::make_unique<Connection>(shared, static_cast<size_t>(i)));
    RETURN_IF_ERROR(floor->connections_.back()->Prepare());
  }
  return floor;
}

Slice ClaimFloor::Run() {
  std::vector<Slice> slices(connections_.size());
  std::vector<std::thread> threads;
  const absl::Time begun = absl::Now();
  for (size_t i = 0; i < connections_.size(); ++i) {
    threads.emplace_back([&, i] {
      for (absl::Time start = absl::Now();;) {
        const absl::StatusOr<bool> claimed = connections_[i]->Claim();
        const absl::Time end = absl::Now();
        if (claimed.ok() && !*claimed) return;
        ++slices[i].calls;
        if (!claimed.ok()) {
          fmt::print(stderr, "{}\n", claimed.status().ToString());
          ++slices[i].failed;
          return;
        }
        slices[i].milliseconds.push_back(
            static_cast<float>(absl::ToDoubleMilliseconds(end - start)));
        start = end;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Slice all;
  all.took = absl::Now() - begun;
  for (const Slice& slice : slices) {
    all.calls += slice.calls;
    all.failed += slice.failed;
    all.milliseconds.insert(all.milliseconds.end(), slice.milliseconds.begin(),
                            slice.milliseconds.end());
  }
  return all;
}

}  // namespace yilian::bench
