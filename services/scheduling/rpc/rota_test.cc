// Rotas from the request to an edited plan, on a real database.
#include <set>

#include "services/scheduling/testing/rota_fixture.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using ::testing::Contains;
using ::testing::Not;
using ::testing::SizeIs;

class RotaService : public RotaFixture {};

std::string DaysOf(const v1::RotaPlan& plan, std::string_view expert) {
  std::string days;
  for (const v1::RotaVisit& visit : plan.visits()) {
    if (visit.practitioner_id() == Named(expert).ToString()) days += visit.day() + " ";
  }
  return days;
}

TEST_F(RotaService, IsAnsweredAtOnceAndPlannedInTheBackground) {
  const auto asked = Ask(Problem());
  ASSERT_THAT(asked, IsOk());
  EXPECT_EQ(asked->state(), v1::ROTA_STATE_PLANNING);
  EXPECT_FALSE(Get(asked->rota_id()).has_plan());
  EXPECT_EQ(*planner_->RunOnce(), true);
  EXPECT_EQ(*planner_->RunOnce(), false);
  const v1::GetRotaResponse planned = Get(asked->rota_id(), true);
  EXPECT_EQ(planned.rota().state(), v1::ROTA_STATE_PLANNED);
  EXPECT_EQ(planned.rota().visits(), 4);
  EXPECT_EQ(planned.rota().unmet(), 0);
  EXPECT_EQ(planned.rota().violations(), 0);
  EXPECT_THAT(planned.plan().visits(), SizeIs(4));
  EXPECT_THAT(planned.plan().violations(), SizeIs(0));
  EXPECT_EQ(planned.plan().cost().travel(), 2 * 30 + 2 * 40);
  EXPECT_EQ(planned.plan().cost().total(), planned.rota().cost());
  EXPECT_GT(planned.plan().bound(), 0);
  EXPECT_LE(planned.plan().bound(), static_cast<double>(planned.rota().cost()) + 1e-6);
  EXPECT_THAT(planned.plan().loads(), SizeIs(2));
  EXPECT_EQ(planned.problem().SerializeAsString(), Problem().SerializeAsString());
  EXPECT_EQ(Events("RotaPlanned"), "1");
}

TEST_F(RotaService, ARepeatedRequestIsOneRota) {
  v1::PlanRotaRequest request;
  request.set_request_id(base::Uuid::V7().ToString());
  request.set_organization_id(Named("hospital").ToString());
  *request.mutable_problem() = Problem();
  const auto first = desk_->Ask(Person("hospital"), &RotaHandlers::PlanRota, request);
  ASSERT_THAT(first, IsOk());
  const auto second = desk_->Ask(Person("hospital"), &RotaHandlers::PlanRota, request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->rota_id(), second->rota_id());
  EXPECT_EQ(Count("rota"), "1");
}

TEST_F(RotaService, WhatContradictsItselfIsRefusedAndNothingIsKept) {
  v1::RotaProblem problem = Problem();
  problem.mutable_experts(1)->set_site_id(Named("nowhere").ToString());
  problem.mutable_needs(0)->add_days(1);
  const auto refused = Ask(problem);
  ASSERT_THAT(refused, StatusIs(StatusCode::kInvalidArgument));
  std::set<std::string> fields;
  const auto request = status::BadRequestOf(refused.status());
  ASSERT_TRUE(request);
  for (const auto& one : request->field_violations()) {
    fields.insert(one.field());
  }
  EXPECT_THAT(fields, Contains("problem.experts[1].site_id"));
  EXPECT_THAT(fields, Contains("problem.needs[0].days"));
  EXPECT_EQ(Count("rota"), "0");
}

TEST_F(RotaService, TakesOutTheDaysThatSchedulingKnowsToBeSpokenFor) {
  const auto session = Session("Dr He", "2026-10-05");
  ASSERT_THAT(session, IsOk());
  v1::RecordAbsenceRequest absence;
  absence.set_organization_id(Named("hospital").ToString());
  absence.set_practitioner_id(Named("Dr He").ToString());
  // Tuesday, 13 October in Shanghai.
  absence.mutable_time()->mutable_start()->set_seconds(1'791'820'800);
  absence.mutable_time()->mutable_end()->set_seconds(1'791'820'800 + 86400);
  ASSERT_THAT(desk_->Ask(Person("hospital"), &TemplateHandlers::RecordAbsence, absence), IsOk());
  const v1::GetRotaResponse planned = Planned(Problem());
  ASSERT_THAT(planned.plan().taken_out(), SizeIs(2));
  EXPECT_EQ(planned.plan().taken_out(0).day(), "2026-10-05");
  EXPECT_EQ(planned.plan().taken_out(0).session_id(), session->session_id());
  EXPECT_EQ(planned.plan().taken_out(1).day(), "2026-10-13");
  EXPECT_EQ(planned.plan().taken_out(1).session_id(), "");
  EXPECT_THAT(DaysOf(planned.plan(), "Dr He"), Not(::testing::HasSubstr("2026-10-05")));
  EXPECT_THAT(DaysOf(planned.plan(), "Dr He"), Not(::testing::HasSubstr("2026-10-13")));
  EXPECT_EQ(planned.rota().unmet(), 0);
}

TEST_F(RotaService, SaysWhatStaysUnmetAndWhy) {
  v1::RotaProblem problem = Problem();
  problem.mutable_needs(1)->set_specialty("NEUROLOGY");
  problem.mutable_experts()->DeleteSubrange(1, 1);
  problem.mutable_experts(0)->clear_available();
  problem.mutable_experts(0)->add_available("2026-10-05");
  const v1::GetRotaResponse planned = Planned(problem);
  EXPECT_EQ(planned.rota().unmet(), 3);
  ASSERT_THAT(planned.plan().unmet(), SizeIs(3));
  EXPECT_EQ(planned.plan().unmet(0).reason(), v1::ROTA_UNMET_REASON_AWAY);
  EXPECT_EQ(planned.plan().unmet(0).week(), 1);
  EXPECT_EQ(planned.plan().unmet(1).reason(), v1::ROTA_UNMET_REASON_NO_EXPERT);
  EXPECT_EQ(planned.plan().unmet(1).specialty(), "NEUROLOGY");
  EXPECT_EQ(planned.plan().unmet(1).station_id(), Named("village").ToString());
}

TEST_F(RotaService, OthersSeeNothing) {
  const v1::GetRotaResponse planned = Planned(Problem());
  const auto stranger = Person("township");
  const auto expect_nothing = [&](auto handler, auto request) {
    request.set_rota_id(planned.rota().rota_id());
    const auto real = desk_->Ask(stranger, handler, request);
    request.set_rota_id(base::Uuid::V7().ToString());
    const auto never = desk_->Ask(stranger, handler, request);
    EXPECT_THAT(real, StatusIs(StatusCode::kNotFound));
    EXPECT_EQ(real.status(), never.status());
  };
  expect_nothing(&RotaHandlers::GetRota, v1::GetRotaRequest());
  expect_nothing(&RotaHandlers::CheckRota, v1::CheckRotaRequest());
  expect_nothing(&RotaHandlers::CancelRota, v1::CancelRotaRequest());
  expect_nothing(&RotaHandlers::EditRota, v1::EditRotaRequest());
  expect_nothing(&RotaHandlers::PublishRota, v1::PublishRotaRequest());
  EXPECT_THAT(Ask(Problem(), "", "township"), StatusIs(StatusCode::kPermissionDenied));
  v1::ListRotasRequest list;
  list.set_organization_id(Named("hospital").ToString());
  EXPECT_THAT(desk_->Ask(stranger, &RotaHandlers::ListRotas, list),
              StatusIs(StatusCode::kPermissionDenied));
}

TEST_F(RotaService, ListsTheNewestFirstPageByPage) {
  std::vector<std::string> ids;
  for (const char* code : {"A", "B", "C"}) {
    const auto asked = Ask(Problem(), code);
    ASSERT_THAT(asked, IsOk());
    ids.insert(ids.begin(), asked->rota_id());
  }
  v1::ListRotasRequest request;
  request.set_organization_id(Named("hospital").ToString());
  request.mutable_page()->set_page_size(2);
  std::vector<std::string> listed;
  do {
    const auto page = desk_->Ask(Person("hospital"), &RotaHandlers::ListRotas, request);
    ASSERT_THAT(page, IsOk());
    ASSERT_LE(page->rotas_size(), 2);
    for (const v1::Rota& rota : page->rotas()) listed.push_back(rota.rota_id());
    request.mutable_page()->set_page_token(page->page().next_page_token());
  } while (!request.page().page_token().empty());
  EXPECT_EQ(listed, ids);
}

TEST_F(RotaService, CancelledItIsNotPlanned) {
  const auto asked = Ask(Problem());
  ASSERT_THAT(asked, IsOk());
  const auto cancelled = Cancel(*asked);
  ASSERT_THAT(cancelled, IsOk());
  EXPECT_EQ(cancelled->state(), v1::ROTA_STATE_CANCELLED);
  EXPECT_EQ(*planner_->RunOnce(), false);
  EXPECT_THAT(Cancel(*asked), IsOk());
  EXPECT_EQ(Events("RotaCancelled"), "1");
  EXPECT_THAT(Check(*asked), StatusIs(StatusCode::kFailedPrecondition));
}

TEST_F(RotaService, AnEditThatBreaksARuleIsKeptAsADraftAndMendedByTheNext) {
  const v1::GetRotaResponse planned = Planned(Problem());
  const v1::RotaVisit first = planned.plan().visits(0);
  v1::RotaVisit moved = first;
  moved.set_day("2026-10-08");
  const auto broken = Move(planned.rota(), first, moved);
  ASSERT_THAT(broken, IsOk());
  ASSERT_THAT(broken->violations(), SizeIs(1));
  EXPECT_EQ(broken->violations(0).rule(), v1::ROTA_RULE_NOT_AVAILABLE);
  EXPECT_EQ(broken->violations(0).visit().day(), "2026-10-08");
  EXPECT_EQ(broken->rota().violations(), 1);
  EXPECT_EQ(broken->cost().total(), planned.rota().cost());
  const auto refused = Publish(broken->rota());
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_EQ(status::ReasonOf(refused.status()), "ROTA_BROKEN");
  EXPECT_THAT(Move(planned.rota(), moved, first), StatusIs(StatusCode::kAborted));
  const auto mended = Move(broken->rota(), moved, first);
  ASSERT_THAT(mended, IsOk());
  EXPECT_THAT(mended->violations(), SizeIs(0));
  EXPECT_EQ(Get(planned.rota().rota_id()).plan().visits_size(), 4);
}

TEST_F(RotaService, AnEditNamesTheVisitThatIsNotThere) {
  const v1::GetRotaResponse planned = Planned(Problem());
  v1::RotaVisit none = planned.plan().visits(0);
  none.set_day("2026-10-09");
  const auto refused = Move(planned.rota(), none, none);
  ASSERT_THAT(refused, StatusIs(StatusCode::kInvalidArgument));
  EXPECT_EQ(status::BadRequestOf(refused.status())->field_violations(0).field(), "move[0].from");
}

TEST_F(RotaService, RemovingAVisitSaysWhatItCosts) {
  const v1::GetRotaResponse planned = Planned(Problem());
  v1::EditRotaRequest request;
  request.set_rota_id(planned.rota().rota_id());
  request.set_etag(planned.rota().etag());
  *request.add_remove() = planned.plan().visits(0);
  const auto review = desk_->Ask(Person("hospital"), &RotaHandlers::EditRota, request);
  ASSERT_THAT(review, IsOk());
  EXPECT_EQ(review->cost().unmet(), 1000);
  ASSERT_THAT(review->unmet(), SizeIs(1));
  EXPECT_EQ(review->unmet(0).reason(), v1::ROTA_UNMET_REASON_TOO_DEAR);
  EXPECT_EQ(review->rota().visits(), 3);
  EXPECT_EQ(review->rota().bound(), planned.rota().bound());
}

TEST_F(RotaService, CheckSeesWhatHasChangedSince) {
  const v1::GetRotaResponse planned = Planned(Problem());
  auto review = Check(planned.rota());
  ASSERT_THAT(review, IsOk());
  EXPECT_THAT(review->violations(), SizeIs(0));
  const v1::RotaVisit& visit = planned.plan().visits(0);
  const std::string expert =
      visit.practitioner_id() == Named("Dr He").ToString() ? "Dr He" : "Dr Gao";
  const auto session = Session(expert, visit.day());
  ASSERT_THAT(session, IsOk());
  review = Check(planned.rota());
  ASSERT_THAT(review, IsOk());
  ASSERT_THAT(review->violations(), SizeIs(1));
  EXPECT_EQ(review->violations(0).rule(), v1::ROTA_RULE_NOT_AVAILABLE);
  EXPECT_EQ(review->violations(0).blocking_session_id(), session->session_id());
  // Nothing was stored.
  EXPECT_EQ(Get(planned.rota().rota_id()).rota().violations(), 0);
}

}  // namespace
}  // namespace yilian::scheduling
