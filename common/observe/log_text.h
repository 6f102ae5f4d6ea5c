// The text side of a log line: escaping, and blotting out what must not be there.
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace yilian::observe {

// Appends `text` as a JSON string. Bytes that are not UTF-8 become U+FFFD; runs of digits that look
// like a Chinese national id (17 digits and a digit or X) or a mobile number (11 digits, 13 to 19
// in front) become "[withheld]".
void AppendText(std::string_view text, fmt::memory_buffer& out);

// True for names that promise something personal or secret: name, phone, national_id, address,
// password, token ... also as the last words of a longer name (patient_name, but not event_name).
bool IsWithheldKey(std::string_view key);

}  // namespace yilian::observe
