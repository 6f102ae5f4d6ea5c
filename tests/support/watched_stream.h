// A watch of a service's changes as its reader sees it: messages with events, a token to go on
// from, and the word that all there was has come.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/queued_stream.h"

namespace yilian::test_support {

// One thread reads.
template <typename Response>
class WatchedStream : public QueuedStream<Response> {
 public:
  // Until the stream says that it has caught up.
  void AwaitCaughtUp() {
    EXPECT_TRUE(Eventually([this] {
      const auto message = this->Take();
      if (message) token_ = message->resume_token();
      return message && message->caught_up();
    }));
  }
  // What `show` says of each event, until there are `count`; each message's events come together.
  template <typename Show>
  std::vector<std::string> TakeEvents(size_t count, const Show& show) {
    std::vector<std::string> seen;
    EXPECT_TRUE(Eventually([&] {
      while (seen.size() < count) {
        const auto message = this->Take();
        if (!message) return false;
        token_ = message->resume_token();
        for (const auto& event : message->events()) seen.push_back(show(event));
      }
      return true;
    })) << seen.size()
        << " changes came";
    return seen;
  }
  // The last message's.
  const std::string& token() const { return token_; }

 private:
  std::string token_;
};

}  // namespace yilian::test_support
