// An id as a parameter: a nil one is NULL.
#pragma once

#include "common/mysql/value.h"

namespace yilian::mysql {

template <typename IdType>
Value OrNull(const IdType& id) {
  return id.is_nil() ? Value(nullptr) : Value(id);
}

}  // namespace yilian::mysql
