#include <cmath>
#include <functional>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "kernels.hpp"
#include "measure.hpp"
#include "measurements.hpp"

namespace bench {

namespace cs = cppstencils;

namespace {

/// Loops by hand, and views with other strides, expect the elements one after the other.
const cs::ArrayOptions dense{.padding = cs::Padding::none};

constexpr int rounds = 9;

/// The arrays of a kernel by name, and what else it needs.
using Call = std::vector<cs::Argument>;

struct Size {
  std::string name;
  double cells;
  int repeats;
};

/// One thread against as many as the library takes by itself.
void measure(Table& table, const Size& size, const cs::AssignmentList& assignments, const Call& arguments) {
  const auto bind = [&](const cs::CpuOptions& options) {
    return cs::create_kernel(assignments, {.cpu = options}).compile().bind(arguments);
  };
  const cs::BoundKernel alone = bind({.threads = 1});
  const cs::BoundKernel together = bind({});
  const auto repeated = [&size](const cs::BoundKernel& kernel) {
    return [&kernel, repeats = size.repeats] {
      for (int i = 0; i < repeats; ++i) kernel();
    };
  };
  const auto times = interleave({repeated(alone), repeated(together)}, rounds);
  const auto rate = [&](const std::vector<double>& series) { return size.cells * size.repeats / median(series) / 1e6; };
  for (const auto& [name, series] : {std::pair("one thread", times[0]), std::pair("all threads", times[1])}) {
    table.rows.push_back({fmt::format("{}, {}", size.name, name), fmt::format("{:.0f} MLUP/s", rate(series)), "", "",
                          rate(series), "MLUP/s"});
  }
  const Summary gain = summary(ratios(times[0], times[1]));
  table.rows.push_back({size.name + ", gain", fmt::format("{:.2f} times", gain.median),
                        fmt::format("{:.2f} .. {:.2f}", gain.least, gain.most), "", gain.median, "ratio"});
}

void jacobi_2d_case(Table& table, std::int64_t n, int repeats) {
  cs::Array<double> u({n, n}, dense), v({n, n}, dense);
  u.fill(1);
  v.fill(1);
  measure(table, {fmt::format("2D 5-point {0} x {0}", n), std::pow(n - 2, 2), repeats}, jacobi_2d(),
          {{"u", u}, {"v", v}, {"h", 0.25}});
}

void jacobi_3d_case(Table& table, std::int64_t n) {
  cs::Array<double> u({n, n, n}, dense), v({n, n, n}, dense);
  u.fill(1);
  v.fill(1);
  measure(table, {fmt::format("3D 7-point {}^3", n), std::pow(n - 2, 3), 1}, jacobi_3d(), {{"u", u}, {"v", v}});
}

void d3q19_case(Table& table, std::int64_t n) {
  cs::Array<double> f({19, n, n, n}, dense), g({19, n, n, n}, dense);
  f.fill(0.05);
  g.fill(0.05);
  const auto view = [&](cs::Array<double>& array) {
    return cs::ArrayView<double>(array.data(), {n, n, n, 19}, {n * n, n, 1, n * n * n});
  };
  const cs::ArrayView<double> from = view(f), to = view(g);
  measure(table, {fmt::format("D3Q19 BGK {}^3", n), std::pow(n - 2, 3), 1}, d3q19(),
          {{"f", from}, {"g", to}, {"rate", 1.6}});
}

/// Code that does nothing, to time what is around it.
class Nothing final : public cs::Executable {
 public:
  cs::EntryPoint entry_point(cs::Variant) override {
    return {[](const cs::CppstencilsKernelArguments*, const std::int64_t*, const std::int64_t*) { return 0; }, nullptr};
  }
};

/// Microseconds of a call in two parts, after `pause`.
void overhead(Table& table, const std::string& name, std::chrono::microseconds pause) {
  cs::Array<double> u({1000, 1000}), v({1000, 1000});
  const cs::CompiledKernel kernel(cs::create_kernel(jacobi_2d(), {.cpu = {.threads = 2}}), std::make_shared<Nothing>());
  const cs::BoundKernel call = kernel.bind({{"u", u}, {"v", v}, {"h", 0.25}});
  std::vector<double> times;
  for (int sample = 0; sample < 301; ++sample) {
    const auto end = std::chrono::steady_clock::now() + pause;
    if (pause > std::chrono::microseconds(100)) std::this_thread::sleep_until(end);
    while (std::chrono::steady_clock::now() < end) {
    }
    times.push_back(seconds(call) * 1e6);
  }
  std::sort(times.begin(), times.end());
  table.rows.push_back({name, fmt::format("{:.1f} us", times[150]),
                        fmt::format("{:.1f} .. {:.1f}", times[15], times[285]), "", times[150], "us"});
}

}  // namespace

Table threads() {
  Table table{fmt::format("Threads, {} processors", std::thread::hardware_concurrency()), {}};
  jacobi_2d_case(table, 8000, 1);
  jacobi_3d_case(table, 400);
  d3q19_case(table, 160);
  for (const std::int64_t n : {300, 500, 1000}) jacobi_2d_case(table, n, 1000);
  overhead(table, "call in two parts without work, worker awake", std::chrono::microseconds(0));
  overhead(table, "call in two parts without work, worker asleep", std::chrono::microseconds(2000));
  return table;
}

}  // namespace bench
