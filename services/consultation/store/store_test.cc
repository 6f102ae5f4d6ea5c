// The consultation schema on a real database: claims under many readers, signed versions, keys.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "common/crypto/es256.h"
#include "common/crypto/field_cipher.h"
#include "common/crypto/key_files.h"
#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/relationship/merges.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "services/consultation/rpc/convert.h"
#include "services/consultation/store/mysql_consultation_store.h"
#include "services/consultation/store/mysql_signing_keys.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"

namespace yilian::consultation {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::WriteAs;

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}
PractitionerId Person(int n) {
  return PractitionerId(base::Uuid::V5(base::Uuid(), "person " + std::to_string(n)));
}
const Actor kTownship{.organization = Org(1), .practitioner = Person(1)};

class ConsultationStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(test_support::TestDatabase::Get().NewSchema(
        service::AllMigrations(ConsultationMigrations())));
    ASSERT_THAT(opened, IsOk());
    pool_ = *std::move(opened);
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, clock_, "yilian.consultation");
    store_ = std::make_unique<MysqlConsultationStore>(*unit_);
  }

  static absl::Time Deadline() { return absl::Now() + absl::Seconds(20); }
  static v1::Consultation Answer(const Consultation& c) { return convert::ToProto(c, kTownship); }

  static NewConsultation Input(Urgency urgency) {
    return {.id = ConsultationId(base::Uuid::V7()),
            .patient = PatientId(base::Uuid::V7()),
            .urgency = urgency,
            .consulted_organization = Org(2),
            .specialty = "CARDIOLOGY",
            .question = "？",
            .patient_consented = true};
  }
  absl::Status TryRequest(const NewConsultation& input) {
    return store_
        ->Create<v1::Consultation>(
            WriteAs(Org(1).uuid()),
            [&](absl::Time at) {
              return RequestConsultation(input, kTownship, clocks_, std::nullopt, at);
            },
            Answer)
        .status();
  }
  ConsultationId Request(Urgency urgency = Urgency::kRoutine) {
    const NewConsultation input = Input(urgency);
    EXPECT_THAT(TryRequest(input), IsOk());
    return input.id;
  }

  absl::StatusOr<v1::Consultation> ClaimNext(PractitionerId reader) {
    const Actor by{.organization = Org(2), .practitioner = reader};
    return store_->UpdateMostPressing<v1::Consultation>(
        WriteAs(Org(2).uuid()), by,
        [](const Consultation& now, const Actor& actor, absl::Time at) {
          return now.Claim(actor, absl::Minutes(10), at);
        },
        Answer);
  }

  base::FakeClock clock_{absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone())};
  const Clocks clocks_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlConsultationStore> store_;
};

TEST_F(ConsultationStoreTest, ManyReadersOnOneWorklistClaimEachConsultationOnce) {
  constexpr int kConsultations = 60;
  constexpr int kReaders = 12;
  for (int i = 0; i < kConsultations; ++i) Request();
  std::vector<std::thread> readers;
  std::mutex mutex;
  std::multiset<std::string> claimed;
  for (int r = 0; r < kReaders; ++r) {
    readers.emplace_back([&, r] {
      while (true) {
        const auto got = ClaimNext(Person(100 + r));
        if (!got.ok()) {
          EXPECT_THAT(got, StatusIs(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_CLAIM"));
          return;
        }
        std::lock_guard lock(mutex);
        claimed.insert(got->consultation_id());
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(claimed.size(), static_cast<size_t>(kConsultations));
  EXPECT_EQ(std::set<std::string>(claimed.begin(), claimed.end()).size(), claimed.size());
}

TEST_F(ConsultationStoreTest, UrgencyThenClockDecideAlsoForWhatIsOfferedAgain) {
  const ConsultationId routine = Request();
  clock_.Advance(absl::Minutes(1));
  const ConsultationId emergency = Request(Urgency::kEmergency);
  EXPECT_EQ(ClaimNext(Person(2))->consultation_id(), emergency.ToString());
  EXPECT_EQ(ClaimNext(Person(3))->consultation_id(), routine.ToString());
  EXPECT_THAT(ClaimNext(Person(4)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_CLAIM"));
  const ConsultationId newer = Request();
  clock_.Advance(absl::Minutes(11));
  const ConsultationId second_emergency = Request(Urgency::kEmergency);
  EXPECT_EQ(ClaimNext(Person(4))->consultation_id(), emergency.ToString()) << "its lease ran out";
  EXPECT_EQ(ClaimNext(Person(5))->consultation_id(), second_emergency.ToString());
  EXPECT_EQ(ClaimNext(Person(6))->consultation_id(), routine.ToString()) << "its lease ran out";
  EXPECT_EQ(ClaimNext(Person(7))->consultation_id(), newer.ToString());
}

TEST_F(ConsultationStoreTest, ASignedVersionIsKeptByteForByteWithItsKey) {
  const std::string folder =
      ::testing::TempDir() + "/consultation-keys-" + base::Uuid::V7().ToString();
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  ASSERT_THAT(crypto::CreateKeyFile(folder + "/2026-01-01.key"), IsOk());
  const auto cipher = crypto::FieldCipher::Open(folder);
  ASSERT_THAT(cipher, IsOk());
  MysqlSigningKeys keys(*pool_, **cipher);
  const auto key = keys.KeyOf(Person(2), Deadline());
  ASSERT_THAT(key, IsOk());
  // A second process finds the same key.
  MysqlSigningKeys elsewhere(*pool_, **cipher);
  EXPECT_EQ((*elsewhere.KeyOf(Person(2), Deadline()))->key_id(), (*key)->key_id());

  const ConsultationId id = Request();
  const Actor expert{.organization = Org(2), .practitioner = Person(2)};
  ASSERT_THAT(ClaimNext(Person(2)), IsOk());
  std::string signed_bytes;
  ASSERT_THAT(
      store_->Update<v1::Consultation>(
          WriteAs(Org(2).uuid()), id, expert, Standing::kNone, std::nullopt,
          [&](const Consultation& now, const Actor&, absl::Time at) -> absl::StatusOr<Change> {
            SignedOpinion opinion{.version = 1,
                                  .practitioner = expert.practitioner,
                                  .signed_at = at,
                                  .key_id = (*key)->key_id(),
                                  .public_key = (*key)->public_key()};
            opinion.signed_bytes = convert::StatementBytes(
                now, 1, expert.practitioner, at, {.impression = "窦性心律", .advice = "随访"});
            opinion.signature = *(*key)->Sign(opinion.signed_bytes);
            signed_bytes = opinion.signed_bytes;
            return now.Sign(expert, 1, std::move(opinion), clocks_, at);
          },
          Answer),
      IsOk());
  const auto read = store_->Get(id, Org(1), Deadline());
  ASSERT_THAT(read, IsOk());
  ASSERT_TRUE(read->opinion.has_value());
  EXPECT_EQ(read->opinion->signed_bytes, signed_bytes);
  const auto public_key = crypto::Es256PublicKey::FromPem(read->opinion->public_key);
  ASSERT_THAT(public_key, IsOk());
  EXPECT_TRUE(public_key->Verify(read->opinion->signed_bytes, read->opinion->signature));
  std::string changed = read->opinion->signed_bytes;
  changed.back() ^= 1;
  EXPECT_FALSE(public_key->Verify(changed, read->opinion->signature));
  std::filesystem::remove_all(folder);
}

TEST_F(ConsultationStoreTest, AForeignConsultationLooksLikeNone) {
  const ConsultationId id = Request();
  const absl::Status foreign = store_->Get(id, Org(3), Deadline()).status();
  EXPECT_EQ(foreign, store_->Get(ConsultationId(base::Uuid::V7()), Org(3), Deadline()).status());
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(ConsultationStoreTest, ARecordMergedSinceItWasLookedAtIsRefusedInTheWriteItself) {
  const NewConsultation input = Input(Urgency::kRoutine);
  const relationship::SubjectMerge merge{
      .id = base::Uuid::V7(), .survivor = base::Uuid::V7(), .merged = input.patient.uuid()};
  ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Merge", .deadline = Deadline()},
                                    [&](mysql::Session& session) {
                                      return relationship::RecordMerge(session, merge);
                                    }),
              IsOk());
  EXPECT_THAT(TryRequest(input), StatusIs(absl::StatusCode::kFailedPrecondition, "PATIENT_MERGED"));
}

}  // namespace
}  // namespace yilian::consultation
