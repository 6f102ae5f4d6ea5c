// The errors of one domain: what a service's error factories begin with.
#pragma once

#include <string_view>

#include "common/status/error.h"

namespace yilian::status {

// `constexpr status::ErrorsOf kError(kDomain);`, then `kError(kNotFound,
// "NOT_FOUND").Message(...)`. A value; refers to the name of the domain, which is a constant.
class ErrorsOf {
 public:
  constexpr explicit ErrorsOf(std::string_view domain) : domain_(domain) {}
  Error operator()(absl::StatusCode code, std::string_view reason) const {
    return {code, domain_, reason};
  }

 private:
  std::string_view domain_;
};

}  // namespace yilian::status
