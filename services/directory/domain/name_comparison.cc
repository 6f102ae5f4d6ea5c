#include "services/directory/domain/name_comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "services/directory/domain/sound.h"

namespace yilian::directory {
namespace {

using Fields = std::vector<FieldAgreement>;

double Bits(double m, double u) { return std::log2(m / u); }

// Shares of the commonest surnames (Ministry of Public Security, national name report 2020): that
// two people are both Wang says less than that both are Ouyang.
struct SurnameShare {
  std::string_view surname;
  double share;
};
constexpr std::array<SurnameShare, 20> kCommonSurnames = {{
    {"王", 0.072}, {"李", 0.072}, {"张", 0.068}, {"刘", 0.051}, {"陈", 0.045},
    {"杨", 0.033}, {"黄", 0.024}, {"赵", 0.023}, {"吴", 0.020}, {"周", 0.019},
    {"徐", 0.015}, {"孙", 0.014}, {"马", 0.013}, {"朱", 0.012}, {"胡", 0.011},
    {"郭", 0.011}, {"何", 0.010}, {"林", 0.010}, {"高", 0.010}, {"罗", 0.009},
}};
constexpr double kOtherSurname = 1.0 / 500;

double ShareOf(std::string_view surname) {
  for (const SurnameShare& one : kCommonSurnames) {
    if (one.surname == surname) return one.share;
  }
  return kOtherSurname;
}

// A character without a reading sounds like nothing, not like another one.
bool SameSound(const std::string& a, const std::string& b) { return !a.empty() && a == b; }

bool SameFoldedSound(const std::string& a, const std::string& b) {
  return SameSound(FoldedPinyin(a), FoldedPinyin(b));
}

FieldAgreement CompareSurnames(const NameForm& a, const NameForm& b) {
  const auto answer = [](Agreement agreement, double m, double u) {
    return FieldAgreement{MatchField::kSurname, agreement, Bits(m, u)};
  };
  if (a.surname == b.surname) return answer(Agreement::kEqual, 0.96, ShareOf(a.surname));
  if (SameSound(a.surname_sound, b.surname_sound)) return answer(Agreement::kSound, 0.02, 0.01);
  if (SameFoldedSound(a.surname_sound, b.surname_sound)) {
    return answer(Agreement::kNearSound, 0.005, 0.01);
  }
  return answer(Agreement::kDifferent, 0.01, 0.95);
}

// True when one of the characters stands at its place in both, or all of the shorter in the longer.
bool SharesCharacters(std::string_view a, std::string_view b) {
  if (CountCharacters(a) != CountCharacters(b)) {
    return a.find(b) != std::string_view::npos || b.find(a) != std::string_view::npos;
  }
  while (!a.empty()) {
    const std::string_view one = FirstCharacters(a, 1);
    const std::string_view other = FirstCharacters(b, 1);
    if (one == other) return true;
    a.remove_prefix(one.size());
    b.remove_prefix(other.size());
  }
  return false;
}

FieldAgreement CompareGivenNames(const NameForm& a, const NameForm& b) {
  const auto answer = [](Agreement agreement, double m, double u) {
    return FieldAgreement{MatchField::kGivenName, agreement, Bits(m, u)};
  };
  const bool single = std::min(CountCharacters(a.given), CountCharacters(b.given)) == 1;
  if (a.given == b.given) return answer(Agreement::kEqual, 0.93, single ? 1.0 / 140 : 1.0 / 1'000);
  if (SameSound(a.given_sound, b.given_sound)) {
    return answer(Agreement::kSound, 0.04, single ? 1.0 / 50 : 1.0 / 500);
  }
  if (SameFoldedSound(a.given_sound, b.given_sound)) {
    return answer(Agreement::kNearSound, 0.01, single ? 1.0 / 50 : 1.0 / 200);
  }
  // Siblings share the character of their generation: more a sign of two than of one.
  if (SharesCharacters(a.given, b.given)) return answer(Agreement::kPart, 0.005, 0.08);
  return answer(Agreement::kDifferent, 0.01, 0.96);
}

// Whether a name in letters spells the Han name's sounds, in either order, in however many words.
FieldAgreement CompareScripts(const NameForm& han, const NameForm& letters) {
  const auto joined = [](auto begin, auto end) {
    std::string text;
    for (auto word = begin; word != end; ++word) text += *word;
    std::replace(text.begin(), text.end(), 'v', 'u');  // lv is lu to who writes without dots
    return text;
  };
  const std::vector<std::string>& words = letters.words;
  const std::string family_first = joined(words.begin(), words.end());
  const std::string family_last = words.back() + joined(words.begin(), std::prev(words.end()));
  const std::string sound = han.surname_sound + han.given_sound;
  const auto answer = [](Agreement agreement, double m, double u) {
    return FieldAgreement{MatchField::kNameWord, agreement, Bits(m, u)};
  };
  if (sound == family_first || sound == family_last) {
    return answer(Agreement::kSound, 0.8, 1.0 / 2'000);
  }
  if (SameFoldedSound(sound, family_first) || SameFoldedSound(sound, family_last)) {
    return answer(Agreement::kNearSound, 0.05, 1.0 / 1'000);
  }
  // A person may have another name abroad.
  return answer(Agreement::kDifferent, 0.1, 0.99);
}

FieldAgreement CompareWords(std::string_view a, std::string_view b) {
  const auto answer = [](Agreement agreement, double m, double u) {
    return FieldAgreement{MatchField::kNameWord, agreement, Bits(m, u)};
  };
  if (a == b) return answer(Agreement::kEqual, 0.68, 1.0 / 500);
  // Numbers in a name tell people apart whom nobody knows.
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::any_of(a.begin(), a.end(), is_digit) || std::any_of(b.begin(), b.end(), is_digit)) {
    return answer(Agreement::kDifferent, 0.02, 0.97);
  }
  if ((std::min(a.size(), b.size()) >= 4 && OneSlip(a, b)) || JaroWinkler(a, b) >= 0.93) {
    return answer(Agreement::kClose, 0.25, 1.0 / 200);
  }
  if (SoundOf(a) == SoundOf(b)) return answer(Agreement::kNearSound, 0.02, 1.0 / 150);
  if (JaroWinkler(a, b) >= 0.86) return answer(Agreement::kPart, 0.04, 1.0 / 50);
  return answer(Agreement::kDifferent, 0.02, 0.97);
}

double Sum(const Fields& fields) {
  double bits = 0;
  for (const FieldAgreement& field : fields) bits += field.bits;
  return bits;
}

// Each word of the shorter name with the best that is left of the longer.
Fields CompareInAnyOrder(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto& shorter = a.size() <= b.size() ? a : b;
  std::vector<std::string> left = a.size() <= b.size() ? b : a;
  Fields fields;
  for (const std::string& word : shorter) {
    size_t best = 0;
    for (size_t i = 1; i < left.size(); ++i) {
      if (CompareWords(word, left[i]).bits > CompareWords(word, left[best]).bits) best = i;
    }
    fields.push_back(CompareWords(word, left[best]));
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return fields;
}

Fields CompareLetters(const NameForm& a, const NameForm& b) {
  if (a.words.size() != 2 || b.words.size() != 2) return CompareInAnyOrder(a.words, b.words);
  Fields straight = {CompareWords(a.words[0], b.words[0]), CompareWords(a.words[1], b.words[1])};
  Fields swapped = {CompareWords(a.words[0], b.words[1]), CompareWords(a.words[1], b.words[0])};
  // Family and given name stand in other order in one of eight pairs that are one person.
  constexpr double kSwapBits = -3;
  if (Sum(straight) >= Sum(swapped) + kSwapBits) return straight;
  swapped.front().bits += kSwapBits;
  return swapped;
}

}  // namespace

std::vector<FieldAgreement> CompareNames(const NameForm& a, const NameForm& b) {
  if (a.empty() || b.empty()) return {};
  if (a.is_han && b.is_han) {
    Fields fields = {CompareSurnames(a, b)};
    if (!a.given.empty() && !b.given.empty()) fields.push_back(CompareGivenNames(a, b));
    return fields;
  }
  if (a.is_han) return {CompareScripts(a, b)};
  if (b.is_han) return {CompareScripts(b, a)};
  return CompareLetters(a, b);
}

}  // namespace yilian::directory
