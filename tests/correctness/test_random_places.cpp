// The random numbers of a cell, whoever computes it and wherever it lies: parts of calls, threads, vectors, blocks,
// streaming stores, arrays that begin anywhere, layouts, and device code.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "cppstencils/cppstencils.hpp"
#include "kernel/gpu_options.hpp"
#include "support/device_jit.hpp"
#include "support/host_library.hpp"
#include "support/jits.hpp"
#include "support/philox.hpp"
#include "support/random.hpp"

namespace cppstencils::testing {
namespace {

constexpr std::uint32_t seed = 0x9abcdef0;
constexpr std::uint32_t step = 77;
constexpr std::uint32_t stream = 5;
constexpr std::array<std::int64_t, 3> offset{1000, -3, std::int64_t{1} << 33};

/// The draw of a cell, by the formulas.
std::array<double, 4> draw_at(DType dtype, std::int64_t x, std::int64_t y, std::int64_t z) {
  const auto word = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
  return draw_of(dtype, philox({step, word(x + offset[0]), word(y + offset[1]), word(z + offset[2])}, {seed, stream}));
}

template <class T>
constexpr DType dtype_of = std::is_same_v<T, double> ? DType::float64 : DType::float32;

/// All values of a draw, with arguments of the call wherever a parameter may be one.
template <class T>
KernelFunction draw_kernel(CreateKernelConfig config, std::string_view layout = "soa") {
  const Philox rng(dtype_of<T>, Symbol("seed", DType::uint32),
                   {.offsets = {Symbol("x", DType::int64), offset[1], Symbol("z", DType::int64)}});
  const Field field("r", 3, {.dtype = rng.dtype(), .index_shape = {rng.size()}, .layout = Layout(layout)});
  const std::vector<Expr> values = rng.uniform(Symbol("step", DType::uint32), Symbol("stream", DType::uint32));
  AssignmentList list;
  for (int i = 0; i < rng.size(); ++i) list.add(assign(field(0, 0, 0)(i), values[static_cast<std::size_t>(i)]));
  config.function_name = "draw";
  return create_kernel(list, config);
}

/// Room for an array of draws that begins at any element, and its strides.
template <class T>
struct Draws {
  Draws(std::vector<std::int64_t> cells, std::size_t first, std::int64_t row_padding)
      : extents(std::move(cells)), values(std::is_same_v<T, double> ? 2 : 4), begin(first) {
    const std::int64_t row = extents[0] + row_padding;
    strides = {1, row, row * extents[1], row * extents[1] * extents[2]};
    elements.assign(begin + static_cast<std::size_t>(strides[3] * values), T{-1});
    extents.push_back(values);
  }

  ArrayView<T> view() { return {elements.data() + begin, extents, strides}; }

  ::testing::AssertionResult right() {
    ArrayView<T> r = view();
    for (std::int64_t z = 0; z < extents[2]; ++z) {
      for (std::int64_t y = 0; y < extents[1]; ++y) {
        for (std::int64_t x = 0; x < extents[0]; ++x) {
          const std::array<double, 4> expected = draw_at(dtype_of<T>, x, y, z);
          for (std::int64_t i = 0; i < values; ++i) {
            const auto value = static_cast<double>(r(x, y, z, i));
            if (value != expected[static_cast<std::size_t>(i)]) {
              return ::testing::AssertionFailure() << fmt::format("value {} of cell ({}, {}, {}) is {}, not {}", i, x,
                                                                  y, z, value, expected[static_cast<std::size_t>(i)]);
            }
          }
        }
      }
    }
    return ::testing::AssertionSuccess();
  }

  std::vector<std::int64_t> extents;
  std::int64_t values;
  std::size_t begin;
  std::vector<std::int64_t> strides;
  std::vector<T> elements;
};

template <class T>
BoundKernel bind(const CompiledKernel& kernel, Draws<T>& draws) {
  return kernel.bind(
      {{"r", draws.view()}, {"seed", seed}, {"step", step}, {"stream", stream}, {"x", offset[0]}, {"z", offset[2]}});
}

/// Vectors that this processor has; the narrowest choice is one cell at a time.
std::vector<int> vector_sizes() {
  std::vector<int> sizes{0};
  for (const int bytes : {16, 32, 64}) {
    const Field f("f", 1);
    try {
      create_kernel(assign(f(0), 1), {.jit = std::make_shared<LlvmJit>(), .cpu = {.vector_bytes = bytes}}).compile();
      sizes.push_back(bytes);
    } catch (const ConfigError&) {
      break;
    }
  }
  return sizes;
}

template <class T>
void check_choices(std::uint64_t first_round) {
  const std::vector<int> sizes = vector_sizes();
  for (std::uint64_t round = first_round; round < first_round + fuzz_rounds(16); ++round) {
    Random random(round);
    const int bytes = random.pick(sizes);
    const int unroll = random.pick(std::vector{1, 2, 4});
    CpuOptions cpu;
    cpu.threads = static_cast<int>(random.between(1, 4));
    cpu.block_rows = random.between(0, 5);
    cpu.streaming_stores = random.chance(50) ? StreamingStores::where_possible : StreamingStores::never;
    cpu.vector_bytes = bytes;
    cpu.unroll = unroll;
    SCOPED_TRACE(fmt::format("round {}, {} threads, blocks of {} rows, vectors of {} bytes, {} at once", round,
                             *cpu.threads, *cpu.block_rows, bytes, unroll));
    const CompiledKernel kernel =
        draw_kernel<T>({.jit = std::make_shared<LlvmJit>(LlvmJitOptions{.cache = CacheOptions::off()}), .cpu = cpu})
            .compile();
    Draws<T> draws({random.between(1, 70), random.between(1, 9), random.between(1, 9)}, random.below(9),
                   random.between(0, 3));
    bind(kernel, draws)();
    ASSERT_TRUE(draws.right());
  }
}

TEST(RandomPlaces, VectorsBlocksStoresAndBeginningsOfArraysChangeNothing) {
  if (!LlvmJit::unavailable_reason().empty()) GTEST_SKIP() << LlvmJit::unavailable_reason();
  check_choices<double>(1'000);
  check_choices<float>(2'000);
}

TEST(RandomPlaces, ThreadsChangeNothing) {
  for (const NamedJit& named : all_jits()) {
    SCOPED_TRACE(named.name);
    for (const int threads : {1, 2, 3, 5}) {
      // Large enough for several threads, but for the interpreter.
      const bool is_slow = named.name == "InterpreterJit";
      Draws<double> draws({is_slow ? 7 : 61, 40, is_slow ? 3 : 37}, 1, 2);
      bind(draw_kernel<double>({.jit = named.jit, .cpu = {.threads = threads}}).compile(), draws)();
      ASSERT_TRUE(draws.right()) << threads << " threads";
    }
  }
}

TEST(RandomPlaces, PartsOfACallAreThatCall) {
  Random random(3'000);
  for (const NamedJit& named : all_jits()) {
    SCOPED_TRACE(named.name);
    Draws<float> draws({45, 6, 5}, 3, 0);
    const BoundKernel bound = bind(draw_kernel<float>({.jit = named.jit}).compile(), draws);
    // Every row in two parts, in no order.
    std::vector<std::array<CellRange, 3>> parts;
    for (std::int64_t y = 0; y < 6; ++y) {
      for (std::int64_t z = 0; z < 5; ++z) {
        const std::int64_t middle = random.between(1, 44);
        parts.push_back({CellRange{0, middle}, CellRange{y, y + 1}, CellRange{z, z + 1}});
        parts.push_back({CellRange{middle, 45}, CellRange{y, y + 1}, CellRange{z, z + 1}});
      }
    }
    random.shuffle(parts);
    for (const std::array<CellRange, 3>& part : parts) bound.run(part);
    ASSERT_TRUE(draws.right());
  }
}

TEST(RandomPlaces, LayoutsAndSlicesChangeNothing) {
  for (const NamedJit& named : all_jits()) {
    SCOPED_TRACE(named.name);
    for (const std::string_view layout : {"c", "f", "soa", "aos"}) {
      SCOPED_TRACE(layout);
      const CompiledKernel kernel =
          draw_kernel<double>({.jit = named.jit, .iteration_slice = slices("1:, ::2, 2:-1")}, layout).compile();
      Array<double> r({6, 5, 9, 2}, {.layout = Layout(layout), .index_rank = 1});
      kernel({{"r", r}, {"seed", seed}, {"step", step}, {"stream", stream}, {"x", offset[0]}, {"z", offset[2]}});
      for (std::int64_t x = 0; x < 6; ++x) {
        for (std::int64_t y = 0; y < 5; ++y) {
          for (std::int64_t z = 0; z < 9; ++z) {
            const bool is_updated = x >= 1 && y % 2 == 0 && z >= 2 && z < 8;
            for (std::int64_t i = 0; i < 2; ++i) {
              const double expected = draw_at(DType::float64, x, y, z)[static_cast<std::size_t>(i)];
              ASSERT_EQ(r(x, y, z, i), is_updated ? expected : 0);
            }
          }
        }
      }
    }
  }
}

template <class T>
void check_device_code(DeviceJit::Choice choice) {
  Draws<T> draws({37, 5, 6}, 2, 1);
  bind(draw_kernel<T>({.jit = std::make_shared<DeviceJit>(choice)}).compile(), draws)();
  ASSERT_TRUE(draws.right());
}

TEST(RandomPlaces, DeviceCodeComputesTheSame) {
  if (!has_compiler("g++")) GTEST_SKIP() << "There is no g++ on this machine.";
  const DeviceJit::Choice cuda = [](const ir::Kernel& kernel, Variant variant) {
    return emit::DeviceTextOptions{.mapping = cppstencils::kernel::thread_mapping(kernel, {}),
                                   .inner_stride = variant.inner_stride};
  };
  const DeviceJit::Choice hip = [](const ir::Kernel& kernel, Variant variant) {
    return emit::DeviceTextOptions{
        .dialect = emit::Dialect::hip,
        .mapping = cppstencils::kernel::thread_mapping(
            kernel, {.indexing_scheme = IndexingScheme::gridstrided_linear1d, .cells_per_thread = {{.outer = 2}}}),
        .inner_stride = variant.inner_stride};
  };
  for (const DeviceJit::Choice choice : {cuda, hip}) {
    check_device_code<double>(choice);
    check_device_code<float>(choice);
  }
}

}  // namespace
}  // namespace cppstencils::testing
