#include "services/referral/clients/catalog_client.h"

#include "common/rpc/client_call.h"

namespace yilian::referral {
namespace {

using Catalog = directory::v1::CatalogService;

constexpr absl::Duration kRemembered = absl::Minutes(1);
// Far more than a region has departments; past it the memory starts anew.
constexpr size_t kMostRemembered = 100'000;

template <typename Code, typename Numbers>
std::vector<Code> CodesOf(const Numbers& numbers) {
  std::vector<Code> codes;
  for (const int number : numbers) codes.push_back(static_cast<Code>(number));
  return codes;
}

Requirements ToDomain(const directory::v1::CatalogEntry& entry) {
  Requirements requirements{.settings = CodesOf<Setting>(entry.settings()),
                            .channels = CodesOf<Channel>(entry.channels())};
  for (const directory::v1::RequiredItem& item : entry.required_items()) {
    requirements.items.push_back({.code = item.code(),
                                  .kind = static_cast<RequiredItemKind>(item.kind()),
                                  .name = item.name(),
                                  .directions = CodesOf<Direction>(item.directions()),
                                  .urgencies = CodesOf<Urgency>(item.urgencies())});
  }
  return requirements;
}

bool CannotBeAsked(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace

CatalogClient::CatalogClient(std::shared_ptr<grpc::Channel> channel, const base::Clock& clock)
    : stub_(Catalog::NewStub(std::move(channel))), clock_(clock) {}

absl::StatusOr<Requirements> CatalogClient::Of(DepartmentId department, absl::Time deadline) {
  if (department.is_nil()) return Requirements();
  const absl::Time now = clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    const auto found = known_.find(department);
    if (found != known_.end() && now < found->second.first) return found->second.second;
  }
  directory::v1::GetCatalogEntryRequest request;
  request.set_department_id(department.ToString());
  const auto answer =
      rpc::ClientCall::Until(deadline).Invoke(*stub_, &Catalog::Stub::GetCatalogEntry, request);
  absl::MutexLock lock(&mutex_);
  if (CannotBeAsked(answer.status())) {
    const auto found = known_.find(department);
    if (found != known_.end()) return found->second.second;
  }
  // A department need not have an entry.
  if (!answer.ok() && !absl::IsNotFound(answer.status())) return answer.status();
  if (known_.size() >= kMostRemembered) known_.clear();
  auto& entry = known_[department];
  entry = {now + kRemembered, answer.ok() ? ToDomain(*answer) : Requirements()};
  return entry.second;
}

}  // namespace yilian::referral
