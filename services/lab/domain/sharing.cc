#include "services/lab/domain/sharing.h"

#include "services/lab/domain/errors.h"
#include "services/lab/domain/loinc.h"

namespace yilian::lab {

std::vector<SensitiveClass> ClassSet::All() const {
  std::vector<SensitiveClass> classes;
  for (int number = static_cast<int>(SensitiveClass::kHiv);
       number <= static_cast<int>(SensitiveClass::kReproductive); ++number) {
    if ((bits & 1U << number) != 0) classes.push_back(static_cast<SensitiveClass>(number));
  }
  return classes;
}

absl::Status SensitiveCode::Check() const {
  if (system != "LN" || IsLoinc(code)) return absl::OkStatus();
  return errors::FieldInvalid({{"code.code", "is a LOINC code with a true check digit"}});
}

ClassSet NewGrant::set() const {
  ClassSet set;
  for (const SensitiveClass one : classes) set.Add(one);
  return set;
}

absl::Status NewGrant::Check(absl::Time at) const {
  errors::Violations violations;
  if (set().All().size() != classes.size()) {
    violations.emplace_back("sensitive_classes", "names each class once");
  }
  if (organization == by) {
    violations.emplace_back("reader_organization_id",
                            "is another organization than the one that grants");
  }
  if (ends_at <= at || ends_at > at + kLongestGrant) {
    violations.emplace_back("ends_at", "lies after now and within a year");
  }
  return violations.empty() ? absl::OkStatus() : errors::FieldInvalid(violations);
}

}  // namespace yilian::lab
