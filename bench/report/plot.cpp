#include "report/plot.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

namespace bench {

namespace {

constexpr int label_width = 235;
constexpr int plot_width = 300;
constexpr int line_height = 16;
constexpr int gap = 46;
constexpr int right_margin = 20;
constexpr int panel_width = label_width + plot_width + right_margin;
constexpr std::size_t panels_per_column = 3;
constexpr int top_margin = 62;

struct Panel {
  const Table* table;
  std::vector<const Figure*> figures;
};

std::vector<Panel> panels_of(const std::vector<Table>& tables) {
  std::vector<Panel> panels;
  for (const Table& table : tables) {
    Panel panel{&table, {}};
    for (const Figure& figure : table.figures) {
      if (figure.unit == "ratio to g++") panel.figures.push_back(&figure);
    }
    if (!panel.figures.empty()) panels.push_back(std::move(panel));
  }
  return panels;
}

/// From ratios to positions, with equal distances for equal factors.
class Scale {
 public:
  explicit Scale(const std::vector<Panel>& panels) {
    for (const Panel& panel : panels) {
      for (const Figure* figure : panel.figures) {
        least_ = std::min(least_, figure->value);
        most_ = std::max(most_, figure->value);
      }
    }
    least_ = std::max(least_ * 0.9, 0.05);
    most_ = std::min(most_ * 1.1, 64.0);
  }
  double at(double ratio) const {
    return label_width + plot_width * std::log(std::clamp(ratio, least_, most_) / least_) / std::log(most_ / least_);
  }
  bool shows(double ratio) const { return ratio >= least_ && ratio <= most_; }

 private:
  double least_ = 0.8;
  double most_ = 2;
};

std::string text_at(double x, double y, const char* anchor, const std::string& text, const char* style = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, style, text);
}

}  // namespace

namespace {

/// Adds a panel at this height; returns the height of the next one.
double draw(std::string& body, const Panel& panel, const Scale& scale, double y) {
  body += text_at(label_width, y - 10, "start", panel.table->title, " font-weight=\"bold\"");
  const double bottom = y + line_height * static_cast<double>(panel.figures.size());
  for (const double ratio : {0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0}) {
    if (!scale.shows(ratio)) continue;
    body += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\"/>\n",
                        scale.at(ratio), y, bottom, ratio == 1 ? "#000" : "#ccc");
    body += text_at(scale.at(ratio), bottom + 13, "middle", fmt::format("{:g}", ratio), " fill=\"#555\"");
  }
  for (const Figure* figure : panel.figures) {
    const double middle = y + line_height / 2.0;
    body += text_at(label_width - 8, middle + 4, "end", figure->what);
    const double from = scale.at(std::min(1.0, figure->value)), to = scale.at(std::max(1.0, figure->value));
    body += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"10\" fill=\"{}\"/>\n", from,
                        middle - 5, to - from, figure->value >= 1 ? "#2a7fb8" : "#d1603d");
    if (figure->most > 0) {
      body += fmt::format("<line x1=\"{0:.1f}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#222\"/>\n",
                          scale.at(figure->least), scale.at(figure->most), middle);
    }
    y += line_height;
  }
  return y + gap;
}

}  // namespace

std::string plot_ratios(const std::vector<Table>& tables) {
  const std::vector<Panel> panels = panels_of(tables);
  if (panels.empty()) return "";
  const Scale scale(panels);
  std::string body;
  double bottom = 0;
  for (std::size_t i = 0; i < panels.size(); i += panels_per_column) {
    const std::span column(panels.begin() + static_cast<std::ptrdiff_t>(i),
                           std::min(panels_per_column, panels.size() - i));
    const double x = panel_width * static_cast<double>(i / panels_per_column);
    body += fmt::format("<g transform=\"translate({:.0f} 0)\">\n", x);
    double y = top_margin;
    for (const Panel& panel : column) y = draw(body, panel, scale, y);
    body += "</g>\n";
    bottom = std::max(bottom, y);
  }
  const auto columns = static_cast<int>((panels.size() + panels_per_column - 1) / panels_per_column);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1:.0f}\" viewBox=\"0 0 {0} {1:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
      "{2}{3}</svg>\n",
      panel_width * columns, bottom,
      text_at(12, 22, "start", "How many times faster than loops by hand, g++ -O3 -march=native -ffast-math",
              " font-size=\"14\""),
      body);
}

}  // namespace bench
