// A client as it should be: repeats a call with its request_id until it is answered.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/client_call.h"
#include "services/ctl/demo/person.h"
#include "tests/chaos/storm/answers.h"
#include "tests/chaos/storm/journal.h"

namespace yilian::chaos {

// What all clients of one storm share; outlives them.
struct Weather {
  Answers answers;
  Journal journal;
  absl::Notification over;  // no new writes from here on; those under way are finished
};

// True for an error that says "ask again": the same request may be sent once more.
bool AsksAgain(const absl::Status& status);

// One thread.
class Caller {
 public:
  Caller(ctl::demo::Person person, Weather& weather)
      : person_(std::move(person)), weather_(weather) {}

  // Until it is answered, for a minute at most; refusals of the service are answers too.
  template <typename Service, typename Base, typename Request, typename Response>
  absl::StatusOr<Response> Call(const std::string& service,
                                grpc::Status (Base::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) {
    Response response;
    const absl::Status status = Repeat(service, [&](absl::Duration timeout) -> absl::Status {
      const auto channel = person_.ChannelTo(service);
      if (!channel.ok()) return channel.status();
      const auto stub = Service::NewStub(*channel);
      auto answer =
          rpc::ClientCall(timeout).WithToken(person_.token()).Invoke(*stub, method, request);
      if (!answer.ok()) return answer.status();
      response = *std::move(answer);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return response;
  }

  Weather& weather() { return weather_; }
  // A refusal that this storm does not provoke: goes into the journal, and fails the run.
  void Unexpected(const std::string& what, const absl::Status& status);

 private:
  absl::Status Repeat(const std::string& service,
                      const std::function<absl::Status(absl::Duration timeout)>& attempt);

  const ctl::demo::Person person_;
  Weather& weather_;
};

}  // namespace yilian::chaos
