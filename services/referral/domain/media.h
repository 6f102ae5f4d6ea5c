// Whether a content is of the type that its sender declared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace yilian::referral {

// Numbers are those of the proto's enum.
enum class MediaType { kPdf = 1, kJpeg, kPng, kGif, kDicom, kText, kAecg };

// `sniffed`: what the first bytes look like (blob::MediaSniffer); `head`: those bytes, for the
// types that a signature alone does not tell.
bool Agrees(MediaType declared, std::string_view sniffed, std::string_view head);

// Types whose every byte is text.
inline bool IsText(MediaType type) { return type == MediaType::kText || type == MediaType::kAecg; }

// Judges a text that comes in chunks: well-formed UTF-8 throughout, and no control characters but
// tab, line feed, form feed and carriage return. One content; one thread.
class TextCheck {
 public:
  void Add(std::string_view bytes);
  // After the last chunk.
  bool Passed() const { return ok_ && missing_ == 0; }

 private:
  void AddByte(unsigned char byte);

  bool ok_ = true;
  int missing_ = 0;     // continuation bytes still to come
  uint32_t point_ = 0;  // of the character that is being read
  uint32_t least_ = 0;  // below it, the character was written in too many bytes
};

}  // namespace yilian::referral
