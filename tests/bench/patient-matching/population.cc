#include "tests/bench/patient-matching/population.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace yilian::bench {
namespace {

// By frequency; the first ones make a third of the people.
constexpr std::array<std::string_view, 60> kSurnames = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡",
    "郭", "何", "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓", "韩", "冯", "曹",
    "彭", "曾", "肖", "田", "董", "潘", "袁", "蔡", "蒋", "余", "于", "杜", "叶", "程", "魏",
    "苏", "吕", "丁", "任", "卢", "姚", "沈", "钟", "姜", "崔", "谭", "陆", "范", "汪", "欧阳"};
constexpr std::array<std::string_view, 80> kGiven = {
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "秀", "霞", "平", "刚", "桂", "英", "华", "玉", "兰", "红", "建", "国", "志", "海", "文",
    "小", "晓", "雪", "梅", "琳", "佳", "怡", "欣", "子", "涵", "雨", "轩", "浩", "宇", "嘉", "俊",
    "龙", "飞", "鹏", "波", "斌", "辉", "峰", "凯", "鑫", "宁", "婷", "颖", "慧", "燕", "萍", "春",
    "云", "莲", "香", "月", "珍", "凤", "洁", "琴", "林", "森", "利", "立", "成", "诚", "祥", "德"};
constexpr std::array<std::string_view, 12> kTowns = {"柳树镇", "青山镇", "河口镇", "石桥镇",
                                                     "白云乡", "龙泉乡", "东风镇", "新安镇",
                                                     "双河乡", "大坪镇", "金沙镇", "松林乡"};
// Pairs of one sound.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kHomophones = {
    {{"小", "晓"}, {"利", "立"}, {"成", "诚"}, {"英", "瑛"}, {"伟", "玮"}, {"平", "萍"}}};

}  // namespace

std::string Population::GivenName() {
  // The smaller of two draws: some characters are many times as common as others.
  const auto one = [this] { return std::string(kGiven[std::min(Below(80), Below(80))]); };
  return Below(4) == 0 ? one() : one() + one();
}

directory::RegisterPatient Population::Next() {
  if (household_left_-- <= 0) {
    household_left_ = Below(4);
    household_surname_ = kSurnames[std::min({Below(60), Below(60), Below(60)})];
    household_phone_ = fmt::format("1{}{:08}", 30 + Below(70), Below(100'000'000));
    household_address_ = fmt::format("青河县{}{}村{}组{}号", kTowns[Below(12)], kGiven[Below(80)],
                                     1 + Below(12), 1 + Below(90));
  }
  directory::RegisterPatient person;
  person.sex = Below(2) == 0 ? directory::Sex::kMale : directory::Sex::kFemale;
  person.name = household_surname_ + GivenName();
  person.birth_date = absl::CivilDay(1935 + Below(90), 1, 1) + Below(365);
  if (Below(10) != 0) {
    person.phone = Below(3) == 0 ? fmt::format("1{}{:08}", 30 + Below(70), Below(100'000'000))
                                 : household_phone_;
  }
  if (Below(3) != 0) person.address = household_address_;
  return person;
}

directory::RegisterPatient Population::Again(directory::RegisterPatient person) {
  switch (Below(5)) {
    case 0:
      for (const auto& [one, other] : kHomophones) {
        const size_t at = person.name.find(one);
        if (at != std::string::npos) person.name.replace(at, one.size(), other);
      }
      break;
    case 1:
      person.birth_date = *person.birth_date + 1;
      break;
    case 2:
      person.phone = fmt::format("1{}{:08}", 30 + Below(70), Below(100'000'000));
      break;
    case 3:
      person.address.clear();
      break;
    default:
      break;
  }
  return person;
}

}  // namespace yilian::bench
