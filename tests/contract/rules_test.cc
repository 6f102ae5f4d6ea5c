// Every kind of field rule: what is refused, under which path, and that no value is repeated in the
// error.
#include <gmock/gmock.h>

#include <functional>
#include <map>

#include "tests/contract/test_region.h"

namespace yilian::contract {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using Request = v1::RulesRequest;

class RulesTest : public ContractTest {
 protected:
  RulesTest() {
    Start();
    stub_ = Client();
  }
  static Request Good() {
    Request request;
    request.set_required_text("x");
    request.set_colour(v1::COLOUR_RED);
    request.mutable_task()->set_name("first visit");
    request.add_needed()->set_name("second visit");
    request.set_chosen(0);
    return request;
  }
  absl::Status Check(const Request& request) {
    return rpc::ClientCall().Invoke(*stub_, &Stub::CheckRules, request).status();
  }
  // Paths of the violations of the good request after `change`.
  std::vector<std::string> Broken(const std::function<void(Request&)>& change) {
    Request request = Good();
    change(request);
    const absl::Status status = Check(request);
    std::vector<std::string> paths;
    if (status.ok()) return paths;
    EXPECT_THAT(status, status::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
    const auto bad = status::BadRequestOf(status);
    for (const auto& violation : bad->field_violations()) {
      EXPECT_FALSE(violation.description().empty());
      paths.push_back(violation.field());
    }
    return paths;
  }
  void ExpectBroken(const std::string& path, const std::function<void(Request&)>& change) {
    EXPECT_THAT(Broken(change), UnorderedElementsAre(path));
  }
  void ExpectGood(const std::function<void(Request&)>& change) {
    EXPECT_THAT(Broken(change), UnorderedElementsAre());
  }

  std::unique_ptr<Stub> stub_;
};

TEST_F(RulesTest, GoodRequestPasses) { EXPECT_THAT(Check(Good()), status::IsOk()); }

TEST_F(RulesTest, Required) {
  ExpectBroken("required_text", [](Request& r) { r.clear_required_text(); });
  ExpectBroken("colour", [](Request& r) { r.clear_colour(); });
  ExpectBroken("task", [](Request& r) { r.clear_task(); });
  ExpectBroken("needed", [](Request& r) { r.clear_needed(); });
  ExpectBroken("chosen", [](Request& r) { r.clear_chosen(); });
}

TEST_F(RulesTest, LengthsCountCodePoints) {
  ExpectGood([](Request& r) { r.set_short_text("转诊中心"); });
  ExpectBroken("short_text", [](Request& r) { r.set_short_text("转诊中心办"); });
  ExpectBroken("short_text", [](Request& r) { r.set_short_text("转"); });
  ExpectGood([](Request& r) { r.set_blob("123"); });
  ExpectBroken("blob", [](Request& r) { r.set_blob("1234"); });
}

TEST_F(RulesTest, FieldsWithoutARuleHaveDefaultLimits) {
  ExpectGood([](Request& r) { r.set_plain(std::string(256, 'x')); });
  ExpectBroken("plain", [](Request& r) { r.set_plain(std::string(257, 'x')); });
  ExpectBroken("plain_blob", [](Request& r) { r.set_plain_blob(std::string(4097, 'x')); });
  ExpectBroken("plain_list", [](Request& r) {
    for (int i = 0; i < 101; ++i) r.add_plain_list(i);
  });
}

TEST_F(RulesTest, ListsAndTheirElements) {
  ExpectBroken("names", [](Request& r) {
    for (int i = 0; i < 3; ++i) r.add_names("a");
  });
  ExpectBroken("names[1]", [](Request& r) {
    r.add_names("short");
    r.add_names("longer");
  });
  ExpectBroken("colours[0]", [](Request& r) { r.add_colours(static_cast<v1::Colour>(9)); });
  ExpectBroken("by_name[0].value.name", [](Request& r) { (*r.mutable_by_name())["key"]; });
}

TEST_F(RulesTest, Numbers) {
  ExpectGood([](Request& r) { r.set_count(-1); });
  ExpectBroken("count", [](Request& r) { r.set_count(-2); });
  ExpectBroken("count", [](Request& r) { r.set_count(11); });
  ExpectBroken("share", [](Request& r) { r.set_share(1.01); });
  ExpectBroken("share", [](Request& r) { r.set_share(std::nan("")); });
  ExpectBroken("size", [](Request& r) { r.set_size(~0ull); });
}

TEST_F(RulesTest, Formats) {
  ExpectGood([](Request& r) { r.set_uuid("0193F2C4-7b1e-7c3a-8a54-0123456789ab"); });
  ExpectBroken("uuid", [](Request& r) { r.set_uuid("0193f2c47b1e7c3a8a540123456789ab"); });
  ExpectGood([](Request& r) { r.set_national_id("11010519491231002X"); });
  ExpectBroken("national_id", [](Request& r) { r.set_national_id("110105194912310021"); });
  ExpectBroken("national_id", [](Request& r) { r.set_national_id("11010519490231002X"); });
  ExpectGood([](Request& r) { r.set_phone("+86 571-8800 1234"); });
  ExpectBroken("phone", [](Request& r) { r.set_phone("call me"); });
  ExpectGood([](Request& r) { r.set_date("2024-02-29"); });
  ExpectBroken("date", [](Request& r) { r.set_date("2023-02-29"); });
  ExpectGood([](Request& r) { r.set_code("BED_FULL_2"); });
  ExpectBroken("code", [](Request& r) { r.set_code("bed-full"); });
}

TEST_F(RulesTest, PatternMatchesTheWholeString) {
  ExpectGood([](Request& r) { r.set_pattern("abcabc"); });
  ExpectBroken("pattern", [](Request& r) { r.set_pattern("abcd"); });
}

TEST_F(RulesTest, UnknownEnumNumber) {
  ExpectBroken("colour", [](Request& r) { r.set_colour(static_cast<v1::Colour>(7)); });
}

TEST_F(RulesTest, NestedPathsAndDepth) {
  ExpectBroken("tasks[2].due_date", [](Request& r) {
    for (int i = 0; i < 3; ++i) r.add_tasks()->set_name("visit");
    r.mutable_tasks(2)->set_due_date("2026-13-01");
  });
  ExpectBroken("task.next.name", [](Request& r) { r.mutable_task()->mutable_next(); });
  Request deep = Good();
  v1::Task* task = deep.mutable_task();
  for (int i = 0; i < 60; ++i) {
    task->set_name("visit");
    task = task->mutable_next();
  }
  task->set_name("last");
  EXPECT_THAT(Check(deep), status::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(RulesTest, TimestampsThatAreNone) {
  ExpectGood([](Request& r) { r.mutable_at()->set_seconds(1'800'000'000); });
  ExpectBroken("at", [](Request& r) { r.mutable_at()->set_nanos(-1); });
  ExpectBroken("at", [](Request& r) { r.mutable_at()->set_seconds(1LL << 60); });
}

TEST_F(RulesTest, EveryViolationIsNamedAndNoValueIsRepeated) {
  Request request = Good();
  request.set_national_id("110105194912310021");
  request.set_phone("secret-phone");
  request.clear_required_text();
  const absl::Status status = Check(request);
  EXPECT_EQ(status::BadRequestOf(status)->field_violations_size(), 3);
  EXPECT_THAT(status.ToString(), Not(HasSubstr("110105194912310021")));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("secret-phone")));
  EXPECT_EQ(service_.handled(), 0);
}

TEST_F(RulesTest, BytesThatAreNoRequestAreMalformed) {
  const std::vector<std::string> samples = {"\xff\xff\xff",
                                            "\x0a\x02\xff\xfe"};  // no message; no UTF-8
  for (const std::string& bytes : samples) {
    EXPECT_THAT(CallRaw("/yilian.contract.v1.ContractService/ForAnyone", bytes),
                status::StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED"));
  }
}

}  // namespace
}  // namespace yilian::contract
