#pragma once

#include <memory>
#include <string>

#include "cppstencils/cppstencils.hpp"

namespace cppstencils::testing {

/// v = factor * (sum of the four neighbours in u).
inline KernelFunction smooth_kernel(double factor = 0.25, const std::string& name = "smooth",
                                    const std::string& processor = "native") {
  const Field u("u", 2);
  const Field v("v", 2);
  CreateKernelConfig config;
  config.function_name = name;
  config.cpu.processor = processor;
  return create_kernel(assign(v(0, 0), (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1)) * factor), config);
}

/// Runs it through one variant of the executable on a grid of ones: every inner cell becomes 4 * factor, and the cells
/// at the border stay 7. Returns the value of the inner cells, or -1 if something else happened.
inline double run_smooth(Executable& executable, InnerStride inner_stride, StorePolicy stores = StorePolicy::cached) {
  constexpr std::int64_t nx = 6;
  constexpr std::int64_t ny = 21;
  const std::int64_t step = inner_stride == InnerStride::unit ? 1 : 2;
  std::vector<double> u(nx * ny * 2, 1.0);
  std::vector<double> v(nx * ny * 2, 7.0);
  void* const data[] = {u.data(), v.data()};
  const std::int64_t strides[] = {ny * step, step, ny * step, step};
  const CppstencilsKernelArguments arguments{data, strides, nullptr, nullptr};
  const std::int64_t begin[] = {1, 1};
  const std::int64_t end[] = {nx - 1, ny - 1};
  const EntryPoint entry = executable.entry_point({inner_stride, stores});
  if (entry.function(&arguments, begin, end) != 0) return -1;
  const double inside = v[static_cast<std::size_t>((ny + 1) * step)];
  for (std::int64_t x = 0; x < nx; ++x) {
    for (std::int64_t y = 0; y < ny; ++y) {
      const bool is_inner = x > 0 && y > 0 && x < nx - 1 && y < ny - 1;
      if (v[static_cast<std::size_t>((x * ny + y) * step)] != (is_inner ? inside : 7.0)) return -1;
    }
  }
  return inside;
}

}  // namespace cppstencils::testing
