#include "tests/bench/claim-storm/studies.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/consultation/domain/reading_centre.h"
#include "services/consultation/store/centre_queries.h"
#include "services/consultation/store/centre_rows.h"
#include "services/consultation/store/queries.h"
#include "services/consultation/store/rows.h"

namespace yilian::bench {
namespace {

using consultation::Kind;
using consultation::Urgency;

constexpr int kRowsATransaction = 500;

absl::Status Transact(mysql::Pool& pool, const std::function<absl::Status(mysql::Session&)>& work) {
  return mysql::RunTransaction(
      pool, {.name = "bench.Furnish", .deadline = absl::Now() + absl::Minutes(5)}, work);
}

consultation::PractitionerId Reader(int n) {
  return consultation::PractitionerId(base::Uuid::V5({}, fmt::format("reader {}", n)));
}

absl::StatusOr<consultation::ReadingCentre> MakeCentre(mysql::Pool& pool, StudyRoom& room,
                                                       int readers) {
  ASSIGN_OR_RETURN(const consultation::ReadingCentre centre,
                   consultation::DefineReadingCentre(
                       {.id = room.centre, .organization = room.hospital},
                       {.name = "bench", .kinds = {Kind::kEcgReading}, .zone_name = "UTC"}));
  RETURN_IF_ERROR(Transact(pool, [&](mysql::Session& session) -> absl::Status {
    mysql::Values values = consultation::rows::CentreValues(centre, absl::Now());
    values.insert(values.begin(), {centre.id, centre.organization});
    RETURN_IF_ERROR(session.ExecuteValues(consultation::queries::kInsertCentre, values).status());
    for (int i = 0; i < readers; ++i) {
      const consultation::ReadingMember member{
          .centre = centre.id,
          .practitioner = Reader(i),
          .rights = {.kinds = {Kind::kEcgReading}, .may_sign = true},
          .duty = consultation::Duty::kOn,
          .duty_since = absl::Now(),
          .duty_until = absl::Now() + absl::Hours(12),
          .version = 1};
      mysql::Values row = consultation::rows::MemberValues(member, absl::Now());
      row.insert(row.begin(), {member.centre, member.practitioner});
      RETURN_IF_ERROR(session.ExecuteValues(consultation::queries::kInsertMember, row).status());
    }
    return absl::OkStatus();
  }));
  for (int i = 0; i < readers; ++i) room.readers.push_back(Reader(i));
  return centre;
}

consultation::Consultation Study(const StudyRoom& room, const consultation::ReadingCentre& centre,
                                 int n, int studies) {
  const Urgency urgency = n % 50 == 0   ? Urgency::kEmergency
                          : n % 10 == 1 ? Urgency::kUrgent
                                        : Urgency::kRoutine;
  // Spread over a day in no order: 7919 is prime.
  const absl::Time at =
      absl::Now() - absl::Minutes(5) + absl::Milliseconds(static_cast<int64_t>(n) * 7919 % studies);
  const consultation::NewConsultation input{.id = consultation::ConsultationId(base::Uuid::V7()),
                                            .patient = consultation::PatientId(base::Uuid::V7()),
                                            .kind = Kind::kEcgReading,
                                            .urgency = urgency,
                                            .consulted_organization = room.hospital,
                                            .specialty = "CARDIOLOGY",
                                            .question = "chest pain on exertion for two weeks",
                                            .patient_consented = true};
  const consultation::Actor township{
      .organization = consultation::OrganizationId(base::Uuid::V5({}, "township"))};
  return consultation::RequestConsultation(input, township, {}, centre, at)->after;
}

}  // namespace

absl::StatusOr<StudyRoom> FurnishStudyRoom(mysql::Pool& pool, int readers, int studies) {
  StudyRoom room{.hospital = consultation::OrganizationId(base::Uuid::V5({}, "hospital")),
                 .centre = consultation::CentreId(base::Uuid::V7())};
  ASSIGN_OR_RETURN(const consultation::ReadingCentre centre, MakeCentre(pool, room, readers));
  std::vector<consultation::Consultation> all;
  for (int n = 0; n < studies; ++n) all.push_back(Study(room, centre, n, studies));
  for (size_t begin = 0; begin < all.size(); begin += kRowsATransaction) {
    RETURN_IF_ERROR(Transact(pool, [&](mysql::Session& session) -> absl::Status {
      for (size_t i = begin; i < std::min(all.size(), begin + kRowsATransaction); ++i) {
        RETURN_IF_ERROR(session
                            .ExecuteValues(consultation::queries::kInsert,
                                           consultation::rows::InsertValues(all[i]))
                            .status());
      }
      return absl::OkStatus();
    }));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.worklist_rank(), a.worklist_time(), a.id) <
           std::tuple(b.worklist_rank(), b.worklist_time(), b.id);
  });
  for (const consultation::Consultation& one : all) room.order.push_back(one.id);
  return room;
}

}  // namespace yilian::bench
