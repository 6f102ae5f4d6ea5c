#include "services/ctl/demo/catalogue.h"

#include <fmt/format.h>

#include <array>

namespace yilian::ctl::demo {
namespace {

using directory::v1::Tier;
using policy::v1::Role;

constexpr std::array kTownships = {
    std::pair("taoxi", "桃溪镇"),    std::pair("shiqiao", "石桥镇"),
    std::pair("liuhe", "柳河镇"),    std::pair("qingshan", "青山乡"),
    std::pair("baiyun", "白云镇"),   std::pair("longquan", "龙泉镇"),
    std::pair("meihua", "梅花乡"),   std::pair("yuhu", "玉湖镇"),
    std::pair("jinping", "锦屏镇"),  std::pair("hongxing", "红星乡"),
    std::pair("dongfeng", "东风镇"), std::pair("nanping", "南坪镇"),
    std::pair("beishan", "北山乡"),  std::pair("xinan", "西岸镇"),
    std::pair("huangtu", "黄土镇"),  std::pair("lishui", "里水镇"),
    std::pair("chenjia", "陈家镇"),  std::pair("wangzhuang", "王庄乡"),
    std::pair("zhaoling", "赵岭镇"), std::pair("gaotai", "高台镇"),
    std::pair("anping", "安平镇"),
};

struct Hospital {
  const char* key;
  const char* name;
  Tier tier;
  const char* lead;
};
constexpr std::array kHospitals = {
    Hospital{"first", "市第一人民医院", directory::v1::TIER_TERTIARY_HOSPITAL, "first"},
    Hospital{"central", "市中心医院", directory::v1::TIER_TERTIARY_HOSPITAL, "central"},
    Hospital{"east", "城东区人民医院", directory::v1::TIER_SECONDARY_HOSPITAL, "first"},
    Hospital{"west", "城西区人民医院", directory::v1::TIER_SECONDARY_HOSPITAL, "first"},
    Hospital{"south", "城南区中医院", directory::v1::TIER_SECONDARY_HOSPITAL, "central"},
};
constexpr std::array kCentres = {
    std::pair("heping", "和平路社区卫生服务中心"),
    std::pair("xinhua", "新华社区卫生服务中心"),
    std::pair("guangming", "光明社区卫生服务中心"),
    std::pair("jianshe", "建设路社区卫生服务中心"),
};

struct Specialty {
  const char* key;
  const char* name;
  const char* code;
  const char* scope;  // of practice 执业范围
};
constexpr std::array kSpecialties = {
    Specialty{"cardiology", "心血管内科", "CARDIOLOGY", "内科专业"},
    Specialty{"neurology", "神经内科", "NEUROLOGY", "内科专业"},
    Specialty{"respiratory", "呼吸内科", "RESPIRATORY", "内科专业"},
    Specialty{"endocrinology", "内分泌科", "ENDOCRINOLOGY", "内科专业"},
    Specialty{"surgery", "普通外科", "GENERAL_SURGERY", "外科专业"},
};
constexpr char kGeneralPractice[] = "全科医学专业";

constexpr std::array kSurnames = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴",
                                  "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗"};
constexpr std::array kGivenNames = {"建国", "秀英", "桂芳", "志强", "玉兰", "海燕", "德明",
                                    "春梅", "文彬", "晓琳", "国栋", "淑珍", "永福", "雪梅",
                                    "天佑", "静怡", "珅",   "瑋",   "誠",   "思远"};

// A name that is one person's only: the pair of indices is.
std::string PersonName(size_t n) {
  return std::string(kSurnames[n % kSurnames.size()]) +
         kGivenNames[(n / kSurnames.size() + n) % kGivenNames.size()];
}

}  // namespace

base::Uuid DemoId(std::string_view kind, std::string_view key) {
  return base::Uuid::V5(base::Uuid(), fmt::format("yilian demo {} {}", kind, key));
}

std::string NationalId(std::string_view birth_date, int serial) {
  std::string id = fmt::format("999901{}{}{}{:03}", birth_date.substr(0, 4),
                               birth_date.substr(5, 2), birth_date.substr(8, 2), serial);
  // GB 11643-1999: weights 2^(17-i) mod 11.
  constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (int i = 0; i < 17; ++i) sum += (id[static_cast<size_t>(i)] - '0') * kWeights[i];
  return id + "10X98765432"[sum % 11];
}

std::string LicenceNumber(size_t serial) { return fmt::format("999901{:09}", serial); }

const std::vector<DemoOrganization>& Organizations() {
  static const std::vector<DemoOrganization> all = [] {
    std::vector<DemoOrganization> list;
    list.push_back({"authority", "市卫生健康委员会", directory::v1::TIER_HEALTH_AUTHORITY, ""});
    for (const Hospital& h : kHospitals) list.push_back({h.key, h.name, h.tier, h.lead});
    for (const auto& [key, name] : kCentres) {
      list.push_back({key, name, directory::v1::TIER_COMMUNITY_CENTRE, "first"});
    }
    for (size_t i = 0; i < kTownships.size(); ++i) {
      list.push_back({kTownships[i].first, fmt::format("{}卫生院", kTownships[i].second),
                      directory::v1::TIER_TOWNSHIP_HOSPITAL, i % 3 == 2 ? "central" : "first"});
    }
    list.push_back({"laboratory", "区域医学检验中心", directory::v1::TIER_LABORATORY, "first"});
    list.push_back({"cdc", "市疾病预防控制中心", directory::v1::TIER_DISEASE_CONTROL, ""});
    return list;
  }();
  return all;
}

const std::vector<DemoDepartment>& Departments() {
  static const std::vector<DemoDepartment> all = [] {
    std::vector<DemoDepartment> list;
    for (const Hospital& h : kHospitals) {
      for (const Specialty& s : kSpecialties) {
        list.push_back({fmt::format("{}.{}", h.key, s.key), h.key, s.name, s.code});
      }
    }
    return list;
  }();
  return all;
}

const std::vector<DemoPerson>& People() {
  static const std::vector<DemoPerson> all = [] {
    std::vector<DemoPerson> list;
    size_t n = 0;
    for (const Hospital& h : kHospitals) {
      list.push_back({fmt::format("coordinator.{}", h.key), h.key, "", PersonName(n++), "转诊办",
                      false, true, policy::v1::ROLE_REFERRAL_COORDINATOR});
      list.push_back({fmt::format("scheduler.{}", h.key), h.key, "", PersonName(n++), "门诊办",
                      false, false, policy::v1::ROLE_SCHEDULER});
      for (const Specialty& s : kSpecialties) {
        const std::string department = fmt::format("{}.{}", h.key, s.key);
        list.push_back({fmt::format("expert.{}.{}", h.key, s.key), h.key, department,
                        PersonName(n++), "主任医师", true, true, policy::v1::ROLE_EXPERT,
                        directory::v1::PROFESSIONAL_TITLE_CHIEF_PHYSICIAN, s.scope});
        list.push_back({fmt::format("doctor.{}.{}", h.key, s.key), h.key, department,
                        PersonName(n++), "主治医师", false, true, policy::v1::ROLE_HOSPITAL_DOCTOR,
                        directory::v1::PROFESSIONAL_TITLE_ATTENDING_PHYSICIAN, s.scope});
      }
    }
    for (const auto& [key, name] : kCentres) {
      list.push_back({fmt::format("family.{}", key), key, "", PersonName(n++), "全科医师", false,
                      true, policy::v1::ROLE_FAMILY_DOCTOR,
                      directory::v1::PROFESSIONAL_TITLE_ATTENDING_PHYSICIAN, kGeneralPractice});
    }
    for (const auto& [key, name] : kTownships) {
      list.push_back({fmt::format("doctor.{}", key), key, "", PersonName(n++), "执业医师", false,
                      true, policy::v1::ROLE_CLINIC_DOCTOR,
                      directory::v1::PROFESSIONAL_TITLE_PHYSICIAN, kGeneralPractice});
    }
    list.push_back({"administrator.region", "authority", "", PersonName(n++), "", false, false,
                    policy::v1::ROLE_REGIONAL_ADMINISTRATOR});
    list.push_back({"administrator.security", "authority", "", PersonName(n++), "", false, false,
                    policy::v1::ROLE_SECURITY_ADMINISTRATOR});
    list.push_back(
        {"auditor", "authority", "", PersonName(n++), "", false, false, policy::v1::ROLE_AUDITOR});
    return list;
  }();
  return all;
}

const std::vector<DemoTeam>& Teams() {
  static const std::vector<DemoTeam> all = [] {
    std::vector<DemoTeam> list;
    for (const auto& [key, name] : kCentres) {
      list.push_back({key, "家庭医生一队", fmt::format("family.{}", key)});
    }
    return list;
  }();
  return all;
}

const std::vector<DemoResident>& Residents() {
  static const std::vector<DemoResident> all = [] {
    std::vector<DemoResident> list;
    for (size_t i = 0; i < 40; ++i) {
      const bool male = i % 2 == 0;
      const std::string birth = fmt::format("{}-{:02}-{:02}", 1940 + i, i % 12 + 1, i % 28 + 1);
      // The last digit of the serial is odd for men, even for women.
      const int serial = static_cast<int>(100 + 2 * i + (male ? 1 : 0));
      list.push_back({fmt::format("resident-{}", i), kCentres[i % kCentres.size()].first,
                      PersonName(200 + 7 * i),
                      male ? directory::v1::SEX_MALE : directory::v1::SEX_FEMALE, birth,
                      NationalId(birth, serial), fmt::format("1390000{:04}", i)});
    }
    return list;
  }();
  return all;
}

}  // namespace yilian::ctl::demo
