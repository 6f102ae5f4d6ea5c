// Uploads and attachments, on a real database.
#include "services/referral/store/advice_fixture.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;

class AttachmentStoreTest : public AdviceFixture {
 protected:
  // A draft of the asker's to the specialist.
  ReferralId Draft() {
    NewReferral input;
    input.id = ReferralId(base::Uuid::V7());
    input.patient = PatientId(base::Uuid::V7());
    input.receiving_organization = kSpecialist.organization;
    input.receiving_department = kCardiology;
    input.summary = {.complaint = "胸痛", .diagnosis_code = "I20.0"};
    EXPECT_THAT(referrals_->Create<v1::Referral>(
                    test_support::WriteAs(kAsker.organization.uuid()),
                    [&](absl::Time at) { return CreateReferral(input, kAsker, deadlines_, at); },
                    [](const std::vector<Change>&) { return v1::Referral(); }),
                IsOk());
    return input.id;
  }
  using OnReferral = std::function<absl::StatusOr<Change>(const Referral&, absl::Time)>;
  void Move(ReferralId id, const Actor& by, const OnReferral& command) {
    EXPECT_THAT(
        referrals_->Update<v1::Referral>(
            test_support::WriteAs(by.organization.uuid()), id, by.organization, std::nullopt,
            [&](const Referral& now, absl::Time at) -> absl::StatusOr<std::vector<Change>> {
              auto change = command(now, at);
              if (!change.ok()) return change.status();
              return std::vector<Change>{*change};
            },
            [](const std::vector<Change>&) { return v1::Referral(); }),
        IsOk());
  }
  void Submit(ReferralId id) {
    Move(id, kAsker, [&](const Referral& now, absl::Time at) {
      return now.Submit(kAsker, Submission{.consented = true}, deadlines_, at);
    });
  }
  void Return(ReferralId id) {
    Move(id, kSpecialist, [&](const Referral& now, absl::Time at) {
      return now.Return(kSpecialist, ReasonCode::kInformationMissing, "附件有误", deadlines_, at);
    });
  }
  absl::StatusOr<AttachmentId> Attach(const RecordRef& record, const Actor& by = kAsker) {
    const auto begun = Begin(record, by);
    if (!begun.ok()) return begun.status();
    const Upload upload = Full(*begun, by);
    const auto done = attachments_->Complete<v1::Attachment>(
        test_support::WriteAs(by.organization.uuid()), upload.id, by, true,
        [](const Attachment&) { return v1::Attachment(); });
    if (!done.ok()) return done.status();
    return AttachmentId(upload.id.uuid());
  }
  absl::Status Remove(AttachmentId id, const Actor& by,
                      const base::Uuid& request = base::Uuid::V7()) {
    return attachments_
        ->Remove<v1::Attachment>(test_support::WriteAs(by.organization.uuid(), request), id, by,
                                 [](const Attachment&) { return v1::Attachment(); })
        .status();
  }
  int ChunksOf(AttachmentId id) {
    return static_cast<int>(
        Texts("SELECT chunk FROM blob_chunk WHERE blob_id = ?", id.uuid()).size());
  }
};

TEST_F(AttachmentStoreTest, NothingIsVisibleBeforeAnUploadIsComplete) {
  const RecordRef thread{.advice = Ask(Input()).id};
  const auto begun = Begin(thread);
  ASSERT_THAT(begun, IsOk());
  const Upload upload = Full(*begun);
  EXPECT_TRUE(ListOf(thread, kAsker).empty());
  EXPECT_THAT(Complete(upload, false).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "UPLOAD_INCOMPLETE"));
  const base::Uuid request = base::Uuid::V7();
  const auto completed = Complete(upload, true, request);
  ASSERT_THAT(completed, IsOk());
  // Once more, as a client does that lost the answer: the upload is gone, the answer is the first.
  EXPECT_EQ(Complete(upload, false, request)->attachment_id(), completed->attachment_id());
  ASSERT_EQ(ListOf(thread, kSpecialist).size(), 1u);
  EXPECT_EQ(ListOf(thread, kSpecialist)[0].content.name, "张伟 心电图.pdf");
  EXPECT_THAT(Events(upload.id.uuid()), ElementsAre("AttachmentAdded"));
  // Its timer went with the upload: the blob stays.
  clock_.Advance(absl::Hours(100));
  timers_->RunDue().IgnoreError();
  EXPECT_EQ(Chunks(upload), 1);
}

TEST_F(AttachmentStoreTest, ANameIsNotReadableInTheDatabase) {
  const Upload upload = Full(*Begin({.advice = Ask(Input()).id}));
  const char* in_upload = "SELECT INSTR(name, '张伟') FROM upload WHERE upload_id = ?";
  const char* in_attachment = "SELECT INSTR(name, '张伟') FROM attachment WHERE attachment_id = ?";
  EXPECT_THAT(Texts(in_upload, upload.id.uuid()), ElementsAre("0"));
  ASSERT_THAT(Complete(upload), IsOk());
  EXPECT_THAT(Texts(in_attachment, upload.id.uuid()), ElementsAre("0"));
}

TEST_F(AttachmentStoreTest, AnUploadIsItsOrganizationsAlone) {
  const Advice asked = Ask(Input());
  EXPECT_THAT(Begin({.advice = asked.id}, {.organization = Org(3)}).status(),
              StatusIs(absl::StatusCode::kNotFound, "ADVICE_NOT_FOUND"));
  const Upload upload = Full(*Begin({.advice = asked.id}));
  EXPECT_THAT(attachments_->FindUpload(upload.id, kSpecialist.organization, Deadline()).status(),
              StatusIs(absl::StatusCode::kNotFound, "UPLOAD_NOT_FOUND"));
}

TEST_F(AttachmentStoreTest, OfTwoStreamsTheSlowerIsToldWhereTheUploadStands) {
  const Upload upload = Full(*Begin({.advice = Ask(Input()).id}));
  EXPECT_THAT(attachments_->Advance(upload, 0, 4, Deadline()),
              StatusIs(absl::StatusCode::kAborted, "OFFSET_STALE"));
}

TEST_F(AttachmentStoreTest, AnExpiredUploadLeavesNothing) {
  const Upload upload = Full(*Begin({.advice = Ask(Input()).id}));
  clock_.Advance(absl::Hours(24));
  EXPECT_THAT(Complete(upload).status(), StatusIs(absl::StatusCode::kNotFound, "UPLOAD_NOT_FOUND"));
  EXPECT_EQ(*timers_->RunDue(), 1);
  EXPECT_EQ(Chunks(upload), 1);
  EXPECT_THAT(attachments_->Advance(upload, 4, 5, Deadline()),
              StatusIs(absl::StatusCode::kNotFound, "UPLOAD_NOT_FOUND"));
  clock_.Advance(kUploadSweepDelay);
  EXPECT_EQ(*timers_->RunDue(), 1);
  EXPECT_EQ(Chunks(upload), 0);
  EXPECT_THAT(Texts("SELECT 'there' FROM upload WHERE upload_id = ?", upload.id.uuid()),
              ElementsAre());
}

TEST_F(AttachmentStoreTest, ARefusedUploadLeavesNothing) {
  const Upload upload = Full(*Begin({.advice = Ask(Input()).id}));
  ASSERT_THAT(attachments_->Refuse(upload, Deadline()), IsOk());
  EXPECT_THAT(attachments_->FindUpload(upload.id, kAsker.organization, Deadline()).status(),
              StatusIs(absl::StatusCode::kNotFound, "UPLOAD_NOT_FOUND"));
  clock_.Advance(kUploadSweepDelay);
  EXPECT_EQ(*timers_->RunDue(), 1);
  EXPECT_EQ(Chunks(upload), 0);
}

TEST_F(AttachmentStoreTest, ARecordTakesOnlySoMany) {
  const RecordRef thread{.advice = Ask(Input()).id};
  ASSERT_THAT(Complete(Full(*Begin(thread))), IsOk());
  ASSERT_THAT(Begin(thread, kSpecialist), IsOk());
  ASSERT_THAT(Begin(thread), IsOk());
  EXPECT_THAT(Begin(thread).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "TOO_MANY_ATTACHMENTS"));
}

TEST_F(AttachmentStoreTest, NothingIsAddedToAClosedRecord) {
  const Advice asked = Ask(Input());
  const Upload upload = Full(*Begin({.advice = asked.id}));
  ASSERT_THAT(Do(asked, kAsker,
                 [](const Advice& now, absl::Time at) {
                   return now.Close(kAsker, ReasonCode::kNone, "", at);
                 }),
              IsOk());
  EXPECT_THAT(Begin({.advice = asked.id}).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "RECORD_CLOSED"));
  EXPECT_THAT(Complete(upload).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "RECORD_CLOSED"));
  EXPECT_TRUE(ListOf({.advice = asked.id}, kAsker).empty());
}

TEST_F(AttachmentStoreTest, WhatIsRemovedFromADraftLeavesItsTrailAndNothingElse) {
  const RecordRef record{.referral = Draft()};
  const AttachmentId id = *Attach(record);
  const base::Uuid request = base::Uuid::V7();
  ASSERT_THAT(Remove(id, kAsker, request), IsOk());
  EXPECT_THAT(Remove(id, kAsker, request), IsOk()) << "the same request gets the same answer";
  EXPECT_THAT(Remove(id, kAsker), StatusIs(absl::StatusCode::kNotFound, "ATTACHMENT_NOT_FOUND"));
  EXPECT_TRUE(ListOf(record, kAsker).empty());
  EXPECT_THAT(attachments_->Find(id, kAsker.organization, Deadline()).status(),
              StatusIs(absl::StatusCode::kNotFound, "ATTACHMENT_NOT_FOUND"));
  EXPECT_THAT(Events(id.uuid()), ElementsAre("AttachmentAdded", "AttachmentRemoved"));
  // A download may still be on its way; after the longest one the bytes go.
  EXPECT_EQ(ChunksOf(id), 1);
  clock_.Advance(kUploadSweepDelay);
  EXPECT_EQ(*timers_->RunDue(), 1);
  EXPECT_EQ(ChunksOf(id), 0);
  ASSERT_THAT(Attach(record), IsOk()) << "it makes room";
}

TEST_F(AttachmentStoreTest, AReturnedReferralIsPutRightByTheSideThatAdded) {
  const ReferralId referral = Draft();
  const RecordRef record{.referral = referral};
  const AttachmentId ours = *Attach(record);
  Submit(referral);
  const AttachmentId theirs = *Attach(record, kSpecialist);
  EXPECT_THAT(Remove(ours, kAsker),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ATTACHMENT_KEPT"));
  EXPECT_THAT(Remove(theirs, kSpecialist),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ATTACHMENT_KEPT"));
  Return(referral);
  EXPECT_THAT(Remove(theirs, kAsker),
              StatusIs(absl::StatusCode::kPermissionDenied, "ATTACHMENT_OF_OTHER_SIDE"));
  EXPECT_THAT(Remove(ours, {.organization = Org(3)}),
              StatusIs(absl::StatusCode::kNotFound, "ATTACHMENT_NOT_FOUND"));
  EXPECT_THAT(Remove(ours, kAsker), IsOk());
  ASSERT_EQ(ListOf(record, kSpecialist).size(), 1u);
  EXPECT_EQ(ListOf(record, kSpecialist)[0].id, theirs);
  EXPECT_THAT(Remove(theirs, kSpecialist), IsOk());
}

TEST_F(AttachmentStoreTest, WhatWasSaidInAThreadStaysAndADraftOfItGoesWithoutItsContent) {
  const Advice asked = Ask(Input());
  const AttachmentId said = *Attach({.advice = asked.id});
  EXPECT_THAT(Remove(said, kAsker),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ATTACHMENT_KEPT"));
  const AttachmentId answer = *Attach({.advice = asked.id}, kSpecialist);
  const auto converted = Convert(Answered(asked), base::Uuid::V7());
  ASSERT_THAT(converted, IsOk());
  const RecordRef draft{.referral = *ReferralId::Parse(converted->referral().referral_id())};
  const std::vector<Attachment> copies = ListOf(draft, kAsker);
  ASSERT_EQ(copies.size(), 2u);
  // The draft is the asker's alone, the specialist's answer in it too.
  for (const Attachment& copy : copies) EXPECT_THAT(Remove(copy.id, kAsker), IsOk());
  clock_.Advance(kUploadSweepDelay);
  timers_->RunDue().IgnoreError();
  EXPECT_EQ(ListOf({.advice = asked.id}, kSpecialist).size(), 2u);
  EXPECT_EQ(ChunksOf(said), 1);
  EXPECT_EQ(ChunksOf(answer), 1);
}

}  // namespace
}  // namespace yilian::referral
