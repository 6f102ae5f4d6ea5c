// What must not be found, and every form in which it could be written down.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace yilian::e2e {

// Nobody has these: made up, and like nothing that the demo region holds.
struct Canary {
  // Of one person: name, GB18030 characters and all; what is issued to them; where they live.
  std::string family, given, national_id, phone, address, record_number, card, birth_date;
  std::string name() const { return family + given; }
};
const Canary& Chinese();  // 珅's second byte in GB18030 is `|`, 𠮷 has four bytes there
const Canary& Rare();     // characters that GB 2312 and GBK do not have
const Canary& Latin();

// Stands in every word about an illness that the story writes.
inline constexpr std::string_view kClinical = "金丝雀热";
// Stands in every other text that a person may write and that may name somebody: a file's name, the
// reason of an emergency access, what a consent lies in.
inline constexpr std::string_view kPrivate = "麻雀巷口供";
// Numbers of a stay in a hospital.
inline constexpr std::string_view kVisit = "VISIT-CANARY-77031";

enum class NeedleKind { kIdentifying, kClinical };

struct Needle {
  std::string what;  // "national id of the Chinese canary": never the text itself
  NeedleKind kind;
  std::string text;  // UTF-8
};
std::vector<Needle> EveryNeedle();

// One way to write a needle.
struct Form {
  std::string what;  // "..., in GB18030"
  NeedleKind kind;
  std::string bytes;
};
// UTF-8, GB18030, UTF-16 both ways, hexadecimal, base64 at each of its three offsets, percent,
// \u and octal escapes.
absl::StatusOr<std::vector<Form>> EveryForm(const std::vector<Needle>& needles);

// Finds any of many forms in one pass. Immutable; threads may share it.
class Finder {
 public:
  explicit Finder(std::vector<Form> forms);
  // Those that are in `bytes`, each once.
  std::vector<const Form*> FindIn(std::string_view bytes) const;

 private:
  const std::vector<Form> forms_;
  std::vector<std::vector<size_t>> by_two_bytes_;  // 65,536 lists of forms
};

}  // namespace yilian::e2e
