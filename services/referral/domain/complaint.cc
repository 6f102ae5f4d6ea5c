#include "services/referral/domain/complaint.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace yilian::referral {

std::string BareComplaint(std::string_view complaint) {
  UErrorCode failed = U_ZERO_ERROR;
  const icu::Normalizer2* folding = icu::Normalizer2::getNFKCCasefoldInstance(failed);
  if (U_FAILURE(failed)) return std::string(complaint);
  const icu::UnicodeString folded = folding->normalize(
      icu::UnicodeString::fromUTF8({complaint.data(), static_cast<int32_t>(complaint.size())}),
      failed);
  icu::UnicodeString bare;
  for (int32_t at = 0; at < folded.length(); at = folded.moveIndex32(at, 1)) {
    const UChar32 c = folded.char32At(at);
    if (u_isalnum(c)) bare.append(c);
  }
  std::string text;
  if (bare.isEmpty() || U_FAILURE(failed)) return std::string(complaint);
  return bare.toUTF8String(text);
}

}  // namespace yilian::referral
