// Correction notices on a real database: who read what was corrected is told, until they know.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/audit/log.h"
#include "common/outbox/outbox.h"
#include "services/lab/rpc/notice_handlers.h"
#include "services/lab/rpc/sharing_fixture.h"
#include "services/lab/store/mysql_notice_store.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::TestCall;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class NoticeTest : public SharingFixture {
 protected:
  void SetUp() override {
    SharingFixture::SetUp();
    if (IsSkipped()) return;
    store_ = std::make_unique<MysqlNoticeStore>(*unit_, ladder_);
    notices_ = std::make_unique<NoticeHandlers>(*store_, sealer_);
    DefineNoticeTimers(*timers_, *store_, clock_);
  }

  // Reads it by the handler, and leaves the audit record that the frame would leave.
  void Read(const rpc::Caller& caller, const std::string& report) {
    v1::GetReportRequest get;
    get.set_report_id(report);
    const TestCall call(caller, get);
    ASSERT_THAT(handlers_->Get(call, get), IsOk());
    for (const auto& read : call.reads()) {
      Record({.organization_id = caller.organization_id,
              .subject_type = read.type,
              .subject_id = read.id,
              .data_subject_id = read.data_subject,
              .outcome = "OK"},
             caller.user_id);
    }
  }
  void Record(audit::Record record, const base::Uuid& user) {
    record.audit_id = base::Uuid::V7();
    record.occurred_at = clock_.Now();
    record.method = "/yilian.lab.v1.LabService/GetReport";
    record.user_id = user;
    ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Audit", .deadline = Deadline()},
                                      [&](mysql::Session& session) {
                                        return audit::InsertRecords(session, {record});
                                      }),
                IsOk());
  }
  // As long after the correction as its readers are looked for, with the audit linked.
  void Settle() {
    ASSERT_THAT(audit::LinkAll(*pool_).status(), IsOk());
    Fire(absl::Minutes(2));
  }
  void Fire(absl::Duration later) {
    clock_.Advance(later);
    for (int fired = 1; fired > 0;) {
      const auto ran = timers_->RunDue();
      ASSERT_THAT(ran.status(), IsOk());
      fired = *ran;
    }
  }

  std::vector<v1::CorrectionNotice> List(const rpc::Caller& caller,
                                         v1::NoticeWorklist worklist = v1::NOTICE_WORKLIST_MINE,
                                         int page_size = 50) {
    std::vector<v1::CorrectionNotice> all;
    v1::ListCorrectionNoticesRequest request;
    request.set_worklist(worklist);
    request.mutable_page()->set_page_size(page_size);
    do {
      const auto page = notices_->List(TestCall(caller, request), request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return all;
      all.insert(all.end(), page->notices().begin(), page->notices().end());
      request.mutable_page()->set_page_token(page->page().next_page_token());
    } while (!request.page().page_token().empty());
    return all;
  }
  absl::StatusOr<v1::CorrectionNotice> Acknowledge(const rpc::Caller& caller,
                                                   const std::string& notice) {
    v1::AcknowledgeCorrectionNoticeRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_notice_id(notice);
    return notices_->Acknowledge(TestCall(caller, request), request);
  }

  const NoticeRules ladder_;
  std::unique_ptr<MysqlNoticeStore> store_;
  std::unique_ptr<NoticeHandlers> notices_;
};

TEST_F(NoticeTest, EachReaderOfWhatWasCorrectedIsToldOnce) {
  const std::string report = TakeIn({.order = "L-1"});
  const std::string other = TakeIn({.order = "L-2"});
  const rpc::Caller system{.peer = "his", .system = "his", .organization_id = kOrdering.uuid()};
  Read(Doctor(kTreating), report);
  Read(Doctor(kTreating), report);
  Read(Doctor(kOrdering), report);
  Read(system, report);
  Read(Doctor(kTreating, "another doctor"), other);
  clock_.Advance(absl::Minutes(5));
  TakeIn({.order = "L-1", .value = "5.9"});
  Settle();
  for (const rpc::Caller& reader : {Doctor(kTreating), Doctor(kOrdering), system}) {
    const auto mine = List(reader);
    ASSERT_THAT(mine, SizeIs(1));
    EXPECT_EQ(mine[0].report_id(), report);
    EXPECT_EQ(mine[0].kind(), v1::NOTICE_KIND_CORRECTED);
    EXPECT_EQ(mine[0].report_version(), 2);
    EXPECT_EQ(mine[0].user_id(), reader.user_id.is_nil() ? "" : reader.user_id.ToString());
  }
  EXPECT_THAT(List(Doctor(kTreating, "another doctor")), IsEmpty());
  EXPECT_THAT(List(Doctor(kLaboratory)), IsEmpty());
  EXPECT_EQ(Count("SELECT COUNT(*) FROM correction_notice"), 3);
}

TEST_F(NoticeTest, AWithdrawnReportIsToldOfThoughItIsShownNoMore) {
  const std::string report = TakeIn({.order = "L-1"});
  Read(Doctor(kTreating), report);
  TakeIn({.order = "L-1", .status = ResultStatus::kWithdrawn});
  Settle();
  const auto mine = List(Doctor(kTreating));
  ASSERT_THAT(mine, SizeIs(1));
  EXPECT_EQ(mine[0].kind(), v1::NOTICE_KIND_WITHDRAWN);
  EXPECT_EQ(mine[0].patient_id(), patient_.ToString());
}

TEST_F(NoticeTest, NobodyIsToldOfAFirstVersionOrOfWhatWasReadAfterTheCorrection) {
  const std::string report = TakeIn({.order = "L-1", .status = ResultStatus::kPreliminary});
  Read(Doctor(kTreating), report);
  TakeIn({.order = "L-1"});
  Settle();
  EXPECT_THAT(List(Doctor(kTreating)), IsEmpty()) << "a final one was to be expected";
  TakeIn({.order = "L-1", .value = "4.8"});
  clock_.Advance(absl::Seconds(30));
  Read(Doctor(kOrdering), report);
  Settle();
  EXPECT_THAT(List(Doctor(kTreating)), SizeIs(1));
  EXPECT_THAT(List(Doctor(kOrdering)), IsEmpty());
}

// The record of a read that began before the correction becomes durable, and is linked, after it.
TEST_F(NoticeTest, AReadWhoseRecordIsLinkedLateIsFoundToo) {
  const std::string report = TakeIn({.order = "L-1"});
  TakeIn({.order = "L-1", .value = "4.8"});
  clock_.Advance(absl::Seconds(3));
  Record({.organization_id = kTreating.uuid(),
          .subject_type = "report",
          .subject_id = *base::Uuid::Parse(report),
          .data_subject_id = patient_.uuid(),
          .outcome = "OK"},
         Doctor(kTreating).user_id);
  clock_.Advance(absl::Minutes(2));
  ASSERT_THAT(timers_->RunDue().status(), IsOk());
  EXPECT_THAT(List(Doctor(kTreating)), IsEmpty()) << "the journal still has records";
  Settle();
  EXPECT_THAT(List(Doctor(kTreating)), SizeIs(1));
}

TEST_F(NoticeTest, WhoReadItUnderARecordThatWasMergedSinceIsTold) {
  const std::string report = TakeIn({.order = "L-1"});
  Read(Doctor(kTreating), report);
  const PatientId survivor(base::Uuid::V7());
  MergeInto(survivor);
  TakeIn({.order = "L-1", .value = "4.8", .patient = survivor});
  Settle();
  const auto mine = List(Doctor(kTreating));
  ASSERT_THAT(mine, SizeIs(1));
  EXPECT_EQ(mine[0].patient_id(), survivor.ToString());
}

TEST_F(NoticeTest, WhatNobodyAcknowledgesGoesToTheOrganizationAndThenToTheLaboratory) {
  const std::string report = TakeIn({.order = "L-1"});
  Read(Doctor(kTreating), report);
  TakeIn({.order = "L-1", .value = "4.8"});
  Settle();
  const rpc::Caller colleague = Doctor(kTreating, "colleague");
  const std::string notice = List(Doctor(kTreating)).at(0).notice_id();
  EXPECT_THAT(List(colleague, v1::NOTICE_WORKLIST_OF_ORGANIZATION), IsEmpty());
  EXPECT_THAT(Acknowledge(colleague, notice),
              StatusIs(absl::StatusCode::kNotFound, "NOTICE_NOT_FOUND"));
  Fire(absl::Hours(4));
  EXPECT_THAT(List(colleague, v1::NOTICE_WORKLIST_OF_ORGANIZATION), SizeIs(1));
  EXPECT_THAT(List(Doctor(kLaboratory), v1::NOTICE_WORKLIST_OF_LABORATORY), IsEmpty());
  // Another replica, after a day's standstill.
  timers_ = std::make_unique<saga::TimerRunner>(*pool_, clock_);
  DefineTimers(*timers_, *critical_, rules_, clock_);
  DefineNoticeTimers(*timers_, *store_, clock_);
  Fire(absl::Hours(40));
  const auto late = List(Doctor(kLaboratory), v1::NOTICE_WORKLIST_OF_LABORATORY);
  ASSERT_THAT(late, SizeIs(1));
  EXPECT_EQ(late[0].tier(), 2);
  EXPECT_FALSE(late[0].has_due_at());
  ASSERT_THAT(Acknowledge(colleague, notice), IsOk());
  EXPECT_THAT(List(Doctor(kTreating)), IsEmpty());
  EXPECT_THAT(List(Doctor(kLaboratory), v1::NOTICE_WORKLIST_OF_LABORATORY), IsEmpty());
  Fire(absl::Hours(100));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM outbox WHERE type = 'CorrectionNoticeEscalated'"), 2);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM timer WHERE kind = 'lab.Notice'"), 0);
}

TEST_F(NoticeTest, OfManyAcknowledgementsAtOnceTheFirstStays) {
  const std::string report = TakeIn({.order = "L-1"});
  Read(Doctor(kTreating), report);
  TakeIn({.order = "L-1", .value = "4.8"});
  Settle();
  const std::string notice = List(Doctor(kTreating)).at(0).notice_id();
  EXPECT_THAT(Acknowledge(Doctor(kStranger), notice),
              StatusIs(absl::StatusCode::kNotFound, "NOTICE_NOT_FOUND"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_THAT(Acknowledge(Doctor(kTreating), notice), IsOk()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Count("SELECT COUNT(*) FROM outbox WHERE type = 'CorrectionNoticeAcknowledged'"), 1);
}

TEST_F(NoticeTest, PagesShowEachNoticeOnce) {
  for (int i = 0; i < 5; ++i) {
    const std::string order = "L-" + std::to_string(i);
    Read(Doctor(kTreating), TakeIn({.order = order}));
    TakeIn({.order = order, .value = "4.8"});
  }
  Settle();
  std::set<std::string> seen;
  for (const auto& one : List(Doctor(kTreating), v1::NOTICE_WORKLIST_MINE, 2)) {
    EXPECT_TRUE(seen.insert(one.notice_id()).second);
  }
  EXPECT_THAT(seen, SizeIs(5));
}

}  // namespace
}  // namespace yilian::lab
