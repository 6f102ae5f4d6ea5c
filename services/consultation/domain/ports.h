// What the consultation service needs beside its own rows.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/consultation/domain/consultation.h"

namespace yilian::consultation {

// A practitioner's own key. Thread-safe.
class SigningKey {
 public:
  virtual ~SigningKey() = default;
  // ES256: r and s, 64 bytes.
  virtual absl::StatusOr<std::string> Sign(std::string_view bytes) const = 0;
  virtual const std::string& key_id() const = 0;
  virtual const std::string& public_key() const = 0;  // PEM
};

// Keeps the keys; a practitioner who has none gets one.
class SigningKeys {
 public:
  virtual ~SigningKeys() = default;
  virtual absl::StatusOr<std::shared_ptr<const SigningKey>> KeyOf(PractitionerId practitioner,
                                                                  absl::Time deadline) = 0;
};

}  // namespace yilian::consultation
