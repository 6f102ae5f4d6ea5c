// What a handler knows of the call it serves.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/audit/record.h"
#include "common/base/uuid.h"
#include "common/unit/unit_of_work.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::rpc {

// Who calls: always a certificate, often a person as well.
struct Caller {
  std::string
      peer;  // SPIFFE URI of the certificate (of the client behind nginx, where nginx vouches)
  std::string service;         // name, where the peer is a service of the region
  std::string system;          // name, where the peer is a system of an organization ("his")
  base::Uuid user_id;          // nil: no person signed in
  base::Uuid practitioner_id;  // nil: the account belongs to no practitioner
  base::Uuid
      organization_id;  // the person's, else the system's; nil for a service without a person
  std::vector<policy::v1::Role> roles;

  bool is_person() const { return !user_id.is_nil(); }
  bool is_service() const { return !is_person() && !service.empty(); }
  bool HasRole(policy::v1::Role role) const;
  // Whether a method with this policy may be called: by role, as a system or as a service.
  bool IsNamedBy(const policy::v1::MethodPolicy& policy) const;
  // Key of the idempotency ledger: the user id, else the peer.
  std::string LedgerName() const;
};

// One call, after the frame let it in. Lives as long as the handler runs; one thread.
class Call {
 public:
  virtual ~Call() = default;
  virtual const Caller& caller() const = 0;
  virtual absl::Time deadline() const = 0;
  virtual std::string_view method()
      const = 0;  // "/yilian.referral.v1.ReferralService/AcceptReferral"
  virtual std::string_view traceparent() const = 0;  // W3C, of this call's span
  // The bearer token, to pass the person on to another service; "" without a person.
  virtual std::string_view token() const = 0;
  // For a method with EFFECT_WRITE: key, audit record and deadline for UnitOfWork::Run.
  virtual const unit::WriteContext& write_context() const = 0;
  // Reads of an audited method name what was read; once a record. The answer leaves when the
  // records are durable.
  virtual void Subject(std::string type, const base::Uuid& id,
                       const base::Uuid& data_subject) const = 0;
};

}  // namespace yilian::rpc
