// Who may send, and what is known of each: a system of an organization, named by MSH-3 and MSH-4
// and the connection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/gateway/domain/hl7/charset.h"
#include "services/gateway/domain/inbound/patient.h"

namespace yilian::gateway::inbound {

struct Sender {
  std::string name;  // unique, of the configuration: "taoxi-lis"
  base::Uuid organization_id;
  std::string application;  // MSH-3.1; "" for any
  std::string facility;     // MSH-4.1; "" for any
  hl7::Charset default_charset = hl7::Charset::kUtf8;
  absl::TimeZone time_zone = absl::FixedTimeZone(8 * 3600);  // of times sent without offset
  OwnAuthorities own_authorities;
  bool accepts_test_messages = false;  // MSH-11 T and D beside P
};

// The other end of a connection, as the listener proved it.
struct Peer {
  std::string
      identity;  // SPIFFE URI of the certificate, or the address; for logs and the stored message
  std::vector<std::string> senders;  // names of the senders that may speak over this connection
};

// Thread-safe: fixed once built.
class SenderRegistry {
 public:
  explicit SenderRegistry(std::vector<Sender> senders) : senders_(std::move(senders)) {}

  // The sender that a header read as (application, facility) names, among those the peer may be.
  // One that names both goes before one that names less. nullptr: none.
  const Sender* Find(const Peer& peer, std::string_view application,
                     std::string_view facility) const;
  const Sender* Named(std::string_view name) const;

 private:
  std::vector<Sender> senders_;
};

}  // namespace yilian::gateway::inbound
