#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "ir/builder.hpp"
#include "jit/interpreter/interpreter.hpp"

namespace cppstencils::testing {

/// The function at all places, in the order given. `y` is for functions of two arguments.
template <class T>
std::vector<T> evaluate(ir::MathFunction function, std::vector<T> x, std::vector<T> y = {}) {
  const DType type = dtype_of<T>();
  ir::Kernel kernel;
  kernel.name = "function";
  kernel.rank = 1;
  std::vector<ir::Expr> arguments;
  for (std::uint32_t i = 0; i < (y.empty() ? 1U : 2U); ++i) {
    kernel.buffers.push_back({i == 0 ? "x" : "y", type, ir::BufferAccess::read, 1, {}});
    arguments.push_back(ir::load(ir::BufferId{i}, type, {0}, {}));
  }
  const ir::BufferId target{static_cast<std::uint32_t>(kernel.buffers.size())};
  kernel.buffers.push_back({"result", type, ir::BufferAccess::write, 1, {}});
  kernel.body = {ir::Stmt{ir::Loop{0, 1, {ir::Stmt{ir::Store{target, {0}, {}, ir::call(function, arguments)}}}}}};
  std::vector<T> result(x.size());
  std::vector<void*> data{x.data()};
  if (!y.empty()) data.push_back(y.data());
  data.push_back(result.data());
  const std::vector<std::int64_t> strides(data.size(), 1);
  CppstencilsKernelArguments call{};
  call.data = data.data();
  call.strides = strides.data();
  const std::int64_t begin = 0;
  const auto end = static_cast<std::int64_t>(x.size());
  jit::interpret(kernel, &call, &begin, &end);
  return result;
}

template <class T>
T evaluate_at(ir::MathFunction function, T x) {
  return evaluate<T>(function, std::vector<T>{x})[0];
}
template <class T>
T evaluate_at(ir::MathFunction function, T x, T y) {
  return evaluate<T>(function, std::vector<T>{x}, std::vector<T>{y})[0];
}

template <class T>
bool same_value(T a, T b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

/// Distance of a number from the exact result, in units in the last place of the result.
template <class T>
double error_in_ulp(T actual, long double exact) {
  constexpr double wrong = 1e30;
  const T rounded = static_cast<T>(exact);
  if (std::isnan(rounded) || std::isnan(actual)) return std::isnan(rounded) && std::isnan(actual) ? 0 : wrong;
  if (std::signbit(rounded) != std::signbit(actual)) return wrong;
  if (std::isinf(rounded) && std::isinf(actual)) return 0;
  const long double limit = std::ldexp(1.0L, std::numeric_limits<T>::max_exponent);
  const long double clamped_exact = std::isinf(exact) ? std::copysign(limit, exact) : exact;
  const long double value = std::isinf(actual) ? std::copysign(limit, static_cast<long double>(actual)) : actual;
  int exponent = std::numeric_limits<T>::min_exponent;
  if (clamped_exact != 0) exponent = std::max(exponent, std::ilogb(clamped_exact) + 1);
  exponent = std::min(exponent, std::numeric_limits<T>::max_exponent);
  return static_cast<double>(std::ldexp(std::fabs(value - clamped_exact), std::numeric_limits<T>::digits - exponent));
}

}  // namespace cppstencils::testing
