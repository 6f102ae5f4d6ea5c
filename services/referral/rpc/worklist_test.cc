// Worklists on a real database: what is on which, in which order, and what it costs.
#include "services/referral/domain/worklist.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "services/referral/rpc/worklist_fixture.h"
#include "services/referral/store/worklist_queries.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

using WorklistTest = WorklistFixture;

TEST_F(WorklistTest, EveryOpenReferralIsOnOneListOfItsOwnerAndNoClosedOneOnAny) {
  const auto place = [&](const Referral& r) {
    return Rows<std::pair<int, base::Uuid>>(
        "SELECT worklist, worklist_organization_id FROM referral WHERE referral_id = ?", {r.id},
        [](const mysql::Row& row) {
          return std::pair(static_cast<int>(row.Int(0)), row.Id(1));
        })[0];
  };
  const Shape down = [](Referral& r) { r.direction = Direction::kDown; };
  const Shape walks_in = [](Referral& r) {
    r.channel = Channel::kGreen;
    r.setting = Setting::kEmergency;
  };
  const Shape asked = [this](Referral& r) {
    r.cancellation = {.reason = ReasonCode::kPatientDeclined, .asked_at = clock_.Now()};
  };
  for (int number = 1; number <= static_cast<int>(State::kNoShow); ++number) {
    for (const Shape& shape : {Shape([](Referral&) {}), down, walks_in, asked,
                               DueIn(absl::Hours(1)), BookedIn(absl::Hours(1))}) {
      const Referral r = Make(static_cast<State>(number), shape);
      const auto [list, organization] = place(r);
      EXPECT_EQ(list == 0, IsTerminal(r.state)) << Name(r.state);
      EXPECT_EQ(organization, IsTerminal(r.state) ? base::Uuid() : r.owner().uuid())
          << Name(r.state);
    }
  }
  const auto list_of = [&](
                           State state, const Shape& shape = [](Referral&) {}) {
    return static_cast<WorklistKind>(place(Make(state, shape)).first);
  };
  EXPECT_EQ(list_of(State::kDraft), WorklistKind::kDrafts);
  EXPECT_EQ(list_of(State::kSubmitted), WorklistKind::kToTriage);
  EXPECT_EQ(list_of(State::kReturned), WorklistKind::kReturned);
  EXPECT_EQ(list_of(State::kAccepted), WorklistKind::kAwaitingBooking);
  EXPECT_EQ(list_of(State::kAccepted, walks_in), WorklistKind::kArriving);
  EXPECT_EQ(list_of(State::kAccepted, down), WorklistKind::kInCare);
  EXPECT_EQ(list_of(State::kSlotHeld), WorklistKind::kAwaitingBooking);
  EXPECT_EQ(list_of(State::kNoShow), WorklistKind::kAwaitingBooking);
  EXPECT_EQ(list_of(State::kScheduled), WorklistKind::kArriving);
  EXPECT_EQ(list_of(State::kArrived, DueIn(absl::Hours(1))), WorklistKind::kLettersOutstanding);
  EXPECT_EQ(list_of(State::kInCare), WorklistKind::kInCare);
  EXPECT_EQ(list_of(State::kInCare, asked), WorklistKind::kToTriage);
}

TEST_F(WorklistTest, TheShortestClockComesFirstAndPagesFollowIt) {
  std::vector<std::string> expected;
  for (const int hours : {1, 2, 3, 3, 4, 5, 6}) {
    expected.push_back(Make(State::kSubmitted, DueIn(absl::Hours(hours))).id.ToString());
  }
  Make(State::kAccepted);
  std::sort(expected.begin() + 2, expected.begin() + 4);
  std::vector<std::string> seen;
  std::string token;
  do {
    const auto page = List(Person(kHospital), v1::WORKLIST_KIND_TO_TRIAGE, 3, token);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(subjects_, static_cast<size_t>(page->entries_size())) << "each read is audited";
    for (const auto& entry : page->entries()) seen.push_back(entry.referral_id());
    token = page->page().next_page_token();
  } while (!token.empty());
  EXPECT_EQ(seen, expected);
  EXPECT_THAT(Ids(kTownship, v1::WORKLIST_KIND_TO_TRIAGE), IsEmpty());
}

TEST_F(WorklistTest, APageTokenIsOfOneListAndOneCaller) {
  for (int i = 0; i < 3; ++i) Make(State::kSubmitted);
  const auto page = List(Person(kHospital), v1::WORKLIST_KIND_TO_TRIAGE, 1);
  ASSERT_THAT(page, IsOk());
  const std::string& token = page->page().next_page_token();
  EXPECT_THAT(List(Person(kHospital), v1::WORKLIST_KIND_RETURNED, 1, token),
              StatusIs(kInvalid, "SEALED_TOKEN_INVALID"));
  EXPECT_THAT(List(Person(kTownship), v1::WORKLIST_KIND_TO_TRIAGE, 1, token),
              StatusIs(kInvalid, "SEALED_TOKEN_INVALID"));
}

TEST_F(WorklistTest, AnEntryHasWhatADoctorNeedsToChoose) {
  const Referral made = Make(State::kSubmitted, DueIn(absl::Hours(4)));
  const auto page = List(Person(kHospital), v1::WORKLIST_KIND_TO_TRIAGE);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->entries_size(), 1);
  const v1::WorklistEntry& entry = page->entries(0);
  EXPECT_EQ(entry.patient_id(), made.patient.ToString());
  EXPECT_EQ(entry.state(), v1::STATE_SUBMITTED);
  EXPECT_EQ(entry.complaint(), "胸痛");
  EXPECT_EQ(entry.due_at().seconds(), absl::ToUnixSeconds(*made.due_at));
  EXPECT_EQ(entry.clock_at().seconds(), entry.due_at().seconds());
  EXPECT_EQ(entry.etag(), made.etag());
  EXPECT_EQ(entry.referring_organization_id(), kTownship.ToString());
  EXPECT_EQ(entry.receiving_department_id(), "");
}

TEST_F(WorklistTest, ArrivingTodayEndsWithTheRegionsDayAndKeepsWhoDidNotCome) {
  const auto yesterday = Make(State::kScheduled, BookedIn(absl::Hours(-20))).id.ToString();
  const auto evening = Make(State::kScheduled, BookedIn(absl::Hours(13))).id.ToString();
  const auto tomorrow = Make(State::kScheduled, BookedIn(absl::Hours(15))).id.ToString();
  EXPECT_THAT(Ids(kHospital, v1::WORKLIST_KIND_ARRIVING), ElementsAre(yesterday, evening));
  EXPECT_THAT(Ids(kHospital, v1::WORKLIST_KIND_ARRIVING, 1),
              ElementsAre(yesterday, evening, tomorrow));
  EXPECT_THAT(Counts(Person(kHospital)), ElementsAre("ARRIVING 2"));
  EXPECT_THAT(List(Person(kHospital), v1::WORKLIST_KIND_TO_TRIAGE, 0, "", 1),
              StatusIs(kInvalid, "FIELD_INVALID"));
}

TEST_F(WorklistTest, OverdueIsTheOwnersAndTheRegionsOnceItWasEscalated) {
  const auto late = Make(State::kSubmitted, DueIn(absl::Hours(-3))).id.ToString();
  const auto later = Make(State::kReturned, DueIn(absl::Hours(-2))).id.ToString();
  const auto region = Make(State::kSubmitted, [&](Referral& r) {
                        DueIn(absl::Hours(-1))(r);
                        r.escalation_tier = 3;
                        r.region = kAuthority;
                      }).id.ToString();
  Make(State::kSubmitted, DueIn(absl::Hours(1)));
  EXPECT_THAT(Ids(kHospital, v1::WORKLIST_KIND_OVERDUE), ElementsAre(late, region));
  EXPECT_THAT(Ids(kTownship, v1::WORKLIST_KIND_OVERDUE), ElementsAre(later));
  const rpc::Caller authority = Person(kAuthority, policy::v1::ROLE_REGIONAL_ADMINISTRATOR);
  const auto page = List(authority, v1::WORKLIST_KIND_OVERDUE);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->entries_size(), 1);
  EXPECT_EQ(page->entries(0).referral_id(), region);
  EXPECT_THAT(Counts(authority), ElementsAre("OVERDUE 1"));
}

TEST_F(WorklistTest, ARejectedReferralIsShownToItsReferrerUntilThePatientIsReferredAnew) {
  const auto rejected_before = [&](absl::Duration time) {
    return Make(State::kRejected, [&](Referral& r) {
      r.submitted_at = clock_.Now() - time - absl::Hours(1);
      r.updated_at = clock_.Now() - time;
    });
  };
  rejected_before(absl::Hours(7 * 24 + 1));
  const Referral oldest = rejected_before(absl::Hours(7 * 24 - 1));
  const Referral latest = rejected_before(absl::Hours(2));
  const std::string first = oldest.id.ToString();
  const std::string last = latest.id.ToString();
  EXPECT_THAT(Ids(kTownship, v1::WORKLIST_KIND_REJECTED), ElementsAre(first, last));
  EXPECT_THAT(Ids(kHospital, v1::WORKLIST_KIND_REJECTED), IsEmpty());
  EXPECT_THAT(Counts(Person(kTownship, policy::v1::ROLE_CLINIC_DOCTOR)), ElementsAre("REJECTED 2"));
  const auto page = List(Person(kTownship), v1::WORKLIST_KIND_REJECTED, 1);
  ASSERT_THAT(page, IsOk());
  const auto second =
      List(Person(kTownship), v1::WORKLIST_KIND_REJECTED, 1, page->page().next_page_token());
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->entries_size(), 1);
  EXPECT_EQ(second->entries(0).referral_id(), last);
  Make(State::kDraft, [&](Referral& r) { r.patient = latest.patient; });
  EXPECT_THAT(Ids(kTownship, v1::WORKLIST_KIND_REJECTED), ElementsAre(first, last));
  Make(State::kSubmitted, [&](Referral& r) { r.patient = latest.patient; });
  EXPECT_THAT(Ids(kTownship, v1::WORKLIST_KIND_REJECTED), ElementsAre(first));
  EXPECT_THAT(Counts(Person(kTownship, policy::v1::ROLE_CLINIC_DOCTOR)),
              ElementsAre("DRAFTS 1", "REJECTED 1"));
}

TEST_F(WorklistTest, AFollowUpIsOwedWhileItsDownReferralIsInCareAndItIsNotDone) {
  const Referral down = MakeDown(State::kSubmitted, {0, 3, 9});
  const auto due = [&](int days_ahead) {
    std::vector<std::string> tasks;
    const auto page = List(Person(kTownship), v1::WORKLIST_KIND_FOLLOW_UPS_DUE, 0, "", days_ahead);
    EXPECT_THAT(page, IsOk());
    for (const auto& entry : page->entries()) tasks.push_back(entry.task().task_id());
    return tasks;
  };
  const auto& tasks = down.care_plan->tasks;
  EXPECT_THAT(due(31), IsEmpty()) << "not accepted yet";
  Alter(down, kTownship, [](Referral& r) { r.state = State::kAccepted; });
  EXPECT_THAT(due(0), ElementsAre(tasks[0].id.ToString()));
  EXPECT_THAT(due(3), ElementsAre(tasks[0].id.ToString(), tasks[1].id.ToString()));
  EXPECT_EQ(subjects_, 1u) << "two lines, one referral";
  EXPECT_THAT(Counts(Person(kTownship, policy::v1::ROLE_FAMILY_DOCTOR)),
              ElementsAre("FOLLOW_UPS_DUE 1", "IN_CARE 1"));
  const auto page = List(Person(kTownship), v1::WORKLIST_KIND_FOLLOW_UPS_DUE, 1, "", 31);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->entries(0).task().instruction(), "复查血钾");
  const auto second = List(Person(kTownship), v1::WORKLIST_KIND_FOLLOW_UPS_DUE, 1,
                           page->page().next_page_token(), 31);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->entries(0).task().task_id(), tasks[1].id.ToString());

  Alter(down, kTownship, [](Referral& r) { r.care_plan->tasks[0].state = TaskState::kDone; });
  EXPECT_THAT(due(31), ElementsAre(tasks[1].id.ToString(), tasks[2].id.ToString()));
  Alter(down, kTownship, [](Referral& r) { r.care_plan->tasks[1].state = TaskState::kOverdue; });
  EXPECT_THAT(due(31), SizeIs(2)) << "late is still owed";
  Alter(down, kTownship, [](Referral& r) { r.state = State::kCompleted; });
  EXPECT_THAT(due(31), IsEmpty());
}

TEST_F(WorklistTest, CountsAreThoseOfTheCallersRoles) {
  Make(State::kSubmitted);
  Make(State::kAccepted);
  Make(State::kScheduled, BookedIn(absl::Hours(1)));
  EXPECT_THAT(Counts(Person(kHospital)),
              ElementsAre("TO_TRIAGE 1", "AWAITING_BOOKING 1", "ARRIVING 1"));
  EXPECT_THAT(Counts(Person(kHospital, policy::v1::ROLE_EXPERT)),
              ElementsAre("TO_TRIAGE 1", "ARRIVING 1"));
  EXPECT_THAT(Counts(Person(kHospital, policy::v1::ROLE_FAMILY_DOCTOR)),
              ElementsAre("TO_TRIAGE 1", "AWAITING_BOOKING 1"));
  EXPECT_THAT(Counts({.system = "his", .organization_id = kHospital.uuid()}), SizeIs(3));
}

TEST_F(WorklistTest, ALongListIsCountedUpToFiveHundred) {
  Make(State::kSubmitted);
  const auto columns = Rows<std::string>(
      "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND "
      "table_name = 'referral' AND COALESCE(generation_expression, '') = '' AND column_name NOT "
      "IN ('referral_id', 'open_key', 'source_key')",
      {}, [](const mysql::Row& row) { return row.Text(0); });
  std::string list;
  for (const std::string& column : columns) list += ", " + column;
  for (int round = 0; round < 10; ++round) {
    const std::string sql = fmt::format(
        "INSERT INTO referral (referral_id{0}) SELECT UNHEX(SUBSTR(SHA2(CONCAT(HEX(referral_id), "
        "?), 256), 1, 32)){0} FROM referral",
        list);
    ASSERT_THAT(mysql::RunTransaction(
                    *pool_, {.name = "test.Double", .deadline = absl::Now() + absl::Seconds(20)},
                    [&](mysql::Session& session) {
                      return session.ExecuteValues({"test.Double", sql}, {round}).status();
                    }),
                IsOk());
    if (round == 2) {
      EXPECT_THAT(Counts(Person(kHospital)), ElementsAre("TO_TRIAGE 8"));
    }
  }
  EXPECT_THAT(Counts(Person(kHospital)), ElementsAre("TO_TRIAGE 500+"));
}

TEST_F(WorklistTest, EveryStatementIsARangeOfItsIndexWithoutASort) {
  for (int i = 0; i < 40; ++i) {
    Make(State::kSubmitted, DueIn(absl::Hours(i - 20)));
    Alter(MakeDown(State::kSubmitted, {i % 7}), kTownship,
          [](Referral& r) { r.state = State::kAccepted; });
  }
  const absl::Time begin = absl::UnixEpoch();
  const absl::Time end = clock_.Now() + absl::Hours(100);
  const OrganizationId o = kHospital;
  const base::Uuid id = base::Uuid::V7();
  const mysql::Values range = {o, begin, end, begin, id, 51};
  const mysql::Values counts = {o, o, o, o, end, o, o, "2027-01-01", o, o, o, begin, o, end};
  const std::vector<std::tuple<const mysql::Query*, mysql::Values, std::string>> statements = {
      {&queries::kListWorklist, {o, 1, begin, end, begin, id, 51}, "ix_referral__worklist"},
      {&queries::kListRejected, {o, begin, begin, id, 51}, "ix_referral__referring_state"},
      {&queries::kListOverdue, range, "ix_referral__worklist_due"},
      {&queries::kListOverdueInRegion, range, "ix_referral__region_due"},
      {&queries::kListFollowUps,
       {kTownship, "2026-01-01", "2027-01-01", "2026-01-01", id, 51},
       "ix_follow_up_task__owed"},
      {&queries::kCountWorklists, counts, "ix_"},
      {&queries::kCountWorklistsOfRegion, counts, "ix_"},
      {&queries::kOweTasks, {o, id}, "PRIMARY"},
  };
  const bool mysql = test_support::TestDatabase::Get().is_mysql();
  for (const auto& [query, values, index] : statements) {
    const auto plan = Rows<std::string>("EXPLAIN FORMAT=TRADITIONAL " + std::string(query->sql),
                                        values, [&](const mysql::Row& row) {
                                          // MySQL has two columns more: partitions and filtered.
                                          const int shift = mysql ? 1 : 0;
                                          return row.Text(2) + " type=" + row.Text(3 + shift) +
                                                 " key=" + row.Text(5 + shift) + " " +
                                                 row.Text(mysql ? 11 : 9);
                                        });
    ASSERT_FALSE(plan.empty()) << query->name;
    if (index != "ix_") {
      EXPECT_THAT(plan[0], HasSubstr("key=" + index)) << query->name;
    }
    for (const std::string& line : plan) {
      // What a count has gathered, five hundred rows at most, is read from memory.
      if (line.starts_with('<')) continue;
      EXPECT_THAT(line, AllOf(Not(HasSubstr("filesort")), Not(HasSubstr("type=ALL")),
                              Not(HasSubstr("type=index"))))
          << query->name;
      if (query->name.starts_with("referral.Count") && line.starts_with("re")) {
        EXPECT_THAT(line, HasSubstr("Using index")) << query->name;
      }
    }
  }
}

}  // namespace
}  // namespace yilian::referral
