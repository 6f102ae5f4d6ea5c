// A scheduling service with a rota to plan: for tests. It is Monday, 21 September 2026, 22:13 in
// Shanghai; the rota is of the two weeks from Monday, 5 October.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/status/matchers.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/support/test_database.h"

namespace yilian::scheduling {

class RotaFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    options_ = test_support::TestDatabase::Get().NewSchema(SchedulingDesk::Migrations());
    desk_ = std::make_unique<SchedulingDesk>(options_, kNow);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
    desk_->Register("village", Tier::kVillageClinic, "hospital");
    planner_ = desk_->NewRotaPlanner();
  }

  static void AddExpert(v1::RotaProblem& problem, const std::string& name,
                        const std::vector<std::string>& days) {
    v1::RotaExpert& expert = *problem.add_experts();
    expert.set_practitioner_id(Named(name).ToString());
    expert.set_site_id(Named("hospital").ToString());
    expert.set_title(v1::EXPERT_TITLE_CHIEF);
    expert.add_specialties("CARDIOLOGY");
    for (const std::string& day : days) expert.add_available(day);
    expert.set_most_days_a_week(2);
    expert.set_most_days(4);
  }

  static void AddNeed(v1::RotaProblem& problem, const std::string& station,
                      const std::vector<int>& days) {
    v1::RotaNeed& need = *problem.add_needs();
    need.set_station_id(Named(station).ToString());
    need.set_specialty("CARDIOLOGY");
    need.set_department_id(Named("cardiology").ToString());
    need.set_least_title(v1::EXPERT_TITLE_ATTENDING);
    for (const int count : days) need.add_days(count);
    need.set_priority(1);
  }

  // Dr He and Dr Gao may go on Monday and Tuesday of each week; two stations want somebody weekly.
  static v1::RotaProblem Problem() {
    v1::RotaProblem problem;
    problem.set_first_day("2026-10-05");
    problem.set_weeks(2);
    v1::RotaSite& site = *problem.add_sites();
    site.set_site_id(Named("hospital").ToString());
    for (const auto& [station, minutes] : {std::pair("township", 30), std::pair("village", 40)}) {
      site.add_travel_minutes(minutes);
      v1::RotaStation& added = *problem.add_stations();
      added.set_station_id(Named(station).ToString());
      added.set_rooms(1);
    }
    for (const char* expert : {"Dr He", "Dr Gao"}) {
      AddExpert(problem, expert, {"2026-10-05", "2026-10-06", "2026-10-12", "2026-10-13"});
    }
    AddNeed(problem, "township", {1, 1});
    AddNeed(problem, "village", {1, 1});
    problem.mutable_hours()->set_start("08:30");
    problem.mutable_hours()->set_end("11:30");
    problem.set_seats(6);
    return problem;
  }

  // Takes the solver many seconds: sixty stations want each specialty of eight.
  static v1::RotaProblem LongProblem() {
    v1::RotaProblem problem = Problem();
    problem.clear_experts();
    problem.clear_needs();
    for (int i = 0; i < 58; ++i) {
      v1::RotaStation& station = *problem.add_stations();
      station.set_station_id(Named("station " + std::to_string(i)).ToString());
      station.set_rooms(2);
      problem.mutable_sites(0)->add_travel_minutes(10 + (i * 37) % 90);
    }
    for (int i = 0; i < 160; ++i) {
      std::vector<std::string> days;
      for (const char* day : {"05", "06", "07", "08", "09", "12", "13", "14", "15", "16"}) {
        if ((i * 7 + day[1]) % 3 != 0) days.push_back(std::string("2026-10-") + day);
      }
      AddExpert(problem, "expert " + std::to_string(i), days);
      for (int j = 0; j < 3; ++j) {
        problem.mutable_experts(i)->add_specialties("S" + std::to_string((i + j * j) % 8));
      }
    }
    for (int i = 0; i < 60; ++i) {
      for (int j = 0; j < 8; ++j) {
        v1::RotaNeed& need = *problem.add_needs();
        need.set_station_id(problem.stations(i).station_id());
        need.set_specialty("S" + std::to_string(j));
        need.set_department_id(Named("department").ToString());
        need.set_least_title(v1::EXPERT_TITLE_ATTENDING);
        need.add_days(1);
        need.add_days((i + j) % 2);
        need.set_priority(1 + (i + j) % 3);
      }
    }
    return problem;
  }

  absl::StatusOr<v1::Rota> Ask(const v1::RotaProblem& problem, const std::string& code = "",
                               const std::string& by = "hospital") {
    v1::PlanRotaRequest request;
    request.set_organization_id(Named("hospital").ToString());
    request.set_code(code);
    *request.mutable_problem() = problem;
    desk_->clock().Advance(absl::Seconds(1));
    return desk_->Ask(Person(by), &RotaHandlers::PlanRota, request);
  }
  v1::GetRotaResponse Get(const std::string& id, bool with_problem = false) {
    v1::GetRotaRequest request;
    request.set_rota_id(id);
    request.set_with_problem(with_problem);
    const auto found = desk_->Ask(Person("hospital"), &RotaHandlers::GetRota, request);
    EXPECT_THAT(found, status::IsOk());
    return found.value_or(v1::GetRotaResponse());
  }
  // A rota with its plan.
  v1::GetRotaResponse Planned(const v1::RotaProblem& problem, const std::string& code = "") {
    const auto asked = Ask(problem, code);
    EXPECT_THAT(asked, status::IsOk());
    EXPECT_THAT(planner_->RunOnce(), status::IsOk());
    v1::GetRotaResponse planned = Get(asked.value_or(v1::Rota()).rota_id());
    EXPECT_EQ(planned.rota().state(), v1::ROTA_STATE_PLANNED);
    return planned;
  }
  absl::StatusOr<v1::RotaReview> Check(const v1::Rota& rota) {
    v1::CheckRotaRequest request;
    request.set_rota_id(rota.rota_id());
    return desk_->Ask(Person("hospital"), &RotaHandlers::CheckRota, request);
  }
  absl::StatusOr<v1::RotaReview> Move(const v1::Rota& rota, const v1::RotaVisit& from,
                                      const v1::RotaVisit& to) {
    v1::EditRotaRequest request;
    request.set_rota_id(rota.rota_id());
    request.set_etag(rota.etag());
    *request.add_move()->mutable_from() = from;
    *request.mutable_move(0)->mutable_to() = to;
    return desk_->Ask(Person("hospital"), &RotaHandlers::EditRota, request);
  }
  absl::StatusOr<v1::Rota> Cancel(const v1::Rota& rota) {
    v1::CancelRotaRequest request;
    request.set_rota_id(rota.rota_id());
    return desk_->Ask(Person("hospital"), &RotaHandlers::CancelRota, request);
  }
  static v1::PublishRotaRequest PublishOf(const v1::Rota& rota) {
    v1::PublishRotaRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_rota_id(rota.rota_id());
    request.set_etag(rota.etag());
    return request;
  }
  absl::StatusOr<v1::PublishRotaResponse> Publish(const v1::Rota& rota) {
    return desk_->Ask(Person("hospital"), &RotaHandlers::PublishRota, PublishOf(rota));
  }

  // A session of an expert that day, from 13:00 for an hour.
  absl::StatusOr<v1::Session> Session(const std::string& expert, const std::string& day) {
    absl::Time start;
    std::string error;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, day + "T13:00:00+08:00", &start, &error));
    v1::CreateSessionRequest offer = desk_->Offer(2);
    offer.set_practitioner_id(Named(expert).ToString());
    offer.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(start));
    offer.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(start) + 3600);
    return desk_->Ask(Service("ctl"), &SchedulingHandlers::CreateSession, offer);
  }
  v1::Booking Book(const std::string& session, const std::string& patient) {
    v1::Session target;
    target.set_session_id(session);
    const auto held = desk_->Hold(desk_->Wish(target, patient, "township"));
    EXPECT_THAT(held, status::IsOk());
    const auto booked = desk_->Book(held.value_or(v1::Booking()));
    EXPECT_THAT(booked, status::IsOk());
    return booked.value_or(v1::Booking());
  }
  std::string Count(const std::string& rest) { return desk_->Read("SELECT COUNT(*) FROM " + rest); }
  std::string Events(const std::string& type) {
    return Count("outbox WHERE type = '" + type + "'");
  }

  // 1'790'000'000: 2026-09-21T14:13:20Z.
  const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
  mysql::PoolOptions options_;
  std::unique_ptr<SchedulingDesk> desk_;
  std::unique_ptr<RotaPlanner> planner_;
};

}  // namespace yilian::scheduling
