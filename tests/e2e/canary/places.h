// Where the canaries are looked for: files, and every column of every schema.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/ctl/region.h"
#include "tests/e2e/canary/needles.h"

namespace yilian::e2e {

// One thread.
class Places {
 public:
  explicit Places(const Finder& finder) : finder_(finder) {}

  // Every file below the folder: logs, what was fetched from metrics pages, the database's own
  // files, in which a column in clear would lie too. Clinical text may lie in the database's.
  absl::Status SearchFiles(const std::string& folder, const std::string& database_folder);
  // Every column of every schema. What may stand in one in clear is said in places.cc; a column
  // that is named there, and holds nothing of the kind, is a finding as well.
  absl::Status SearchColumns(const ctl::Region& region);

  int files() const { return files_; }
  int columns() const { return columns_; }
  const std::vector<std::string>& findings() const { return findings_; }

 private:
  absl::Status SearchColumn(mysql::Pool& pool, const std::string& table, const std::string& column);

  const Finder& finder_;
  int files_ = 0;
  int columns_ = 0;
  std::set<std::string> clinical_;  // columns in which clinical text was found
  std::vector<std::string> findings_;
};

}  // namespace yilian::e2e
