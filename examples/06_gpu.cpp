/// A kernel on a GPU, where there is one; else the program says why not. The same kernel runs on the CPU.
#include <cppstencils/cppstencils.hpp>
#include <iostream>

namespace cs = cppstencils;

namespace {

constexpr std::int64_t extent = 200;

cs::KernelFunction smooth(cs::Target target) {
  auto [u, v] = cs::fields<2>("u, v: double[2D]");
  const cs::Expr neighbours = u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1);
  return cs::create_kernel(cs::assign(v(0, 0), neighbours / 4), {.function_name = "smooth", .target = target});
}

void smooth_on_cpu(cs::Array<double>& a, cs::Array<double>& b) {
  const cs::CompiledKernel kernel = smooth(cs::Target::cpu).compile();
  kernel({{"u", a}, {"v", b}});
  kernel({{"u", b}, {"v", a}});
}

void smooth_on_gpu(cs::LegacyGpuJit& jit, cs::Array<double>& a, cs::Array<double>& b) {
  const cs::CompiledKernel kernel = jit.compile(smooth(cs::Target::cuda));
  const cs::GpuDevice gpu = jit.device();
  cs::DeviceArray<double> u(gpu, {extent, extent}), v(gpu, {extent, extent});
  u.copy_from(a);
  v.copy_from(b);
  const cs::GpuStream stream = gpu.create_stream();
  const cs::BoundKernel there = kernel.bind({{"u", u}, {"v", v}});
  const cs::BoundKernel back = kernel.bind({{"u", v}, {"v", u}});
  there(stream);  // queued; nothing waits
  back(stream);
  u.copy_to(a, stream);  // comes after them, and waits
  v.copy_to(b, stream);
}

}  // namespace

int main() {
  cs::Array<double> a({extent, extent}), b({extent, extent});
  for (std::int64_t i = 0; i < extent; ++i) {
    for (std::int64_t j = 0; j < extent; ++j) a(i, j) = 1.0 / static_cast<double>(i * extent + j + 1);
  }
  cs::Array<double> c = a, d = b;
  smooth_on_cpu(a, b);
  cs::LegacyGpuJit jit;
  if (const cs::GpuAvailability found = jit.available(); !found) {
    std::cout << "No kernels on a GPU: " << found.reason << "\n";
    return 0;
  }
  smooth_on_gpu(jit, c, d);
  bool same = true;
  for (std::int64_t i = 0; i < extent; ++i) {
    for (std::int64_t j = 0; j < extent; ++j) same = same && a(i, j) == c(i, j);
  }
  std::cout << jit.available().device << ": " << (same ? "the same bits as on the CPU\n" : "other bits\n");
  return same ? 0 : 1;
}
