#include "services/directory/domain/receivers.h"

#include <gmock/gmock.h>

#include "absl/time/time.h"

namespace yilian::directory {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

template <typename IdType>
IdType Id(int n) {
  std::string bytes(16, '\0');
  bytes[15] = static_cast<char>(n);
  return IdType(*base::Uuid::FromBytes(bytes));
}

const OrganizationId kLead = Id<OrganizationId>(1);

Referrer Township() {
  return {.organization = {.id = Id<OrganizationId>(9),
                           .name = "青山镇卫生院",
                           .tier = Tier::kTownshipHospital,
                           .consortium = kLead},
          .location = Location{120'000'000, 30'000'000}};
}

// A cardiology of the lead hospital, 0 km away, with a seat tomorrow and ten reserved ones: as good
// as can be.
Candidate Best() {
  return {.entry = {.department = Id<DepartmentId>(1),
                    .organization = kLead,
                    .capabilities = {"CORONARY_INTERVENTION"},
                    .settings = {Setting::kOutpatient},
                    .channels = {Channel::kStandard},
                    .conditions = {{"I10", "I20"}}},
          .department = {.id = Id<DepartmentId>(1),
                         .organization = kLead,
                         .name = "心血管内科",
                         .specialty = "CARDIOLOGY"},
          .organization = {.id = kLead,
                           .name = "市第一人民医院",
                           .tier = Tier::kTertiaryHospital,
                           .consortium = kLead},
          .location = Location{120'000'000, 30'000'000},
          .first_free = kNow + absl::Hours(24),
          .reserved_free = 10};
}

ReceiverQuery Asking() {
  return {.referrer = Township().organization.id,
          .specialty = "CARDIOLOGY",
          .capabilities = {"CORONARY_INTERVENTION"},
          .condition = Condition{"I10", "I20.0"}};
}

Candidate With(int department, const std::function<void(Candidate&)>& change) {
  Candidate candidate = Best();
  candidate.department.id = candidate.entry.department = Id<DepartmentId>(department);
  change(candidate);
  return candidate;
}

std::vector<int64_t> ValuesOf(const Receiver& receiver) {
  std::vector<int64_t> values;
  for (const RankingFactor& factor : receiver.factors) values.push_back(factor.value);
  return values;
}

std::vector<int> DepartmentsOf(const std::vector<Receiver>& ranked) {
  std::vector<int> departments;
  for (const Receiver& one : ranked) {
    departments.push_back(one.candidate.department.id.uuid().ToBytes()[15]);
  }
  return departments;
}

TEST(Rank, GivesTheBestOneEverything) {
  const auto ranked = Rank(Asking(), Township(), {Best()}, kNow);
  ASSERT_EQ(ranked.size(), 1u);
  EXPECT_EQ(ranked[0].score, 1000);
  EXPECT_THAT(ValuesOf(ranked[0]), Each(1000));
}

TEST(Rank, SaysWhatEachReasonAddsInBothLanguages) {
  // A member hospital, about 50 km to the north, that does not treat the condition, with a seat in
  // 7.5 days and three reserved ones; the patient's family doctor is in the consortium. By hand: 30
  // % of 500, 10 % of 600, 20 % of 499, 20 % of 500, 10 % of 300, 10 % of 600.
  const Candidate member = With(2, [](Candidate& one) {
    one.organization.id = one.entry.organization = Id<OrganizationId>(2);
    one.location = Location{120'000'000, 30'450'000};
    one.entry.conditions.clear();
    one.first_free = kNow + absl::Hours(180);
    one.reserved_free = 3;
  });
  ReceiverQuery query = Asking();
  query.patient = Id<PatientId>(3);
  Referrer referrer = Township();
  referrer.contracted =
      ContractedCare{.organization = referrer.organization.id, .consortium = kLead};
  const auto ranked = Rank(query, referrer, {member}, kNow);
  ASSERT_EQ(ranked.size(), 1u);
  const Receiver& receiver = ranked[0];
  EXPECT_THAT(ValuesOf(receiver), ElementsAre(500, 600, 499, 500, 300, 600));
  std::vector<int64_t> contributions;
  int64_t weights = 0;
  for (const RankingFactor& factor : receiver.factors) {
    contributions.push_back(factor.contribution);
    weights += factor.weight;
  }
  EXPECT_THAT(contributions, ElementsAre(150, 60, 99, 100, 30, 60));
  EXPECT_EQ(weights, 100);
  EXPECT_EQ(receiver.score, 499);
  EXPECT_EQ(receiver.factors[0].english, "can do or treats 1 of the 2 that were asked for");
  EXPECT_EQ(receiver.factors[0].chinese, "具备所需 2 项中的 1 项");
  EXPECT_EQ(receiver.factors[2].english, "50.0 km away");
  EXPECT_EQ(receiver.factors[3].chinese, "约 180 小时后有号");
  EXPECT_EQ(receiver.factors[4].english, "3 reserved seats are free");
  EXPECT_EQ(receiver.factors[1].factor, Factor::kConsortium);
  EXPECT_EQ(receiver.factors[5].factor, Factor::kResidentContract);
  EXPECT_EQ(receiver.factors[5].chinese, "患者签约机构所在医联体成员");
}

TEST(Rank, OrdersByScoreThenDistanceThenId) {
  const auto same = [](Candidate&) {};
  const Candidate far = With(3, [](Candidate& one) { one.location->latitude_e6 += 500'000; });
  const Candidate late =
      With(4, [](Candidate& one) { one.first_free = kNow + absl::Hours(24 * 14); });
  // Both too far for the distance to count: the nearer one first.
  const Candidate farther = With(5, [](Candidate& one) { one.location->latitude_e6 += 3'000'000; });
  const Candidate farthest =
      With(2, [](Candidate& one) { one.location->latitude_e6 += 4'000'000; });
  const std::vector<Candidate> all = {farthest, late, With(7, same), far, farther, With(6, same)};
  EXPECT_THAT(DepartmentsOf(Rank(Asking(), Township(), all, kNow)), ElementsAre(6, 7, 3, 4, 5, 2));
  EXPECT_THAT(DepartmentsOf(Rank(Asking(), Township(), {all.rbegin(), all.rend()}, kNow)),
              ElementsAre(6, 7, 3, 4, 5, 2))
      << "whatever order they come in";
}

TEST(Rank, NeverShowsOneThatWouldRefuse) {
  const std::vector<std::function<void(Candidate&)>> refusing = {
      [](Candidate& one) { one.entry.settings = {Setting::kInpatient}; },
      [](Candidate& one) { one.entry.channels = {Channel::kGreen}; },
      [](Candidate& one) { one.organization.tier = Tier::kCommunityCentre; },
      [](Candidate& one) { one.organization.tier = Tier::kLaboratory; },
      [](Candidate& one) { one.organization.consortium = Id<OrganizationId>(8); },
      [](Candidate& one) { one.organization.consortium = OrganizationId(); },
      [](Candidate& one) { one.organization.id = Township().organization.id; },
      [](Candidate& one) { one.department.specialty = "NEUROLOGY"; },
      [](Candidate& one) {
        one.entry.capabilities.clear();
        one.entry.conditions.clear();
      }};
  for (size_t i = 0; i < refusing.size(); ++i) {
    EXPECT_THAT(Rank(Asking(), Township(), {With(1, refusing[i])}, kNow), IsEmpty()) << i;
  }
}

TEST(Rank, FollowsTheDirection) {
  Referrer hospital = Township();
  hospital.organization.tier = Tier::kTertiaryHospital;
  ReceiverQuery query = Asking();
  EXPECT_THAT(Rank(query, hospital, {Best()}, kNow), IsEmpty());
  query.direction = Direction::kLateral;
  EXPECT_EQ(Rank(query, hospital, {Best()}, kNow).size(), 1u);
  query.direction = Direction::kDown;
  EXPECT_THAT(Rank(query, hospital, {Best()}, kNow), IsEmpty());
  const Candidate centre =
      With(1, [](Candidate& one) { one.organization.tier = Tier::kCommunityCentre; });
  EXPECT_EQ(Rank(query, hospital, {centre}, kNow).size(), 1u);
}

TEST(Rank, CountsWhatIsNotKnownAsNothing) {
  const Candidate unknown = With(1, [](Candidate& one) {
    one.location.reset();
    one.first_free.reset();
    one.reserved_free = 0;
  });
  ReceiverQuery query = Asking();
  query.capabilities.clear();
  query.condition.reset();
  EXPECT_THAT(ValuesOf(Rank(query, Township(), {unknown}, kNow).at(0)),
              ElementsAre(1000, 1000, 0, 0, 0, 1000));
}

TEST(Rank, SendsAContractedPatientBackToTheirFamilyDoctor) {
  Referrer hospital = Township();
  hospital.organization = {.id = kLead, .tier = Tier::kTertiaryHospital, .consortium = kLead};
  ReceiverQuery query = Asking();
  query.direction = Direction::kDown;
  query.patient = Id<PatientId>(3);
  const auto centre = [](int id) {
    return With(id, [id](Candidate& one) {
      one.organization = {
          .id = Id<OrganizationId>(20 + id), .tier = Tier::kCommunityCentre, .consortium = kLead};
    });
  };
  const auto values = [&](const std::vector<Receiver>& ranked) {
    std::vector<int64_t> all;
    for (const Receiver& one : ranked) all.push_back(one.factors[5].value);
    return all;
  };
  auto ranked = Rank(query, hospital, {centre(1), centre(2)}, kNow);
  EXPECT_THAT(DepartmentsOf(ranked), ElementsAre(1, 2));
  EXPECT_THAT(values(ranked), ElementsAre(0, 0)) << "no contract";
  hospital.contracted = ContractedCare{.organization = Id<OrganizationId>(22), .consortium = kLead};
  ranked = Rank(query, hospital, {centre(1), centre(2)}, kNow);
  EXPECT_THAT(DepartmentsOf(ranked), ElementsAre(2, 1));
  EXPECT_THAT(values(ranked), ElementsAre(1000, 600));
  EXPECT_EQ(ranked[0].factors[5].english, "the patient's family doctor is there");
  hospital.contracted =
      ContractedCare{.organization = Id<OrganizationId>(40), .consortium = OrganizationId()};
  EXPECT_THAT(values(Rank(query, hospital, {centre(1)}, kNow)), ElementsAre(0))
      << "a family doctor outside any consortium";
}

TEST(DistanceInMetres, IsAlongTheGreatCircle) {
  EXPECT_EQ(DistanceInMetres({120'000'000, 30'000'000}, {120'000'000, 30'000'000}), 0);
  // A degree of a meridian of the mean sphere: 111,195 m.
  EXPECT_EQ(DistanceInMetres({120'000'000, 30'000'000}, {120'000'000, 31'000'000}), 111'195);
  // Beijing to Shanghai: 1,067 km.
  EXPECT_NEAR(
      static_cast<double>(DistanceInMetres({116'407'400, 39'904'200}, {121'473'700, 31'230'400})),
      1'067'000, 1'500);
  EXPECT_NEAR(static_cast<double>(DistanceInMetres({179'900'000, 0}, {-179'900'000, 0})), 22'239, 2)
      << "across the date line";
}

TEST(Entitlement, ReservesAreForGrassRootsMembersForOneselfAndForTheGreenChannel) {
  Referrer referrer = Township();
  ReceiverQuery query = Asking();
  EXPECT_TRUE(EntitlementOf(query, referrer).consortium);
  EXPECT_FALSE(EntitlementOf(query, referrer).green);
  EXPECT_EQ(EntitlementOf(query, referrer).organization, referrer.organization.id);
  referrer.organization.tier = Tier::kSecondaryHospital;
  query.channel = Channel::kGreen;
  EXPECT_FALSE(EntitlementOf(query, referrer).consortium);
  EXPECT_TRUE(EntitlementOf(query, referrer).green);
}

}  // namespace
}  // namespace yilian::directory
