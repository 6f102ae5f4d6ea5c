// Critical values between the wire and the domain.
#pragma once

#include "services/lab/domain/critical_store.h"
#include "yilian/lab/v1/critical.pb.h"

namespace yilian::lab::convert {

v1::CriticalValue ToProto(const CriticalValue& value);
v1::CriticalValue ToProto(const CriticalRecord& record);

}  // namespace yilian::lab::convert
