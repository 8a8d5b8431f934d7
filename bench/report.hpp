#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bench {

/// One line of a table: what was measured, the figure with its spread, and the figure to reach.
struct Row {
  std::string what;
  std::string measured;
  std::string spread;
  std::string reach;
  /// The bare number, for the JSON file.
  double value = 0;
  std::string unit;
};

struct Table {
  std::string title;
  std::vector<Row> rows;
};

/// The tables as Markdown.
std::string to_markdown(const std::vector<Table>& tables);
/// Writes `path`.md and `path`.json. Throws std::runtime_error when a file cannot be written.
void write(const std::vector<Table>& tables, const std::filesystem::path& path);

}  // namespace bench
