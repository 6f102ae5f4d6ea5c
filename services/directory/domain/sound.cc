#include "services/directory/domain/sound.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>

namespace yilian::directory {
namespace {

constexpr size_t kLongest = 64;

constexpr std::array<std::string_view, 24> kInitials = {"zh", "ch", "sh", "b", "p", "m", "f", "d",
                                                        "t",  "n",  "l",  "g", "k", "h", "j", "q",
                                                        "x",  "r",  "z",  "c", "s", "y", "w", ""};
// Longest first: a syllable takes what it can, and gives back when the rest is no pinyin.
constexpr std::array<std::string_view, 35> kFinals = {
    "iang", "iong", "uang", "ang", "eng", "ing", "ong", "iao", "ian", "uai", "uan", "ai",
    "ei",   "ao",   "ou",   "an",  "en",  "er",  "ia",  "ie",  "iu",  "in",  "ua",  "uo",
    "ui",   "un",   "ue",   "a",   "o",   "e",   "i",   "u",   "v",   "ve",  "van"};

bool OneOf(std::string_view initial, std::string_view of) {
  return initial.size() == 1 && of.find(initial) != std::string_view::npos;
}

// Roughly the table of syllables: enough to tell most names that are not Chinese.
bool Fits(std::string_view initial, std::string_view final) {
  if (initial.empty()) return final[0] == 'a' || final[0] == 'e' || final == "ou" || final == "o";
  if (final == "er") return false;
  if (final[0] == 'v') return OneOf(initial, "nl");
  if (final == "i") return !OneOf(initial, "gkhfw");
  if (final == "iong") return OneOf(initial, "jqx");
  if (final == "iang" || final == "ia") return OneOf(initial, "nljqxd");
  if (final[0] == 'i') return OneOf(initial, "bpmdtnljqx") || (initial == "y" && final[1] == 'n');
  if (OneOf(initial, "jqx")) return final[0] == 'u' && final != "uo" && final != "ui";
  if (final == "o") return OneOf(initial, "bpmfwy");
  if (final == "ong") return !OneOf(initial, "bpmfw");
  if (final[0] == 'u' && final.size() > 1) return !OneOf(initial, "bpmfw");
  return true;
}

std::string FoldedSyllable(std::string_view initial, std::string_view final) {
  std::string folded(initial.substr(0, 1));
  if (initial == "n") folded = "l";
  std::string rhyme(final);
  if (rhyme.size() > 1 && rhyme != "ong" && rhyme != "iong" && rhyme.ends_with("ng")) {
    rhyme.pop_back();
  }
  std::replace(rhyme.begin(), rhyme.end(), 'v', 'u');
  return folded + rhyme;
}

std::optional<std::string> Parse(std::string_view rest) {
  if (rest.empty()) return "";
  for (const std::string_view initial : kInitials) {
    if (!rest.starts_with(initial)) continue;
    const std::string_view after = rest.substr(initial.size());
    for (const std::string_view final : kFinals) {
      if (!after.starts_with(final) || !Fits(initial, final)) continue;
      if (const auto tail = Parse(after.substr(final.size()))) {
        return FoldedSyllable(initial, final) + *tail;
      }
    }
  }
  return std::nullopt;
}

// Letters that are taken for one another.
char ClassOf(char letter) {
  switch (letter) {
    case 'b':
    case 'p':
      return 'p';
    case 'c':
    case 'g':
    case 'k':
    case 'q':
      return 'k';
    case 'd':
    case 't':
      return 't';
    case 'f':
    case 'v':
      return 'f';
    case 'j':
    case 's':
    case 'x':
    case 'z':
      return 's';
    case 'l':
    case 'r':
      return 'r';
    case 'm':
    case 'n':
      return 'n';
    default:
      return '\0';  // vowels, h, w, y
  }
}

}  // namespace

double JaroWinkler(std::string_view a, std::string_view b) {
  a = a.substr(0, kLongest);
  b = b.substr(0, kLongest);
  if (a.empty() || b.empty()) return a == b ? 1 : 0;
  const int longest = static_cast<int>(std::max(a.size(), b.size()));
  const int reach = std::max(0, longest / 2 - 1);
  std::bitset<kLongest> in_a;
  std::bitset<kLongest> in_b;
  int matches = 0;
  for (int i = 0; i < static_cast<int>(a.size()); ++i) {
    const int end = std::min(static_cast<int>(b.size()), i + reach + 1);
    for (int j = std::max(0, i - reach); j < end; ++j) {
      if (in_b[j] || a[i] != b[j]) continue;
      in_a[i] = in_b[j] = true;
      ++matches;
      break;
    }
  }
  if (matches == 0) return 0;
  int moved = 0;
  for (size_t i = 0, j = 0; i < a.size(); ++i) {
    if (!in_a[i]) continue;
    while (!in_b[j]) ++j;
    if (a[i] != b[j++]) ++moved;
  }
  const double m = matches;
  const double jaro = (m / a.size() + m / b.size() + (m - moved / 2.0) / m) / 3;
  size_t prefix = 0;
  while (prefix < std::min({a.size(), b.size(), size_t{4}}) && a[prefix] == b[prefix]) ++prefix;
  return jaro + prefix * 0.1 * (1 - jaro);
}

bool OneSlip(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1 || a == b) return false;
  const size_t first = std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin();
  const std::string_view rest = a.substr(first);
  if (a.size() < b.size()) return rest == b.substr(first + 1);
  if (rest.substr(1) == b.substr(first + 1)) return true;
  return rest.size() >= 2 && rest[0] == b[first + 1] && rest[1] == b[first] &&
         rest.substr(2) == b.substr(first + 2);
}

std::string FoldedPinyin(std::string_view word) {
  return Parse(word.substr(0, kLongest)).value_or("");
}

std::string SoundOf(std::string_view word) {
  if (std::string folded = FoldedPinyin(word); !folded.empty()) return folded;
  std::string sound;
  if (std::any_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::string(word);  // a number is heard as it is
  }
  for (const char letter : word) {
    const char kind = ClassOf(letter);
    if (kind != '\0' && (sound.empty() || sound.back() != kind)) sound.push_back(kind);
  }
  // Upper case keeps it apart from pinyin; a vowel in front is heard.
  std::transform(sound.begin(), sound.end(), sound.begin(),
                 [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  if (!word.empty() && ClassOf(word[0]) == '\0') sound.insert(sound.begin(), 'A');
  return sound;
}

}  // namespace yilian::directory
