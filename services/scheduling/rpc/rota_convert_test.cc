#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "common/status/matchers.h"
#include "services/scheduling/rpc/rota_plan_convert.h"
#include "services/scheduling/rpc/rota_problem_convert.h"

namespace yilian::scheduling {
namespace {

using ::testing::ElementsAre;

std::string Id(std::string_view name) { return base::Uuid::V5(base::Uuid(), name).ToString(); }

v1::RotaProblem Little() {
  v1::RotaProblem problem;
  problem.set_first_day("2027-03-01");
  problem.set_weeks(1);
  v1::RotaSite& site = *problem.add_sites();
  site.set_site_id(Id("hospital"));
  site.add_travel_minutes(30);
  v1::RotaStation& station = *problem.add_stations();
  station.set_station_id(Id("township"));
  station.set_rooms(1);
  v1::RotaExpert& expert = *problem.add_experts();
  expert.set_practitioner_id(Id("Dr He"));
  expert.set_site_id(Id("hospital"));
  expert.set_title(v1::EXPERT_TITLE_CHIEF);
  expert.add_specialties("CARDIOLOGY");
  expert.add_available("2027-03-02");
  expert.set_most_days_a_week(1);
  expert.set_most_days(4);
  v1::RotaNeed& need = *problem.add_needs();
  need.set_station_id(Id("township"));
  need.set_specialty("CARDIOLOGY");
  need.set_department_id(Id("cardiology"));
  need.set_least_title(v1::EXPERT_TITLE_ATTENDING);
  need.add_days(1);
  need.set_priority(2);
  problem.mutable_hours()->set_start("08:30");
  problem.mutable_hours()->set_end("11:30");
  problem.set_seats(12);
  return problem;
}

template <typename T>
std::vector<std::string> Fields(const absl::StatusOr<T>& refused) {
  std::vector<std::string> fields;
  const auto request = status::BadRequestOf(refused.status());
  if (!request) return fields;
  for (const auto& one : request->field_violations()) fields.push_back(one.field());
  return fields;
}

// The domain's names are the proto's without their prefix, under the same numbers.
template <typename Value>
void ExpectSameNumbers(const google::protobuf::EnumDescriptor* proto, const std::string& prefix) {
  for (int i = 0; i < proto->value_count(); ++i) {
    const int number = proto->value(i)->number();
    if (number == 0) continue;
    EXPECT_EQ(prefix + std::string(Name(static_cast<Value>(number))), proto->value(i)->name());
  }
}

TEST(RotaNumbers, AreTheProtos) {
  ExpectSameNumbers<rota::State>(v1::RotaState_descriptor(), "ROTA_STATE_");
  ExpectSameNumbers<rota::UnmetReason>(v1::RotaUnmetReason_descriptor(), "ROTA_UNMET_REASON_");
  ExpectSameNumbers<rota::Rule>(v1::RotaRule_descriptor(), "ROTA_RULE_");
  EXPECT_EQ(v1::RotaRule_MAX, static_cast<int>(rota::Rule::kPast));
  EXPECT_EQ(v1::EXPERT_TITLE_RESIDENT, static_cast<int>(rota::Title::kResident));
  EXPECT_EQ(v1::EXPERT_TITLE_CHIEF, static_cast<int>(rota::Title::kChief));
  EXPECT_EQ(v1::ROTA_PHASE_RELAXING, static_cast<int>(rota::Phase::kRelaxing));
  EXPECT_EQ(v1::ROTA_PHASE_PLACING, static_cast<int>(rota::Phase::kPlacing));
}

TEST(RotaProblem, IsReadByItsIds) {
  v1::RotaProblem wire = Little();
  wire.mutable_weights()->set_travel(0);
  v1::RotaPairing& known = *wire.add_previous();
  known.set_practitioner_id(Id("Dr He"));
  known.set_station_id(Id("township"));
  known.set_specialty("CARDIOLOGY");
  *wire.add_previous() = known;
  wire.mutable_previous(1)->set_practitioner_id(Id("somebody who left"));
  const absl::StatusOr<rota::Asked> asked = convert::ToDomain(wire);
  ASSERT_THAT(asked, status::IsOk());
  const rota::Problem& problem = asked->problem;
  EXPECT_EQ(problem.first_day, absl::CivilDay(2027, 3, 1));
  EXPECT_THAT(problem.experts[0].available, ElementsAre(absl::CivilDay(2027, 3, 2)));
  EXPECT_EQ(problem.experts[0].title, rota::Title::kChief);
  EXPECT_THAT(problem.previous, ElementsAre(rota::Pairing{0, 0}));
  // Zero is a weight; what is not set has its default.
  EXPECT_EQ(problem.weights.travel, 0);
  EXPECT_EQ(problem.weights.unmet, 1000);
  EXPECT_EQ(problem.most_travel_minutes, 120);
  EXPECT_EQ(asked->seats, 12);
  EXPECT_EQ(asked->hours.ToString(), "08:30-11:30");
}

TEST(RotaProblem, NamesEveryFieldThatContradictsAnother) {
  v1::RotaProblem wire = Little();
  *wire.add_experts() = wire.experts(0);
  wire.mutable_experts(0)->set_site_id(Id("nowhere"));
  wire.mutable_experts(0)->set_available(0, "2027-03-09");
  *wire.add_needs() = wire.needs(0);
  wire.mutable_needs(1)->add_days(3);
  wire.mutable_sites(0)->add_travel_minutes(9);
  const auto fields = Fields(convert::ToDomain(wire));
  for (const char* field : {"problem.experts[0].site_id", "problem.experts[1].practitioner_id",
                            "problem.experts[0].available[0]", "problem.needs[1]",
                            "problem.needs[1].days", "problem.sites[0].travel_minutes"}) {
    EXPECT_THAT(fields, ::testing::Contains(field));
  }
}

TEST(RotaPlan, ComesBackAsItWent) {
  const absl::StatusOr<rota::Asked> asked = convert::ToDomain(Little());
  ASSERT_THAT(asked, status::IsOk());
  const SessionId session(base::Uuid::V5(base::Uuid(), "session"));
  const rota::Planned planned{.visits = {{0, 0, absl::CivilDay(2027, 3, 2)}},
                              .sessions = {session},
                              .judgement = {.findings = {.cost = {.travel = 100}}},
                              .bound = 80,
                              .stopped_early = true};
  const v1::RotaPlan wire = convert::ToProto(*asked, planned);
  EXPECT_EQ(wire.visits(0).day(), "2027-03-02");
  EXPECT_EQ(wire.gap(), 0.25);
  const absl::StatusOr<rota::Planned> back = convert::ToDomain(*asked, wire);
  ASSERT_THAT(back, status::IsOk());
  EXPECT_EQ(back->visits, planned.visits);
  EXPECT_THAT(back->sessions, ElementsAre(session));
  EXPECT_EQ(back->bound, 80);
  EXPECT_TRUE(back->stopped_early);
}

TEST(RotaEditRequest, NamesExpertsAndNeedsThatTheRotaHasNot) {
  const absl::StatusOr<rota::Asked> asked = convert::ToDomain(Little());
  ASSERT_THAT(asked, status::IsOk());
  v1::EditRotaRequest request;
  v1::RotaVisit& visit = *request.add_add();
  visit.set_practitioner_id(Id("Dr Gao"));
  visit.set_station_id(Id("township"));
  visit.set_specialty("CARDIOLOGY");
  visit.set_day("2027-03-02");
  v1::RotaMove& move = *request.add_move();
  *move.mutable_from() = visit;
  move.mutable_from()->set_practitioner_id(Id("Dr He"));
  *move.mutable_to() = move.from();
  move.mutable_to()->set_specialty("NEUROLOGY");
  EXPECT_THAT(Fields(convert::ToDomain(request, *asked)),
              ElementsAre("move[0].to.specialty", "add[0].practitioner_id"));
}

}  // namespace
}  // namespace yilian::scheduling
