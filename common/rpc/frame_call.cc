#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/observe/trace.h"
#include "common/rpc/frame.h"
#include "common/status/error.h"

namespace yilian::rpc {

using google::protobuf::Message;

namespace {

std::string_view View(const grpc::string_ref& text) { return {text.data(), text.size()}; }

std::string_view Header(const grpc::CallbackServerContext& context, const char* name) {
  const auto& metadata = context.client_metadata();
  const auto it = metadata.find(name);
  return it == metadata.end() ? std::string_view() : View(it->second);
}

// Content only: the same request sent again under the same request_id reads alike.
std::string BytesWithoutRequestId(const Message& request,
                                  const google::protobuf::FieldDescriptor* request_id) {
  std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  if (request_id != nullptr) copy->GetReflection()->ClearField(copy.get(), request_id);
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream sink(&bytes);
    google::protobuf::io::CodedOutputStream out(&sink);
    out.SetSerializationDeterministic(true);
    copy->SerializeToCodedStream(&out);
  }
  return bytes;
}

bool IsRefusal(const absl::Status& outcome) {
  return outcome.code() == absl::StatusCode::kPermissionDenied ||
         outcome.code() == absl::StatusCode::kNotFound;
}

}  // namespace

FrameCall::FrameCall(Frame& frame, const Method& method, grpc::CallbackServerContext& context)
    : frame_(frame),
      method_(method),
      context_(context),
      arrived_(absl::Now()),
      dequeued_(arrived_) {
  if (frame_.observer() != nullptr) frame_.observer()->Started(method_.observed);
}

FrameCall::~FrameCall() = default;

absl::Status FrameCall::TakeDeadline() {
  const auto deadline = context_.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) {
    if (method_.policy.long_lived()) return absl::OkStatus();
    return status::Error(absl::StatusCode::kInvalidArgument, "yilian", "DEADLINE_REQUIRED")
        .Message("set a deadline: a call without one could wait for ever");
  }
  deadline_ = absl::FromChrono(deadline);
  if (!method_.policy.long_lived()) deadline_ = std::min(deadline_, arrived_ + kLongestCall);
  return absl::OkStatus();
}

absl::Status FrameCall::Open() {
  traceparent_ = observe::TraceContext::Next(Header(context_, "traceparent")).ToString();
  if (frame_.draining()) {
    return status::Error(absl::StatusCode::kUnavailable, "yilian", "DRAINING")
        .Message("this replica is going down; another one serves the call");
  }
  RETURN_IF_ERROR(TakeDeadline());
  const auto auth = context_.auth_context();
  std::string_view peer;
  if (auth != nullptr) {
    const auto names = auth->FindPropertyValues("peer_spiffe_id");
    // The context owns the bytes for as long as the call lives.
    if (!names.empty()) peer = View(names.front());
  }
  authorization_ = Header(context_, "authorization");
  ASSIGN_OR_RETURN(identity_, frame_.identities().Resolve(peer, Header(context_, "x-client-cert"),
                                                          authorization_));
  return Authorize();
}

absl::Status FrameCall::Authorize() const {
  const policy::v1::MethodPolicy& policy = method_.policy;
  const Caller& caller = identity_->caller;
  if (caller.IsNamedBy(policy)) return absl::OkStatus();
  if (!caller.is_person() && (policy.any_person() || !policy.roles().empty())) {
    return status::Error(absl::StatusCode::kUnauthenticated, "yilian", "SIGN_IN_REQUIRED")
        .Message("a signed-in person may call this method: send `authorization: Bearer <token>`")
        .Chinese("请先登录");
  }
  return status::Error(absl::StatusCode::kPermissionDenied, "yilian", "ROLE_NOT_ALLOWED")
      .Message("the caller's role may not call this method")
      .Chinese("当前角色无权执行此操作")
      .Meta("method", method_.full_name);
}

absl::Status FrameCall::Recheck() const {
  return frame_.identities().Recheck(*identity_, authorization_);
}

absl::StatusOr<std::unique_ptr<Message>> FrameCall::Read(grpc::ByteBuffer& bytes) const {
  if (bytes.Length() > frame_.max_request_bytes()) {
    return status::Error(absl::StatusCode::kResourceExhausted, "yilian", "REQUEST_TOO_LARGE")
        .Message(fmt::format("the message has {} bytes, {} are allowed", bytes.Length(),
                             frame_.max_request_bytes()))
        .Chinese("消息超过大小上限")
        .Meta("bytes", fmt::to_string(bytes.Length()))
        .Meta("max_bytes", fmt::to_string(frame_.max_request_bytes()));
  }
  std::unique_ptr<Message> message(method_.binding.request->New());
  if (!Parse(bytes, *message)) {
    return status::Error(absl::StatusCode::kInvalidArgument, "yilian", "REQUEST_MALFORMED")
        .Message(fmt::format("the bytes are not a {}, or a string in it is not UTF-8",
                             message->GetDescriptor()->full_name()));
  }
  RETURN_IF_ERROR(method_.validator->Validate(*message));
  return message;
}

absl::Status FrameCall::ReadRequest(grpc::ByteBuffer& bytes) {
  ASSIGN_OR_RETURN(request_, Read(bytes));
  if (method_.request_id != nullptr) {
    std::string scratch;
    const std::string& id =
        request_->GetReflection()->GetStringReference(*request_, method_.request_id, &scratch);
    const absl::StatusOr<base::Uuid> parsed = base::Uuid::Parse(id);
    if (!parsed.ok() || parsed->is_nil()) {
      return FieldsInvalid(
          {{"request_id", "must be a UUID of 36 characters, fresh for each write"}});
    }
  }
  return absl::OkStatus();
}

absl::Status FrameCall::Run(const std::function<absl::Status()>& handler) const {
  CallObserver* const observer = frame_.observer();
  if (observer != nullptr) observer->EnterHandler(*this);
  absl::Status outcome;
  try {
    outcome = handler();
  } catch (const std::exception&) {
    // Its text may hold anything, personal data included: it does not leave.
    outcome = status::Error(absl::StatusCode::kInternal, "yilian", "INTERNAL")
                  .Message("the service failed to answer; the trace id tells where");
  }
  if (observer != nullptr) observer->LeaveHandler();
  return outcome;
}

audit::Record FrameCall::NewRecord(audit::Action action, std::string outcome) const {
  const Caller& caller = this->caller();
  audit::Record record;
  record.occurred_at = absl::Now();
  record.audit_id = base::Uuid::V7(record.occurred_at);
  record.method = method_.full_name;
  record.action = action;
  record.peer = caller.peer;
  record.user_id = caller.user_id;
  record.organization_id = caller.organization_id;
  record.outcome = std::move(outcome);
  record.trace_id = std::string(observe::TraceIdOf(traceparent_));
  return record;
}

bool FrameCall::MustRecord(const absl::Status& outcome) const {
  if (!method_.policy.audited() || identity_ == nullptr) return false;
  // A write's own record is in its transaction (UnitOfWork); only what it read besides is left to
  // record here.
  if (outcome.ok()) return !method_.writes || !subjects_.empty();
  return IsRefusal(outcome);
}

std::vector<audit::Record> FrameCall::RecordsFor(const absl::Status& outcome) const {
  std::vector<audit::Record> records;
  if (!MustRecord(outcome)) return records;
  const audit::Record record = outcome.ok()
                                   ? NewRecord(audit::Action::kRead, "OK")
                                   : NewRecord(audit::Action::kRefused, status::ReasonOf(outcome));
  if (subjects_.empty()) records.push_back(record);
  for (const SubjectRead& subject : subjects_) {
    records.push_back(record);
    records.back().audit_id = base::Uuid::V7();
    records.back().subject_type = subject.type;
    records.back().subject_id = subject.id;
    records.back().data_subject_id = subject.data_subject;
  }
  return records;
}

void FrameCall::Record(absl::Status outcome, std::function<void(absl::Status)> done) {
  std::vector<audit::Record> records = RecordsFor(outcome);
  if (records.empty()) return done(std::move(outcome));
  struct Pending {
    std::atomic<int> left;
    absl::Mutex mutex;
    absl::Status failure ABSL_GUARDED_BY(mutex);
    absl::Status outcome;
    std::function<void(absl::Status)> done;
  };
  auto pending = std::make_shared<Pending>();
  pending->left = static_cast<int>(records.size());
  pending->outcome = std::move(outcome);
  pending->done = std::move(done);
  for (audit::Record& record : records) {
    frame_.audit()(std::move(record), [pending](const absl::Status& written) {
      {
        absl::MutexLock lock(&pending->mutex);
        pending->failure.Update(written);
      }
      if (pending->left.fetch_sub(1) != 1) return;
      absl::Status failure;
      {
        absl::MutexLock lock(&pending->mutex);
        failure = pending->failure;
      }
      if (absl::IsResourceExhausted(failure)) {
        // Too much at once is said as it is: with the time after which to try again.
        pending->outcome = std::move(failure);
      } else if (!failure.ok()) {
        pending->outcome =
            status::Error(absl::StatusCode::kUnavailable, "yilian", "AUDIT_UNAVAILABLE")
                .Message("the audit record could not be stored, so the answer is kept back");
      }
      pending->done(std::move(pending->outcome));
    });
  }
}

void FrameCall::Finished(const absl::Status& outcome) {
  if (!outcome.ok()) context_.AddTrailingMetadata("traceparent", traceparent_);
  if (frame_.observer() == nullptr) return;
  frame_.observer()->Finished(
      method_.observed, *this,
      CallEnd{outcome.code(), &outcome, absl::Now() - arrived_, dequeued_ - arrived_});
}

const Caller& FrameCall::caller() const {
  static const Caller* const unknown = new Caller;
  return identity_ != nullptr ? identity_->caller : *unknown;
}

std::string_view FrameCall::token() const {
  constexpr size_t kPrefix = std::string_view("Bearer ").size();
  return authorization_.size() > kPrefix ? authorization_.substr(kPrefix) : std::string_view();
}

const unit::WriteContext& FrameCall::write_context() const {
  if (!write_) {
    write_.emplace();
    write_->key.caller = caller().LedgerName();
    write_->key.method = method_.full_name;
    if (request_ != nullptr && method_.request_id != nullptr) {
      write_->key.request_id =
          *base::Uuid::Parse(request_->GetReflection()->GetString(*request_, method_.request_id));
      std::vector<std::string> digests =
          frame_.fingerprint()(BytesWithoutRequestId(*request_, method_.request_id));
      write_->key.request_hash = std::move(digests.front());
      write_->key.earlier_hashes.assign(std::make_move_iterator(digests.begin() + 1),
                                        std::make_move_iterator(digests.end()));
    }
    write_->audit = NewRecord(audit::Action::kWrite, "OK");
    write_->traceparent = traceparent_;
    write_->deadline = deadline_;
    write_->arrived_at = arrived_steady_;
  }
  return *write_;
}

void FrameCall::Subject(std::string type, const base::Uuid& id,
                        const base::Uuid& data_subject) const {
  subjects_.push_back({std::move(type), id, data_subject});
}

}  // namespace yilian::rpc
