// Uploads and attachments, on a real database.
#include "services/referral/store/advice_fixture.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;

class AttachmentStoreTest : public AdviceFixture {};

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

}  // namespace
}  // namespace yilian::referral
