// Math functions in kernels against loops that call the C library, which g++ compiles at -O3 -march=native: time per
// value on one thread, arrays in the cache, and the largest error among some millions of arguments.

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "measure.hpp"
#include "sections/sections.hpp"

namespace bench {

namespace cs = cppstencils;

namespace {

constexpr std::int64_t cells = 2000;

struct Function {
  std::string name;
  std::function<cs::Expr(const cs::Expr&, const cs::Expr&)> expr;
  double low;
  double high;
  bool takes_two;
  std::function<void(const double*, const double*, double*)> loop64;
  std::function<void(const float*, const float*, float*)> loop32;
  std::function<long double(long double, long double)> exact;
};

/// The loop is a function of its own, so that the compiler sees the call in it.
template <class T, class F>
auto loop(F function) {
  return [function](const T* x, const T* y, T* result) {
    for (std::int64_t i = 0; i < cells; ++i) result[i] = function(x[i], y[i]);
    asm volatile("" ::"r"(result) : "memory");
  };
}

template <class F>
Function make(std::string name, std::function<cs::Expr(const cs::Expr&, const cs::Expr&)> expr, double low, double high,
              F function) {
  const bool takes_two = name == "pow";
  return {std::move(name),        std::move(expr),       low,     high, takes_two,
          loop<double>(function), loop<float>(function), function};
}

std::vector<Function> functions() {
  using E = const cs::Expr&;
  return {
      make(
          "exp", [](E x, E) { return cs::exp(x); }, -10, 10, [](auto x, auto) { return std::exp(x); }),
      make(
          "log", [](E x, E) { return cs::log(x); }, 0.1, 10, [](auto x, auto) { return std::log(x); }),
      make(
          "sin", [](E x, E) { return cs::sin(x); }, -10, 10, [](auto x, auto) { return std::sin(x); }),
      make(
          "cos", [](E x, E) { return cs::cos(x); }, -10, 10, [](auto x, auto) { return std::cos(x); }),
      make(
          "pow", [](E x, E y) { return cs::pow(x, y); }, 0.1, 10, [](auto x, auto y) { return std::pow(x, y); }),
      make(
          "tanh", [](E x, E) { return cs::tanh(x); }, -4, 4, [](auto x, auto) { return std::tanh(x); }),
      make(
          "sinh", [](E x, E) { return cs::sinh(x); }, -4, 4, [](auto x, auto) { return std::sinh(x); }),
      make(
          "cosh", [](E x, E) { return cs::cosh(x); }, -4, 4, [](auto x, auto) { return std::cosh(x); }),
  };
}

template <class T>
cs::AssignmentList assignments(const Function& function) {
  const auto [x, y, r] = cs::fields<3>(sizeof(T) == 8 ? "x, y, r: double[1D]" : "x, y, r: float[1D]");
  return {cs::assign(r(0), function.expr(x(0), y(0)))};
}

/// Functions of one argument have no array y.
template <class T>
std::vector<cs::Argument> arguments(bool takes_two, cs::Array<T>& x, cs::Array<T>& y, cs::Array<T>& result) {
  std::vector<cs::Argument> all{{"x", x}, {"r", result}};
  if (takes_two) all.emplace_back("y", y);
  return all;
}

template <class T>
double largest_error(const Function& function, const cs::CompiledKernel& kernel, double arguments_for_errors) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> near(function.low, function.high);
  std::uniform_real_distribution<double> magnitude(-30, 30);
  cs::Array<T> x({cells}), y({cells}), result({cells});
  double worst = 0;
  const auto passes = std::max<std::int64_t>(2, static_cast<std::int64_t>(arguments_for_errors) / cells);
  for (std::int64_t pass = 0; pass < passes; ++pass) {
    const auto fill = [&](cs::Array<T>& array) {
      for (std::int64_t i = 0; i < cells; ++i) {
        array.data()[i] = static_cast<T>(pass % 2 == 0 ? near(random) : std::exp2(magnitude(random)));
      }
    };
    fill(x);
    fill(y);
    kernel(arguments(function.takes_two, x, y, result));
    for (std::int64_t i = 0; i < cells; ++i) {
      const long double exact = function.exact(x.data()[i], y.data()[i]);
      if (!(std::fabs(exact) < std::numeric_limits<T>::max())) continue;
      const int exponent = std::max(exact == 0 ? INT_MIN : std::ilogb(exact) + 1, std::numeric_limits<T>::min_exponent);
      const long double error = std::fabs(result.data()[i] - exact);
      worst = std::max(worst, static_cast<double>(std::ldexp(error, std::numeric_limits<T>::digits - exponent)));
    }
  }
  return worst;
}

template <class T, class Loop>
void measure(Table& table, const Effort& effort, const Function& function, const Loop& library) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> values(function.low, function.high);
  cs::Array<T> x({cells}), y({cells}), result({cells});
  for (std::int64_t i = 0; i < cells; ++i) {
    x.data()[i] = static_cast<T>(values(random));
    y.data()[i] = static_cast<T>(values(random));
  }
  const cs::KernelFunction kernel = cs::create_kernel(assignments<T>(function), {.cpu = {.threads = 1}});
  cs::LlvmJit jit({.cache = cs::CacheOptions::off()});
  std::vector<double> compile_times;
  for (int i = 0; i < std::min(9, effort.compilations); ++i) {
    // A new function name makes a new kernel, so that nothing is found in memory.
    const cs::CreateKernelConfig config{.function_name = fmt::format("{}_{}", function.name, i)};
    compile_times.push_back(seconds([&] { jit.compile(cs::create_kernel(assignments<T>(function), config)); }));
  }
  const cs::CompiledKernel compiled = kernel.compile();
  const cs::BoundKernel bound = compiled.bind(arguments(function.takes_two, x, y, result));
  const auto times =
      interleave({[&] { bound(); }, [&] { library(x.data(), y.data(), result.data()); }}, effort.rounds, effort.sample);
  constexpr double scale = 1e9 / static_cast<double>(cells);
  const double time = scale * median(times[0]);
  const std::string name = fmt::format("{} float{}", function.name, 8 * sizeof(T));
  const auto row = [&](std::string what, double value, std::string_view unit, int digits, std::string reach = "") {
    table.add({fmt::format("{}, {}", name, what), fmt::format("{:.{}f} {}", value, digits, unit), "", std::move(reach),
               value, std::string(unit)});
  };
  row("time per value, LlvmJit", time, "ns", 2);
  row("time per value, g++ and C library", scale * median(times[1]), "ns", 2);
  const Summary ratio = summary(ratios(times[1], times[0]));
  table.add({name + ", LlvmJit against the C library", fmt::format("{:.1f} times", ratio.median),
             fmt::format("{:.1f} .. {:.1f}", ratio.least, ratio.most), "5.0 times", ratio.median, "ratio"});
  row("largest error", largest_error<T>(function, compiled, effort.full() ? 2e6 : 4e3), "ulp", 3, "2 ulp");
  row("assignments to callable", 1e3 * median(compile_times), "ms", 1);
}

}  // namespace

Tables math_functions(const Effort& effort) {
  Table table("Math functions, one thread, arrays in the cache");
  for (const Function& function : functions()) {
    measure<double>(table, effort, function, function.loop64);
    measure<float>(table, effort, function, function.loop32);
  }
  return {table};
}

}  // namespace bench
