// What strings of a known format look like (yilian.policy.v1.Format).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "yilian/policy/v1/policy.pb.h"

namespace yilian::rpc {

// Number of Unicode code points; nullopt when the text is not valid UTF-8.
std::optional<uint32_t> CodePoints(std::string_view text);
bool IsUuid(std::string_view text);
// YYYY-MM-DD of a day that exists.
bool IsDate(std::string_view text);
// GB 11643-1999: 17 digits with an existing birth date at 7-14, then the check character (0-9, X).
bool IsNationalId(std::string_view text);
bool IsPhone(std::string_view text);
bool IsCode(std::string_view text);

// True when `text` has the format; true for FORMAT_UNSPECIFIED.
bool HasFormat(policy::v1::Format format, std::string_view text);
// "must be a UUID ..."; "" for FORMAT_UNSPECIFIED.
std::string_view FormatRule(policy::v1::Format format);

}  // namespace yilian::rpc
