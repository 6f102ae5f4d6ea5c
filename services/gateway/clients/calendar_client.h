// Calendars as scheduling keeps them.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/gateway/web/calendar_feeds.h"
#include "yilian/scheduling/v1/calendar.grpc.pb.h"

namespace yilian::gateway {

// Thread-safe.
class CalendarClient {
 public:
  explicit CalendarClient(std::shared_ptr<grpc::Channel> channel);
  absl::StatusOr<web::CalendarFeed> Find(const std::string& secret,
                                         const std::vector<std::string>& etags);

 private:
  const std::unique_ptr<scheduling::v1::CalendarService::Stub> stub_;
};

}  // namespace yilian::gateway
