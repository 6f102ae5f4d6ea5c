#include "services/directory/domain/practitioner.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/base/name_table.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory {
namespace {

constexpr auto kKinds = base::Names<QualificationKind>({
    {QualificationKind::kCertificate, "CERTIFICATE"},
    {QualificationKind::kPractisingLicence, "PRACTISING_LICENCE"},
});
constexpr auto kCategories = base::Names<PracticeCategory>({
    {PracticeCategory::kClinical, "CLINICAL"},
    {PracticeCategory::kChineseMedicine, "CHINESE_MEDICINE"},
    {PracticeCategory::kDental, "DENTAL"},
    {PracticeCategory::kPublicHealth, "PUBLIC_HEALTH"},
});
constexpr auto kEnds = base::Names<QualificationEnd>({
    {QualificationEnd::kNone, ""},
    {QualificationEnd::kChanged, "CHANGED"},
    {QualificationEnd::kDeregistered, "DEREGISTERED"},
    {QualificationEnd::kRevoked, "REVOKED"},
});
constexpr auto kPracticeKinds = base::Names<PracticeKind>({
    {PracticeKind::kMain, "MAIN"},
    {PracticeKind::kFurther, "FURTHER"},
});

constexpr size_t kLicenceDigits = 15;
constexpr size_t kCertificateDigits = 27;
constexpr size_t kOldCertificateDigits = 24;
constexpr size_t kShownDigits = 4;

bool ShareADay(const Qualification& one, const Qualification& other) {
  return (!one.valid_until || other.valid_from <= *one.valid_until) &&
         (!other.valid_until || one.valid_from <= *other.valid_until);
}

}  // namespace

std::string_view Name(QualificationKind kind) { return kKinds.NameOf(kind); }
std::string_view Name(PracticeCategory category) { return kCategories.NameOf(category); }
std::string_view Name(QualificationEnd end) { return kEnds.NameOf(end); }
std::string_view Name(PracticeKind kind) { return kPracticeKinds.NameOf(kind); }
std::optional<QualificationKind> QualificationKindFromName(std::string_view name) {
  return kKinds.ValueOf(name);
}
std::optional<PracticeCategory> PracticeCategoryFromName(std::string_view name) {
  return kCategories.ValueOf(name);
}
std::optional<QualificationEnd> QualificationEndFromName(std::string_view name) {
  return kEnds.ValueOf(name);
}
std::optional<PracticeKind> PracticeKindFromName(std::string_view name) {
  return kPracticeKinds.ValueOf(name);
}

PractitionerProfile On(PractitionerProfile profile, absl::CivilDay day) {
  std::erase_if(profile.titles, [&](const TitleAward& one) { return one.since > day; });
  if (profile.titles.size() > 1) profile.titles.resize(1);
  std::erase_if(profile.qualifications,
                [&](const Qualification& one) { return !one.IsValid(day); });
  std::erase_if(profile.practices,
                [&](const Practice& one) { return !Overlap(one.period(), PeriodOf(day)); });
  return profile;
}

ProfessionalTitle TitleOn(const std::vector<TitleAward>& titles, absl::CivilDay day) {
  const auto held = std::find_if(titles.begin(), titles.end(),
                                 [&](const TitleAward& one) { return one.since <= day; });
  return held == titles.end() ? ProfessionalTitle::kNone : held->title;
}

std::optional<Practice> MainAt(const std::vector<Practice>& practices, absl::Time at) {
  for (const Practice& one : practices) {
    if (one.kind == PracticeKind::kMain && one.period().Holds(at)) return one;
  }
  return std::nullopt;
}

absl::Status Check(const TitleAward& award, absl::CivilDay today) {
  if (award.since <= today) return absl::OkStatus();
  return errors::FieldInvalid({{"since", "is not in the future"}});
}

absl::StatusOr<std::string> NormalNumber(QualificationKind kind, std::string_view number) {
  std::string normal;
  for (const char c : number) {
    if (c != ' ') normal.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
  }
  const bool licence = kind == QualificationKind::kPractisingLicence;
  const bool long_enough =
      licence ? normal.size() == kLicenceDigits
              : normal.size() == kCertificateDigits || normal.size() == kOldCertificateDigits;
  const bool may_end_in_x = normal.size() == kCertificateDigits;
  std::string_view digits = normal;
  if (may_end_in_x && digits.ends_with('X')) digits.remove_suffix(1);
  if (long_enough && std::all_of(digits.begin(), digits.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      })) {
    return normal;
  }
  return errors::FieldInvalid(
      {{"number", licence ? "is 15 digits" : "is 24 or 27 digits, the last of 27 may be X"}});
}

std::string MaskNumber(std::string_view number) {
  const size_t hidden = number.size() > kShownDigits ? number.size() - kShownDigits : number.size();
  return std::string(hidden, '*') + std::string(number.substr(hidden));
}

absl::Status CheckRecorded(const std::vector<Qualification>& present, const Qualification& added) {
  Violations violations;
  if (added.valid_until && *added.valid_until < added.valid_from) {
    violations.push_back({"valid_until", "is not before valid_from"});
  }
  if (added.kind == QualificationKind::kPractisingLicence && added.scopes.empty()) {
    violations.push_back({"scopes", "are at least one for a practising licence"});
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  for (const Qualification& one : present) {
    if (one.kind == added.kind && ShareADay(one, added)) {
      return errors::IdentifierTaken("qualification");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Qualification> Ended(Qualification qualification, absl::CivilDay last,
                                    QualificationEnd end, absl::CivilDay today) {
  const bool later = qualification.valid_until && last > *qualification.valid_until;
  if (last > today || last < qualification.valid_from || later) {
    return errors::FieldInvalid(
        {{"valid_until", "is between the first day and the present last one, not in the future"}});
  }
  qualification.valid_until = last;
  qualification.end = end;
  return qualification;
}

absl::Status CheckBegun(const std::vector<Practice>& present, const Practice& added,
                        absl::Time now) {
  if (added.started_at > now) {
    return errors::FieldInvalid({{"started_at", "is not in the future"}});
  }
  for (const Practice& one : present) {
    if (!Overlap(one.period(), added.period())) continue;
    if (one.organization == added.organization && one.department == added.department) {
      return errors::IdentifierTaken("practice");
    }
    if (one.kind == PracticeKind::kMain && added.kind == PracticeKind::kMain) {
      return errors::IdentifierTaken("main_practice");
    }
  }
  if (added.kind == PracticeKind::kFurther && !MainAt(present, added.started_at)) {
    return errors::FieldInvalid({{"kind", "is MAIN where there is no main practice at that time"}});
  }
  return absl::OkStatus();
}

absl::StatusOr<Practice> Ended(Practice practice, absl::Time ended_at, absl::Time now) {
  if (practice.ended_at) {
    return errors::FieldInvalid({{"practice_id", "is of a practice that has not ended"}});
  }
  if (ended_at > now || ended_at <= practice.started_at) {
    return errors::FieldInvalid({{"ended_at", "is after the start, and not in the future"}});
  }
  practice.ended_at = ended_at;
  return practice;
}

}  // namespace yilian::directory
