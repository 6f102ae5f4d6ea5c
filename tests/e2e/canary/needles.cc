#include "tests/e2e/canary/needles.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "absl/strings/escaping.h"
#include "common/base/status_macros.h"
#include "services/ctl/demo/catalogue.h"
#include "services/ctl/demo/mllp.h"

namespace yilian::e2e {
namespace {

size_t PairAt(std::string_view bytes, size_t i) {
  return static_cast<unsigned char>(bytes[i]) << 8 | static_cast<unsigned char>(bytes[i + 1]);
}

// UTF-16 code units; the input is a literal of ours.
std::vector<uint16_t> Utf16(std::string_view text) {
  std::vector<uint16_t> units;
  for (size_t i = 0; i < text.size();) {
    const unsigned char first = text[i];
    const size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    uint32_t point = length == 1 ? first : first & (0xff >> (length + 1));
    for (size_t k = 1; k < length; ++k) point = point << 6 | (text[i + k] & 0x3f);
    i += length;
    if (point < 0x10000) {
      units.push_back(static_cast<uint16_t>(point));
    } else {
      units.push_back(static_cast<uint16_t>(0xd800 + ((point - 0x10000) >> 10)));
      units.push_back(static_cast<uint16_t>(0xdc00 + ((point - 0x10000) & 0x3ff)));
    }
  }
  return units;
}

std::string EachByte(std::string_view bytes, const char* format) {
  std::string text;
  for (const char c : bytes)
    text += fmt::format(fmt::runtime(format), static_cast<unsigned char>(c));
  return text;
}

std::string EachUnit(std::string_view text, const char* format) {
  std::string escaped;
  for (const uint16_t unit : Utf16(text)) escaped += fmt::format(fmt::runtime(format), unit);
  return escaped;
}

// The characters of the base64 text that depend on nothing but `bytes`, wherever it begins.
std::string Base64At(std::string_view bytes, size_t offset) {
  const std::string shifted = std::string(offset, '\0') + std::string(bytes);
  const std::string encoded = absl::Base64Escape(shifted);
  const size_t first = offset == 0 ? 0 : offset + 1;
  const size_t whole = shifted.size() / 3 * 4;
  return encoded.substr(first, whole - first);
}

Canary Person(std::string family, std::string given, std::string birth_date, int serial,
              std::string phone, std::string address, std::string_view number) {
  return {.family = std::move(family),
          .given = std::move(given),
          .national_id = ctl::demo::NationalId(birth_date, serial),
          .phone = std::move(phone),
          .address = std::move(address),
          .record_number = fmt::format("MR-CANARY-{}", number),
          .card = fmt::format("CANARYCARD{}", number),
          .birth_date = birth_date};
}

}  // namespace

const Canary& Chinese() {
  static const Canary person =
      Person("慕容", "翀珅𠮷", "1951-11-03", 773, "13977310001", "幻月县独角兽路773号", "77301");
  return person;
}

const Canary& Rare() {
  static const Canary person =
      Person("尉迟", "䶮㐀", "1962-02-19", 774, "13977410002", "流星镇飞鲸巷774号", "77402");
  return person;
}

const Canary& Latin() {
  static const Canary person = Person("Quixotov", "Zebulonia", "1973-07-23", 776, "13977610003",
                                      "Gryphon Lane 776, Moonbury", "77603");
  return person;
}

std::vector<Needle> EveryNeedle() {
  std::vector<Needle> needles;
  const auto add = [&](const Canary& person, const std::string& whose) {
    for (const auto& [what, text] :
         {std::pair("name", person.name()), std::pair("given name", person.given),
          std::pair("national id", person.national_id), std::pair("telephone", person.phone),
          std::pair("address", person.address), std::pair("record number", person.record_number),
          std::pair("card", person.card)}) {
      needles.push_back(
          {fmt::format("{} of the {} canary", what, whose), NeedleKind::kIdentifying, text});
    }
  };
  add(Chinese(), "Chinese");
  add(Rare(), "rare");
  add(Latin(), "Latin");
  needles.push_back({"a private text", NeedleKind::kIdentifying, std::string(kPrivate)});
  needles.push_back({"number of a stay", NeedleKind::kIdentifying, std::string(kVisit)});
  needles.push_back({"clinical text", NeedleKind::kClinical, std::string(kClinical)});
  return needles;
}

absl::StatusOr<std::vector<Form>> EveryForm(const std::vector<Needle>& needles) {
  std::vector<Form> forms;
  for (const Needle& needle : needles) {
    std::set<std::string> seen;
    const auto add = [&](std::string_view how, std::string bytes) {
      // A few bytes are found by chance.
      if (bytes.size() >= 6 && seen.insert(bytes).second) {
        forms.push_back({fmt::format("{}, {}", needle.what, how), needle.kind, std::move(bytes)});
      }
    };
    const auto coded = [&](std::string_view how, const std::string& bytes) {
      add(how, bytes);
      add(fmt::format("{} in hexadecimal", how), EachByte(bytes, "{:02x}"));
      add(fmt::format("{} in hexadecimal", how), EachByte(bytes, "{:02X}"));
      add(fmt::format("{} in octal", how), EachByte(bytes, "\\{:03o}"));
      add(fmt::format("{} in percent", how), EachByte(bytes, "%{:02X}"));
      add(fmt::format("{} in percent", how), EachByte(bytes, "%{:02x}"));
      for (size_t offset = 0; offset < 3; ++offset)
        add(fmt::format("{} in base64", how), Base64At(bytes, offset));
    };
    coded("UTF-8", needle.text);
    ASSIGN_OR_RETURN(const std::string gb18030, ctl::demo::ToGb18030(needle.text));
    coded("GB18030", gb18030);
    std::string little;
    std::string big;
    for (const uint16_t unit : Utf16(needle.text)) {
      little += {static_cast<char>(unit & 0xff), static_cast<char>(unit >> 8)};
      big += {static_cast<char>(unit >> 8), static_cast<char>(unit & 0xff)};
    }
    add("UTF-16", little);
    add("UTF-16, high byte first", big);
    add("escaped", EachUnit(needle.text, "\\u{:04x}"));
    add("escaped", EachUnit(needle.text, "\\u{:04X}"));
    add("in small letters", absl::AsciiStrToLower(needle.text));
    add("in capitals", absl::AsciiStrToUpper(needle.text));
  }
  return forms;
}

Finder::Finder(std::vector<Form> forms) : forms_(std::move(forms)), by_two_bytes_(65536) {
  for (size_t i = 0; i < forms_.size(); ++i) by_two_bytes_[PairAt(forms_[i].bytes, 0)].push_back(i);
}

std::vector<const Form*> Finder::FindIn(std::string_view bytes) const {
  std::set<size_t> found;
  for (size_t at = 0; at + 1 < bytes.size(); ++at) {
    for (const size_t form : by_two_bytes_[PairAt(bytes, at)]) {
      if (bytes.substr(at).starts_with(forms_[form].bytes)) found.insert(form);
    }
  }
  std::vector<const Form*> list;
  for (const size_t form : found) list.push_back(&forms_[form]);
  return list;
}

}  // namespace yilian::e2e
