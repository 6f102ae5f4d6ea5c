// A participant of a live session who never gives up: what is not accepted is sent again, at the
// other replica when one does not answer.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/consultation/testing/live_client.h"
#include "services/ctl/demo/person.h"
#include "tests/chaos/storm/caller.h"

namespace yilian::chaos {

// What a participant was told is in the transcript.
struct AcceptedWord {
  std::string request_id;
  std::string text;
  int64_t number = 0;
};

// One thread.
class Speaker {
 public:
  struct Deps {
    unsigned number = 0;
    std::string session;
    ctl::demo::Person person;
    const std::vector<std::shared_ptr<grpc::Channel>>& replicas;
    Weather& weather;
  };
  explicit Speaker(Deps deps)
      : deps_(std::move(deps)), client_(deps_.person.token()), next_(deps_.number) {}

  // Until the weather is over: one word after the other, each until it is accepted.
  void Speak();
  // One message until it is accepted; false after a minute.
  bool Say(const consultation::v1::JoinSessionRequest& frame);
  // Until everything up to `number` has come; false after a minute.
  bool Hear(int64_t number);
  void Join();

  consultation::LiveClient& client() { return client_; }
  const std::vector<AcceptedWord>& accepted() const { return accepted_; }
  int joins() const { return joins_; }

 private:
  const Deps deps_;
  consultation::LiveClient client_;
  size_t next_;  // the replica to turn to
  std::vector<AcceptedWord> accepted_;
  int joins_ = 0;
};

}  // namespace yilian::chaos
