#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "kernels.hpp"
#include "measure.hpp"
#include "measurements.hpp"

namespace bench {

namespace cs = cppstencils;

namespace {

constexpr int rounds = 7;

/// Two arrays that a time loop swaps after every call.
struct Pair {
  Pair(const std::vector<std::int64_t>& extents, const cs::ArrayOptions& options)
      : a(extents, options), b(extents, options) {
    a.fill(0.05);
    b.fill(0.05);
  }
  cs::Array<double> a, b;
};

/// The fields of a kernel that get the arrays of a pair, and its scalars.
struct Problem {
  cs::AssignmentList assignments;
  std::string from;
  std::string to;
  std::vector<cs::Argument> scalars;
};

std::function<void()> there_and_back(const Problem& problem, Pair& arrays, int threads, double cells) {
  const cs::CompiledKernel kernel = cs::create_kernel(problem.assignments, {.cpu = {.threads = threads}}).compile();
  const auto bind = [&](cs::Array<double>& from, cs::Array<double>& to) {
    std::vector<cs::Argument> arguments = problem.scalars;
    arguments.emplace_back(problem.from, from);
    arguments.emplace_back(problem.to, to);
    return std::make_shared<cs::BoundKernel>(kernel.bind(arguments));
  };
  const auto there = bind(arrays.a, arrays.b), back = bind(arrays.b, arrays.a);
  const int repeats = static_cast<int>(std::max(1.0, 2e6 / cells));
  return [there, back, repeats] {
    for (int i = 0; i < repeats; ++i) {
      (*there)();
      (*back)();
    }
  };
}

void add_ratio(Table& table, const std::string& name, const Summary& ratio, const std::string& reach = "") {
  table.rows.push_back({name, fmt::format("{:.2f} times", ratio.median),
                        fmt::format("{:.2f} .. {:.2f}", ratio.least, ratio.most), reach, ratio.median, "ratio"});
}

/// Padded arrays against dense ones of the same extents.
void padded_against_dense(Table& table, const std::string& name, const Problem& problem,
                          const std::vector<std::int64_t>& extents, cs::ArrayOptions options) {
  double cells = 1;
  for (std::size_t d = 0; d + static_cast<std::size_t>(options.index_rank) < extents.size(); ++d) {
    cells *= static_cast<double>(extents[d] - 2);
  }
  Pair padded(extents, options);
  options.padding = cs::Padding::none;
  Pair dense(extents, options);
  for (const int threads : {1, 2}) {
    const auto times = interleave(
        {there_and_back(problem, dense, threads, cells), there_and_back(problem, padded, threads, cells)}, rounds);
    add_ratio(table, fmt::format("{}, {}, padded against dense", name, threads == 1 ? "1 thread" : "2 threads"),
              summary(ratios(times[0], times[1])));
  }
}

/// Rows of odd length against rows of a multiple of 8 cells: time per cell, both in our own arrays.
void odd_against_even(Table& table, const std::string& name, const Problem& problem,
                      const std::function<std::vector<std::int64_t>(std::int64_t)>& extents, std::int64_t even,
                      const cs::ArrayOptions& options) {
  const auto cells = [&](std::int64_t row) {
    double count = static_cast<double>(row);
    const auto all = extents(row + 2);
    for (std::size_t d = 0; d + 1 + static_cast<std::size_t>(options.index_rank) < all.size(); ++d) {
      count *= static_cast<double>(all[d] - 2);
    }
    return count;
  };
  Pair whole(extents(even + 2), options);
  for (const std::int64_t row : {even - 3, even + 1, even + 5}) {
    Pair odd(extents(row + 2), options);
    const auto times = interleave(
        {there_and_back(problem, odd, 1, cells(even)), there_and_back(problem, whole, 1, cells(even))}, rounds);
    std::vector<double> rates = ratios(times[1], times[0]);
    for (double& rate : rates) rate *= cells(row) / cells(even);
    add_ratio(table, fmt::format("{}, rows of {} cells against {}", name, row, even), summary(rates), "0.90 times");
  }
}

}  // namespace

Table memory_layout() {
  Table table{"Memory layout: rows and components with and without room between them", {}};
  const Problem jacobi2{jacobi_2d(), "u", "v", {{"h", 0.25}}};
  const Problem jacobi3{jacobi_3d(), "u", "v", {}};
  const Problem lattice{d3q19(), "f", "g", {{"rate", 1.6}}};
  const cs::ArrayOptions plain;
  // One array per population; z is the slowest dimension of each.
  const cs::ArrayOptions populations{.layout = cs::Layout(std::vector<int>{3, 0, 1, 2}), .index_rank = 1};
  for (const std::int64_t n : {16, 160, 159, 128}) {
    padded_against_dense(table, fmt::format("D3Q19 {}^3", n), lattice, {n, n, n, 19}, populations);
  }
  padded_against_dense(table, "2D 5-point 6001 x 6001", jacobi2, {6001, 6001}, plain);
  padded_against_dense(table, "2D 5-point 50000 x 603", jacobi2, {50000, 603}, plain);
  padded_against_dense(table, "3D 7-point 301^3", jacobi3, {301, 301, 301}, plain);
  padded_against_dense(table, "3D 7-point 102^3, in L3", jacobi3, {102, 102, 102}, plain);
  for (const std::int64_t row : {104, 200, 400}) {
    const auto plane = [](std::int64_t x) { return std::vector<std::int64_t>{120, x}; };
    odd_against_even(table, "2D 5-point, in cache", jacobi2, plane, row, plain);
    const auto sheet = [row](std::int64_t x) { return std::vector<std::int64_t>{16000000 / row, x}; };
    odd_against_even(table, "2D 5-point, in memory", jacobi2, sheet, row, plain);
    const auto volume = [row](std::int64_t x) { return std::vector<std::int64_t>{16000000 / row / 200, 200, x}; };
    odd_against_even(table, "3D 7-point, in memory", jacobi3, volume, row, plain);
  }
  const auto channel = [](std::int64_t x) { return std::vector<std::int64_t>{100, 100, x, 19}; };
  odd_against_even(table, "D3Q19, in memory", lattice, channel, 200, populations);
  return table;
}

}  // namespace bench
