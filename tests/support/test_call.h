// A call that the frame has let in; for tests that call a handler without the frame.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/crypto/hash.h"
#include "common/rpc/call.h"

namespace yilian::test_support {

struct TestCallOptions {
  absl::Time deadline = absl::Now() + absl::Seconds(30);
  std::string method = "/test.Service/Method";
  std::string traceparent;
  std::string token;
  decltype(unit::WriteContext::arrived_at) arrived_at = std::nullopt;
};

// Remembers which records the handler named as read. One thread, as every call.
class TestCall final : public rpc::Call {
 public:
  struct Read {
    std::string type;
    base::Uuid id;
    base::Uuid data_subject;
  };

  // A call that writes nothing.
  explicit TestCall(rpc::Caller caller, TestCallOptions options = {})
      : caller_(std::move(caller)), options_(std::move(options)) {
    write_.deadline = options_.deadline;
    write_.arrived_at = options_.arrived_at;
    write_.key.caller = caller_.LedgerName();
    write_.key.method = options_.method;
    write_.audit.method = options_.method;
    write_.audit.peer = caller_.peer;
    write_.audit.user_id = caller_.user_id;
    write_.audit.organization_id = caller_.organization_id;
  }
  // A call of the method that takes such a request. Its `request_id`, where it has one, is the key
  // at the ledger; the rest is what a repetition is compared by.
  TestCall(rpc::Caller caller, const google::protobuf::Message& request,
           TestCallOptions options = {})
      : TestCall(std::move(caller), WithMethodOf(request, std::move(options))) {
    const std::unique_ptr<google::protobuf::Message> content(request.New());
    content->CopyFrom(request);
    if (const auto* field = request.GetDescriptor()->FindFieldByName("request_id")) {
      const auto id = base::Uuid::Parse(request.GetReflection()->GetString(request, field));
      if (id.ok()) write_.key.request_id = *id;
      content->GetReflection()->ClearField(content.get(), field);
    }
    write_.key.request_hash = crypto::Sha256(content->SerializeAsString());
  }

  const rpc::Caller& caller() const override { return caller_; }
  absl::Time deadline() const override { return options_.deadline; }
  std::string_view method() const override { return options_.method; }
  std::string_view traceparent() const override { return options_.traceparent; }
  std::string_view token() const override { return options_.token; }
  const unit::WriteContext& write_context() const override { return write_; }
  void Subject(std::string type, const base::Uuid& id,
               const base::Uuid& data_subject) const override {
    reads_.push_back({std::move(type), id, data_subject});
  }
  const std::vector<Read>& reads() const { return reads_; }

 private:
  static TestCallOptions WithMethodOf(const google::protobuf::Message& request,
                                      TestCallOptions options) {
    options.method = "/test/" + request.GetTypeName();
    return options;
  }

  const rpc::Caller caller_;
  const TestCallOptions options_;
  unit::WriteContext write_;
  mutable std::vector<Read> reads_;
};

}  // namespace yilian::test_support
