#include "tests/bench/patient-matching/speed.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/mysql/transaction.h"
#include "common/service/service.h"
#include "services/directory/store/match_rows.h"
#include "tests/bench/patient-matching/population.h"
#include "tests/support/test_database.h"
#include "yilian_directory_migrations.h"

namespace yilian::bench {
namespace {

using directory::MatchFacts;
using directory::MatchFactsOf;
using directory::PatientId;

constexpr int kBatch = 1'000;  // people of one transaction
constexpr uint32_t kSeed = 20'261'122;
constexpr int kWarmUp = 200;

struct Subject {
  directory::RegisterPatient person;
  std::optional<PatientId> known;
};

// The service's tables, and what writes and reads them.
struct Bench {
  std::unique_ptr<mysql::Pool> pool;
  crypto::FieldCipher cipher{crypto::KeyRing::Ephemeral()};
  crypto::BlindIndex index{crypto::SecretBytes(crypto::RandomBytes(32))};
  directory::NameReader names;
  directory::PatientRows rows{cipher, index};
  directory::MatchRows matches{rows, index, names};
};

absl::Status Load(Bench& bench, int patients, int sample_every, Population& population,
                  std::vector<Subject>& sample) {
  for (int done = 0; done < patients; done += kBatch) {
    std::vector<directory::RegisterPatient> people;
    for (int i = 0; i < std::min(kBatch, patients - done); ++i) {
      people.push_back(population.Next());
    }
    const absl::Time now = absl::Now();
    std::vector<std::pair<PatientId, const directory::RegisterPatient*>> made;
    for (const directory::RegisterPatient& one : people) {
      made.emplace_back(PatientId::New(now), &one);
    }
    RETURN_IF_ERROR(mysql::RunTransaction(
        *bench.pool, {.name = "bench.Load", .deadline = now + absl::Minutes(2)},
        [&](mysql::Session& session) -> absl::Status {
          for (const auto& [id, one] : made) {
            RETURN_IF_ERROR(bench.rows.Insert(session,
                                              {.id = id,
                                               .name = one->name,
                                               .sex = one->sex,
                                               .birth_date = one->birth_date,
                                               .phone = one->phone,
                                               .address = one->address},
                                              now));
            RETURN_IF_ERROR(bench.matches.WriteKeys(session, id, MatchFactsOf(bench.names, *one)));
          }
          return absl::OkStatus();
        }));
    for (size_t i = 0; i < made.size(); ++i) {
      if ((done + static_cast<int>(i)) % sample_every == 0) {
        sample.push_back({*made[i].second, made[i].first});
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Match(Bench& bench, const Subject& subject, Speed& speed, int& recognized) {
  std::vector<directory::Resemblance> found;
  RETURN_IF_ERROR(mysql::RunRead(
      *bench.pool, absl::Now() + absl::Seconds(30), [&](mysql::Session& session) -> absl::Status {
        const MatchFacts facts = MatchFactsOf(bench.names, subject.person);
        ASSIGN_OR_RETURN(found, bench.matches.Find(session, facts));
        return absl::OkStatus();
      }));
  for (const directory::Resemblance& one : found) {
    if (subject.known && one.patient == *subject.known) ++recognized;
    if (!subject.known && one.verdict == directory::Verdict::kSame) ++speed.taken_for_another;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Speed> MeasureSpeed(int patients, int matches) {
  test_support::TestDatabase& database = test_support::TestDatabase::Get();
  // As a server of a county's size is set up.
  database.Restart({"--innodb-buffer-pool-size=1G"});
  mysql::PoolOptions options = database.NewSchema(service::AllMigrations(directory::kMigrations));
  options.size = 4;
  Bench bench;
  ASSIGN_OR_RETURN(bench.pool, mysql::Pool::Open(options));
  Speed speed{.patients = patients, .matches = matches};
  Population population(kSeed);
  std::vector<Subject> subjects;
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(Load(bench, patients, std::max(1, patients * 2 / matches), population, subjects));
  speed.load_seconds = absl::ToDoubleSeconds(absl::Now() - start);
  const size_t known = subjects.size();
  for (Subject& subject : subjects) subject.person = population.Again(subject.person);
  while (static_cast<int>(subjects.size()) < matches) {
    subjects.push_back({population.Next(), std::nullopt});
  }
  std::shuffle(subjects.begin(), subjects.end(), std::mt19937(kSeed));
  std::vector<double> milliseconds;
  int recognized = 0;
  Speed unused;
  int ignored = 0;
  for (int i = 0; i < std::min(kWarmUp, matches); ++i) {
    RETURN_IF_ERROR(Match(bench, subjects[i], unused, ignored));
  }
  for (const Subject& subject : subjects) {
    const absl::Time begun = absl::Now();
    RETURN_IF_ERROR(Match(bench, subject, speed, recognized));
    milliseconds.push_back(absl::ToDoubleMilliseconds(absl::Now() - begun));
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  speed.p50_ms = milliseconds[milliseconds.size() / 2];
  speed.p99_ms = milliseconds[milliseconds.size() * 99 / 100];
  speed.worst_ms = milliseconds.back();
  speed.found_or_reviewed = known == 0 ? 0 : static_cast<double>(recognized) / known;
  return speed;
}

}  // namespace yilian::bench
