#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bench {

/// One number of a run, as the JSON file has it. `what` names it within its table.
struct Figure {
  std::string what;
  double value = 0;
  std::string unit;
  /// What the project wants it to be; may be empty.
  std::string reach = {};
  /// The extremes of the rounds; both zero where there are none.
  double least = 0;
  double most = 0;
};

/// One line of a table of single figures.
struct Row {
  std::string what;
  std::string measured;
  std::string spread;
  std::string reach;
  double value = 0;
  std::string unit;
};

struct Table {
  explicit Table(std::string table_title, std::vector<std::string> names = {"what", "median", "least .. most", "reach"})
      : title(std::move(table_title)), columns(std::move(names)) {}

  std::string title;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> lines;
  /// A sentence below the table; may be empty.
  std::string note;
  std::vector<Figure> figures;

  /// A line of the four columns that tables have by default, which is a figure, too.
  void add(const Row& row) {
    lines.push_back({row.what, row.measured, row.spread, row.reach});
    figures.push_back({row.what, row.value, row.unit, row.reach});
  }
};

/// The figure of that name; null if that was not measured.
const Figure* find(const std::vector<Table>& tables, const std::string& title, const std::string& what);

/// The tables as Markdown.
std::string to_markdown(const std::vector<Table>& tables);
/// Writes `path`.md, `path`.json and `path`.svg; `preface` begins the first. Throws std::runtime_error when a file
/// cannot be written.
void write(const std::vector<Table>& tables, const std::string& preface, const std::filesystem::path& path);

}  // namespace bench
