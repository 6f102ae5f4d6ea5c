#include "common/unit/unit_of_work.h"

#include <fmt/format.h>
#include <google/protobuf/wrappers.pb.h>

#include <optional>
#include <utility>

#include "common/audit/log.h"
#include "common/base/status_macros.h"
#include "common/fault/fault_point.h"
#include "common/mysql/transaction.h"
#include "common/status/error.h"

namespace yilian::unit {
namespace {

using google::protobuf::Message;
using mysql::Session;

void Fault(const WriteContext& context, std::string_view part) {
  fault::Point([&] {
    const std::string& method = context.key.method;
    return fmt::format("{}.{}", method.substr(method.rfind('/') + 1), part);
  });
}

// An error that says nothing about the request: the database asks for another attempt, or is away.
bool IsDatabaseTrouble(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         (absl::IsAborted(status) && status::ReasonOf(status) == "CONTENTION");
}

absl::Status Unreadable(const idempotency::Key& key) {
  return status::Error(absl::StatusCode::kInternal, "yilian", "LEDGER_UNREADABLE")
      .Message("the stored outcome of this request_id does not parse")
      .Meta("request_id", key.request_id.ToString());
}

}  // namespace

void Scope::Subject(std::string type, const base::Uuid& id, const base::Uuid& data_subject) {
  audit::Record record = audit_;
  record.subject_type = std::move(type);
  record.subject_id = id;
  record.data_subject_id = data_subject;
  subjects_.push_back(std::move(record));
}

std::vector<audit::Record> Scope::AuditRecords() const {
  if (audit_.method.empty()) return {};
  std::vector<audit::Record> records = subjects_;
  if (records.empty()) records.push_back(audit_);
  for (audit::Record& record : records) {
    record.audit_id = base::Uuid::V7(now_);
    record.occurred_at = now_;
    record.action = audit::Action::kWrite;
    record.outcome = "OK";
  }
  return records;
}

UnitOfWork::UnitOfWork(mysql::Pool& pool, outbox::Sequencer* sequencer, const base::Clock& clock,
                       std::string domain)
    : pool_(pool), sequencer_(sequencer), clock_(clock), domain_(std::move(domain)) {}

// One run of one unit; several attempts when the database asks for them.
class UnitOfWork::Runner {
 public:
  Runner(const UnitOfWork& unit, const WriteContext& context,
         const std::function<absl::Status(Scope&)>& body, Message& response)
      : unit_(unit), context_(context), body_(body), response_(response) {}

  absl::Status Attempt(Session& session) {
    earlier_.reset();
    Scope scope(session, context_, unit_.clock_.Now());
    response_.Clear();
    absl::Status status = Write(session, scope);
    if (status.ok()) {
      appended_ = !scope.events().empty();
      return status;
    }
    replayed_records_ = scope.AuditRecords();
    if (IsDatabaseTrouble(status)) return status;
    // The error may be the echo of this very request's first run: its own ledger row, a version
    // that it moved itself, a seat that it took. The answer is then the stored one. Looked up
    // before the rollback, which spares a connection; READ COMMITTED shows the other transaction's
    // row.
    absl::StatusOr<std::optional<std::string>> found =
        idempotency::Find(session, context_.key, unit_.domain_);
    if (!found.ok()) return IsDatabaseTrouble(found.status()) ? status : found.status();
    earlier_ = *std::move(found);
    return status;  // also with an earlier answer: what this attempt wrote has to go
  }

  // After a COMMIT without an answer: is this run's own row there?
  absl::StatusOr<bool> WasCommitted(Session& session) {
    absl::StatusOr<std::optional<std::string>> found =
        idempotency::Find(session, context_.key, unit_.domain_);
    if (absl::IsAlreadyExists(found.status())) return false;  // another request has the id
    if (!found.ok()) return found.status();
    return found->has_value();
  }

  const std::optional<std::string>& earlier() const { return earlier_; }
  bool appended() const { return appended_; }

  // Who gets the first answer again sees its data again.
  std::vector<audit::Record> ReplayRecords() const {
    std::vector<audit::Record> records = replayed_records_;
    for (audit::Record& record : records) record.outcome = "REPLAYED";
    return records;
  }

 private:
  absl::Status Write(Session& session, Scope& scope) {
    RETURN_IF_ERROR(body_(scope));
    if (!scope.events().empty()) RETURN_IF_ERROR(outbox::Append(session, scope.events()));
    const std::vector<audit::Record> records = scope.AuditRecords();
    if (!records.empty()) RETURN_IF_ERROR(audit::InsertRecords(session, records));
    RETURN_IF_ERROR(
        idempotency::Record(session, context_.key, response_.SerializeAsString(), scope.now()));
    Fault(context_, "decided");
    return absl::OkStatus();
  }

  const UnitOfWork& unit_;
  const WriteContext& context_;
  const std::function<absl::Status(Scope&)>& body_;
  Message& response_;
  std::optional<std::string> earlier_;
  std::vector<audit::Record> replayed_records_;
  bool appended_ = false;
};

absl::Status UnitOfWork::RunErased(const WriteContext& context,
                                   const std::function<absl::Status(Scope&)>& body,
                                   Message& response) {
  Runner run(*this, context, body, response);
  absl::Status status = mysql::RunTransaction(
      pool_,
      {.name = context.key.method,
       .deadline = context.deadline,
       .was_committed = [&run](Session& session) { return run.WasCommitted(session); }},
      [&run](Session& session) { return run.Attempt(session); });
  if (status.ok()) {
    Fault(context, "committed");
    if (run.appended() && sequencer_ != nullptr) sequencer_->Notify();
    return status;
  }
  if (!run.earlier()) return status;
  if (!response.ParseFromString(*run.earlier())) return Unreadable(context.key);
  const std::vector<audit::Record> records = run.ReplayRecords();
  if (records.empty()) return absl::OkStatus();
  return mysql::RunTransaction(
      pool_, {.name = "audit.Replay", .deadline = context.deadline},
      [&records](Session& session) { return audit::InsertRecords(session, records); });
}

absl::StatusOr<bool> UnitOfWork::WasAnswered(const WriteContext& context) {
  std::optional<std::string> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, context.deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(found, idempotency::Find(session, context.key, domain_));
    return absl::OkStatus();
  }));
  return found.has_value();
}

absl::StatusOr<std::string> UnitOfWork::RunBytes(
    const WriteContext& context, const std::function<absl::StatusOr<std::string>(Scope&)>& body) {
  using google::protobuf::BytesValue;
  ASSIGN_OR_RETURN(BytesValue answer,
                   Run<BytesValue>(context, [&](Scope& scope) -> absl::StatusOr<BytesValue> {
                     BytesValue bytes;
                     ASSIGN_OR_RETURN(*bytes.mutable_value(), body(scope));
                     return bytes;
                   }));
  return std::move(*answer.mutable_value());
}

}  // namespace yilian::unit
