#include <cmath>
#include <list>
#include <memory>

#include <fmt/format.h>

#include "measure.hpp"
#include "sections/sections.hpp"
#include "suite/case.hpp"

namespace bench {

namespace {

/// How the rows of all arrays lie in memory.
struct Rows {
  std::int64_t cells = 0;
  /// Elements between rows.
  std::int64_t pitch = 0;
  /// Elements from a border of 64 bytes to the first inner cell of the first row.
  std::int64_t start = 0;
};

/// Arrays of a model on memory that they share with nothing else.
class PlacedArrays {
 public:
  PlacedArrays(const Model& model, const Rows& rows, std::int64_t others)
      : model_(model), rows_(rows), others_(others) {
    const std::int64_t outer = others + 2 * model.reach;
    std::int64_t size = rows.pitch * outer;
    if (model.rank == 3) size *= outer;
    size *= std::max(model.directions, 1);
    for (std::size_t i = 0; i <= model.inputs.size(); ++i) {
      memory_.emplace_back(std::vector<std::int64_t>{size + 2 * margin},
                           cs::ArrayOptions{.padding = cs::Padding::none});
      memory_.back().fill(model.directions > 0 ? 1.0 / model.directions : 0.7);
    }
  }
  double cells() const { return static_cast<double>(rows_.cells) * (model_.rank == 3 ? others_ : 1) * others_; }
  std::function<void()> action(const cs::CompiledKernel& kernel) {
    std::vector<cs::Argument> arguments;
    for (std::size_t i = 0; i < model_.inputs.size(); ++i) arguments.emplace_back(model_.inputs[i], view(memory_[i]));
    arguments.emplace_back("z", view(memory_.back()));
    for (const auto& [name, value] : model_.scalars) arguments.emplace_back(name, value);
    return [call = std::make_shared<cs::BoundKernel>(kernel.bind(arguments))] { (*call)(); };
  }

 private:
  static constexpr std::int64_t margin = 16;

  cs::ArrayView<double> view(cs::Array<double>& memory) const {
    const std::int64_t outer = others_ + 2 * model_.reach;
    std::vector<std::int64_t> extents{rows_.cells + 2 * model_.reach, outer};
    std::vector<std::int64_t> strides{1, rows_.pitch};
    if (model_.rank == 3) {
      extents.push_back(outer);
      strides.push_back(rows_.pitch * outer);
    }
    if (model_.directions > 0) {
      extents.push_back(model_.directions);
      strides.push_back(strides.back() * outer);
    }
    return {memory.data() + margin + rows_.start - model_.reach, extents, strides};
  }

  const Model& model_;
  Rows rows_;
  std::int64_t others_;
  std::vector<cs::Array<double>> memory_;
};

}  // namespace

namespace {

/// One way for rows to lie in memory, beside the aligned one.
struct Way {
  const char* name;
  Rows rows;
};

std::vector<Way> ways(std::int64_t length, std::int64_t reach) {
  return {{"odd length", {length + 1, length + 16, 0}},
          {"unaligned start", {length, length + 16, 3}},
          {"both, rows without gaps", {length + 1, length + 1 + 2 * reach, 3}}};
}

}  // namespace

Tables rows(const Effort& effort) {
  Table table("Rows of odd length with unaligned starts, double, in L2, one thread",
              {"kernel", "cells of a row", "aligned, MLUP/s", "odd length", "unaligned start",
               "both, rows without gaps", "both, by hand"});
  for (const char* name : {"2D 5-point", "3D 7-point", "3D 27-point", "D3Q19 BGK"}) {
    const Model& one = model(name);
    const cs::CompiledKernel kernel = compiled(one, cs::DType::float64, {.threads = 1});
    const cs::CompiledKernel loops = by_hand<double>(one, loops_of<double>(one).plain, 1);
    for (const std::int64_t length : {std::int64_t{104}, std::int64_t{200}, std::int64_t{400}}) {
      const std::int64_t numbers = effort.l2_bytes / static_cast<std::int64_t>(sizeof(double));
      const double rows_in_all =
          static_cast<double>(numbers) / (2.0 * std::max(one.directions, 1) * static_cast<double>(length));
      const auto others =
          static_cast<std::int64_t>(std::max(2.0, one.rank == 2 ? rows_in_all : std::sqrt(std::max(1.0, rows_in_all))));
      std::list<PlacedArrays> arrays;
      std::vector<std::function<void()>> actions;
      arrays.emplace_back(one, Rows{length, length + 16, 0}, others);
      actions.push_back(arrays.back().action(kernel));
      actions.push_back(arrays.back().action(loops));
      const std::vector<Way> others_ways = ways(length, one.reach);
      for (const Way& way : others_ways) {
        arrays.emplace_back(one, way.rows, others);
        actions.push_back(arrays.back().action(kernel));
      }
      actions.push_back(arrays.back().action(loops));
      const auto times = interleave(actions, effort.rounds, effort.sample);
      std::vector<std::string> line{name, fmt::format("{} and {}", length, length + 1),
                                    fmt::format("{:.0f}", arrays.front().cells() / median(times[0]) / 1e6)};
      // Cells per second, as a part of those of the aligned rows.
      const auto add = [&](const std::string& way, std::size_t base, std::size_t action, double cells,
                           const std::string& reach) {
        std::vector<double> relative = ratios(times[base], times[action]);
        for (double& ratio : relative) ratio *= cells / arrays.front().cells();
        const Summary s = summary(relative);
        line.push_back(fmt::format("{:.2f} ({:.2f} .. {:.2f})", s.median, s.least, s.most));
        table.figures.push_back({fmt::format("{}, rows of {}, {}", name, length, way), s.median,
                                 reach.empty() ? "by hand to aligned" : "odd to aligned", reach, s.least, s.most});
      };
      auto placed = std::next(arrays.begin());
      for (std::size_t i = 0; i < others_ways.size(); ++i, ++placed) {
        add(others_ways[i].name, 0, i + 2, placed->cells(), "0.9");
      }
      add("by hand", 1, actions.size() - 1, arrays.back().cells(), "");
      table.lines.push_back(std::move(line));
    }
  }
  table.note =
      "Parts of the speed of the aligned rows, which begin at a border of 64 bytes and have a multiple of 8 cells. The "
      "last column is what happens to the loops by hand: reads that cross a border of 64 bytes take twice as long.";
  return {table};
}

}  // namespace bench
