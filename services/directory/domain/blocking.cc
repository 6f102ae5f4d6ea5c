#include "services/directory/domain/blocking.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/directory/domain/sound.h"

namespace yilian::directory {
namespace {

// A name of more words contributes its first ones in alphabetical order.
constexpr size_t kMostWords = 3;

std::vector<std::string> SoundsOf(const NameForm& name) {
  std::vector<std::string> sounds;
  for (const std::string& word : name.words) sounds.push_back(SoundOf(word));
  std::sort(sounds.begin(), sounds.end());
  sounds.erase(std::unique(sounds.begin(), sounds.end()), sounds.end());
  if (sounds.size() > kMostWords) sounds.resize(kMostWords);
  return sounds;
}

std::string NameOf(const std::vector<std::string>& sounds) {
  std::string name;
  for (const std::string& sound : sounds) name += sound + " ";
  return name;
}

// What records and lookups have alike.
std::vector<std::string> SharedKeys(const MatchFacts& facts,
                                    const std::vector<std::string>& sounds) {
  std::vector<std::string> keys;
  if (!facts.phone.empty()) keys.push_back("telephone|" + facts.phone);
  if (!facts.birth_date || sounds.empty()) return keys;
  const absl::CivilDay day = *facts.birth_date;
  // Either order of day and month makes the same key.
  const std::string date =
      fmt::format("{:04}-{:02}-{:02}", day.year(), std::min(day.month(), day.day()),
                  std::max(day.month(), day.day()));
  for (const std::string& sound : sounds) {
    keys.push_back(fmt::format("date and half|{}|{}", date, sound));
  }
  const std::string name = NameOf(sounds);
  keys.push_back(fmt::format("name and year|{}|{}", name, day.year()));
  keys.push_back(fmt::format("name and day|{}|{:02}-{:02}", name, day.month(), day.day()));
  return keys;
}

}  // namespace

std::vector<std::string> BlockingKeys(const MatchFacts& facts) {
  const std::vector<std::string> sounds = SoundsOf(facts.name);
  std::vector<std::string> keys = SharedKeys(facts, sounds);
  if (sounds.empty()) return keys;
  keys.push_back("name|" + NameOf(sounds));
  if (!facts.birth_date) keys.push_back("name without a date|" + NameOf(sounds));
  return keys;
}

std::vector<std::string> LookupKeys(const MatchFacts& facts) {
  const std::vector<std::string> sounds = SoundsOf(facts.name);
  std::vector<std::string> keys = SharedKeys(facts, sounds);
  if (sounds.empty()) return keys;
  keys.push_back((facts.birth_date ? "name without a date|" : "name|") + NameOf(sounds));
  return keys;
}

}  // namespace yilian::directory
