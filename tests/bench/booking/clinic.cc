#include "tests/bench/booking/clinic.h"

#include <utility>

#include "common/base/status_macros.h"
#include "services/ctl/demo/catalogue.h"

namespace yilian::bench {
namespace {

constexpr int kChannels = 4;
// Longer than any answer should take: what is late shall be seen as late, not as lost.
constexpr absl::Duration kPatience = absl::Seconds(30);

}  // namespace

Clinic::Clinic(ctl::Region region, ctl::demo::Person doctor, const std::string& township)
    : region_(std::move(region)),
      doctor_(std::move(doctor)),
      township_(ctl::demo::DemoId("organization", township)),
      hospital_(ctl::demo::DemoId("organization", "first")),
      department_(ctl::demo::DemoId("department", "first.cardiology")),
      call_(rpc::ClientCall(kPatience).WithToken(doctor_.token())) {}

absl::StatusOr<std::unique_ptr<Clinic>> Clinic::Make(const std::string& folder,
                                                     const std::string& township) {
  const ctl::Region region(folder);
  ASSIGN_OR_RETURN(ctl::demo::Person doctor,
                   ctl::demo::Person::SignIn(region, "doctor." + township));
  std::unique_ptr<Clinic> clinic(new Clinic(region, std::move(doctor), township));
  for (int i = 0; i < kChannels; ++i) {
    ASSIGN_OR_RETURN(const auto channel, region.Channel("scheduling", "yilianctl"));
    clinic->stubs_.push_back(scheduling::v1::SchedulingService::NewStub(channel));
  }
  ASSIGN_OR_RETURN(clinic->access_, DatabaseAccess::Of(region, "scheduling"));
  RETURN_IF_ERROR(
      clinic->sql_.Open(clinic->access_, clinic->access_.user, clinic->access_.password));
  return clinic;
}

absl::StatusOr<std::vector<base::Uuid>> Clinic::NewPatients(int count) {
  std::vector<base::Uuid> patients;
  for (int i = 0; i < count; ++i) patients.push_back(base::Uuid::V7());
  RETURN_IF_ERROR(SeedCare(Run(), patients, township_));
  return patients;
}

absl::StatusOr<std::vector<base::Uuid>> Clinic::NewSessions(int count, const SeededSeats& seats,
                                                            absl::Time starts_at,
                                                            absl::Time opens_at) {
  std::vector<SeededSession> sessions;
  std::vector<base::Uuid> ids;
  for (int i = 0; i < count; ++i) {
    ids.push_back(base::Uuid::V7());
    sessions.push_back({.id = ids.back(),
                        .organization = hospital_,
                        .department = department_,
                        .specialty = "CARDIOLOGY",
                        .starts_at = starts_at,
                        .opens_at = opens_at});
  }
  RETURN_IF_ERROR(SeedSessions(Run(), sessions, seats));
  return ids;
}

scheduling::v1::HoldSeatRequest Clinic::Wish(const base::Uuid& session,
                                             const base::Uuid& patient) const {
  scheduling::v1::HoldSeatRequest wish;
  wish.set_session_id(session.ToString());
  wish.set_patient_id(patient.ToString());
  wish.set_organization_id(township_.ToString());
  return wish;
}

void Clinic::Visit(size_t number, scheduling::v1::HoldSeatRequest wish,
                   bench::Visit::Done done) const {
  bench::Visit::Start(*stubs_[number % stubs_.size()], call_, std::move(wish), std::move(done));
}

}  // namespace yilian::bench
