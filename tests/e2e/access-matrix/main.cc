// yilian-access-matrix: asks a running region for everything, as everybody.
//
//   yilian-access-matrix --region FOLDER --certificate PROGRAM --page FILE
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "services/ctl/methods.h"
#include "tests/e2e/access-matrix/page.h"

namespace yilian::e2e {
namespace {

// The same two halves, told wrongly who the callers are: what is right for those must be found
// wrong, or a hole would not be found either.
absl::Status ProveThatHolesAreFound(People& people, const Scene& scene,
                                    const std::vector<const Method*>& methods) {
  std::vector<const Method*> few;
  for (const Method* method : methods) {
    if (method->name() == "GetReferral" || method->name() == "ListReferrals" ||
        method->name() == "ListGlassReviews") {
      few.push_back(method);
    }
  }
  ASSIGN_OR_RETURN(auto doctor, people.Person(policy::v1::ROLE_CLINIC_DOCTOR, "taoxi"));
  std::vector<Column> columns;
  columns.push_back({.name = "a doctor, taken for an auditor",
                     .role = policy::v1::ROLE_AUDITOR,
                     .caller = std::move(doctor)});
  PolicyHalf policy(std::move(columns), scene);
  for (const Method* method : few) RETURN_IF_ERROR(policy.Check(*method));
  // In where an auditor is not named, twice; out where one is.
  if (policy.findings().size() != 3)
    return absl::DataLossError("a wrong caller is let in, and nobody notices");
  RowHalf rows(people, scene, {"taoxi"});
  RETURN_IF_ERROR(rows.Run(few));
  const bool read =
      std::any_of(rows.findings().begin(), rows.findings().end(), [](const std::string& finding) {
        return finding.starts_with("GetReferral (referral, submitted)");
      });
  const bool listed =
      std::any_of(rows.findings().begin(), rows.findings().end(),
                  [](const std::string& finding) { return finding.starts_with("ListReferrals"); });
  if (!read || !listed)
    return absl::DataLossError("a row is shown to an organization, and nobody notices");
  fmt::print("  a role and an organization taken for others: found\n");
  return absl::OkStatus();
}

absl::Status Run(std::map<std::string, std::string> arguments) {
  for (const char* name : {"--region", "--certificate", "--page"}) {
    if (arguments[name].empty())
      return absl::InvalidArgumentError(fmt::format("{} is missing", name));
  }
  const absl::Time start = absl::Now();
  const auto passed = [&] { return absl::ToInt64Seconds(absl::Now() - start); };
  const ctl::Region region(arguments["--region"]);
  People people(region, arguments["--certificate"]);
  ASSIGN_OR_RETURN(const std::vector<const Method*> methods, ctl::EveryMethod());
  ASSIGN_OR_RETURN(const Scene scene, MakeScene(people));
  fmt::print("  {} methods; {} rows are there after {} s\n", methods.size(), scene.rows.size(),
             passed());

  ASSIGN_OR_RETURN(std::vector<Column> columns, EveryColumn(people));
  PolicyHalf policy(std::move(columns), scene);
  RETURN_IF_ERROR(policy.CheckReach(region, methods));
  for (const Method* method : methods) RETURN_IF_ERROR(policy.Check(*method));
  fmt::print("  every method x {} callers: {} calls, {} s\n", policy.columns().size(),
             policy.calls(), passed());
  std::fflush(stdout);

  RowHalf rows(people, scene, Strangers());
  RETURN_IF_ERROR(rows.Run(methods));
  fmt::print("  rows x own, party and foreign organizations: {} calls, {} s\n", rows.calls(),
             passed());
  RETURN_IF_ERROR(ProveThatHolesAreFound(people, scene, methods));
  RETURN_IF_ERROR(WritePage(arguments["--page"], policy, rows));
  fmt::print("  the page: {}\n", arguments["--page"]);

  for (const std::string& finding : policy.findings()) fmt::print("✗ {}\n", finding);
  for (const std::string& finding : rows.findings()) fmt::print("✗ {}\n", finding);
  const size_t findings = policy.findings().size() + rows.findings().size();
  if (findings > 0) return absl::DataLossError(fmt::format("{} findings", findings));
  fmt::print(
      "✓ nothing is reachable that the policy does not name, and foreign rows look missing\n");
  return absl::OkStatus();
}

}  // namespace
}  // namespace yilian::e2e

int main(int argc, char** argv) {
  std::map<std::string, std::string> arguments;
  for (int i = 1; i + 1 < argc; i += 2) arguments[argv[i]] = argv[i + 1];
  const absl::Status status = yilian::e2e::Run(std::move(arguments));
  if (status.ok()) return 0;
  fmt::print(stderr, "yilian-access-matrix: {}\n", status.ToString());
  return absl::IsInvalidArgument(status) ? 2 : 1;
}
