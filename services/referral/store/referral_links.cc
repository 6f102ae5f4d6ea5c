#include "services/referral/store/referral_links.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "services/referral/domain/errors.h"
#include "services/referral/store/mysql_referral_store.h"
#include "services/referral/store/queries.h"
#include "services/referral/store/rows.h"

namespace yilian::referral {
namespace {

// A patient who comes back within it of leaving is a re-admission: the 31 days of the national
// quality index for hospitals (住院患者出院后 31 天内非预期再住院率).
constexpr absl::Duration kReadmission = absl::Hours(31 * 24);

bool IsEpisode(const Referral& earlier) {
  return earlier.state == State::kCompleted || earlier.direction == Direction::kDown ||
         (earlier.setting == Setting::kInpatient &&
          (earlier.letter_owed() || earlier.letter_missed_since.has_value()));
}

}  // namespace

absl::StatusOr<std::optional<KeyHolder>> HolderOf(mysql::Session& session,
                                                  const mysql::Query& query,
                                                  const base::Uuid& key) {
  return session.SelectOne<KeyHolder>(
      query,
      [](const mysql::Row& row) {
        return KeyHolder{.referral = row.Id<ReferralId>(0),
                         .referring_organization = row.Id<OrganizationId>(1),
                         .receiving_organization = row.Id<OrganizationId>(2)};
      },
      key);
}

absl::Status MysqlReferralStore::TakenBy(mysql::Session& session, const Referral& refused) {
  if (const base::Uuid key = refused.open_key(); !key.is_nil()) {
    ASSIGN_OR_RETURN(const std::optional<KeyHolder> first,
                     HolderOf(session, queries::kFindOpen, key));
    if (first && first->referral != refused.id) {
      // Another clinic's referral looks like no record: that the department has one is all it says.
      const bool ours = first->referring_organization == refused.referring_organization ||
                        first->receiving_organization == refused.referring_organization;
      return ours ? errors::Duplicate(first->referral) : errors::DuplicateElsewhere();
    }
  }
  if (const base::Uuid key = refused.source_key(); !key.is_nil()) {
    ASSIGN_OR_RETURN(const std::optional<KeyHolder> first,
                     HolderOf(session, queries::kFindSource, key));
    if (first && first->referral != refused.id) {
      return errors::SourceUnfit(
          "source.id", "is an episode without a referral: it has " + first->referral.ToString());
    }
  }
  return absl::AbortedError("what stood in the way was closed meanwhile: try again");
}

absl::Status MysqlReferralStore::WriteRedirection(mysql::Session& session, const Change& change) {
  const Redirection& step = *change.redirection;
  using mysql::OrNull;
  return session
      .Execute(queries::kInsertRedirection, change.after.id, change.after.redirect_count,
               step.from_organization, OrNull(step.from_department), step.to_organization,
               OrNull(step.to_department), static_cast<int>(step.reason), step.comment,
               OrNull(step.by), step.at)
      .status();
}

absl::Status MysqlReferralStore::LinkEpisode(unit::Scope& scope, Referral& referral) {
  const bool may_return =
      referral.channel == Channel::kGreen && referral.direction != Direction::kDown;
  if (!referral.follows.is_nil()) {
    ASSIGN_OR_RETURN(const std::optional<Referral> earlier, Find(scope.sql(), referral.follows));
    if (!earlier || earlier->patient != referral.patient ||
        !earlier->SideOf(referral.referring_organization)) {
      return errors::SourceUnfit("follows_referral_id",
                                 "is a referral of this patient that your organization is a party "
                                 "of");
    }
    referral.readmission = may_return && IsEpisode(*earlier);
    return absl::OkStatus();
  }
  if (!may_return) return absl::OkStatus();
  const OrganizationId referrer = referral.referring_organization;
  const absl::Time since = scope.now() - kReadmission;
  ASSIGN_OR_RETURN(
      const std::optional<ReferralId> earlier,
      scope.sql().SelectOne<ReferralId>(
          queries::kFindEpisode, [](const mysql::Row& row) { return row.Id<ReferralId>(0); },
          referral.patient, referrer, since, referrer, since, since, since));
  if (earlier) {
    referral.follows = *earlier;
    referral.readmission = true;
  }
  return absl::OkStatus();
}

absl::Status MysqlReferralStore::WithdrawReplaced(unit::Scope& scope, const Change& change) {
  if (!change.withdraw_replaced) return absl::OkStatus();
  const Referral& after = change.after;
  ASSIGN_OR_RETURN(const std::optional<Referral> first, Lock(scope.sql(), after.replaces));
  if (!first || first->id == after.id || first->patient != after.patient ||
      first->referring_organization != after.referring_organization) {
    return errors::SourceUnfit("replaces_referral_id",
                               "is another referral of this patient by your organization");
  }
  // What is closed already stands in nobody's way.
  if (IsTerminal(first->state)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Change withdrawn, first->Withdraw(*change.withdraw_replaced,
                                                           ReasonCode::kReplaced, "", scope.now()));
  RETURN_IF_ERROR(Store(scope.sql(), &*first, withdrawn, scope.now()));
  Announce(scope, withdrawn);
  return absl::OkStatus();
}

absl::Status MysqlReferralStore::MovePatient(mysql::Session& session, PatientId from,
                                             PatientId to) {
  ASSIGN_OR_RETURN(const std::vector<Referral> open,
                   session.SelectAll<Referral>(queries::kLockOpenOfPatient, rows::FromRow, from));
  for (Referral referral : open) {
    referral.patient = to;
    const base::Uuid key = referral.open_key();
    ASSIGN_OR_RETURN(const std::optional<KeyHolder> holder,
                     HolderOf(session, queries::kFindOpen, key));
    RETURN_IF_ERROR(session
                        .Execute(queries::kSetOpenKey,
                                 holder ? mysql::Value(nullptr) : mysql::Value(key), referral.id)
                        .status());
  }
  return session.Execute(queries::kMovePatient, to, from).status();
}

absl::Status MysqlReferralStore::MoveBack(mysql::Session& session, ReferralId id,
                                          PatientId survivor, PatientId merged) {
  ASSIGN_OR_RETURN(std::optional<Referral> referral, Lock(session, id));
  if (!referral || referral->patient != survivor) return absl::OkStatus();
  referral->patient = merged;
  const base::Uuid key = referral->open_key();
  mysql::Value open(nullptr);
  if (!key.is_nil()) {
    ASSIGN_OR_RETURN(const std::optional<KeyHolder> holder,
                     HolderOf(session, queries::kFindOpen, key));
    if (!holder || holder->referral == id) open = mysql::Value(key);
  }
  return session.Execute(queries::kMoveBack, merged, open, id).status();
}

absl::StatusOr<std::vector<Handed>> MysqlReferralStore::HandedOver(mysql::Session& session,
                                                                   PatientId patient) {
  return session.SelectAll<Handed>(
      queries::kHandedOver,
      [](const mysql::Row& row) {
        return Handed{.referral = row.Id<ReferralId>(0),
                      .receiving_organization = row.Id<OrganizationId>(1)};
      },
      patient);
}

absl::Status MysqlReferralStore::RegisterOrganization(mysql::Session& session, OrganizationId id,
                                                      Tier tier) {
  const int number = static_cast<int>(tier);
  return session.Execute(queries::kSaveOrganization, id, number, number).status();
}

absl::StatusOr<OrganizationId> MysqlReferralStore::HealthAuthority(mysql::Session& session) {
  ASSIGN_OR_RETURN(
      const std::optional<OrganizationId> authority,
      session.SelectOne<OrganizationId>(queries::kHealthAuthority, [](const mysql::Row& row) {
        return row.Id<OrganizationId>(0);
      }));
  return authority.value_or(OrganizationId());
}

}  // namespace yilian::referral
