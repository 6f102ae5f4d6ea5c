#include "common/rpc/stream_core.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/status/error.h"

namespace yilian::rpc {
namespace {

absl::Status SlowReader() {
  return status::Error(absl::StatusCode::kResourceExhausted, "yilian", "SLOW_READER")
      .Message("the client reads more slowly than messages come; resume from the last one read");
}

absl::Status Draining() {
  return status::Error(absl::StatusCode::kUnavailable, "yilian", "DRAINING")
      .Message("this replica is going down; resume at another one");
}

}  // namespace

StreamCore::StreamCore(Frame& frame, const Method& method, grpc::CallbackServerContext& context)
    : frame_(frame), method_(method), context_(context), call_(frame, method, context) {}

StreamCore* StreamCore::Open(Frame& frame, const Method& method,
                             grpc::CallbackServerContext& context) {
  std::shared_ptr<StreamCore> core(new StreamCore(frame, method, context));
  core->self_ = core;
  frame.Add(core);
  core->Begin();
  return core.get();
}

void StreamCore::Begin() {
  held_ = method_.policy.audited();
  if (absl::Status status = call_.Open(); !status.ok()) {
    call_.Record(std::move(status),
                 [self = self_](absl::Status answer) { self->End(std::move(answer), true); });
    return;
  }
  if (method_.binding.client_streams) {
    Admit();
  } else {
    StartRead(&incoming_);
  }
}

void StreamCore::Admit() {
  if (method_.policy.inline_()) return Run();
  queued_ = shared_from_this();
  frame_.WorkBegins();
  if (absl::Status status = frame_.executor().Submit(method_.lane, call_.deadline(), this);
      !status.ok()) {
    frame_.WorkEnds();
    queued_.reset();
    End(std::move(status), true);
  }
}

void StreamCore::Run() {
  if (queued_ == nullptr) return Handle(shared_from_this());
  const std::shared_ptr<StreamCore> self = std::move(queued_);
  Handle(self);
  frame_.WorkEnds();
}

void StreamCore::Handle(const std::shared_ptr<StreamCore>& self) {
  call_.Dequeued();
  {
    // Nothing leaves, and nothing ends, before the handler has said whether it takes the call.
    std::lock_guard lock(mutex_);
    held_ = true;
  }
  absl::Status status =
      call_.Run([&] { return method_.binding.stream(call_, call_.request(), self); });
  call_.Record(std::move(status), [self](absl::Status answer) {
    if (!answer.ok()) return self->End(std::move(answer), true);
    std::unique_lock lock(self->mutex_);
    self->held_ = false;
    self->opened_ = true;
    self->Pump(lock);
    self->ReadNext();
  });
}

void StreamCore::Drop() {
  const std::shared_ptr<StreamCore> self = std::move(queued_);
  End(status::Error(absl::StatusCode::kDeadlineExceeded, "yilian", "DEADLINE_EXCEEDED")
          .Message("the deadline passed before a handler thread was free"),
      true);
  frame_.WorkEnds();
}

void StreamCore::ReadNext() {
  // Under the lock, so that Finish cannot overtake it; a finished call's method may be gone.
  std::lock_guard lock(mutex_);
  if (finished_ || done_) return;
  if (method_.binding.client_streams && on_message_ != nullptr) StartRead(&incoming_);
}

void StreamCore::OnReadDone(bool ok) {
  if (frame_.observer() != nullptr && ok) frame_.observer()->MessageReceived(method_.observed);
  if (!method_.binding.client_streams) {
    if (!ok) {
      return End(status::Error(absl::StatusCode::kInvalidArgument, "yilian", "REQUEST_MALFORMED")
                     .Message("the call brought no request message"),
                 true);
    }
    absl::Status status = call_.ReadRequest(incoming_);
    incoming_.Clear();
    return status.ok() ? Admit() : End(std::move(status), true);
  }
  auto self = shared_from_this();
  if (ok) {
    frame_.WorkBegins();
    frame_.executor().Post(method_.lane, [self] {
      self->Deliver();
      self->frame_.WorkEnds();
    });
    return;
  }
  std::function<void()> callback;
  {
    std::lock_guard lock(mutex_);
    if (!ending_) callback = on_half_close_;
  }
  if (callback) frame_.executor().Post(method_.lane, [self, callback] { callback(); });
}

void StreamCore::Deliver() {
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> message = call_.Read(incoming_);
  incoming_.Clear();
  if (!message.ok()) return End(message.status(), true);
  std::function<void(std::unique_ptr<google::protobuf::Message>)> callback;
  {
    std::lock_guard lock(mutex_);
    if (ending_) return;
    callback = on_message_;
  }
  const absl::Status status = call_.Run([&] {
    callback(*std::move(message));
    return absl::OkStatus();
  });
  if (!status.ok()) return End(status, true);
  ReadNext();
}

bool StreamCore::Write(grpc::ByteBuffer message) {
  std::unique_lock lock(mutex_);
  if (ending_) return false;
  if (static_cast<int>(queue_.size()) >= kStreamQueue) {
    EndLocked(SlowReader(), true);
    Pump(lock);
    return false;
  }
  queue_.push_back(std::move(message));
  Pump(lock);
  return true;
}

int StreamCore::pending() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(queue_.size()) + (writing_ ? 1 : 0);
}

void StreamCore::OnDrained(std::function<void()> callback) {
  std::lock_guard lock(mutex_);
  if (!done_) on_drained_ = std::move(callback);
}

void StreamCore::Post(std::function<void()> work) {
  {
    // Under the lock: a call that is not done keeps the frame alive, and then the work does.
    std::lock_guard lock(mutex_);
    if (ending_ || done_) return;
    frame_.WorkBegins();
  }
  frame_.executor().Post(method_.lane, [self = shared_from_this(), work = std::move(work)] {
    const absl::Status status = self->call_.Run([&] {
      work();
      return absl::OkStatus();
    });
    if (!status.ok()) self->End(status, true);
    self->frame_.WorkEnds();
  });
}

void StreamCore::Finish(const absl::Status& status) {
  // Whom a client's stream is about may only be known from its messages: a refusal that comes then
  // leaves its audit record as one at the opening does.
  if (!method_.binding.client_streams || status.ok() || !call_.MustRecord(status)) {
    return End(status, false);
  }
  {
    std::lock_guard lock(mutex_);
    if (ending_) return;
    EndLocked(status, true);
    if (!opened_) return;  // Handle records what the opening comes to
    held_ = true;
  }
  call_.Record(status, [self = shared_from_this()](absl::Status answer) {
    std::unique_lock lock(self->mutex_);
    if (!self->finished_) self->final_ = std::move(answer);
    self->held_ = false;
    self->Pump(lock);
  });
}

void StreamCore::OnEnd(std::function<void()> callback) {
  {
    std::lock_guard lock(mutex_);
    if (!done_) {
      on_end_ = std::move(callback);
      return;
    }
  }
  callback();
}

void StreamCore::OnMessage(
    std::function<void(std::unique_ptr<google::protobuf::Message>)> callback) {
  std::lock_guard lock(mutex_);
  if (!done_) on_message_ = std::move(callback);
}

void StreamCore::OnHalfClose(std::function<void()> callback) {
  std::lock_guard lock(mutex_);
  if (!done_) on_half_close_ = std::move(callback);
}

void StreamCore::EndLocked(absl::Status status, bool drop_queue) {
  if (drop_queue) {
    queue_.clear();
    held_ = false;
  }
  if (ending_) {
    // A handler that refuses lets go of its stream on the way out, which by itself means OK: the
    // refusal outranks it.
    if (!opened_ && !finished_ && final_.ok() && !status.ok()) final_ = std::move(status);
    return;
  }
  ending_ = true;
  ending_since_ = absl::Now();
  final_ = std::move(status);
}

void StreamCore::End(absl::Status status, bool drop_queue) {
  std::unique_lock lock(mutex_);
  EndLocked(std::move(status), drop_queue);
  Pump(lock);
}

void StreamCore::EndForDrain() {
  // A stream with a deadline ends by itself, like a call.
  if (method_.policy.long_lived()) End(Draining(), true);
}

void StreamCore::Sweep(absl::Time now) {
  std::unique_lock lock(mutex_);
  if (finished_ || done_) return;
  if (ending_) {
    // A write that never completes blocks the status as well: only cancelling ends such a stream.
    if (writing_ && now - ending_since_ > kStreamGrace) context_.TryCancel();
    return;
  }
  if (!opened_) return;
  absl::Status valid = call_.Recheck();
  if (valid.ok()) return;
  EndLocked(std::move(valid), true);
  Pump(lock);
}

void StreamCore::Pump(std::unique_lock<std::mutex>& lock) {
  if (writing_ || finished_ || held_) {
    lock.unlock();
    return;
  }
  if (!queue_.empty()) {
    outgoing_.Swap(&queue_.front());  // a ByteBuffer is not moved, it is copied
    queue_.pop_front();
    writing_ = true;
    lock.unlock();
    StartWrite(&outgoing_);
  } else if (ending_) {
    finished_ = true;
    const auto self = self_;
    const absl::Status status = final_;
    lock.unlock();
    call_.Finished(status);
    grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>::Finish(status::ToGrpc(status));
  } else {
    lock.unlock();
  }
}

void StreamCore::OnWriteDone(bool ok) {
  std::function<void()> drained;
  std::unique_lock lock(mutex_);
  writing_ = false;
  outgoing_.Clear();
  if (!ok) {
    EndLocked(absl::CancelledError("the client has gone"), true);
  } else if (queue_.empty() && !ending_) {
    drained = on_drained_;
  }
  if (ok && frame_.observer() != nullptr) frame_.observer()->MessageSent(method_.observed);
  Pump(lock);
  if (drained) drained();
}

void StreamCore::OnCancel() { End(absl::CancelledError("the client has gone"), true); }

void StreamCore::OnDone() {
  std::function<void()> on_end;
  std::shared_ptr<StreamCore> self;
  std::function<void()> drained;
  std::function<void(std::unique_ptr<google::protobuf::Message>)> message;
  std::function<void()> half_close;
  {
    std::lock_guard lock(mutex_);
    done_ = true;
    ending_ = true;
    on_end.swap(on_end_);
    // Callbacks often hold the stream: let go of them, outside the lock.
    drained.swap(on_drained_);
    message.swap(on_message_);
    half_close.swap(on_half_close_);
  }
  frame_.Remove(this);
  self.swap(self_);
  if (on_end) on_end();
}

}  // namespace yilian::rpc
