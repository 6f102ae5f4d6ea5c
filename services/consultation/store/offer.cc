#include "services/consultation/store/offer.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/base/status_macros.h"
#include "services/consultation/store/queries.h"

namespace yilian::consultation {
namespace {

// A row as worklists sort it, and where it was found.
struct Offered {
  int rank = 0;
  absl::Time time;
  ConsultationId id;
  int offer_kind = 0;
  bool lapsed = false;

  bool operator<(const Offered& other) const {
    return std::tie(rank, time, id) < std::tie(other.rank, other.time, other.id);
  }
};

Offered FromRow(const mysql::Row& row) {
  return {
      .rank = static_cast<int>(row.Int(0)), .time = row.Time(1), .id = row.Id<ConsultationId>(2)};
}

absl::StatusOr<std::vector<Offered>> Lapsed(mysql::Session& session, const base::Uuid& queue,
                                            const std::vector<int>& offer_kinds,
                                            PractitionerId reader, absl::Time at) {
  ASSIGN_OR_RETURN(std::vector<Offered> lapsed, session.SelectAll<Offered>(
                                                    queries::kLapsed,
                                                    [](const mysql::Row& row) {
                                                      Offered one = FromRow(row);
                                                      one.offer_kind = static_cast<int>(row.Int(3));
                                                      one.lapsed = true;
                                                      return one;
                                                    },
                                                    queue, at, !reader.is_nil(), reader, reader));
  std::erase_if(lapsed, [&](const Offered& one) {
    return std::find(offer_kinds.begin(), offer_kinds.end(), one.offer_kind) == offer_kinds.end();
  });
  return lapsed;
}

absl::StatusOr<std::optional<ConsultationId>> Take(mysql::Session& session, const base::Uuid& queue,
                                                   const Offered& from, PractitionerId reader,
                                                   absl::Time at) {
  const auto id = [](const mysql::Row& row) { return row.Id<ConsultationId>(0); };
  if (from.lapsed) return session.SelectOne<ConsultationId>(queries::kTakeLapsed, id, from.id, at);
  return session.SelectOne<ConsultationId>(queries::kTakeRequested, id, queue, from.offer_kind,
                                           !reader.is_nil(), reader, reader);
}

}  // namespace

absl::StatusOr<std::optional<ConsultationId>> TakeMostPressing(mysql::Session& session,
                                                               const base::Uuid& queue,
                                                               const std::vector<Kind>& kinds,
                                                               PractitionerId reader,
                                                               absl::Time at) {
  std::vector<int> offer_kinds;
  for (const Kind kind : kinds) offer_kinds.push_back(static_cast<int>(kind));
  if (offer_kinds.empty()) offer_kinds.push_back(0);
  ASSIGN_OR_RETURN(std::vector<Offered> offered, Lapsed(session, queue, offer_kinds, reader, at));
  if (offered.empty() && offer_kinds.size() == 1) {
    // What all but a few claims come to: one statement finds and locks.
    return Take(session, queue, {.offer_kind = offer_kinds.front()}, reader, at);
  }
  for (const int kind : offer_kinds) {
    ASSIGN_OR_RETURN(std::optional<Offered> head,
                     session.SelectOne<Offered>(queries::kHeadOfRequested, FromRow, queue, kind,
                                                !reader.is_nil(), reader, reader));
    if (!head) continue;
    head->offer_kind = kind;
    offered.push_back(*head);
  }
  std::sort(offered.begin(), offered.end());
  for (const Offered& from : offered) {
    ASSIGN_OR_RETURN(const std::optional<ConsultationId> taken,
                     Take(session, queue, from, reader, at));
    if (taken) return taken;
  }
  return std::nullopt;
}

}  // namespace yilian::consultation
