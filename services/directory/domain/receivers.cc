#include "services/directory/domain/receivers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>

namespace yilian::directory {
namespace {

// Parts of 100: what the department can do counts most, then how soon and how near.
constexpr int64_t kCapabilityWeight = 30;
constexpr int64_t kConsortiumWeight = 10;
constexpr int64_t kDistanceWeight = 20;
constexpr int64_t kWaitingWeight = 20;
constexpr int64_t kReservedWeight = 10;
constexpr int64_t kResidentContractWeight = 10;

constexpr int64_t kBest = 1000;
// Further away, or later, does not count any more: a county is about 100 km across, and the
// consortium's reserve opens 14 days ahead.
constexpr int64_t kFarthestMetres = 100'000;
constexpr absl::Duration kLongestWait = absl::Hours(14 * 24);
constexpr absl::Duration kShortestWait = absl::Hours(24);
constexpr int64_t kManySeats = 10;
constexpr int64_t kOfMember = 600;

constexpr double kEarthRadius = 6'371'008.8;  // metres; IUGG mean radius

bool IsGrassRoots(Tier tier) {
  return tier == Tier::kCommunityCentre || tier == Tier::kTownshipHospital ||
         tier == Tier::kVillageClinic;
}

bool Treats(const CatalogEntry& entry, const Condition& asked) {
  return std::any_of(
      entry.conditions.begin(), entry.conditions.end(), [&](const Condition& treated) {
        return treated.system == asked.system && asked.code.starts_with(treated.code);
      });
}

RankingFactor Make(Factor factor, int64_t value, int64_t weight, std::string chinese,
                   std::string english) {
  return {.factor = factor,
          .value = value,
          .weight = weight,
          .contribution = value * weight / 100,
          .chinese = std::move(chinese),
          .english = std::move(english)};
}

struct Match {
  int64_t asked = 0;
  int64_t met = 0;
};

Match MatchOf(const ReceiverQuery& query, const CatalogEntry& entry) {
  Match match;
  for (const std::string& capability : query.capabilities) {
    ++match.asked;
    match.met += std::find(entry.capabilities.begin(), entry.capabilities.end(), capability) !=
                 entry.capabilities.end();
  }
  if (query.condition) {
    ++match.asked;
    match.met += Treats(entry, *query.condition);
  }
  return match;
}

RankingFactor Capability(const Match& match) {
  if (match.asked == 0) {
    return Make(Factor::kCapability, kBest, kCapabilityWeight, "未指定所需能力",
                "nothing in particular was asked for");
  }
  return Make(
      Factor::kCapability, kBest * match.met / match.asked, kCapabilityWeight,
      fmt::format("具备所需 {} 项中的 {} 项", match.asked, match.met),
      fmt::format("can do or treats {} of the {} that were asked for", match.met, match.asked));
}

RankingFactor Consortium(const Organization& receiver) {
  if (receiver.id == receiver.consortium) {
    return Make(Factor::kConsortium, kBest, kConsortiumWeight, "本医联体牵头医院",
                "leads the consortium");
  }
  return Make(Factor::kConsortium, kOfMember, kConsortiumWeight, "本医联体成员",
              "is a member of the consortium");
}

// A patient who is contracted is best treated where their family doctor is or works together with.
RankingFactor ResidentContract(const ReceiverQuery& query, const Referrer& referrer,
                               const Organization& receiver) {
  const auto make = [](int64_t value, std::string chinese, std::string english) {
    return Make(Factor::kResidentContract, value, kResidentContractWeight, std::move(chinese),
                std::move(english));
  };
  if (query.patient.is_nil()) return make(kBest, "未指定患者", "no patient was named");
  if (!referrer.contracted) {
    return make(0, "患者无生效的家庭医生签约", "the patient has no family-doctor contract");
  }
  if (referrer.contracted->organization == receiver.id) {
    return make(kBest, "患者的家庭医生签约机构", "the patient's family doctor is there");
  }
  const OrganizationId consortium = referrer.contracted->consortium;
  if (!consortium.is_nil() && consortium == receiver.consortium) {
    return make(kOfMember, "患者签约机构所在医联体成员",
                "is in the consortium of the patient's family doctor");
  }
  return make(0, "不在患者签约机构的医联体内",
              "is outside the consortium of the patient's family doctor");
}

RankingFactor Distance(const std::optional<int64_t>& metres) {
  if (!metres) {
    return Make(Factor::kDistance, 0, kDistanceWeight, "距离未知", "the distance is not known");
  }
  const int64_t near = std::max<int64_t>(0, kFarthestMetres - *metres);
  return Make(Factor::kDistance, kBest * near / kFarthestMetres, kDistanceWeight,
              fmt::format("直线距离 {}.{} 公里", *metres / 1000, *metres % 1000 / 100),
              fmt::format("{}.{} km away", *metres / 1000, *metres % 1000 / 100));
}

RankingFactor WaitingTime(const std::optional<absl::Time>& first_free, absl::Time now) {
  if (!first_free) {
    return Make(Factor::kWaitingTime, 0, kWaitingWeight, "近期无可约号源",
                "no free seat is known of");
  }
  const absl::Duration wait = std::max(*first_free - now, kShortestWait);
  const int64_t left = std::max<int64_t>(0, absl::ToInt64Seconds(kLongestWait - wait));
  const int64_t hours = std::max<int64_t>(0, absl::ToInt64Hours(*first_free - now));
  return Make(Factor::kWaitingTime,
              kBest * left / absl::ToInt64Seconds(kLongestWait - kShortestWait), kWaitingWeight,
              fmt::format("约 {} 小时后有号", hours), fmt::format("a free seat in {} h", hours));
}

RankingFactor ReservedSeats(int64_t free) {
  return Make(Factor::kReservedSeats, kBest * std::min(free, kManySeats) / kManySeats,
              kReservedWeight, fmt::format("预留号源余 {} 个", free),
              fmt::format("{} reserved seats are free", free));
}

struct Ranked {
  Receiver receiver;
  std::optional<int64_t> metres;
};

Ranked RankOne(const ReceiverQuery& query, const Match& match, const Referrer& referrer,
               Candidate candidate, absl::Time now) {
  Ranked ranked;
  if (referrer.location && candidate.location) {
    ranked.metres = DistanceInMetres(*referrer.location, *candidate.location);
  }
  Receiver& receiver = ranked.receiver;
  receiver.factors = {Capability(match),
                      Consortium(candidate.organization),
                      Distance(ranked.metres),
                      WaitingTime(candidate.first_free, now),
                      ReservedSeats(candidate.reserved_free),
                      ResidentContract(query, referrer, candidate.organization)};
  for (const RankingFactor& factor : receiver.factors) receiver.score += factor.contribution;
  receiver.candidate = std::move(candidate);
  return ranked;
}

}  // namespace

int CareLevel(Tier tier) {
  switch (tier) {
    case Tier::kVillageClinic:
      return 1;
    case Tier::kCommunityCentre:
    case Tier::kTownshipHospital:
      return 2;
    case Tier::kSecondaryHospital:
      return 3;
    case Tier::kTertiaryHospital:
      return 4;
    default:
      return 0;
  }
}

Entitlement EntitlementOf(const ReceiverQuery& query, const Referrer& referrer) {
  return {.consortium = IsGrassRoots(referrer.organization.tier),
          .green = query.channel == Channel::kGreen,
          .organization = referrer.organization.id};
}

bool WouldTake(const ReceiverQuery& query, const Referrer& referrer, const Candidate& candidate) {
  const int from = CareLevel(referrer.organization.tier);
  const int to = CareLevel(candidate.organization.tier);
  if (from == 0 || to == 0 || candidate.organization.id == referrer.organization.id) return false;
  const bool level_fits = (query.direction == Direction::kUp && to > from) ||
                          (query.direction == Direction::kDown && to < from) ||
                          (query.direction == Direction::kLateral && to == from);
  return level_fits && !referrer.organization.consortium.is_nil() &&
         candidate.organization.consortium == referrer.organization.consortium &&
         candidate.entry.settings.Contains(query.setting) &&
         candidate.entry.channels.Contains(query.channel) &&
         (query.specialty.empty() || candidate.department.specialty == query.specialty);
}

int64_t DistanceInMetres(const Location& from, const Location& to) {
  const auto radians = [](int64_t e6) {
    return static_cast<double>(e6) / 1e6 * std::numbers::pi / 180.0;
  };
  const double latitude = radians(to.latitude_e6 - from.latitude_e6) / 2;
  const double longitude = radians(to.longitude_e6 - from.longitude_e6) / 2;
  // Haversine: exact enough for neighbours, where the law of cosines is not.
  const double h = std::pow(std::sin(latitude), 2) + std::cos(radians(from.latitude_e6)) *
                                                         std::cos(radians(to.latitude_e6)) *
                                                         std::pow(std::sin(longitude), 2);
  return std::llround(2 * kEarthRadius * std::asin(std::sqrt(std::min(1.0, h))));
}

std::vector<Receiver> Rank(const ReceiverQuery& query, const Referrer& referrer,
                           std::vector<Candidate> candidates, absl::Time now) {
  std::vector<Ranked> ranked;
  for (Candidate& candidate : candidates) {
    if (!WouldTake(query, referrer, candidate)) continue;
    const Match match = MatchOf(query, candidate.entry);
    if (match.asked > 0 && match.met == 0) continue;
    ranked.push_back(RankOne(query, match, referrer, std::move(candidate), now));
  }
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    const auto key = [](const Ranked& one) {
      return std::tuple(-one.receiver.score, one.metres.value_or(INT64_MAX),
                        one.receiver.candidate.department.id.uuid().ToBytes());
    };
    return key(a) < key(b);
  });
  std::vector<Receiver> receivers;
  receivers.reserve(ranked.size());
  for (Ranked& one : ranked) receivers.push_back(std::move(one.receiver));
  return receivers;
}

}  // namespace yilian::directory
