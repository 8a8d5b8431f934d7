#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "measure.hpp"
#include "sections/sections.hpp"
#include "suite/models.hpp"

namespace bench {

namespace {

class Targets {
 public:
  explicit Targets(const Tables& tables) : tables_(tables) {}

  /// A figure that has to be at most, or at least, `reach`.
  void at_most(const std::string& what, const Figure* figure, double reach, const std::string& unit) {
    if (figure != nullptr) add(what, figure->value, fmt::format("{:g} {}", reach, unit), figure->value <= reach, unit);
  }
  void at_least(const std::string& what, double value, double reach, const std::string& unit) {
    add(what, value, fmt::format("{:g} {}", reach, unit), value >= reach, unit);
  }
  void at_least(const std::string& what, const Figure* figure, double reach, const std::string& unit) {
    if (figure != nullptr) at_least(what, figure->value, reach, unit);
  }
  /// The figures of a unit in all tables whose titles begin like this.
  std::vector<const Figure*> all(const std::string& title, const std::string& unit) const {
    std::vector<const Figure*> result;
    for (const Table& measured : tables_) {
      if (measured.title.rfind(title, 0) != 0) continue;
      for (const Figure& figure : measured.figures) {
        if (figure.unit == unit) result.push_back(&figure);
      }
    }
    return result;
  }
  const Figure* one(const std::string& title, const std::string& what, const std::string& unit) const {
    for (const Figure* figure : all(title, unit)) {
      if (figure->what == what) return figure;
    }
    return nullptr;
  }
  Table table{"Figures to reach", {"what", "measured", "reach", ""}};

 private:
  void add(const std::string& what, double value, const std::string& reach, bool reached, const std::string& unit) {
    table.lines.push_back({what, fmt::format("{:.3g} {}", value, unit), reach, reached ? "reached" : "missed"});
    table.figures.push_back({what, value, unit, reach});
  }

  const Tables& tables_;
};

std::vector<double> values_of(const std::vector<const Figure*>& figures) {
  std::vector<double> values;
  for (const Figure* figure : figures) values.push_back(figure->value);
  return values;
}

/// 2D 5-point, 3D 7-point, 3D 27-point and the star, with one thread and two.
bool is_jacobi(const Figure& figure) {
  const auto begins = [&](const char* name) { return figure.what.rfind(name, 0) == 0; };
  return begins("2D 5-point") || begins("3D 7-point") || begins("3D 27-point") || begins("3D 25-point");
}

}  // namespace

Table targets(const Tables& tables) {
  Targets result(tables);
  for (const auto& [name, reach] : {std::pair("2D 5-point", 5.0), std::pair("3D 7-point", 6.0),
                                    std::pair("3D 27-point", 8.0), std::pair("D3Q19 BGK", 18.0)}) {
    result.at_most(fmt::format("{}, assignments to callable, cold", name),
                   result.one("From assignments to callable", fmt::format("{}, LlvmJit, no cache", name), "ms"), reach,
                   "ms");
  }
  result.at_least("D3Q19 BGK in L2, one thread, against g++",
                  result.one("Kernels in L2, double", "D3Q19 BGK", "ratio to g++"), 3.5, "times");
  result.at_least("D3Q19 BGK in memory, one thread, against g++",
                  result.one("Kernels in memory, double", "D3Q19 BGK", "ratio to g++"), 1.8, "times");
  result.at_least("D3Q19 BGK in memory, one thread, share of the streaming copy",
                  result.one("Kernels in memory, double", "D3Q19 BGK", "percent of the streaming copy"), 75, "%");
  std::vector<const Figure*> jacobi = result.all("Kernels in memory", "ratio to g++");
  std::erase_if(jacobi, [](const Figure* figure) { return !is_jacobi(*figure); });
  if (!jacobi.empty()) {
    const std::vector<double> values = values_of(jacobi);
    result.at_least("Jacobi family in memory against g++, least", *std::min_element(values.begin(), values.end()), 1.0,
                    "times");
    result.at_least("Jacobi family in memory against g++, geometric mean", geometric_mean(values), 1.1, "times");
  }
  const std::vector<const Figure*> strict = result.all("Kernels in memory", "time of strict to fast");
  if (!strict.empty()) {
    const auto most = *std::max_element(strict.begin(), strict.end(),
                                        [](const Figure* a, const Figure* b) { return a->value < b->value; });
    const Figure percent{most->what, 100 * (most->value - 1), "%"};
    result.at_most(fmt::format("strict slower than fast in memory, most ({})", most->what), &percent, 3, "%");
  }
  for (const char* function : {"exp", "sin", "pow"}) {
    const std::string name = fmt::format("{} float64", function);
    const char* const title = "Math functions, one thread, arrays in the cache";
    result.at_least(fmt::format("{} against the C library", function),
                    result.one(title, name + ", LlvmJit against the C library", "ratio"), 5, "times");
    result.at_most(fmt::format("{}, largest error", function), result.one(title, name + ", largest error", "ulp"), 2,
                   "ulp");
  }
  result.at_most("bound call with 2 threads, one cell", result.one("Calls", "bound call, one cell, 2 threads", "ns"),
                 50, "ns");
  result.at_most("pool, call in two parts without work",
                 result.one("Calls", "call in two parts without work, worker awake", "us"), 2, "us");
  const std::vector<double> odd = values_of(result.all("Rows of odd length", "odd to aligned"));
  if (!odd.empty()) {
    result.at_least("rows of odd length against aligned rows, least", *std::min_element(odd.begin(), odd.end()), 0.9,
                    "times");
  }
  const std::vector<const Figure*> shares = result.all("Compile time", "percent of own work");
  if (!shares.empty()) {
    const auto most = *std::max_element(shares.begin(), shares.end(),
                                        [](const Figure* a, const Figure* b) { return a->value < b->value; });
    result.at_most(fmt::format("front end and passes, share of the compile time, most ({})", most->what), most, 20,
                   "%");
  }
  return result.table;
}

}  // namespace bench
