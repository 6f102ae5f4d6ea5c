// A schema with the stores of advice and attachments, and what a test does with them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/blob/database_blob_store.h"
#include "common/crypto/key_files.h"
#include "common/mysql/transaction.h"
#include "common/saga/timer.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "services/referral/store/mysql_advice_store.h"
#include "services/referral/store/mysql_attachment_store.h"
#include "tests/contract/test_pki.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"
#include "yilian/referral/v1/advice.pb.h"
#include "yilian/referral/v1/attachment.pb.h"

namespace yilian::referral {

inline OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}
inline PractitionerId Person(int n) {
  return PractitionerId(base::Uuid::V5(base::Uuid(), "practitioner " + std::to_string(n)));
}
inline const Actor kAsker{.organization = Org(1), .practitioner = Person(1)};
inline const Actor kSpecialist{.organization = Org(2), .practitioner = Person(2)};
inline const DepartmentId kCardiology{base::Uuid::V5(base::Uuid(), "cardiology")};

class AdviceFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(ReferralMigrations())));
    ASSERT_THAT(opened, status::IsOk());
    pool_ = *std::move(opened);
    ASSERT_THAT(crypto::CreateKeyFile(pki_.folder() + "/2026-11-22.key"), status::IsOk());
    cipher_ = *crypto::FieldCipher::Open(pki_.folder());
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, clock_, "yilian.referral");
    referrals_ = std::make_unique<MysqlReferralStore>(*unit_, absl::UTCTimeZone());
    advice_ = std::make_unique<MysqlAdviceStore>(MysqlAdviceStore::Deps{
        .unit_of_work = *unit_, .referrals = *referrals_, .cipher = *cipher_});
    records_ = std::make_unique<Records>(*referrals_, *advice_);
    blobs_ = std::make_unique<blob::DatabaseBlobStore>(*pool_);
    attachments_ = std::make_unique<MysqlAttachmentStore>(
        MysqlAttachmentStore::Deps{.unit_of_work = *unit_,
                                   .records = *records_,
                                   .cipher = *cipher_,
                                   .blobs = *blobs_,
                                   .limits = {.most_per_record = 3}});
    timers_ = std::make_unique<saga::TimerRunner>(*pool_, clock_);
    timers_->Define(std::string(kAdviceTimer),
                    [this](mysql::Session& session, const saga::Timer& timer) {
                      return advice_->Escalate(session, AdviceId(timer.aggregate_id), clock_.Now());
                    });
    timers_->Define(std::string(kUploadTimer),
                    [this](mysql::Session& session, const saga::Timer& timer) {
                      return attachments_->OnTimer(session, timer);
                    });
    timers_->Define(std::string(kRemovedBlobTimer),
                    [this](mysql::Session& session, const saga::Timer& timer) {
                      return attachments_->OnRemovedBlob(session, timer);
                    });
  }

  static absl::Time Deadline() { return absl::Now() + absl::Seconds(20); }

  NewAdvice Input() {
    return {.id = AdviceId(base::Uuid::V7()),
            .patient = PatientId(base::Uuid::V7()),
            .advising_organization = kSpecialist.organization,
            .advising_department = kCardiology,
            .question = "胸痛一周 \\ | ^ ~ 需要造影吗？",
            .patient_consented = true};
  }
  static v1::Advice Named(const Advice& advice) {
    v1::Advice answer;
    answer.set_advice_id(advice.id.ToString());
    answer.set_etag(advice.etag());
    return answer;
  }
  absl::StatusOr<v1::Advice> TryAsk(const NewAdvice& input,
                                    const base::Uuid& request = base::Uuid::V7()) {
    return advice_->Create<v1::Advice>(
        test_support::WriteAs(kAsker.organization.uuid(), request),
        [&](absl::Time at) { return AskAdvice(input, kAsker, answers_, at); }, Named);
  }
  Advice Ask(const NewAdvice& input, const base::Uuid& request = base::Uuid::V7()) {
    const auto answer = TryAsk(input, request);
    EXPECT_THAT(answer, status::IsOk());
    return Read(*AdviceId::Parse(answer->advice_id()));
  }
  Advice Read(AdviceId id, const Actor& reader = kAsker) {
    const auto found = advice_->Get(id, reader.organization, Deadline());
    EXPECT_THAT(found, status::IsOk());
    return found.ok() ? *found : Advice();
  }
  using Command = std::function<absl::StatusOr<AdviceChange>(const Advice&, absl::Time)>;
  absl::StatusOr<v1::Advice> Do(const Advice& read, const Actor& by, const Command& command,
                                const base::Uuid& request = base::Uuid::V7()) {
    return advice_->Update<v1::Advice>(test_support::WriteAs(by.organization.uuid(), request),
                                       read.id, by.organization, read.etag(), command, Named);
  }
  Advice Answered(const Advice& read) {
    EXPECT_THAT(Do(read, kSpecialist,
                   [](const Advice& now, absl::Time at) {
                     return now.Answer(kSpecialist, "先做心电图", at);
                   }),
                status::IsOk());
    return Read(read.id);
  }
  absl::StatusOr<v1::ConvertAdviceResponse> Convert(const Advice& read, const base::Uuid& request) {
    NewReferral input;
    input.id = ReferralId(base::Uuid::V7());
    input.summary.complaint = "胸痛";
    return advice_->Convert<v1::ConvertAdviceResponse>(
        test_support::WriteAs(kAsker.organization.uuid(), request), read.id, kAsker.organization,
        read.etag(),
        [&](const Advice& now, absl::Time at) -> absl::StatusOr<Conversion> {
          auto change = now.Convert(kAsker, input.id, at);
          if (!change.ok()) return change.status();
          auto draft = DraftFrom(now, input, absl::UTCTimeZone());
          auto referral = CreateReferral(*draft, kAsker, deadlines_, at);
          if (!referral.ok()) return referral.status();
          return Conversion{*change, *referral};
        },
        [](const Conversion& conversion) {
          v1::ConvertAdviceResponse response;
          response.mutable_referral()->set_referral_id(conversion.referral.after.id.ToString());
          return response;
        });
  }

  Declaration Declared(const RecordRef& record, const std::string& content = "%PDF") {
    return {.record = record,
            .name = "张伟 心电图.pdf",
            .media_type = MediaType::kPdf,
            .size = static_cast<int64_t>(content.size()),
            .sha256 = std::string(32, 's')};
  }
  absl::StatusOr<v1::Upload> Begin(const RecordRef& record, const Actor& by = kAsker,
                                   const base::Uuid& request = base::Uuid::V7()) {
    return attachments_->Begin<v1::Upload>(test_support::WriteAs(by.organization.uuid(), request),
                                           Declared(record), by, [](const Upload& upload) {
                                             v1::Upload answer;
                                             answer.set_upload_id(upload.id.ToString());
                                             return answer;
                                           });
  }
  Upload Full(const v1::Upload& begun, const Actor& by = kAsker) {
    auto upload =
        attachments_->FindUpload(*UploadId::Parse(begun.upload_id()), by.organization, Deadline());
    EXPECT_THAT(upload, status::IsOk());
    EXPECT_THAT(blobs_->Put(blob::BlobId(upload->id.uuid()), 0, "%PDF", Deadline()),
                status::IsOk());
    EXPECT_THAT(attachments_->Advance(*upload, 0, 4, Deadline()), status::IsOk());
    upload->received = 4;
    return *upload;
  }
  absl::StatusOr<v1::Attachment> Complete(const Upload& upload, bool checked = true,
                                          const base::Uuid& request = base::Uuid::V7()) {
    return attachments_->Complete<v1::Attachment>(
        test_support::WriteAs(kAsker.organization.uuid(), request), upload.id, kAsker, checked,
        [](const Attachment& attachment) {
          v1::Attachment answer;
          answer.set_attachment_id(attachment.id.ToString());
          return answer;
        });
  }
  std::vector<Attachment> ListOf(const RecordRef& record, const Actor& reader) {
    const auto listed = attachments_->List(record, reader.organization, Deadline());
    EXPECT_THAT(listed, status::IsOk());
    return listed.ok() ? listed->attachments : std::vector<Attachment>();
  }

  std::vector<std::string> Texts(const char* sql, const base::Uuid& id) {
    std::vector<std::string> texts;
    EXPECT_THAT(mysql::RunRead(*pool_, Deadline(),
                               [&](mysql::Session& session) {
                                 return session.SelectValues({"test.Texts", sql}, {id},
                                                             [&](const mysql::Row& row) {
                                                               texts.push_back(row.Text(0));
                                                               return absl::OkStatus();
                                                             });
                               }),
                status::IsOk());
    return texts;
  }
  std::vector<std::string> Events(const base::Uuid& id) {
    return Texts("SELECT type FROM outbox WHERE aggregate_id = ? ORDER BY outbox_id", id);
  }
  int Chunks(const Upload& upload) {
    return static_cast<int>(
        Texts("SELECT chunk FROM blob_chunk WHERE blob_id = ?", upload.id.uuid()).size());
  }

  base::FakeClock clock_{absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone())};
  const WorkingCalendar calendar_{absl::UTCTimeZone(), {}, {}};
  const AdviceDeadlines answers_{{}, calendar_};
  const Deadlines deadlines_{{}, calendar_};
  contract::TestPki pki_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<crypto::FieldCipher> cipher_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlReferralStore> referrals_;
  std::unique_ptr<MysqlAdviceStore> advice_;
  std::unique_ptr<Records> records_;
  std::unique_ptr<blob::DatabaseBlobStore> blobs_;
  std::unique_ptr<MysqlAttachmentStore> attachments_;
  std::unique_ptr<saga::TimerRunner> timers_;
};

}  // namespace yilian::referral
