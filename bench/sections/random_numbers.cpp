// Random numbers of kernels against the same generator written by hand, which g++ compiles at -O3 -march=native: time
// per value on one thread, arrays in the cache. Both must give the same bits, and the published ones.

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "measure.hpp"
#include "sections/sections.hpp"

namespace bench {

namespace cs = cppstencils;

namespace {

constexpr std::int64_t cells = 2000;
constexpr std::uint32_t seed = 42;
constexpr std::uint32_t step = 7;

using Words = std::array<std::uint32_t, 4>;

inline Words philox(std::uint32_t c0, std::uint32_t c1, std::uint32_t c2, std::uint32_t c3, std::uint32_t k0,
                    std::uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = std::uint64_t{0xD2511F53} * c0;
    const std::uint64_t second = std::uint64_t{0xCD9E8D57} * c2;
    c0 = static_cast<std::uint32_t>(second >> 32) ^ c1 ^ k0;
    c1 = static_cast<std::uint32_t>(second);
    c2 = static_cast<std::uint32_t>(first >> 32) ^ c3 ^ k1;
    c3 = static_cast<std::uint32_t>(first);
    k0 += 0x9E3779B9U;
    k1 += 0xBB67AE85U;
  }
  return {c0, c1, c2, c3};
}

inline double uniform(std::uint32_t first, std::uint32_t second) {
  const std::uint64_t n = first ^ (std::uint64_t{second} << 21);
  return std::min(static_cast<double>(n) * 0x1p-53 + 0x1p-54, 1 - 0x1p-53);
}

inline float uniform(std::uint32_t word) {
  return std::min(static_cast<float>(word) * 0x1p-32F + 0x1p-33F, 1 - 0x1p-24F);
}

template <class T>
constexpr std::int64_t values_per_draw = std::is_same_v<T, double> ? 2 : 4;

/// All values of the draws of a row, component by component.
template <class T>
[[gnu::noinline]] void by_hand(T* __restrict result) {
  for (std::int64_t i = 0; i < cells; ++i) {
    const Words w = philox(step, static_cast<std::uint32_t>(i), 0, 0, seed, 0);
    if constexpr (std::is_same_v<T, double>) {
      result[i] = uniform(w[0], w[1]);
      result[i + cells] = uniform(w[2], w[3]);
    } else {
      result[i] = uniform(w[0]);
      result[i + cells] = uniform(w[1]);
      result[i + 2 * cells] = uniform(w[2]);
      result[i + 3 * cells] = uniform(w[3]);
    }
  }
}

template <class T>
cs::KernelFunction draw_kernel() {
  constexpr auto count = values_per_draw<T>;
  const cs::Philox rng(std::is_same_v<T, double> ? cs::DType::float64 : cs::DType::float32,
                       cs::Symbol("seed", cs::DType::uint32));
  const cs::Field result("r", 1, {.dtype = rng.dtype(), .index_shape = {count}, .layout = cs::Layout("soa")});
  const std::vector<cs::Expr> values = rng.uniform(cs::Symbol("step", cs::DType::uint32));
  cs::AssignmentList list;
  for (int i = 0; i < count; ++i) list.add(cs::assign(result(0)(i), values[static_cast<std::size_t>(i)]));
  return cs::create_kernel(list, {.function_name = "draw", .cpu = {.threads = 1}});
}

void check_published_values() {
  // Random123, kat_vectors, philox4x32 with 10 rounds.
  const Words expected{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
  if (philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0) != expected) {
    throw std::runtime_error("The generator by hand is not Philox 4x32-10.");
  }
}

template <class T>
void measure(Table& table, const Effort& effort, const std::string& type) {
  constexpr std::int64_t values = cells * values_per_draw<T>;
  cs::Array<T> result({cells, values_per_draw<T>},
                      {.layout = cs::Layout("soa"), .index_rank = 1, .padding = cs::Padding::none});
  cs::Array<T> reference({cells, values_per_draw<T>},
                         {.layout = cs::Layout("soa"), .index_rank = 1, .padding = cs::Padding::none});
  const cs::CompiledKernel kernel = draw_kernel<T>().compile();
  const cs::BoundKernel bound = kernel.bind({{"r", result}, {"seed", seed}, {"step", step}});
  const auto times = interleave({[&] { bound(); }, [&] { by_hand(reference.data()); }}, effort.rounds, effort.sample);
  if (!std::equal(result.data(), result.data() + values, reference.data())) {
    throw std::runtime_error(fmt::format("Random numbers of {} differ from those by hand.", type));
  }
  const auto row = [&](std::string_view who, const std::vector<double>& all) {
    const double time = 1e9 / static_cast<double>(values) * median(all);
    table.add(
        {fmt::format("uniform {}, time per value, {}", type, who), fmt::format("{:.2f} ns", time), "", "", time, "ns"});
  };
  row("LlvmJit", times[0]);
  row("g++", times[1]);
  const Summary ratio = summary(ratios(times[1], times[0]));
  table.add({fmt::format("uniform {}, LlvmJit against g++", type), fmt::format("{:.2f} times", ratio.median),
             fmt::format("{:.2f} .. {:.2f}", ratio.least, ratio.most), "1.0 times", ratio.median, "ratio"});
}

}  // namespace

Tables random_numbers(const Effort& effort) {
  check_published_values();
  Table table("Random numbers, one thread, arrays in the cache");
  measure<double>(table, effort, "float64");
  measure<float>(table, effort, "float32");
  return {table};
}

}  // namespace bench
