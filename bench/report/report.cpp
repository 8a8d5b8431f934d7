#include "report/report.hpp"

#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include "report/plot.hpp"

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
    for (const Figure& figure : table.figures) {
      text += fmt::format("{}\n  {{\"table\": {}, \"what\": {}, \"value\": {:.6g}, \"unit\": {}, \"reach\": {}",
                          text.size() > 1 ? "," : "", quoted(table.title), quoted(figure.what), figure.value,
                          quoted(figure.unit), quoted(figure.reach));
      if (figure.most != 0) text += fmt::format(", \"least\": {:.6g}, \"most\": {:.6g}", figure.least, figure.most);
      text += "}";
    }
  }
  return text + "\n]\n";
}

std::string line(const std::vector<std::string>& cells) { return fmt::format("| {} |\n", fmt::join(cells, " | ")); }

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) throw std::runtime_error(fmt::format("Cannot write '{}'.", path.string()));
}

}  // namespace

const Figure* find(const std::vector<Table>& tables, const std::string& title, const std::string& what) {
  for (const Table& table : tables) {
    if (table.title != title) continue;
    for (const Figure& figure : table.figures) {
      if (figure.what == what) return &figure;
    }
  }
  return nullptr;
}

std::string to_markdown(const std::vector<Table>& tables) {
  std::string text;
  for (const Table& table : tables) {
    text += fmt::format("### {}\n\n{}", table.title, line(table.columns));
    text += line(std::vector<std::string>(table.columns.size(), "---"));
    for (const std::vector<std::string>& cells : table.lines) text += line(cells);
    if (!table.note.empty()) text += fmt::format("\n{}\n", table.note);
    text += "\n";
  }
  return text;
}

void write(const std::vector<Table>& tables, const std::string& preface, const std::filesystem::path& path) {
  std::filesystem::path markdown = path, json = path, picture = path;
  write_file(json += ".json", to_json(tables));
  const std::string plot = plot_ratios(tables);
  std::string text = preface;
  if (!plot.empty()) {
    write_file(picture += ".svg", plot);
    text += fmt::format("![How many times faster than g++]({})\n\n", picture.filename().string());
  }
  write_file(markdown += ".md", text + to_markdown(tables));
}

}  // namespace bench
