#include "tests/contract/test_service.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/status/error.h"

namespace yilian::contract {
namespace {

const base::Uuid kRecord = base::Uuid::V5(base::Uuid(), "record");
const base::Uuid kPatient = base::Uuid::V5(base::Uuid(), "patient");

// Enough that the reader never waits for us.
constexpr int kAhead = 8;

// Sends the numbers up to `last`, a few at a time, the next ones when the reader has taken them.
class Pump : public std::enable_shared_from_this<Pump> {
 public:
  Pump(std::shared_ptr<rpc::ServerStream<v1::StreamResponse>> stream,
       const v1::StreamRequest& request, std::atomic<int>& most_pending)
      : stream_(std::move(stream)), request_(request), most_pending_(most_pending) {}

  void Start() {
    stream_->OnDrained([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Send();
    });
    Send();
  }

 private:
  void Send() {
    std::lock_guard lock(mutex_);
    while (next_ < request_.messages() && stream_->pending() < kAhead) {
      v1::StreamResponse response;
      response.set_number(++next_);
      response.set_filling(std::string(request_.bytes(), 'x'));
      if (!stream_->Write(std::move(response))) return;
      most_pending_ = std::max<int>(most_pending_, stream_->pending());
    }
    if (next_ == request_.messages()) stream_->Finish(absl::OkStatus());
  }

  std::mutex mutex_;
  const std::shared_ptr<rpc::ServerStream<v1::StreamResponse>> stream_;
  const v1::StreamRequest request_;
  std::atomic<int>& most_pending_;
  int next_ = 0;
};

}  // namespace

rpc::Dispatch TestService::NewDispatch() {
  rpc::Dispatch dispatch("yilian.contract.v1.ContractService");
  dispatch.Unary("Echo", this, &TestService::Echo)
      .Unary("Wait", this, &TestService::Wait)
      .Unary("Urgent", this, &TestService::Urgent)
      .Unary("Write", this, &TestService::Write)
      .Unary("ReadRecord", this, &TestService::ReadRecord)
      .Unary("ForSystems", this, &TestService::Echo)
      .Unary("ForServices", this, &TestService::Echo)
      .Unary("ForAnyone", this, &TestService::Echo)
      .Unary("ForPersons", this, &TestService::Echo)
      .Unary("CheckRules", this, &TestService::CheckRules)
      .Unary("Flaky", this, &TestService::Flaky)
      .Unary("FlakyOnce", this, &TestService::Flaky)
      .Stream("Follow", this, &TestService::Follow)
      .Stream("Flood", this, &TestService::Flood)
      .Bidi("Chat", this, &TestService::Chat)
      .Collect("Collect", this, &TestService::Collect)
      .Collect("CollectRecord", this, &TestService::CollectRecord)
      .Stream("Fetch", this, &TestService::Fetch);
  return dispatch;
}

void TestService::CloseGate() {
  absl::MutexLock lock(&mutex_);
  gate_open_ = false;
}

void TestService::OpenGate() {
  absl::MutexLock lock(&mutex_);
  gate_open_ = true;
}

bool TestService::AwaitRunning(int count) {
  absl::MutexLock lock(&mutex_);
  const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return running_ >= count; };
  return mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(10));
}

void TestService::Work() const {
  // Occupies a handler thread as a database would.
  absl::SleepFor(absl::Nanoseconds(work_ns_.load()));  // lint:allow(test-sleep) it is the work
}

absl::StatusOr<v1::EchoResponse> TestService::Echo(const Call& call,
                                                   const v1::EchoRequest& request) {
  ++handled_;
  v1::EchoResponse response;
  response.set_text(request.text());
  response.set_caller_peer(call.caller().peer);
  response.set_user_id(call.caller().user_id.ToString());
  response.set_organization_id(call.caller().organization_id.ToString());
  response.set_traceparent(std::string(call.traceparent()));
  response.set_deadline_ms_left(absl::ToInt64Milliseconds(call.deadline() - absl::Now()));
  return response;
}

absl::StatusOr<v1::EchoResponse> TestService::Wait(const Call& call,
                                                   const v1::EchoRequest& request) {
  {
    absl::MutexLock lock(&mutex_);
    ++running_;
    mutex_.Await(absl::Condition(&gate_open_));
    --running_;
  }
  Work();
  return Echo(call, request);
}

absl::StatusOr<v1::EchoResponse> TestService::Urgent(const Call& call,
                                                     const v1::EchoRequest& request) {
  return Echo(call, request);
}

absl::StatusOr<v1::WriteResponse> TestService::Write(const Call& call, const v1::WriteRequest&) {
  ++handled_;
  const unit::WriteContext& context = call.write_context();
  v1::WriteResponse response;
  for (const unsigned char byte : context.key.request_hash) {
    static constexpr char kHex[] = "0123456789abcdef";
    *response.mutable_request_hash() += kHex[byte >> 4];
    *response.mutable_request_hash() += kHex[byte & 15];
  }
  response.set_ledger_caller(context.key.caller);
  response.set_audit_method(context.audit.method);
  return response;
}

absl::StatusOr<v1::EchoResponse> TestService::ReadRecord(const Call& call,
                                                         const v1::EchoRequest& request) {
  if (request.text() == "foreign") {
    return status::Error(absl::StatusCode::kNotFound, "yilian.contract", "RECORD_UNKNOWN");
  }
  if (request.text() != "list") call.Subject("record", kRecord, kPatient);
  if (request.text() == "two") call.Subject("record", kPatient, kPatient);
  return Echo(call, request);
}

absl::StatusOr<v1::EchoResponse> TestService::CheckRules(const Call&, const v1::RulesRequest&) {
  ++handled_;
  return v1::EchoResponse();
}

absl::StatusOr<v1::EchoResponse> TestService::Flaky(const Call& call,
                                                    const v1::EchoRequest& request) {
  ++attempts_;
  if (failures_.fetch_sub(1) > 0) {
    return status::Error(absl::StatusCode::kUnavailable, "yilian.contract", "AWAY");
  }
  return Echo(call, request);
}

absl::Status TestService::Follow(const Call&, const v1::StreamRequest& request,
                                 Stream<v1::StreamResponse> stream) {
  if (request.bytes() < 0) {
    return status::Error(absl::StatusCode::kInvalidArgument, "yilian.contract",
                         "REFUSED_BY_HANDLER");
  }
  ++open_follows_;
  auto pump =
      request.messages() > 0 ? std::make_shared<Pump>(stream, request, most_pending_) : nullptr;
  // Keeps stream and pump alive for as long as the call.
  stream->OnDone([this, pump, stream] {
    --open_follows_;
    ++ended_;
  });
  if (pump != nullptr) {
    pump->Start();
  } else {
    stream->Write({});
  }
  return absl::OkStatus();
}

absl::Status TestService::Flood(const Call&, const v1::StreamRequest& request,
                                Stream<v1::StreamResponse> stream) {
  for (int i = 1; i <= request.messages(); ++i) {
    v1::StreamResponse response;
    response.set_number(i);
    response.set_filling(std::string(request.bytes(), 'x'));
    if (!stream->Write(std::move(response))) {
      ++refused_writes_;
      break;
    }
  }
  return absl::OkStatus();
}

absl::Status TestService::Chat(const Call&, Bidi<v1::EchoRequest, v1::EchoResponse> stream) {
  stream->OnMessage([stream](const v1::EchoRequest& request) {
    v1::EchoResponse response;
    response.set_text(request.text());
    stream->Write(std::move(response));
  });
  stream->OnHalfClose([stream] { stream->Finish(absl::OkStatus()); });
  return absl::OkStatus();
}

absl::Status TestService::Collect(const Call&, Bidi<v1::EchoRequest, v1::EchoResponse> stream) {
  auto all = std::make_shared<std::string>();
  stream->OnMessage([this, all](const v1::EchoRequest& request) {
    Work();
    ++handled_;
    *all += request.text();
  });
  stream->OnHalfClose([stream, all] {
    v1::EchoResponse response;
    response.set_text(*all);
    stream->Write(std::move(response));
    stream->Finish(absl::OkStatus());
  });
  return absl::OkStatus();
}

absl::Status TestService::CollectRecord(const Call&,
                                        Bidi<v1::EchoRequest, v1::EchoResponse> stream) {
  stream->OnMessage([stream](const v1::EchoRequest& request) {
    if (request.text() != "foreign") return;
    stream->Finish(status::Error(absl::StatusCode::kNotFound, "yilian.contract", "RECORD_UNKNOWN"));
  });
  stream->OnHalfClose([stream] {
    stream->Write({});
    stream->Finish(absl::OkStatus());
  });
  return absl::OkStatus();
}

absl::Status TestService::Fetch(const Call&, const v1::StreamRequest& request,
                                Stream<v1::StreamResponse> stream) {
  auto sent = std::make_shared<int>(0);
  const auto next = [this, sent, request, stream] {
    if (request.bytes() < 0) throw std::length_error("as the test asked");
    ++handled_;
    v1::StreamResponse response;
    response.set_number(++*sent);
    if (*sent > request.messages()) return stream->Finish(absl::OkStatus());
    stream->Write(std::move(response));
  };
  // The stream lets go of its callbacks at its end.
  stream->OnDrained([stream, next] { stream->Post(next); });
  stream->Post(next);
  return absl::OkStatus();
}

}  // namespace yilian::contract
