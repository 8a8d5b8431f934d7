#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/golden.hpp"

namespace cppstencils::testing {
namespace {

TEST(Golden, EqualTextsHaveNoDifference) {
  EXPECT_EQ(line_difference("", ""), "");
  EXPECT_EQ(line_difference("a\nb\n", "a\nb\n"), "");
}

TEST(Golden, DifferencesShowTheLinesAround) {
  EXPECT_EQ(line_difference("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "@@ line 2 @@\n"
            "  2\n"
            "  3\n"
            "  4\n"
            "- 5\n"
            "+ five\n"
            "  6\n"
            "  7\n"
            "  8\n");
}

TEST(Golden, FarDifferencesAreSeparate) {
  std::string before;
  for (int i = 1; i <= 20; ++i) before += std::to_string(i) + "\n";
  EXPECT_EQ(line_difference(before, "0\n" + before.substr(0, before.size() - 3)),
            "@@ line 1 @@\n"
            "+ 0\n"
            "  1\n"
            "  2\n"
            "  3\n"
            "@@ line 17 @@\n"
            "  17\n"
            "  18\n"
            "  19\n"
            "- 20\n");
}

TEST(Golden, AMissingLineEndShows) {
  EXPECT_EQ(line_difference("a\n", "a"), "@@ line 1 @@\n- a\n+ a   (no line end)\n");
  EXPECT_EQ(line_difference("", "\n"), "@@ line 1 @@\n+ \n");
}

/// Takes CPPSTENCILS_BLESS away for a while: these tests are about what happens without it and with it.
class BlessVariable {
 public:
  explicit BlessVariable(const char* value) {
    if (const char* before = std::getenv("CPPSTENCILS_BLESS")) before_ = before;
    value == nullptr ? unsetenv("CPPSTENCILS_BLESS") : setenv("CPPSTENCILS_BLESS", value, 1);
  }
  BlessVariable(const BlessVariable&) = delete;
  BlessVariable& operator=(const BlessVariable&) = delete;
  ~BlessVariable() {
    before_.empty() ? unsetenv("CPPSTENCILS_BLESS") : setenv("CPPSTENCILS_BLESS", before_.c_str(), 1);
  }

 private:
  std::string before_;
};

TEST(Golden, AMissingFileFails) {
  const BlessVariable unset(nullptr);
  EXPECT_NONFATAL_FAILURE(expect_golden("ir", "no_such_file", "text\n"), "is missing");
  EXPECT_NONFATAL_FAILURE(expect_golden("ir", "no_such_file", "text\n"), "CPPSTENCILS_BLESS=1");
}

TEST(Golden, AnotherTextFailsUntilItIsBlessed) {
  // The path of a golden file may be absolute, which keeps this test out of the source folder.
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "cppstencils_golden";
  std::filesystem::remove_all(folder);
  {
    const BlessVariable set("1");
    expect_golden(folder.string(), "file", "old\n");
  }
  const BlessVariable unset(nullptr);
  expect_golden(folder.string(), "file", "old\n");
  // The macro keeps the statement out of this scope's variables.
  static std::string stage;
  stage = folder.string();
  EXPECT_NONFATAL_FAILURE(expect_golden(stage, "file", "new\n"), "- old\n+ new\n");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cppstencils::testing
