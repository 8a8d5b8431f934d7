// Kernels that only reduce against loops that g++ compiles at -O3 -march=native -ffast-math, one thread; and how exact
// both are.

#include <cmath>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "measure.hpp"
#include "sections/sections.hpp"
#include "suite/reduction_loops.hpp"

namespace bench {

namespace cs = cppstencils;

namespace {

struct Reduction {
  const char* name;
  cs::ReductionOp op;
  cs::Expr (*value)(const cs::Expr& u, const cs::Expr& v);
  int arrays;
  reduction_loops::Loop loop;
};

const Reduction reductions[] = {
    {"sum", cs::ReductionOp::add, [](const cs::Expr& u, const cs::Expr&) { return u; }, 1, reduction_loops::sum},
    {"dot product", cs::ReductionOp::add, [](const cs::Expr& u, const cs::Expr& v) { return u * v; }, 2,
     reduction_loops::dot_product},
    {"largest difference", cs::ReductionOp::maximum,
     [](const cs::Expr& u, const cs::Expr& v) { return cs::abs(u - v); }, 2, reduction_loops::largest_difference},
};

cs::CompiledKernel compiled(const Reduction& reduction, std::optional<int> threads) {
  const auto [u, v] = cs::fields<2>("u, v: double[1D]");
  const cs::Symbol result("result", cs::DType::float64);
  const cs::AssignmentList list{cs::reduce(reduction.op, result, reduction.value(u(0), v(0)))};
  return cs::create_kernel(list, {.cpu = {.threads = threads}}).compile();
}

/// With more digits than either of the two has.
double exact(const Reduction& reduction, const cs::Array<double>& u, const cs::Array<double>& v) {
  long double sum = 0;
  long double largest = 0;
  for (std::int64_t i = 0; i < u.size(); ++i) {
    const long double a = u.data()[i];
    const long double b = v.data()[i];
    sum += reduction.arrays == 1 ? a : a * b;
    largest = std::max(largest, std::fabs(a - b));
  }
  return static_cast<double>(reduction.op == cs::ReductionOp::add ? sum : largest);
}

void measure(Table& table, const Effort& effort, const Reduction& reduction, const char* level, std::int64_t bytes) {
  const std::int64_t count = bytes / (8 * reduction.arrays);
  cs::Array<double> u({count});
  cs::Array<double> v({count});
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> values(-1, 1);
  for (std::int64_t i = 0; i < count; ++i) {
    u.data()[i] = values(random) + 0.5;
    v.data()[i] = values(random);
  }
  cs::Array<double> result({1});
  std::vector<cs::Argument> arguments{{"u", u}, {"result", result}};
  if (reduction.arrays == 2) arguments.emplace_back("v", v);
  const cs::BoundKernel alone = compiled(reduction, 1).bind(arguments);
  const cs::BoundKernel together = compiled(reduction, {}).bind(arguments);
  const double right = exact(reduction, u, v);
  double by_hand = 0;
  const auto call = [&](const cs::BoundKernel& kernel) {
    result(0) = 0;
    kernel();
  };
  call(together);
  const double of_threads = result(0);
  call(alone);
  by_hand = reduction.loop(u.data(), v.data(), count);
  const double scale = std::sqrt(static_cast<double>(count));
  if (of_threads != result(0) || !(std::fabs(result(0) - right) <= 1e-14 * scale + 1e-15 * std::fabs(right))) {
    throw std::runtime_error(fmt::format("{}: {} and {} are not {}.", reduction.name, result(0), of_threads, right));
  }
  const auto times = interleave({[&] { call(alone); },
                                 [&] {
                                   by_hand = reduction.loop(u.data(), v.data(), count);
                                   asm volatile("" ::"r"(&by_hand) : "memory");
                                 },
                                 [&] { call(together); }},
                                effort.rounds, effort.sample);
  const Summary ratio = summary(ratios(times[1], times[0]));
  const Summary gain = summary(ratios(times[0], times[2]));
  const auto rate = [&](std::size_t i) { return static_cast<double>(bytes) / median(times[i]) / 1e9; };
  const std::string what = fmt::format("{}, {}", reduction.name, level);
  table.lines.push_back({what, fmt::format("{:.1f}", rate(0)), fmt::format("{:.1f}", rate(1)),
                         fmt::format("{:.2f} ({:.2f} .. {:.2f})", ratio.median, ratio.least, ratio.most),
                         fmt::format("{:.2f}", gain.median),
                         fmt::format("{:.1e}, {:.1e}", std::fabs(result(0) - right), std::fabs(by_hand - right))});
  table.figures.push_back({what, ratio.median, "times", "", ratio.least, ratio.most});
}

}  // namespace

Tables reductions_of_arrays(const Effort& effort) {
  Table table("Reductions against g++ -O3 -march=native -ffast-math, double",
              {"reduction", "LlvmJit, GB/s", "g++, GB/s", "LlvmJit against g++", "all threads against one",
               "error, LlvmJit and g++"});
  for (const Reduction& reduction : reductions) {
    measure(table, effort, reduction, "L2", effort.l2_bytes);
    measure(table, effort, reduction, "L3", effort.l3_bytes);
    measure(table, effort, reduction, "memory", effort.memory_bytes);
  }
  table.note =
      "One thread, but for the last but one column. The bits of LlvmJit are the same with any number of threads.";
  return {table};
}

}  // namespace bench
