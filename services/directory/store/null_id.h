// Ids that may be missing: nil in the domain, NULL in a column.
#pragma once

#include <optional>

#include "common/base/uuid.h"

namespace yilian::directory {

template <typename Tag>
std::optional<base::Uuid> NullIfNil(const base::Id<Tag>& id) {
  if (id.is_nil()) return std::nullopt;
  return id.uuid();
}

}  // namespace yilian::directory
