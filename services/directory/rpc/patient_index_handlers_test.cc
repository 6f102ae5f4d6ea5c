#include "services/directory/rpc/patient_index_handlers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <thread>

#include "services/directory/jobs/match_settler.h"
#include "services/directory/testing/directory_fixture.h"

namespace yilian::directory {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class PatientIndexTest : public testing::DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    township_ = MakeOrganization("柳树镇卫生院");
    hospital_ = MakeOrganization("河口市医院", v1::TIER_TERTIARY_HOSPITAL);
    steward_ = PersonOf(MakeOrganization("河口市卫健委", v1::TIER_HEALTH_AUTHORITY));
  }
  // A woman of whom everything is known but an identifier.
  v1::RegisterPatientRequest Woman(const std::string& organization,
                                   const std::string& name = "张小芳") {
    v1::RegisterPatientRequest request = NewPatient(organization);
    request.set_name(name);
    request.set_birth_date("1986-03-14");
    request.set_phone("13812345678");
    request.set_address("青河县柳树镇东街12号");
    return request;
  }
  absl::StatusOr<v1::RegisterPatientResponse> Register(const v1::RegisterPatientRequest& request) {
    return As(PersonOf(request.organization_id()), *patient_handlers_,
              &PatientHandlers::RegisterPatient, request);
  }
  std::string Made(const v1::RegisterPatientRequest& request) {
    const auto made = Register(request);
    EXPECT_THAT(made, IsOk());
    return made.ok() ? made->patient().patient_id() : "";
  }
  std::vector<v1::MatchReview> Reviews() {
    auto listed = As(steward_, *patient_index_handlers_, &PatientIndexHandlers::ListMatchReviews,
                     v1::ListMatchReviewsRequest());
    EXPECT_THAT(listed, IsOk());
    return {listed->reviews().begin(), listed->reviews().end()};
  }
  absl::StatusOr<v1::MatchReview> Decide(const v1::MatchReview& review,
                                         v1::MatchReviewState decision,
                                         const std::string& survivor = "", int days = 0) {
    v1::DecideMatchReviewRequest request;
    request.set_request_id(testing::NewId());
    request.set_review_id(review.review_id());
    request.set_etag(review.etag());
    request.set_decision(decision);
    request.set_surviving_patient_id(survivor);
    request.set_defer_days(days);
    return As(steward_, *patient_index_handlers_, &PatientIndexHandlers::DecideMatchReview,
              request);
  }
  absl::Status Merge(const std::string& survivor, const std::string& merged) {
    v1::MergePatientsRequest request;
    request.set_request_id(testing::NewId());
    request.set_surviving_patient_id(survivor);
    request.set_merged_patient_id(merged);
    request.set_reason("one person, two cards");
    return As(Service("gateway"), *patient_handlers_, &PatientHandlers::MergePatients, request)
        .status();
  }
  std::vector<v1::PatientMerge> Merges(const std::string& patient) {
    v1::ListPatientMergesRequest request;
    request.set_patient_id(patient);
    auto listed =
        As(steward_, *patient_index_handlers_, &PatientIndexHandlers::ListPatientMerges, request);
    EXPECT_THAT(listed, IsOk());
    return {listed->merges().begin(), listed->merges().end()};
  }
  absl::StatusOr<v1::PatientMerge> Unmerge(const std::string& merge) {
    v1::UnmergePatientsRequest request;
    request.set_request_id(testing::NewId());
    request.set_merge_id(merge);
    request.set_reason("two people after all");
    return As(steward_, *patient_index_handlers_, &PatientIndexHandlers::UnmergePatients, request);
  }
  absl::StatusOr<v1::Patient> Add(const std::string& patient, const std::string& issuer,
                                  const std::string& value, const rpc::Caller& caller) {
    v1::AddPatientIdentifierRequest request;
    request.set_request_id(testing::NewId());
    request.set_patient_id(patient);
    request.mutable_identifier()->set_issuer(issuer);
    request.mutable_identifier()->set_value(value);
    return As(caller, *patient_index_handlers_, &PatientIndexHandlers::AddPatientIdentifier,
              request);
  }
  absl::StatusOr<v1::Patient> Remove(const std::string& patient, const std::string& issuer,
                                     const std::string& value, const rpc::Caller& caller) {
    v1::RemovePatientIdentifierRequest request;
    request.set_request_id(testing::NewId());
    request.set_patient_id(patient);
    request.mutable_identifier()->set_issuer(issuer);
    request.mutable_identifier()->set_value(value);
    return As(caller, *patient_index_handlers_, &PatientIndexHandlers::RemovePatientIdentifier,
              request);
  }
  absl::StatusOr<v1::Patient> Get(const std::string& patient, const rpc::Caller& caller) {
    v1::GetPatientRequest request;
    request.set_patient_id(patient);
    return As(caller, *patient_handlers_, &PatientHandlers::GetPatient, request);
  }

  // Changes rows behind the service's back.
  void Sql(const std::string& statement) {
    EXPECT_THAT(mysql::RunTransaction(
                    *pool_, {.name = "test.Sql", .deadline = absl::Now() + absl::Seconds(10)},
                    [&](mysql::Session& session) {
                      return session.ExecuteComposed("test.Sql", statement, {}).status();
                    }),
                IsOk());
  }

  std::string township_;
  std::string hospital_;
  rpc::Caller steward_;
};

TEST_F(PatientIndexTest, WhoAgreesBeyondDoubtIsFoundWithoutAnIdentifier) {
  const std::string known = Made(Woman(township_));
  const auto again = Register(Woman(hospital_, "張小芳"));
  ASSERT_THAT(again, IsOk());
  EXPECT_FALSE(again->created());
  EXPECT_EQ(again->outcome(), v1::REGISTRATION_OUTCOME_FOUND_BY_RESEMBLANCE);
  EXPECT_EQ(again->patient().patient_id(), known);
  EXPECT_TRUE(MaySee(hospital_, known));
  EXPECT_THAT(Reviews(), IsEmpty());
}

TEST_F(PatientIndexTest, WhoAgreesBeyondDoubtGetsTheIdentifiersThatWereNew) {
  const std::string known = Made(Woman(township_));
  v1::RegisterPatientRequest with_card = Woman(hospital_);
  with_card.set_national_id("110105198603140028");
  EXPECT_EQ(Made(with_card), known);
  v1::RegisterPatientRequest by_card = NewPatient(township_);
  by_card.set_national_id("110105198603140028");
  const auto found = Register(by_card);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->outcome(), v1::REGISTRATION_OUTCOME_FOUND_BY_IDENTIFIER);
  EXPECT_EQ(found->patient().patient_id(), known);
}

TEST_F(PatientIndexTest, WhoResemblesSomebodyGetsARecordAndAReview) {
  const std::string known = Made(Woman(township_));
  const auto homophone = Register(Woman(hospital_, "章晓芳"));
  ASSERT_THAT(homophone, IsOk());
  EXPECT_TRUE(homophone->created());
  EXPECT_EQ(homophone->outcome(), v1::REGISTRATION_OUTCOME_CREATED_FOR_REVIEW);
  const std::vector<v1::MatchReview> reviews = Reviews();
  ASSERT_THAT(reviews, SizeIs(1));
  EXPECT_THAT(reviews[0].patient_ids(),
              UnorderedElementsAre(known, homophone->patient().patient_id()));
  EXPECT_GE(reviews[0].decibits(), 200);
  v1::GetMatchReviewRequest request;
  request.set_review_id(reviews[0].review_id());
  const auto shown =
      As(steward_, *patient_index_handlers_, &PatientIndexHandlers::GetMatchReview, request);
  ASSERT_THAT(shown, IsOk());
  EXPECT_THAT(shown->patients(), SizeIs(2));
  EXPECT_THAT(reads_, SizeIs(2)) << "both patients were looked at";
}

TEST_F(PatientIndexTest, TwinsStayTwo) {
  Made(Woman(township_, "王小明"));
  const auto twin = Register(Woman(township_, "王小亮"));
  ASSERT_THAT(twin, IsOk());
  EXPECT_TRUE(twin->created());
  v1::RegisterPatientRequest with_number = Woman(township_, "王小明");
  with_number.set_national_id("110105198603140028");
  EXPECT_THAT(Register(with_number), IsOk());
  v1::RegisterPatientRequest other_number = Woman(township_, "王小明");
  other_number.set_national_id("110105198603140044");
  const auto namesake = Register(other_number);
  ASSERT_THAT(namesake, IsOk());
  EXPECT_TRUE(namesake->created()) << "another identity number is another person";
}

TEST_F(PatientIndexTest, SixtyFourAtOnceMakeOneRecordOfOneIdentifier) {
  mysql::PoolOptions options = pool_options_;
  options.size = 64;
  auto pool = mysql::Pool::Open(options);
  ASSERT_THAT(pool, IsOk());
  unit::UnitOfWork unit(**pool, nullptr, clock_, "yilian.directory");
  MysqlPatientStore patients(**pool, cipher_, index_, NamesOnce());
  PatientHandlers handlers({.unit = unit, .patients = patients, .contracts = *contracts_});
  constexpr int kCreators = 64;
  std::vector<absl::StatusOr<v1::RegisterPatientResponse>> answers(
      kCreators, absl::UnknownError("not answered"));
  std::atomic<int> ready = 0;
  std::vector<std::thread> creators;
  for (int i = 0; i < kCreators; ++i) {
    creators.emplace_back([&, i] {
      v1::RegisterPatientRequest request = Woman(i % 2 == 0 ? township_ : hospital_);
      request.mutable_identifiers()->Clear();
      v1::PatientIdentifier& card = *request.add_identifiers();
      card.set_issuer("CN-INSURANCE");
      card.set_value("A99990001");
      ++ready;
      while (ready < kCreators) std::this_thread::yield();
      const test_support::TestCall call(PersonOf(request.organization_id()), request);
      answers[i] = handlers.RegisterPatient(call, request);
    });
  }
  for (std::thread& creator : creators) creator.join();
  std::set<std::string> ids;
  int created = 0;
  for (const auto& answer : answers) {
    if (!answer.ok()) {
      EXPECT_THAT(answer, StatusIs(StatusCode::kAborted)) << "a conflict that says try again";
      continue;
    }
    ids.insert(answer->patient().patient_id());
    if (answer->created()) ++created;
  }
  EXPECT_THAT(ids, SizeIs(1));
  EXPECT_EQ(created, 1);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM patient"), 1);
}

TEST_F(PatientIndexTest, TwoRegisteredAtTheSameMomentAreReviewedAMinuteLater) {
  Made(Woman(township_));
  // As if the second had not seen the first: its own look found nothing.
  ASSERT_EQ(Count("SELECT COUNT(*) FROM patient_match_key") > 0, true);
  Sql("DELETE FROM patient_match_key");
  EXPECT_TRUE(Register(Woman(hospital_))->created());
  EXPECT_THAT(Reviews(), IsEmpty());
  MatchSettler settler(*patient_index_, clock_);
  EXPECT_EQ(*settler.RunOnce(), 0) << "too young";
  clock_.Advance(absl::Minutes(2));
  EXPECT_EQ(*settler.RunOnce(), 2);
  EXPECT_THAT(Reviews(), SizeIs(1));
  EXPECT_EQ(*settler.RunOnce(), 0);
}

TEST_F(PatientIndexTest, DecidedSameMergesAndDecidedDifferentNeverComesAgain) {
  const std::string known = Made(Woman(township_));
  const std::string homophone = Made(Woman(hospital_, "章晓芳"));
  const v1::MatchReview review = Reviews().at(0);
  EXPECT_THAT(Decide(review, v1::MATCH_REVIEW_STATE_SAME, township_),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  ASSERT_THAT(Decide(review, v1::MATCH_REVIEW_STATE_SAME, known), IsOk());
  EXPECT_EQ(Get(homophone, Service("lab"))->merged_into(), known);
  EXPECT_TRUE(MaySee(hospital_, known));
  EXPECT_THAT(EventTypes(), Contains("PatientsMerged"));
  EXPECT_THAT(Decide(review, v1::MATCH_REVIEW_STATE_DIFFERENT),
              StatusIs(StatusCode::kFailedPrecondition, "REVIEW_DECIDED"));

  const std::string another = Made(Woman(township_, "张筱芳"));
  for (const v1::MatchReview& open : Reviews()) {
    ASSERT_THAT(Decide(open, v1::MATCH_REVIEW_STATE_DIFFERENT), IsOk());
  }
  EXPECT_THAT(Reviews(), IsEmpty());
  Sql("UPDATE patient SET match_rules = 0");
  clock_.Advance(absl::Minutes(2));
  MatchSettler settler(*patient_index_, clock_);
  ASSERT_THAT(settler.RunOnce(), IsOk());
  EXPECT_THAT(Reviews(), IsEmpty()) << another;
}

TEST_F(PatientIndexTest, AReviewThatIsPutOffComesBack) {
  Made(Woman(township_));
  Made(Woman(hospital_, "章晓芳"));
  ASSERT_THAT(Decide(Reviews().at(0), v1::MATCH_REVIEW_STATE_OPEN, "", 3), IsOk());
  EXPECT_THAT(Reviews(), IsEmpty());
  clock_.Advance(absl::Hours(72));
  EXPECT_THAT(Reviews(), SizeIs(1));
}

TEST_F(PatientIndexTest, CardsAndNumbersAreAddedAndTakenAway) {
  const std::string patient = MakePatient(township_);
  const rpc::Caller doctor = PersonOf(township_);
  const auto with_card = Add(patient, "CN-INSURANCE", "a99 990002", doctor);
  ASSERT_THAT(with_card, IsOk());
  ASSERT_THAT(with_card->identifiers(), SizeIs(1));
  EXPECT_EQ(with_card->identifiers(0).value(), "A99990002");
  EXPECT_THAT(Add(patient, "CN-INSURANCE", "A99990002", doctor), IsOk()) << "has it already";
  ASSERT_THAT(Add(patient, township_, "MRN-7", doctor), IsOk());
  EXPECT_THAT(Add(patient, hospital_, "H-7", doctor),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Add(patient, hospital_, "H-7", PersonOf(hospital_)),
              StatusIs(StatusCode::kNotFound, "NOT_FOUND"))
      << "no relationship";
  const std::string other = Made(Woman(township_));
  EXPECT_THAT(Add(other, "CN-INSURANCE", "A99990002", doctor),
              StatusIs(StatusCode::kAlreadyExists, "IDENTIFIER_TAKEN"));
  ASSERT_THAT(Remove(patient, "CN-INSURANCE", "A99990002", doctor), IsOk());
  EXPECT_THAT(Remove(patient, "CN-INSURANCE", "A99990002", doctor),
              StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Add(other, "CN-INSURANCE", "A99990002", doctor), IsOk()) << "free again";
}

TEST_F(PatientIndexTest, AnUnmergeTakesBackWhatTheMergeMovedAndNothingElse) {
  v1::RegisterPatientRequest request = NewPatient(hospital_);
  v1::PatientIdentifier& number = *request.add_identifiers();
  number.set_issuer(hospital_);
  number.set_value("H-1");
  const std::string merged = Made(request);
  const std::string survivor = MakePatient(township_);
  ASSERT_THAT(Merge(survivor, merged), IsOk());
  EXPECT_TRUE(MaySee(hospital_, survivor));
  EXPECT_THAT(Add(merged, township_, "T-1", Service("gateway")),
              StatusIs(StatusCode::kFailedPrecondition, "PATIENT_MERGED"));
  ASSERT_THAT(Add(survivor, hospital_, "H-2", Service("gateway")), IsOk());

  const std::vector<v1::PatientMerge> merges = Merges(merged);
  ASSERT_THAT(merges, SizeIs(1));
  EXPECT_EQ(merges[0].surviving_patient_id(), survivor);
  ASSERT_THAT(Unmerge(merges[0].merge_id()), IsOk());
  EXPECT_EQ(Get(merged, Service("lab"))->merged_into(), "");
  const auto hospitals = Get(merged, PersonOf(hospital_));
  ASSERT_THAT(hospitals, IsOk());
  ASSERT_THAT(hospitals->identifiers(), SizeIs(1));
  EXPECT_EQ(hospitals->identifiers(0).value(), "H-1");
  EXPECT_FALSE(MaySee(hospital_, survivor)) << "saw it because of the merge";
  EXPECT_TRUE(MaySee(township_, survivor));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM patient_identifier WHERE patient_id = ?",
                  {*base::Uuid::Parse(survivor)}),
            1)
      << "what came after the merge stays";
  EXPECT_THAT(EventTypes(), Contains("PatientsUnmerged"));
  EXPECT_THAT(Unmerge(merges[0].merge_id()),
              StatusIs(StatusCode::kFailedPrecondition, "MERGE_UNDONE"));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM match_review WHERE state = 'DIFFERENT'"), 1);
  ASSERT_THAT(Merge(survivor, merged), IsOk()) << "an undone merge may be made again";
}

TEST_F(PatientIndexTest, MergesAreUndoneInReverse) {
  const std::string a = MakePatient(township_);
  const std::string b = Made(Woman(township_));
  const std::string c = Made(Woman(township_, "李大海"));
  ASSERT_THAT(Merge(b, a), IsOk());
  ASSERT_THAT(Merge(c, b), IsOk());
  EXPECT_EQ(Get(a, Service("lab"))->merged_into(), c);
  const std::string first = Merges(a).at(0).merge_id();
  EXPECT_THAT(Unmerge(first), StatusIs(StatusCode::kFailedPrecondition, "MERGE_COVERED"));
  std::string second;
  for (const v1::PatientMerge& merge : Merges(b)) {
    if (merge.merged_patient_id() == b) second = merge.merge_id();
  }
  ASSERT_THAT(Unmerge(second), IsOk());
  EXPECT_EQ(Get(a, Service("lab"))->merged_into(), b);
  EXPECT_EQ(Get(b, Service("lab"))->merged_into(), "");
  ASSERT_THAT(Unmerge(first), IsOk());
  EXPECT_EQ(Get(a, Service("lab"))->merged_into(), "");
}

TEST_F(PatientIndexTest, AMergedRecordStillLeadsToItsSurvivor) {
  const std::string known = Made(Woman(township_));
  const std::string survivor = MakePatient(township_);
  ASSERT_THAT(Merge(survivor, known), IsOk());
  const auto again = Register(Woman(hospital_));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->patient().patient_id(), survivor);
}

TEST_F(PatientIndexTest, NothingOfTheIndexIsStoredInTheClear) {
  Made(Woman(township_));
  Made(Woman(hospital_, "章晓芳"));
  for (const std::string secret : {"zhang", "张小芳", "13812345678", "柳树", "1986"}) {
    for (const char* column :
         {"patient_match_key.key_index", "match_review.agreements", "patient.address_cipher",
          "patient.name_cipher", "patient.phone_cipher"}) {
      const std::string name = column;
      const std::string table = name.substr(0, name.find('.'));
      EXPECT_EQ(
          Count(
              fmt::format(
                  "SELECT COUNT(*) FROM {} WHERE INSTR(CAST({} AS BINARY), CAST(? AS BINARY)) > 0",
                  table, name),
              {secret}),
          0)
          << column << " shows " << secret;
    }
  }
}

}  // namespace
}  // namespace yilian::directory
