// A complaint as it is compared: two that differ in punctuation, width or case are one.
#pragma once

#include <string>
#include <string_view>

namespace yilian::referral {

// Letters and digits of NFKC with case folded: "胸痛 3天。" and "胸痛３天" are both "胸痛3天". A
// text without any stays as it is.
std::string BareComplaint(std::string_view complaint);

}  // namespace yilian::referral
