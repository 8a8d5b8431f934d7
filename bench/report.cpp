#include "report.hpp"

#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

namespace bench {

namespace {

// Titles and names are plain text without control characters.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string to_json(const std::vector<Table>& tables) {
  std::string text = "[";
  for (const Table& table : tables) {
    for (const Row& row : table.rows) {
      text += fmt::format("{}\n  {{\"table\": {}, \"what\": {}, \"value\": {:.6g}, \"unit\": {}, \"reach\": {}}}",
                          text.size() > 1 ? "," : "", quoted(table.title), quoted(row.what), row.value,
                          quoted(row.unit), quoted(row.reach));
    }
  }
  return text + "\n]\n";
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) throw std::runtime_error(fmt::format("Cannot write '{}'.", path.string()));
}

}  // namespace

std::string to_markdown(const std::vector<Table>& tables) {
  std::string text;
  for (const Table& table : tables) {
    text +=
        fmt::format("### {}\n\n| what | median | least .. most | reach |\n| --- | --- | --- | --- |\n", table.title);
    for (const Row& row : table.rows) {
      text += fmt::format("| {} | {} | {} | {} |\n", row.what, row.measured, row.spread, row.reach);
    }
    text += "\n";
  }
  return text;
}

void write(const std::vector<Table>& tables, const std::filesystem::path& path) {
  std::filesystem::path markdown = path, json = path;
  write_file(markdown += ".md", to_markdown(tables));
  write_file(json += ".json", to_json(tables));
}

}  // namespace bench
