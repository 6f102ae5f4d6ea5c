#include "tests/e2e/access-matrix/page.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace yilian::e2e {
namespace {

std::string Joined(const std::set<std::string>& reasons) {
  return reasons.empty() ? "–" : fmt::format("{}", fmt::join(reasons, ", "));
}

std::string PolicyTable(const PolicyHalf& half) {
  std::string text = "| Method |";
  std::string rule = "|---|";
  for (const Column& column : half.columns()) {
    text += fmt::format(" {} |", column.name);
    rule += "---|";
  }
  text += "\n" + rule + "\n";
  for (const auto& [method, cells] : half.cells()) {
    text += fmt::format("| {}.{} |", method->service()->name(), method->name());
    const policy::v1::MethodPolicy policy = PolicyOf(*method);
    for (size_t i = 0; i < cells.size(); ++i)
      text += half.columns()[i].NamedBy(policy) ? " **in** |" : fmt::format(" {} |", cells[i]);
    text += "\n";
  }
  return text;
}

std::string RowTable(const RowHalf& half) {
  std::string text =
      "| Method | Row | Its own organization | Its other party | A stranger | |\n"
      "|---|---|---|---|---|---|\n";
  for (const RowLine& line : half.lines()) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", line.method, line.row,
                        Joined(line.own), Joined(line.party), Joined(line.stranger), line.remark);
  }
  return text;
}

}  // namespace

absl::Status WritePage(const std::string& path, const PolicyHalf& policy, const RowHalf& rows) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  std::ofstream file(path, std::ios::trunc);
  file << "# Access matrix\n\nWhat a running region answered. How it is made: "
          "tests/e2e/access-matrix/README.md.\n\n## Every method, every caller\n\n**in**: the "
          "policy names the caller, and the call came through.\n\n"
       << PolicyTable(policy)
       << "\n## Rows\n\nThe reasons that each side was answered with, over all roles that the "
          "policy names. To a stranger each answer is, byte for byte, that for a row that never "
          "was.\n\n"
       << RowTable(rows);
  file.close();
  return file ? absl::OkStatus() : absl::InternalError(path + " cannot be written");
}

}  // namespace yilian::e2e
