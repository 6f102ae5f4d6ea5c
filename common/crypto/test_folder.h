// A fresh folder for one test.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace yilian::crypto {

inline std::string FreshFolder() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) /
                                       "yilian_crypto" / test->test_suite_name() / test->name();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder.string();
}

}  // namespace yilian::crypto
