#include "common/mysql/members.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/errors.h"
#include "common/mysql/settings.h"

namespace yilian::mysql {
namespace {

// It may have been closed by the server or by a firewall.
constexpr absl::Duration kTrustedIdle = absl::Seconds(30);
// A group puts a member out that is silent for five seconds. One that was stopped for so long and
// goes on takes itself for the primary for an instant, in which it would answer with stale rows: so
// nothing counts that took nearly as long, and who was idle for as long asks the group.
constexpr absl::Duration kDoubt = absl::Seconds(4);
constexpr absl::Duration kShortStatements = absl::Seconds(30);

// A read that the member may answer only when the group has agreed on it.
absl::Status AskGroup(Connection& connection) {
  RETURN_IF_ERROR(connection.ExecuteText("mysql.AskGroup",
                                         "SET SESSION group_replication_consistency = 'BEFORE'"));
  RETURN_IF_ERROR(connection.SelectText("mysql.AskGroup", "SELECT COUNT(*) FROM schema_migration",
                                        [](const Row&) { return absl::OkStatus(); }));
  return connection.ExecuteText(
      "mysql.AskGroup", "SET SESSION group_replication_consistency = 'BEFORE_ON_PRIMARY_FAILOVER'");
}

}  // namespace

Members::Members(PoolOptions options) : options_(std::move(options)), trusted_idle_(kTrustedIdle) {
  absl::MutexLock lock(&mutex_);
  if (options_.host.find(',') == std::string::npos) {
    addresses_.push_back({options_.host, options_.port});
    return;
  }
  for (const absl::string_view member :
       absl::StrSplit(options_.host, ',', absl::SkipWhitespace())) {
    const absl::string_view text = absl::StripAsciiWhitespace(member);
    const size_t colon = text.rfind(':');
    Address address{std::string(text.substr(0, colon)), options_.port};
    if (colon != text.npos && !absl::SimpleAtoi(text.substr(colon + 1), &address.port)) {
      address.port = options_.port;  // CheckConfig refuses it (common/config/rules.cc)
    }
    addresses_.push_back(std::move(address));
  }
  trusted_idle_ = kDoubt;
}

bool Members::StillGood(Connection& connection) const {
  if (trusted_idle_ == kDoubt) return AskGroup(connection).ok();
  return connection.ExecuteText("mysql.Ping", "DO 1").ok();
}

absl::StatusOr<std::unique_ptr<Connection>> Members::Open(absl::Time deadline) {
  std::vector<Address> addresses;
  {
    absl::MutexLock lock(&mutex_);
    addresses = addresses_;
  }
  if (addresses.size() == 1) return Connection::Open(options_, deadline);
  absl::Status failed = NoWritableMember();
  bool answered = false;
  for (size_t i = 0; i < addresses.size(); ++i) {
    const absl::Time now = absl::Now();
    PoolOptions options = options_;
    options.host = addresses[i].host;
    options.port = addresses[i].port;
    const absl::Time until = now + (deadline - now) / static_cast<int64_t>(addresses.size() - i);
    absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(options, until);
    if (!opened.ok()) {
      if (!answered) failed = opened.status();
      continue;
    }
    ASSIGN_OR_RETURN(const bool writable, TakesWrites(**opened));
    if (!writable) {
      answered = true;
      failed = NoWritableMember();
      continue;
    }
    // Those of a migrator or an auditor take as long as they take.
    if (options_.statement_timeout <= kShortStatements) (*opened)->SetDoubtAfter(kDoubt);
    absl::MutexLock lock(&mutex_);
    const auto found = std::find(addresses_.begin(), addresses_.end(), addresses[i]);
    std::rotate(addresses_.begin(), found, found + 1);
    return opened;
  }
  return failed;
}

}  // namespace yilian::mysql
