// The demo region: who there is. Every id comes from a name, so that loading twice changes nothing.
#pragma once

#include <string>
#include <vector>

#include "common/base/uuid.h"
#include "yilian/directory/v1/directory.pb.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::ctl::demo {

// The same id for the same kind and key, in every region and on every run.
base::Uuid DemoId(std::string_view kind, std::string_view key);

struct DemoOrganization {
  std::string key;  // "taoxi"
  std::string name;
  directory::v1::Tier tier;
  std::string lead;  // key of the consortium's lead hospital; "" outside any
  std::string id() const { return DemoId("organization", key).ToString(); }
};

struct DemoDepartment {
  std::string key;  // "first.cardiology"
  std::string organization;
  std::string name;
  std::string specialty;
  std::string id() const { return DemoId("department", key).ToString(); }
};

// A practitioner with an account of the same key.
struct DemoPerson {
  std::string key;  // user name: "doctor.taoxi"
  std::string organization;
  std::string department;  // key; "" for none
  std::string name;
  std::string title;
  bool expert = false;
  bool practitioner = true;
  policy::v1::Role role;
  // Of physicians: the professional title, and the scope of the practising licence.
  directory::v1::ProfessionalTitle professional_title =
      directory::v1::PROFESSIONAL_TITLE_UNSPECIFIED;
  std::string scope;
  std::string practitioner_id() const { return DemoId("practitioner", key).ToString(); }
  // Signs in with a second factor.
  bool administrates() const {
    return role == policy::v1::ROLE_REGIONAL_ADMINISTRATOR ||
           role == policy::v1::ROLE_SECURITY_ADMINISTRATOR || role == policy::v1::ROLE_AUDITOR;
  }
};

// A family-doctor team of a community centre.
struct DemoTeam {
  std::string organization;
  std::string name;
  std::string leader;  // key of a person
  std::string id() const { return DemoId("team", organization).ToString(); }
};

struct DemoResident {
  std::string key;
  std::string organization;  // that registers, and whose team has the contract
  std::string name;
  directory::v1::Sex sex;
  std::string birth_date;
  std::string national_id;
  std::string phone;
};

// 33 organizations: a health authority, two tertiary and three secondary hospitals, four community
// centres, twenty-one township hospitals, a laboratory and a disease control centre.
const std::vector<DemoOrganization>& Organizations();
const std::vector<DemoDepartment>& Departments();
const std::vector<DemoPerson>& People();
const std::vector<DemoTeam>& Teams();
const std::vector<DemoResident>& Residents();

// An 18-character resident identity number with a true check character. The area code 999901 is
// used by nobody.
std::string NationalId(std::string_view birth_date, int serial);
// A practising licence's number of 15 digits; area 999901 as well.
std::string LicenceNumber(size_t serial);

}  // namespace yilian::ctl::demo
