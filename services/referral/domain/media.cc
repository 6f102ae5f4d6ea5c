#include "services/referral/domain/media.h"

#include <algorithm>

namespace yilian::referral {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kHl7Namespace = "urn:hl7-org:v3";

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void SkipBlanks(std::string_view& text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
}

// True when `text` began with `opening` and went on to `closing`; both are gone then.
bool SkipSection(std::string_view& text, std::string_view opening, std::string_view closing) {
  if (!text.starts_with(opening)) return false;
  const size_t end = text.find(closing, opening.size());
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + closing.size());
  return true;
}

// The start tag of the root element, without its brackets; "" where there is none, or where a
// document type stands before it: entities of a stranger's making are not for anybody to expand.
std::string_view RootTag(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  SkipBlanks(text);
  while (SkipSection(text, "<?", "?>") || SkipSection(text, "<!--", "-->")) SkipBlanks(text);
  if (text.size() < 2 || text[0] != '<' || text[1] == '!') return {};
  const size_t end = text.find('>');
  return end == std::string_view::npos ? std::string_view() : text.substr(1, end - 1);
}

bool IsAnnotatedEcg(std::string_view head) {
  const std::string_view tag = RootTag(head);
  std::string_view name = tag.substr(0, tag.find_first_of(" \t\r\n/"));
  if (const size_t colon = name.find(':'); colon != std::string_view::npos) {
    name.remove_prefix(colon + 1);
  }
  return name == "AnnotatedECG" && tag.find(kHl7Namespace) != std::string_view::npos;
}

}  // namespace

bool Agrees(MediaType declared, std::string_view sniffed, std::string_view head) {
  switch (declared) {
    case MediaType::kPdf:
      return sniffed == "application/pdf";
    case MediaType::kJpeg:
      return sniffed == "image/jpeg";
    case MediaType::kPng:
      return sniffed == "image/png";
    case MediaType::kGif:
      return sniffed == "image/gif";
    case MediaType::kDicom:
      return sniffed == "application/dicom";
    case MediaType::kText:
      return sniffed == "text/plain" || sniffed == "text/csv";
    case MediaType::kAecg:
      return (sniffed == "text/xml" || sniffed == "application/xml" || sniffed == "text/plain") &&
             IsAnnotatedEcg(head);
  }
  return false;
}

void TextCheck::AddByte(unsigned char byte) {
  if (missing_ > 0) {
    if ((byte & 0xc0) != 0x80) {
      ok_ = false;
      return;
    }
    point_ = point_ << 6 | (byte & 0x3f);
    if (--missing_ > 0) return;
    const bool surrogate = point_ >= 0xd800 && point_ <= 0xdfff;
    const bool control = point_ >= 0x80 && point_ <= 0x9f;
    if (point_ < least_ || point_ > 0x10ffff || surrogate || control) ok_ = false;
    return;
  }
  if (byte < 0x80) {
    if (byte == 0x7f ||
        (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\f' && byte != '\r')) {
      ok_ = false;
    }
  } else if ((byte & 0xe0) == 0xc0) {
    missing_ = 1;
    point_ = byte & 0x1f;
    least_ = 0x80;
  } else if ((byte & 0xf0) == 0xe0) {
    missing_ = 2;
    point_ = byte & 0x0f;
    least_ = 0x800;
  } else if ((byte & 0xf8) == 0xf0) {
    missing_ = 3;
    point_ = byte & 0x07;
    least_ = 0x10000;
  } else {
    ok_ = false;
  }
}

void TextCheck::Add(std::string_view bytes) {
  for (const char c : bytes) {
    if (!ok_) return;
    AddByte(static_cast<unsigned char>(c));
  }
}

}  // namespace yilian::referral
