#include "tests/bench/booking/booking_floor.h"

#include <fmt/format.h>

#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "tests/bench/support/run_each.h"
#include "tests/bench/support/sample_rows.h"

namespace yilian::bench {
namespace {

constexpr const char* kStandsAlways = "2100-01-01";
const std::string kNoOrganization(16, '\0');

constexpr const char* kFreeSeat =
    "SELECT seat_number FROM seat FORCE INDEX (ix_seat__session_id_state_pool) WHERE session_id = "
    "? AND state = 'FREE' AND pool = ? AND pool_organization_id = ? ORDER BY seat_number LIMIT 1 "
    "FOR UPDATE SKIP LOCKED";
#define YILIAN_BOOKING                                                                     \
  "SELECT booking_id, session_id, session_organization_id, practitioner_id, seat_number, " \
  "starts_at, ends_at, patient_id, organization_id, referral_id, state, hold_expires_at, " \
  "version FROM booking "

}  // namespace

struct BookingFloor::Shared {
  DatabaseAccess access;
  std::string township;  // bytes
  // Of the sample, in the order of the two calls.
  TableRows booking;
  TableRows outbox;
  TableRows ledger;
  std::vector<base::Uuid> sessions;
  std::vector<base::Uuid> patients;
  std::atomic<size_t> next = 0;
};

// A session with the statements of both calls. One thread.
class BookingFloor::Connection {
 public:
  explicit Connection(Shared& shared) : shared_(shared) {}

  absl::Status Prepare() {
    RETURN_IF_ERROR(sql_.Open(shared_.access, shared_.access.user, shared_.access.password));
    RETURN_IF_ERROR(PrepareHold());
    return PrepareBook();
  }

  absl::Status HoldAndBook() {
    const size_t number = shared_.next++;
    const std::string patient = shared_.patients[number % shared_.patients.size()].ToBytes();
    const std::string session = shared_.sessions[number % shared_.sessions.size()].ToBytes();
    const std::string booking = base::Uuid::V7().ToBytes();
    RETURN_IF_ERROR(Hold(patient, session, booking));
    return Book(patient, booking);
  }

 private:
  absl::Status Add(size_t& number, const std::string& text, std::vector<Field> values,
                   std::vector<size_t> fresh = {}) {
    ASSIGN_OR_RETURN(number, sql_.Prepare(text, std::move(values), std::move(fresh)));
    return absl::OkStatus();
  }
  absl::Status AddInsert(size_t& number, const TableRows& table) {
    Insert insert = InsertOf(table);
    return Add(number, insert.sql, std::move(insert.values), std::move(insert.fresh));
  }
  static TableRows Row(const TableRows& all, size_t which) {
    TableRows one = all;
    one.rows = {all.rows[which]};
    return one;
  }
  absl::Status Do(size_t number) { return sql_.Execute(number).status(); }

  absl::Status PrepareHold() {
    RETURN_IF_ERROR(Add(holds_,
                        "SELECT 1 FROM relationship WHERE data_subject_id = ? AND organization_id "
                        "= ? AND started_at <= ? AND (ends_at IS NULL OR ends_at > ?) LIMIT 1",
                        {"", shared_.township, kStandsAlways, kStandsAlways}));
    RETURN_IF_ERROR(
        Add(merged_, "SELECT survivor_id FROM merged_subject WHERE data_subject_id = ?", {""}));
    RETURN_IF_ERROR(Add(guard_,
                        "INSERT INTO booking_guard (kind, subject_id, turn) VALUES (?, ?, 1) ON "
                        "DUPLICATE KEY UPDATE turn = turn + 1",
                        {"PATIENT", ""}));
    RETURN_IF_ERROR(
        Add(survivor_, "SELECT survivor_id FROM merged_patient WHERE patient_id = ?", {""}));
    RETURN_IF_ERROR(Add(organization_,
                        "SELECT organization_id, tier, consortium_id FROM organization WHERE "
                        "organization_id = ?",
                        {shared_.township}));
    RETURN_IF_ERROR(Add(
        session_,
        "SELECT s.session_id, s.organization_id, s.department_id, s.specialty, s.practitioner_id, "
        "s.site_id, s.kind, s.starts_at, s.ends_at, s.seats, s.cancelled, s.released, "
        "s.organization_release_at, s.open_release_at, s.version, s.template_id, s.resource_kind, "
        "s.resource_code, o.consortium_id FROM session s LEFT JOIN organization o ON "
        "o.organization_id = s.organization_id WHERE s.session_id = ?",
        {""}));
    RETURN_IF_ERROR(Add(live_,
                        YILIAN_BOOKING
                        "WHERE patient_id = ? AND ends_at > ? AND starts_at < ? AND state IN "
                        "('HELD', 'BOOKED', 'CHECKED_IN') ORDER BY starts_at, booking_id",
                        {"", "2020-01-01", kStandsAlways}));
    RETURN_IF_ERROR(Add(free_, kFreeSeat, {"", "", kNoOrganization}));
    RETURN_IF_ERROR(Add(take_,
                        "UPDATE seat SET state = 'TAKEN', booking_id = ? WHERE session_id = ? AND "
                        "seat_number = ? AND state = 'FREE'",
                        {"", "", ""}));
    RETURN_IF_ERROR(AddInsert(insert_, shared_.booking));
    RETURN_IF_ERROR(
        Add(timer_,
            "INSERT INTO timer (kind, aggregate_id, name, due_at, try_at, attempt, "
            "payload, last_error) VALUES (?, ?, '', ?, ?, 0, '', '') ON DUPLICATE KEY "
            "UPDATE due_at = ?, try_at = ?, attempt = 0, payload = '', last_error = ''",
            {"scheduling.Hold", "", kStandsAlways, kStandsAlways, kStandsAlways, kStandsAlways}));
    return Leave(0, "HoldSeat");
  }

  absl::Status PrepareBook() {
    RETURN_IF_ERROR(Add(lock_, YILIAN_BOOKING "WHERE booking_id = ? FOR UPDATE", {""}));
    RETURN_IF_ERROR(Add(cancel_, "DELETE FROM timer WHERE kind = ? AND aggregate_id = ?",
                        {"scheduling.Hold", ""}));
    RETURN_IF_ERROR(Add(save_,
                        "UPDATE booking SET live_seat_number = ?, patient_id = ?, live_referral_id "
                        "= ?, state = ?, reason = IF(? = '', reason, ?), version = ?, updated_at = "
                        "? WHERE booking_id = ? AND version = ?",
                        {"", "", std::nullopt, "BOOKED", "", "", "2", "2026-01-01", "", "1"}));
    return Leave(1, "BookSeat");
  }

  // The event, the audit record and the ledger's entry of a call.
  absl::Status Leave(size_t call, const std::string& method) {
    RETURN_IF_ERROR(AddInsert(outbox_[call], Row(shared_.outbox, call)));
    RETURN_IF_ERROR(
        AddInsert(pending_[call],
                  PendingRowOf("/yilian.scheduling.v1.SchedulingService/" + method, "booking")));
    return AddInsert(ledger_[call], Row(shared_.ledger, call));
  }

  absl::Status Hold(const std::string& patient, const std::string& session,
                    const std::string& booking) {
    for (const size_t statement : {holds_, merged_, survivor_, live_}) {
      sql_.Set(statement, 0, patient);
    }
    sql_.Set(guard_, 1, patient);
    sql_.Set(session_, 0, session);
    RETURN_IF_ERROR(Do(holds_));
    RETURN_IF_ERROR(Do(merged_));
    RETURN_IF_ERROR(sql_.Text("START TRANSACTION"));
    for (const size_t statement : {guard_, survivor_, organization_, session_, live_}) {
      RETURN_IF_ERROR(Do(statement));
    }
    sql_.Set(free_, 0, session);
    sql_.Set(free_, 1, "ORGANIZATION");
    sql_.Set(free_, 2, shared_.township);
    RETURN_IF_ERROR(Do(free_));
    sql_.Set(free_, 1, "CONSORTIUM");
    sql_.Set(free_, 2, kNoOrganization);
    RETURN_IF_ERROR(Do(free_));
    seat_ = std::string(sql_.Column(free_, 0));
    if (seat_.empty()) return absl::ResourceExhaustedError("the floor has no seats left");
    sql_.Set(take_, 0, booking);
    sql_.Set(take_, 1, session);
    sql_.Set(take_, 2, seat_);
    RETURN_IF_ERROR(Do(take_));
    const auto& columns = shared_.booking.columns;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] == "booking_id") sql_.Set(insert_, i, booking);
      if (columns[i] == "session_id") sql_.Set(insert_, i, session);
      if (columns[i] == "patient_id") sql_.Set(insert_, i, patient);
      if (columns[i] == "seat_number" || columns[i] == "live_seat_number") {
        sql_.Set(insert_, i, seat_);
      }
    }
    RETURN_IF_ERROR(Do(insert_));
    sql_.Set(timer_, 1, booking);
    RETURN_IF_ERROR(Do(timer_));
    return Finish(0);
  }

  absl::Status Book(const std::string& patient, const std::string& booking) {
    RETURN_IF_ERROR(sql_.Text("START TRANSACTION"));
    sql_.Set(lock_, 0, booking);
    sql_.Set(cancel_, 1, booking);
    sql_.Set(save_, 0, seat_);
    sql_.Set(save_, 1, patient);
    sql_.Set(save_, 8, booking);
    for (const size_t statement : {lock_, cancel_, save_}) RETURN_IF_ERROR(Do(statement));
    return Finish(1);
  }

  absl::Status Finish(size_t call) {
    for (const size_t statement : {outbox_[call], pending_[call], ledger_[call]}) {
      RETURN_IF_ERROR(Do(statement));
    }
    return sql_.Text("COMMIT");
  }

  Shared& shared_;
  CClient sql_;
  std::string seat_;
  size_t holds_ = 0, merged_ = 0, guard_ = 0, survivor_ = 0, organization_ = 0, session_ = 0;
  size_t live_ = 0, free_ = 0, take_ = 0, insert_ = 0, timer_ = 0, lock_ = 0, cancel_ = 0;
  size_t save_ = 0;
  size_t outbox_[2] = {}, pending_[2] = {}, ledger_[2] = {};
};

BookingFloor::BookingFloor() : shared_(std::make_unique<Shared>()) {}
BookingFloor::~BookingFloor() = default;

absl::StatusOr<std::unique_ptr<BookingFloor>> BookingFloor::Make(Clinic& clinic,
                                                                 const base::Uuid& sample,
                                                                 std::vector<base::Uuid> sessions,
                                                                 std::vector<base::Uuid> patients,
                                                                 int threads) {
  std::unique_ptr<BookingFloor> floor(new BookingFloor());
  Shared& shared = *floor->shared_;
  shared.access = clinic.access();
  shared.township = clinic.township().ToBytes();
  shared.sessions = std::move(sessions);
  shared.patients = std::move(patients);
  CClient maker;
  RETURN_IF_ERROR(
      maker.Open(shared.access, shared.access.migrator_user, shared.access.migrator_password));
  const std::string same = "= " + Literal(sample);
  const std::string& schema = shared.access.schema;
  ASSIGN_OR_RETURN(shared.booking,
                   RowsOf(maker, schema, {"booking", {}, "booking_id " + same, ""}));
  ASSIGN_OR_RETURN(shared.outbox, RowsOf(maker, schema,
                                         {"outbox",
                                          {"event_id"},
                                          "aggregate_id " + same + " ORDER BY aggregate_version",
                                          "'outbox_id', 'position'"}));
  ASSIGN_OR_RETURN(shared.ledger, RowsOf(maker, schema,
                                         {"idempotency_ledger",
                                          {"request_id"},
                                          "method LIKE '%Seat' ORDER BY created_at DESC LIMIT 2",
                                          ""}));
  if (shared.outbox.rows.size() != 2 || shared.ledger.rows.size() != 2) {
    return absl::NotFoundError("the sample is not a hold and a booking");
  }
  std::swap(shared.ledger.rows[0], shared.ledger.rows[1]);
  for (int i = 0; i < threads; ++i) {
    floor->connections_.push_back(std::make_unique<Connection>(shared));
    RETURN_IF_ERROR(floor->connections_.back()->Prepare());
  }
  return floor;
}

Slice BookingFloor::Run(absl::Duration duration) {
  return RunEach(connections_, duration,
                 [](Connection& connection) { return connection.HoldAndBook(); });
}

}  // namespace yilian::bench
