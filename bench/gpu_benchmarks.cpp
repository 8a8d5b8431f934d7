// Kernels on a GPU: whether they have the bits of the interpreter, and how much of the copy bandwidth they reach.
//
// usage: gpu_benchmarks [--check | --calls] [--cells N]
//
// Prints tables in Markdown. Returns 1 where a result differs, 2 where there is no GPU.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "lbm/lattice.hpp"
#include "lbm/update_rule.hpp"
#include "measure.hpp"

namespace {

namespace cs = cppstencils;

struct GpuCase {
  std::string name;
  std::string type;
  /// Makes the kernel of u -> v.
  cs::AssignmentList assignments;
  std::int64_t index = 0;  // 0 for none
  /// Of the main memory, for one cell.
  double bytes = 0;
  /// Share of the copy bandwidth to reach.
  double reach = 0;
};

cs::AssignmentList jacobi(const cs::Field& u, const cs::Field& v) {
  const cs::Expr sum = u(1, 0, 0) + u(-1, 0, 0) + u(0, 1, 0) + u(0, -1, 0) + u(0, 0, 1) + u(0, 0, -1);
  return cs::assign(v(0, 0, 0), cs::rational(1, 6) * sum);
}

std::vector<GpuCase> cases() {
  std::vector<GpuCase> all;
  for (const std::string type : {"double", "float"}) {
    const double size = type == "double" ? 8 : 4;
    auto [u, v] = cs::fields<2>(fmt::format("u, v: {}[3D]", type));
    auto [f, g] = cs::fields<2>(fmt::format("u(19), v(19): {}[3D]", type));
    all.push_back({"copy", type, cs::assign(v(0, 0, 0), u(0, 0, 0)), 0, 2 * size, 0.97});
    all.push_back({"7-point Jacobi", type, jacobi(u, v), 0, 2 * size, type == "double" ? 0.80 : 0.75});
    all.push_back({"D3Q19 BGK, pull", type, lbm::stream_and_collide(lbm::d3q19, f, g, lbm::Bgk{cs::rational(3, 2)}), 19,
                   38 * size, type == "double" ? 0.85 : 0.82});
  }
  return all;
}

cs::KernelFunction kernel(const GpuCase& one, cs::Target target) {
  cs::CreateKernelConfig config{.function_name = "benchmark", .target = target};
  config.default_dtype = one.type == "double" ? cs::DType::float64 : cs::DType::float32;
  config.ghost_layers = 1;
  return cs::create_kernel(one.assignments, config);
}

std::vector<std::int64_t> extents(const GpuCase& one, std::int64_t x, std::int64_t y, std::int64_t z) {
  std::vector<std::int64_t> all{x, y, z};
  if (one.index != 0) all.push_back(one.index);
  return all;
}

int index_rank(const GpuCase& one) { return one.index != 0 ? 1 : 0; }

/// Numbers that no memory can guess, near 1.
template <class T>
void fill(cs::Array<T>& array) {
  std::uint64_t state = 1;
  for (std::int64_t i = 0; i < array.size(); ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    array.data()[i] = T(0.5) + static_cast<T>(state >> 40) / T(1 << 24);
  }
}

template <class T>
bool has_bits_of_interpreter(cs::LegacyGpuJit& jit, const GpuCase& one) {
  const auto shape = extents(one, 19, 7, 35);
  cs::Array<T> u(shape, "soa", index_rank(one));
  fill(u);
  cs::Array<T> expected = u;
  cs::Array<T> actual = u;
  cs::InterpreterJit().compile(kernel(one, cs::Target::cpu))({{"u", u}, {"v", expected}});
  cs::DeviceArray<T> from(jit.device(), shape, "soa", index_rank(one));
  cs::DeviceArray<T> to(jit.device(), shape, "soa", index_rank(one));
  from.copy_from(u);
  to.copy_from(u);
  jit.compile(kernel(one, cs::Target::cuda))({{"u", from}, {"v", to}});
  to.copy_to(actual);
  return std::memcmp(expected.data(), actual.data(), static_cast<std::size_t>(actual.size()) * sizeof(T)) == 0;
}

/// A sum and a maximum of many tiles.
bool reductions_have_bits_of_interpreter(cs::LegacyGpuJit& jit) {
  const std::vector<std::int64_t> shape{70, 300, 65};
  const auto u = cs::fields<1>("u: double[3D]")[0];
  const auto make = [&](cs::Target target) {
    return cs::create_kernel({cs::reduce(cs::ReductionOp::add, cs::Symbol("sum"), u(0, 0, 0)),
                              cs::reduce(cs::ReductionOp::maximum, cs::Symbol("most"), u(0, 0, 0))},
                             {.function_name = "reductions", .target = target});
  };
  cs::Array<double> values(shape, {.padding = cs::Padding::none});
  fill(values);
  cs::Array<double> expected({1});
  cs::Array<double> actual({1});
  cs::Array<double> most({1});
  expected.fill(3);
  most.fill(0);
  cs::InterpreterJit().compile(make(cs::Target::cpu))({{"u", values}, {"sum", expected}, {"most", most}});
  cs::DeviceArray<double> from(jit.device(), shape);
  cs::DeviceArray<double> sum(jit.device(), {1});
  cs::DeviceArray<double> largest(jit.device(), {1});
  from.copy_from(values);
  sum.fill(3);
  largest.fill(0);
  jit.compile(make(cs::Target::cuda))({{"u", from}, {"sum", sum}, {"most", largest}});
  sum.copy_to(actual);
  const bool is_right = std::memcmp(expected.data(), actual.data(), sizeof(double)) == 0;
  largest.copy_to(actual);
  return is_right && actual(0) == most(0);
}

/// Updates of cells per second; the median of 20 samples of about 20 ms.
template <class T>
double update_rate(cs::LegacyGpuJit& jit, const GpuCase& one, std::int64_t side) {
  const auto shape = extents(one, side, side, side);
  const cs::GpuDevice device = jit.device();
  cs::DeviceArray<T> u(device, shape, "soa", index_rank(one));
  cs::DeviceArray<T> v(device, shape, "soa", index_rank(one));
  {
    cs::Array<T> host(shape, "soa", index_rank(one));
    fill(host);
    u.copy_from(host);
    v.copy_from(host);
  }
  const cs::CompiledKernel compiled = jit.compile(kernel(one, cs::Target::cuda));
  const cs::BoundKernel there = compiled.bind({{"u", u}, {"v", v}});
  const cs::BoundKernel back = compiled.bind({{"u", v}, {"v", u}});
  const cs::GpuStream stream = device.create_stream();
  int pairs = 1;
  const auto sample = [&] {
    return bench::seconds([&] {
      for (int i = 0; i < pairs; ++i) {
        there(stream);
        back(stream);
      }
      stream.synchronize();
    });
  };
  (void)sample();
  while (sample() < 0.02 && pairs < 100'000) pairs *= 2;
  std::vector<double> times;
  for (int i = 0; i < 20; ++i) times.push_back(sample() / (2 * pairs));
  return static_cast<double>(there.cells()) / bench::median(times);
}

int check(cs::LegacyGpuJit& jit) {
  int failures = 0;
  fmt::print("| kernel | type | bits of the interpreter |\n| --- | --- | --- |\n");
  for (const GpuCase& one : cases()) {
    const bool same =
        one.type == "double" ? has_bits_of_interpreter<double>(jit, one) : has_bits_of_interpreter<float>(jit, one);
    failures += same ? 0 : 1;
    fmt::print("| {} | {} | {} |\n", one.name, one.type, same ? "yes" : "NO");
  }
  const bool same = reductions_have_bits_of_interpreter(jit);
  fmt::print("| sum and maximum | double | {} |\n", same ? "yes" : "NO");
  return failures == 0 && same ? 0 : 1;
}

/// What one launch costs the caller: calls of a kernel with almost no cells, not waited for. In microseconds.
template <class Call>
double launch_time(const cs::GpuDevice& device, Call&& call) {
  std::vector<double> times;
  for (int round = 0; round < 20; ++round) {
    times.push_back(bench::seconds([&] {
                      for (int i = 0; i < 100; ++i) call();
                    }) /
                    100);
    device.synchronize();
  }
  return 1e6 * bench::median(times);
}

void measure_calls(cs::LegacyGpuJit& jit) {
  const GpuCase one = cases().at(1);
  const cs::GpuDevice device = jit.device();
  cs::DeviceArray<double> u(device, {3, 3, 3});
  cs::DeviceArray<double> v(device, {3, 3, 3});
  const cs::DeviceView<double> foreign_u(u.data(), {3, 3, 3});
  const cs::DeviceView<double> foreign_v(v.data(), {3, 3, 3});
  const cs::CompiledKernel compiled = jit.compile(kernel(one, cs::Target::cuda));
  const cs::BoundKernel bound = compiled.bind({{"u", u}, {"v", v}});
  fmt::print("A call takes the caller, in microseconds: bound {:.2f}, ", launch_time(device, [&] { bound(); }));
  fmt::print("with arrays of the library {:.2f}, ", launch_time(device, [&] { compiled({{"u", u}, {"v", v}}); }));
  fmt::print("with pointers of others {:.2f}.\n", launch_time(device, [&] {
               compiled({{"u", foreign_u}, {"v", foreign_v}});
             }));
}

void measure(cs::LegacyGpuJit& jit, std::int64_t cells) {
  fmt::print("| kernel | type | bytes per update | 10^9 updates/s | GB/s | of the copy | reach |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- | --- |\n");
  double copy = 0;
  for (const GpuCase& one : cases()) {
    // Populations need 19 times the memory.
    const std::int64_t side = one.index != 0 ? cells / 2 : cells;
    const double rate = one.type == "double" ? update_rate<double>(jit, one, side) : update_rate<float>(jit, one, side);
    const double bandwidth = rate * one.bytes;
    if (copy == 0) copy = bandwidth;  // the first one: copies of double
    fmt::print("| {} | {} | {} | {:.3f} | {:.0f} | {:.0f} % | {:.0f} % |\n", one.name, one.type, one.bytes, rate / 1e9,
               bandwidth / 1e9, 100 * bandwidth / copy, 100 * one.reach);
  }
  fmt::print("\n");
  measure_calls(jit);
}

}  // namespace

int main(int count, char** words) {
  bool only_check = false;
  bool only_calls = false;
  std::int64_t cells = 512;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--check") {
      only_check = true;
    } else if (word == "--calls") {
      only_calls = true;
    } else if (word == "--cells" && i + 1 < count) {
      cells = std::atoll(words[++i]);
    } else {
      std::fprintf(stderr, "usage: gpu_benchmarks [--check | --calls] [--cells N]\n");
      return 64;
    }
  }
  try {
    cs::LegacyGpuJit jit;
    const cs::GpuAvailability found = jit.available();
    if (!found) {
      std::fprintf(stderr, "%s\n", found.reason.c_str());
      return 2;
    }
    fmt::print("{}, {}\n\n", found.device, found.compiler);
    if (only_check) return check(jit);
    only_calls ? measure_calls(jit) : measure(jit, cells);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
  return 0;
}
