#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "measure.hpp"
#include "sections/sections.hpp"
#include "suite/models.hpp"

namespace bench {

namespace {

/// Two arrays that a time loop swaps after every call.
struct Pair {
  Pair(const std::vector<std::int64_t>& extents, const cs::ArrayOptions& options)
      : a(extents, options), b(extents, options) {
    a.fill(0.05);
    b.fill(0.05);
  }
  cs::Array<double> a, b;
};

std::function<void()> there_and_back(const Model& model, Pair& arrays, int threads) {
  const cs::CompiledKernel kernel = compiled(model, cs::DType::float64, {.threads = threads});
  const auto bind = [&](cs::Array<double>& from, cs::Array<double>& to) {
    std::vector<cs::Argument> arguments{{"a", from}, {"z", to}};
    for (const auto& [name, value] : model.scalars) arguments.emplace_back(name, value);
    return std::make_shared<cs::BoundKernel>(kernel.bind(arguments));
  };
  return [there = bind(arrays.a, arrays.b), back = bind(arrays.b, arrays.a)] {
    (*there)();
    (*back)();
  };
}

void add_ratio(Table& table, const std::string& name, const Summary& ratio, const std::string& reach = "") {
  table.add({name, fmt::format("{:.2f} times", ratio.median), fmt::format("{:.2f} .. {:.2f}", ratio.least, ratio.most),
             reach, ratio.median, "ratio"});
}

cs::ArrayOptions options_for(const Model& model) {
  return {.layout = cs::Layout::soa(), .index_rank = model.directions > 0 ? 1 : 0};
}

/// The extents of arrays with these inner cells, x first.
std::vector<std::int64_t> extents_for(const Model& model, std::vector<std::int64_t> cells) {
  for (std::int64_t& extent : cells) extent += 2;
  if (model.directions > 0) cells.push_back(model.directions);
  return cells;
}

/// Padded arrays against dense ones of the same extents.
void padded_against_dense(Table& table, const Effort& effort, const std::string& name, const Model& model,
                          const std::vector<std::int64_t>& cells) {
  cs::ArrayOptions options = options_for(model);
  Pair padded(extents_for(model, cells), options);
  options.padding = cs::Padding::none;
  Pair dense(extents_for(model, cells), options);
  for (const int threads : {1, 2}) {
    const auto times = interleave({there_and_back(model, dense, threads), there_and_back(model, padded, threads)},
                                  effort.rounds, effort.sample);
    add_ratio(table, fmt::format("{}, {}, padded against dense", name, threads == 1 ? "1 thread" : "2 threads"),
              summary(ratios(times[0], times[1])));
  }
}

/// Rows of odd length against rows of a multiple of 8 cells: time per cell, both in our own arrays. `others` are the
/// inner cells along the other dimensions.
void odd_against_even(Table& table, const Effort& effort, const std::string& name, const Model& model,
                      const std::vector<std::int64_t>& others, std::int64_t even) {
  const auto extents = [&](std::int64_t row) {
    std::vector<std::int64_t> cells{row};
    cells.insert(cells.end(), others.begin(), others.end());
    return extents_for(model, cells);
  };
  Pair whole(extents(even), options_for(model));
  for (const std::int64_t row : {even - 3, even + 1, even + 5}) {
    Pair odd(extents(row), options_for(model));
    const auto times =
        interleave({there_and_back(model, odd, 1), there_and_back(model, whole, 1)}, effort.rounds, effort.sample);
    std::vector<double> rates = ratios(times[1], times[0]);
    for (double& rate : rates) rate *= static_cast<double>(row) / static_cast<double>(even);
    add_ratio(table, fmt::format("{}, rows of {} cells against {}", name, row, even), summary(rates), "0.90 times");
  }
}

}  // namespace

Tables memory_layout(const Effort& effort) {
  Table table("Memory layout: rows and components with and without room between them");
  const Model &plane = model("2D 5-point"), &volume = model("3D 7-point"), &lattice = model("D3Q19 BGK");
  // Short runs only show that it runs.
  const std::int64_t cells = effort.full() ? 16'000'000 : 160'000;
  const auto side = [&](double dimensions, double share) {
    return static_cast<std::int64_t>(std::pow(static_cast<double>(cells) * share, 1 / dimensions));
  };
  for (const std::int64_t n : {std::int64_t{14}, side(3, 0.25), side(3, 0.25) - 1, std::int64_t{126}}) {
    if (n * n * n <= cells) padded_against_dense(table, effort, fmt::format("D3Q19 {}^3", n), lattice, {n, n, n});
  }
  const std::int64_t n = side(2, 2.25);
  padded_against_dense(table, effort, fmt::format("2D 5-point {0} x {0}", n - 1), plane, {n - 1, n - 1});
  padded_against_dense(table, effort, "2D 5-point, rows of 601", plane, {601, cells * 2 / 601});
  padded_against_dense(table, effort, "3D 7-point, in memory", volume, {299, cells * 5 / 3 / 299 / 299, 299});
  padded_against_dense(table, effort, "3D 7-point 100^3, in L3", volume, {100, 100, 100});
  for (const std::int64_t row : {104, 200, 400}) {
    odd_against_even(table, effort, "2D 5-point, in cache", plane, {120}, row);
    odd_against_even(table, effort, "2D 5-point, in memory", plane, {cells / row}, row);
    odd_against_even(table, effort, "3D 7-point, in memory", volume,
                     {200, std::max<std::int64_t>(1, cells / row / 200)}, row);
  }
  odd_against_even(table, effort, "D3Q19, in memory", lattice, {98, std::max<std::int64_t>(1, cells / 16 / 200 / 98)},
                   200);
  return {table};
}

}  // namespace bench
