#include "support/golden.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace cppstencils::testing {
namespace {

constexpr std::size_t context_lines = 3;
// Larger texts are compared as one block of removed and one of added lines.
constexpr std::size_t max_table_entries = 16'000'000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

struct Line {
  char mark;  // ' ', '-' or '+'
  std::string_view text;
};

/// An alignment of the lines with as many common ones as possible.
std::vector<Line> align(const std::vector<std::string_view>& expected, const std::vector<std::string_view>& actual) {
  const std::size_t rows = expected.size() + 1;
  const std::size_t columns = actual.size() + 1;
  std::vector<Line> result;
  std::size_t i = 0;
  std::size_t j = 0;
  if (rows * columns <= max_table_entries) {
    // common[i][j]: length of the longest common sequence of the lines from i and from j on.
    std::vector<std::uint32_t> common(rows * columns, 0);
    for (std::size_t r = rows - 1; r-- > 0;) {
      for (std::size_t c = columns - 1; c-- > 0;) {
        common[r * columns + c] = expected[r] == actual[c]
                                      ? common[(r + 1) * columns + c + 1] + 1
                                      : std::max(common[(r + 1) * columns + c], common[r * columns + c + 1]);
      }
    }
    while (i < expected.size() && j < actual.size()) {
      if (expected[i] == actual[j]) {
        result.push_back({' ', expected[i++]});
        ++j;
      } else if (common[(i + 1) * columns + j] >= common[i * columns + j + 1]) {
        result.push_back({'-', expected[i++]});
      } else {
        result.push_back({'+', actual[j++]});
      }
    }
  }
  while (i < expected.size()) result.push_back({'-', expected[i++]});
  while (j < actual.size()) result.push_back({'+', actual[j++]});
  return result;
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

std::string line_difference(std::string_view expected, std::string_view actual) {
  if (expected == actual) return {};
  const std::vector<Line> lines = align(lines_of(expected), lines_of(actual));
  std::vector<bool> shown(lines.size(), false);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].mark == ' ') continue;
    const std::size_t first = i - std::min(i, context_lines);
    const std::size_t last = std::min(i + context_lines, lines.size() - 1);
    std::fill(shown.begin() + static_cast<std::ptrdiff_t>(first), shown.begin() + static_cast<std::ptrdiff_t>(last) + 1,
              true);
  }
  std::string text;
  std::size_t line_number = 1;  // of the expected text
  bool in_gap = true;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (shown[i]) {
      if (in_gap) text += fmt::format("@@ line {} @@\n", line_number);
      text += fmt::format("{} {}", lines[i].mark, lines[i].text);
      if (lines[i].text.back() != '\n') text += "   (no line end)\n";
    }
    in_gap = !shown[i];
    if (lines[i].mark != '+') ++line_number;
  }
  return text;
}

void expect_golden(std::string_view stage, std::string_view name, std::string_view text) {
  const std::filesystem::path path =
      std::filesystem::path(CPPSTENCILS_TEST_DIR) / "golden" / stage / fmt::format("{}.txt", name);
  const char* bless = std::getenv("CPPSTENCILS_BLESS");
  if (bless != nullptr && std::string_view(bless) == "1") {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    EXPECT_TRUE(file.good()) << "Cannot write " << path;
    return;
  }
  constexpr std::string_view hint =
      "hint: If the new text is right, run the test with CPPSTENCILS_BLESS=1 and commit the file.\n";
  const std::optional<std::string> expected = read_file(path);
  if (!expected) {
    ADD_FAILURE() << "The golden file " << path << " is missing. The text is:\n" << text << hint;
    return;
  }
  const std::string difference = line_difference(*expected, text);
  if (!difference.empty()) {
    ADD_FAILURE() << "The text differs from " << path << " (- expected, + actual):\n" << difference << hint;
  }
}

}  // namespace cppstencils::testing
