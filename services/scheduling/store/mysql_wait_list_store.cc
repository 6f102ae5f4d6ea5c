#include "services/scheduling/store/mysql_wait_list_store.h"

#include <algorithm>
#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/saga/timer.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/domain/template_errors.h"
#include "services/scheduling/store/booking_limits.h"
#include "services/scheduling/store/booking_rows.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/fitted_write.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/session_rows.h"
#include "services/scheduling/store/wait_list_rows.h"

namespace yilian::scheduling {
namespace {

// An entry and the booking that its offer holds, if any: both locked, the booking first.
struct Locked {
  WaitListEntry entry;
  std::optional<Booking> held;
};

absl::StatusOr<Locked> LockParty(mysql::Session& sql, WaitListEntryId id, const Actor& by) {
  ASSIGN_OR_RETURN(const std::optional<WaitListEntry> seen, LoadEntry(sql, id));
  if (!seen || !seen->IsParty(by)) return errors::WaitListEntryNotFound();
  Locked locked;
  if (seen->state == WaitListState::kOffered) {
    ASSIGN_OR_RETURN(locked.held, LockBooking(sql, seen->offered_booking));
  }
  ASSIGN_OR_RETURN(const std::optional<WaitListEntry> entry, LockEntry(sql, id));
  if (!entry) return errors::WaitListEntryNotFound();
  // It was offered a seat between the two reads: whoever asks has not seen it.
  const bool unseen = entry->state == WaitListState::kOffered &&
                      (!locked.held || locked.held->id != entry->offered_booking);
  if (unseen) return errors::EtagStale(entry->etag());
  locked.entry = *entry;
  return locked;
}

// `by` decides about the offer that it has seen.
absl::StatusOr<Locked> LockSeen(mysql::Session& sql, WaitListEntryId id, const Actor& by,
                                std::string_view etag) {
  ASSIGN_OR_RETURN(Locked locked, LockParty(sql, id, by));
  if (locked.entry.etag() != etag) return errors::EtagStale(locked.entry.etag());
  return locked;
}

// Whoever can never be offered a seat does not wait: where there are sessions of what is wished
// for, one of them has to be for the patient.
absl::Status CheckAnyFits(mysql::Session& sql, FitLookup& fits, PatientId patient,
                          const WaitListWish& wish, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<FitQuestion> questions,
                   FitQuestionsOf(sql, wish.department, wish.practitioner,
                                  {std::max(wish.time.start, now), wish.time.end}));
  if (questions.empty()) return absl::OkStatus();
  for (const FitQuestion& question : questions) {
    if (question.rule.none()) return absl::OkStatus();
  }
  fits.Expect(patient, questions);
  if (!fits.complete()) return errors::FitOpen();
  for (const FitQuestion& question : questions) {
    if (fits.Of(patient, question) != Fit::kDoesNotFit) return absl::OkStatus();
  }
  return errors::PatientNotForClinic(SessionId(), questions.front().rule);
}

absl::Status CheckSession(mysql::Session& sql, FitLookup& fits, PatientId patient,
                          const WaitListWish& wish, absl::Time now) {
  if (wish.session.is_nil()) return CheckAnyFits(sql, fits, patient, wish, now);
  ASSIGN_OR_RETURN(const std::optional<SessionRow> row, LoadSession(sql, wish.session));
  if (!row || row->session.department != wish.department) return errors::SessionNotFound();
  if (row->session.ClosedAt(now)) {
    return errors::SessionClosed(row->session.id, row->session.time.start);
  }
  if (row->session.rule.none()) return absl::OkStatus();
  const std::optional<Fit> fit = fits.Of(patient, row->session.fit_question());
  if (!fit) return errors::FitOpen();
  if (*fit != Fit::kDoesNotFit) return absl::OkStatus();
  return errors::PatientNotForClinic(row->session.id, row->session.rule);
}

}  // namespace

absl::Status MysqlWaitListStore::Store(unit::Scope& scope, const WaitListEntry& after,
                                       std::string_view event) {
  RETURN_IF_ERROR(list_.Save(scope.sql(), after, scope.now()));
  scope.Append(events::WaitListChanged(event, after, upkeep_.encoding(), scope.now()));
  scope.Subject("wait_list_entry", after.id.uuid(), after.patient.uuid());
  return absl::OkStatus();
}

absl::Status MysqlWaitListStore::GiveUpSeat(unit::Scope& scope, const Booking& held) {
  ASSIGN_OR_RETURN(const std::optional<Booking> cancelled, held.Cancel());
  if (!cancelled) return absl::OkStatus();
  mysql::Session& sql = scope.sql();
  RETURN_IF_ERROR(saga::CancelTimer(sql, kHoldTimer, held.id.uuid(), ""));
  RETURN_IF_ERROR(SaveBooking(sql, *cancelled, "OFFER_DECLINED", scope.now()));
  scope.Append(
      events::BookingCancelled(*cancelled, "OFFER_DECLINED", upkeep_.encoding(), scope.now()));
  scope.Subject("booking", held.id.uuid(), held.patient.uuid());
  return list_.GiveBack(sql, held.session, held.seat_number, held.id, scope.now());
}

absl::StatusOr<v1::WaitListEntry> MysqlWaitListStore::Join(const unit::WriteContext& context,
                                                           const WaitListWish& wish) {
  return RunFitted<v1::WaitListEntry>(
      unit_of_work_, patients_, context,
      [&](unit::Scope& scope, FitLookup& fits) -> absl::StatusOr<v1::WaitListEntry> {
        mysql::Session& sql = scope.sql();
        RETURN_IF_ERROR(CheckWish(wish, list_.rules(), scope.now()));
        ASSIGN_OR_RETURN(const PatientId patient, GuardSurvivor(sql, wish.patient));
        if (!wish.coordinator) {
          RETURN_IF_ERROR(CheckNoShows(sql, list_.rules().limits, patient, scope.now()));
        }
        ASSIGN_OR_RETURN(const OrganizationId offering, OrganizationOf(sql, wish.department));
        if (offering.is_nil()) return errors::DepartmentNotFound();
        RETURN_IF_ERROR(CheckSession(sql, fits, patient, wish, scope.now()));
        ASSIGN_OR_RETURN(const std::optional<WaitListEntry> live,
                         LiveEntryOf(sql, patient, wish.department));
        if (live) {
          const bool known = live->IsParty({.organization = wish.organization});
          return errors::AlreadyWaiting(known ? live->id : WaitListEntryId());
        }
        WaitListEntry entry{.id = WaitListEntryId::New(scope.now()),
                            .patient = patient,
                            .organization = wish.organization,
                            .session_organization = offering,
                            .department = wish.department,
                            .session = wish.session,
                            .practitioner = wish.practitioner,
                            .time = wish.time,
                            .joined_at = scope.now()};
        ASSIGN_OR_RETURN(entry.turn, TakeTurn(sql, wish.department, wish.organization));
        RETURN_IF_ERROR(InsertEntry(sql, entry, scope.now()));
        RETURN_IF_ERROR(saga::SetTimer(sql, {.kind = std::string(kWaitListEndTimer),
                                             .aggregate_id = entry.id.uuid(),
                                             .due_at = entry.time.end}));
        scope.Append(events::WaitListChanged(events::kWaitListJoined, entry, upkeep_.encoding(),
                                             scope.now()));
        scope.Subject("wait_list_entry", entry.id.uuid(), entry.patient.uuid());
        return upkeep_.encoding().wait_list_entry({.entry = entry});
      });
}

absl::StatusOr<v1::WaitListEntry> MysqlWaitListStore::Accept(const unit::WriteContext& context,
                                                             WaitListEntryId id, const Actor& by,
                                                             std::string_view etag) {
  return unit_of_work_.Run<v1::WaitListEntry>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::WaitListEntry> {
        mysql::Session& sql = scope.sql();
        ASSIGN_OR_RETURN(const Locked locked, LockSeen(sql, id, by, etag));
        ASSIGN_OR_RETURN(const WaitListEntry accepted, locked.entry.Accept(by));
        ASSIGN_OR_RETURN(const Booking booked, locked.held->Book(scope.now()));
        RETURN_IF_ERROR(saga::CancelTimer(sql, kHoldTimer, booked.id.uuid(), ""));
        RETURN_IF_ERROR(SaveBooking(sql, booked, "", scope.now()));
        scope.Append(
            events::BookingChanged(events::kSeatBooked, booked, upkeep_.encoding(), scope.now()));
        scope.Subject("booking", booked.id.uuid(), booked.patient.uuid());
        RETURN_IF_ERROR(Store(scope, accepted, events::kWaitListBooked));
        return upkeep_.encoding().wait_list_entry({.entry = accepted});
      });
}

absl::StatusOr<v1::WaitListEntry> MysqlWaitListStore::Decline(const unit::WriteContext& context,
                                                              WaitListEntryId id, const Actor& by,
                                                              std::string_view etag) {
  return unit_of_work_.Run<v1::WaitListEntry>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::WaitListEntry> {
        ASSIGN_OR_RETURN(const Locked locked, LockSeen(scope.sql(), id, by, etag));
        ASSIGN_OR_RETURN(const WaitListEntry passed,
                         locked.entry.Decline(by, list_.rules(), scope.now()));
        RETURN_IF_ERROR(Store(scope, passed, events::PassedOrEnded(passed)));
        RETURN_IF_ERROR(GiveUpSeat(scope, *locked.held));
        return upkeep_.encoding().wait_list_entry({.entry = passed});
      });
}

absl::StatusOr<v1::WaitListEntry> MysqlWaitListStore::Leave(const unit::WriteContext& context,
                                                            WaitListEntryId id, const Actor& by,
                                                            std::string_view reason) {
  return unit_of_work_.Run<v1::WaitListEntry>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::WaitListEntry> {
        ASSIGN_OR_RETURN(const Locked locked, LockParty(scope.sql(), id, by));
        ASSIGN_OR_RETURN(const std::optional<WaitListEntry> left, locked.entry.Leave(reason));
        if (!left) {
          scope.Subject("wait_list_entry", id.uuid(), locked.entry.patient.uuid());
          return upkeep_.encoding().wait_list_entry({.entry = locked.entry});
        }
        RETURN_IF_ERROR(Store(scope, *left, events::kWaitListEnded));
        if (locked.entry.state == WaitListState::kOffered) {
          RETURN_IF_ERROR(GiveUpSeat(scope, *locked.held));
        }
        return upkeep_.encoding().wait_list_entry({.entry = *left});
      });
}

absl::StatusOr<WaitListView> MysqlWaitListStore::Get(WaitListEntryId id, const Actor& by,
                                                     absl::Time deadline) {
  std::optional<WaitListView> view;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        view.reset();
        ASSIGN_OR_RETURN(const std::optional<WaitListEntry> entry, LoadEntry(sql, id));
        if (!entry || !entry->IsParty(by)) return errors::WaitListEntryNotFound();
        view = WaitListView{.entry = *entry};
        if (entry->state != WaitListState::kWaiting) return absl::OkStatus();
        ASSIGN_OR_RETURN(view->ahead, CountAhead(sql, *entry));
        return absl::OkStatus();
      }));
  return *std::move(view);
}

absl::StatusOr<std::vector<WaitListEntry>> MysqlWaitListStore::List(const WaitListFilter& filter,
                                                                    WaitListEntryId after,
                                                                    int limit,
                                                                    absl::Time deadline) {
  std::vector<WaitListEntry> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found, ListEntries(sql, filter, after, limit));
        return absl::OkStatus();
      }));
  return found;
}

}  // namespace yilian::scheduling
