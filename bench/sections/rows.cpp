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

Tables rows(const Effort& effort) {
  Table table("Rows of odd length with unaligned starts, double, in L2, one thread",
              {"kernel", "cells of a row", "aligned, MLUP/s", "odd, MLUP/s", "odd / aligned"});
  for (const char* name : {"2D 5-point", "3D 7-point", "3D 27-point", "D3Q19 BGK"}) {
    const Model& one = model(name);
    const cs::CompiledKernel kernel = compiled(one, cs::DType::float64, {.threads = 1});
    for (const std::int64_t length : {std::int64_t{104}, std::int64_t{200}, std::int64_t{400}}) {
      const std::int64_t numbers = effort.l2_bytes / static_cast<std::int64_t>(sizeof(double));
      const double rows_in_all = static_cast<double>(numbers) / (2.0 * std::max(one.directions, 1) * length);
      const auto others =
          static_cast<std::int64_t>(std::max(2.0, one.rank == 2 ? rows_in_all : std::sqrt(std::max(1.0, rows_in_all))));
      PlacedArrays aligned(one, {length, length + 8 * (1 + (one.reach > 4 ? 1 : 0)), 0}, others);
      PlacedArrays odd(one, {length + 1, length + 1 + 2 * one.reach, 3}, others);
      const auto times = interleave({aligned.action(kernel), odd.action(kernel)}, effort.rounds, effort.sample);
      std::vector<double> relative = ratios(times[0], times[1]);
      for (double& ratio : relative) ratio *= odd.cells() / aligned.cells();
      const Summary s = summary(relative);
      const std::string what = fmt::format("{}, rows of {}", name, length + 1);
      table.lines.push_back({name, fmt::format("{} and {}", length, length + 1),
                             fmt::format("{:.0f}", aligned.cells() / median(times[0]) / 1e6),
                             fmt::format("{:.0f}", odd.cells() / median(times[1]) / 1e6),
                             fmt::format("{:.2f} ({:.2f} .. {:.2f})", s.median, s.least, s.most)});
      table.figures.push_back({what, s.median, "odd to aligned", "0.9", s.least, s.most});
    }
  }
  table.note =
      "Aligned: every row begins at a border of 64 bytes and has a multiple of 8 cells. Odd: rows follow each other "
      "without a gap, the first one begins 24 bytes behind a border.";
  return {table};
}

}  // namespace bench
