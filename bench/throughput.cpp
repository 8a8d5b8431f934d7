#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "hand_written.hpp"
#include "kernels.hpp"
#include "measure.hpp"
#include "measurements.hpp"

namespace bench {

namespace cs = cppstencils;

namespace {

/// Loops by hand, and views with other strides, expect the elements one after the other.
const cs::ArrayOptions dense{.padding = cs::Padding::none};

constexpr int rounds = 9;
const cs::CreateKernelConfig one_thread{.cpu = {.threads = 1}};

void fill(cs::Array<double>& array, double scale) {
  for (std::int64_t i = 0; i < array.size(); ++i) {
    array.data()[i] = scale * (1 + 0.001 * std::sin(0.37 * static_cast<double>(i % 10007)));
  }
}

/// The largest difference relative to the largest value. Hand-written D3Q19 adds in another order.
double difference(const cs::Array<double>& a, const cs::Array<double>& b) {
  double largest = 0;
  double apart = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(a.data()[i]));
    apart = std::max(apart, std::abs(a.data()[i] - b.data()[i]));
  }
  return apart / largest;
}

struct Case {
  std::string name;
  double cells;
  std::vector<std::string> yardsticks;
  std::vector<std::function<void()>> actions;  // ours, then the yardsticks
};

void measure(Table& table, const Case& test) {
  const auto times = interleave(test.actions, rounds);
  const auto rate = [&](const std::vector<double>& series) { return test.cells / median(series) / 1e6; };
  table.rows.push_back(
      {test.name + ", LlvmJit", fmt::format("{:.0f} MLUP/s", rate(times[0])), "", "", rate(times[0]), "MLUP/s"});
  for (std::size_t i = 0; i < test.yardsticks.size(); ++i) {
    const Summary ratio = summary(ratios(times[i + 1], times[0]));
    table.rows.push_back({fmt::format("{}, LlvmJit against {}", test.name, test.yardsticks[i]),
                          fmt::format("{:.2f} times", ratio.median),
                          fmt::format("{:.2f} .. {:.2f}", ratio.least, ratio.most), i == 0 ? "1.0 times" : "",
                          ratio.median, "ratio"});
  }
}

void check(const std::string& name, double apart, double tolerance) {
  if (apart > tolerance) throw std::runtime_error(fmt::format("{} differs from the loops by {}.", name, apart));
}

void jacobi_2d_case(Table& table, const std::string& where, std::int64_t n, int repeats) {
  cs::Array<double> u({n, n}, dense), v({n, n}, dense), w({n, n}, dense);
  fill(u, 1);
  const cs::BoundKernel kernel =
      cs::create_kernel(jacobi_2d(), one_thread).compile().bind({{"u", u}, {"v", v}, {"h", 0.25}});
  const auto ours = [&] {
    for (int i = 0; i < repeats; ++i) kernel();
  };
  const auto theirs = [&] {
    for (int i = 0; i < repeats; ++i) hand_written::jacobi_2d(u.data(), w.data(), n, n, 0.25);
  };
  ours();
  theirs();
  check("2D 5-point", difference(v, w), 0);
  measure(table, {"2D 5-point " + where, static_cast<double>((n - 2) * (n - 2)) * repeats, {"g++"}, {ours, theirs}});
}

void jacobi_3d_case(Table& table, const std::string& where, std::int64_t n, int repeats) {
  cs::Array<double> u({n, n, n}, dense), v({n, n, n}, dense), w({n, n, n}, dense);
  fill(u, 1);
  const cs::BoundKernel kernel = cs::create_kernel(jacobi_3d(), one_thread).compile().bind({{"u", u}, {"v", v}});
  const auto ours = [&] {
    for (int i = 0; i < repeats; ++i) kernel();
  };
  const auto theirs = [&] {
    for (int i = 0; i < repeats; ++i) hand_written::jacobi_3d(u.data(), w.data(), n, n, n);
  };
  ours();
  theirs();
  check("3D 7-point", difference(v, w), 0);
  const double cells = static_cast<double>((n - 2) * (n - 2) * (n - 2)) * repeats;
  measure(table, {"3D 7-point " + where, cells, {"g++"}, {ours, theirs}});
}

void d3q19_case(Table& table, const std::string& where, std::int64_t n, int repeats) {
  // [direction][x][y][z] in memory, seen as x, y, z, direction.
  const std::int64_t size = n * n * n;
  cs::Array<double> f({19, n, n, n}, dense), g({19, n, n, n}, dense), h({19, n, n, n}, dense);
  fill(f, 0.05);
  const auto view = [&](cs::Array<double>& array) {
    return cs::ArrayView<double>(array.data(), {n, n, n, 19}, {n * n, n, 1, size});
  };
  const cs::BoundKernel kernel =
      cs::create_kernel(d3q19(), one_thread).compile().bind({{"f", view(f)}, {"g", view(g)}, {"rate", 1.6}});
  const auto ours = [&] {
    for (int i = 0; i < repeats; ++i) kernel();
  };
  const auto theirs = [&] {
    for (int i = 0; i < repeats; ++i) hand_written::d3q19(f.data(), h.data(), n, n, n, 1.6);
  };
  const auto theirs_ivdep = [&] {
    for (int i = 0; i < repeats; ++i) hand_written::d3q19_ivdep(f.data(), h.data(), n, n, n, 1.6);
  };
  ours();
  theirs();
  check("D3Q19", difference(g, h), 1e-12);
  const double cells = static_cast<double>((n - 2) * (n - 2) * (n - 2)) * repeats;
  measure(table, {"D3Q19 BGK " + where, cells, {"g++", "g++ with ivdep"}, {ours, theirs, theirs_ivdep}});
}

}  // namespace

Table throughput() {
  Table table{"Run time, one thread, strict arithmetic", {}};
  jacobi_2d_case(table, "200 x 200, in cache", 200, 2000);
  jacobi_2d_case(table, "8000 x 8000, in memory", 8000, 1);
  jacobi_3d_case(table, "32^3, in cache", 32, 2000);
  jacobi_3d_case(table, "400^3, in memory", 400, 1);
  d3q19_case(table, "16^3, in cache", 16, 200);
  d3q19_case(table, "160^3, in memory", 160, 1);
  return table;
}

}  // namespace bench
