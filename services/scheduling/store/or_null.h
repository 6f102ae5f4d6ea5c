// An id as a parameter: a nil one is NULL.
#pragma once

#include "common/mysql/value.h"

namespace yilian::scheduling {

template <typename IdType>
mysql::Value OrNull(const IdType& id) {
  return id.is_nil() ? mysql::Value(nullptr) : mysql::Value(id);
}

}  // namespace yilian::scheduling
