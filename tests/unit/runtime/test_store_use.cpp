// When results are stored past the caches.

#include "runtime/store_use.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "support/recording_executable.hpp"

namespace cppstencils::testing {
namespace {

using runtime::CacheSizes;
using runtime::kept_bytes;

constexpr std::int64_t mebibyte = 1 << 20;

TEST(StoreUse, CachesKeepWhatTheyHold) {
  EXPECT_EQ(kept_bytes({mebibyte, 16 * mebibyte}, 1), 17 * mebibyte);
  EXPECT_EQ(kept_bytes({2 * mebibyte, 16 * mebibyte}, 8), 32 * mebibyte);
  // A cache of the whole host is not ours alone.
  EXPECT_EQ(kept_bytes({mebibyte, 512 * mebibyte}, 1), 97 * mebibyte);
  // Unknown.
  EXPECT_EQ(kept_bytes({0, 0}, 4), 32 * mebibyte);
  EXPECT_GE(runtime::cache_sizes().own, 0);
  EXPECT_EQ(runtime::cache_sizes().shared, runtime::cache_sizes().shared);
}

/// Calls with arrays that are never touched.
class Calls {
 public:
  explicit Calls(KernelFunction kernel, StreamingStores option = StreamingStores::where_possible,
                 CacheSizes caches = {0, mebibyte})
      : kernel_(std::move(kernel)),
        prepared_(runtime::prepare(kernel_.kernel_ir(), kernel_.parameters(), kernel_.iteration_ranges())),
        use_(kernel_.kernel_ir(), prepared_, option, caches),
        block_(runtime::CallFrame::size(prepared_) / 8),
        frame_(prepared_, reinterpret_cast<std::byte*>(block_.data())) {}

  /// Arrays in the order of the kernel's fields: address, then strides.
  void set_array(std::size_t buffer, std::uintptr_t address, const std::vector<std::int64_t>& strides) {
    frame_.data()[buffer] = reinterpret_cast<void*>(address);
    std::copy(strides.begin(), strides.end(), frame_.strides() + prepared_.buffers[buffer].first_stride);
  }
  void set_box(const std::vector<CellRange>& box) {
    for (std::size_t d = 0; d < box.size(); ++d) {
      frame_.begin()[d] = box[d].begin;
      frame_.end()[d] = box[d].end;
    }
  }
  bool stream(std::int64_t threads = 1) const { return use_.policy(frame_, threads) == StorePolicy::streaming; }
  std::size_t buffer(std::string_view name) const {
    std::size_t position = 0;
    while (prepared_.buffers.at(position).name != name) ++position;
    return position;
  }

 private:
  KernelFunction kernel_;
  runtime::PreparedKernel prepared_;
  runtime::StoreUse use_;
  std::vector<std::uint64_t> block_;
  runtime::CallFrame frame_;
};

KernelFunction copy() {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  return create_kernel(assign(v(0, 0), u(0, 0)));
}

KernelFunction two_results() {
  const auto [u, v, w] = fields<3>("u, v, w: double[2D]");
  return create_kernel({{v(0, 0), u(0, 0)}, {w(0, 0), u(0, 0)}});
}

TEST(StoreUse, AutomaticIsAQuestionOfSize) {
  const auto streams = [](StreamingStores option, CacheSizes caches, std::int64_t rows, std::int64_t threads = 1) {
    Calls calls(copy(), option, caches);
    calls.set_array(0, 0x10000, {1024, 1});
    calls.set_array(1, 0x9000000, {1024, 1});
    calls.set_box({{0, rows}, {0, 1024}});
    return calls.stream(threads);
  };
  // A row of both arrays has 16 KiB.
  const CacheSizes caches{mebibyte, 8 * mebibyte};
  using enum StreamingStores;
  EXPECT_FALSE(streams(automatic, caches, 9 * 64));
  EXPECT_TRUE(streams(automatic, caches, 9 * 64 + 1));
  // Each thread brings a cache of its own.
  EXPECT_FALSE(streams(automatic, caches, 9 * 64 + 1, 2));
  EXPECT_FALSE(streams(automatic, caches, 12 * 64, 4));
  EXPECT_TRUE(streams(automatic, caches, 12 * 64 + 1, 4));
  EXPECT_FALSE(streams(never, caches, 1 << 20));
  EXPECT_TRUE(streams(where_possible, caches, 1));
  EXPECT_FALSE(streams(where_possible, caches, 1, 1) && streams(never, caches, 1, 1));
}

TEST(StoreUse, AutomaticLeavesShortRowsToTheCaches) {
  const auto streams = [](std::int64_t directions, std::int64_t columns, StreamingStores option) {
    const auto list = fields(fmt::format("f({0}), g({0}): double[2D]", directions));
    std::vector<Assignment> assignments;
    for (std::int64_t i = 0; i < directions; ++i) assignments.push_back({list[1](0, 0)(i), list[0](0, 0)(i)});
    Calls calls(create_kernel(AssignmentList(assignments)), option);
    calls.set_array(0, 0x10000, {128, 1, 128 * 10001});
    calls.set_array(1, 0x90000000, {128, 1, 128 * 10001});
    calls.set_box({{0, 10000}, {0, columns}});
    return calls.stream();
  };
  using enum StreamingStores;
  EXPECT_FALSE(streams(10, 31, automatic));
  EXPECT_TRUE(streams(10, 32, automatic));
  EXPECT_FALSE(streams(16, 31, automatic));
  EXPECT_TRUE(streams(16, 32, automatic));
  EXPECT_TRUE(streams(11, 3, where_possible));
}

TEST(StoreUse, HugeBoxesDoNotOverflow) {
  Calls calls(copy(), StreamingStores::automatic);
  calls.set_array(0, 0x10000, {0, 1});
  calls.set_array(1, 0x9000000, {0, 1});
  const std::int64_t huge = std::int64_t{1} << 62;
  calls.set_box({{0, huge}, {0, huge}});
  EXPECT_TRUE(calls.stream());
}

TEST(StoreUse, OneResultCanLieAnywhere) {
  Calls calls(copy());
  calls.set_box({{1, 9}, {1, 99}});
  calls.set_array(calls.buffer("u"), 0x10008, {113, 1});
  for (const std::uintptr_t address : {0x90000, 0x90008, 0x90010, 0x9003c}) {
    for (const std::int64_t stride : {101, -101, 104}) {
      calls.set_array(calls.buffer("v"), address, {stride, 1});
      EXPECT_TRUE(calls.stream());
    }
  }
}

TEST(StoreUse, ResultsReachLinesTogether) {
  Calls calls(two_results());
  const auto streams = [&](std::uintptr_t v, std::int64_t v_stride, std::uintptr_t w, std::int64_t w_stride) {
    calls.set_array(calls.buffer("v"), v, {v_stride, 1});
    calls.set_array(calls.buffer("w"), w, {w_stride, 1});
    return calls.stream();
  };
  calls.set_array(calls.buffer("u"), 0x10008, {113, 1});
  calls.set_box({{1, 9}, {1, 99}});
  EXPECT_TRUE(streams(0x90000, 101, 0xa0000, 101));
  EXPECT_TRUE(streams(0x90018, 101, 0xa0018, 101));
  EXPECT_TRUE(streams(0x90000, 101, 0xa0000, 109));
  EXPECT_TRUE(streams(0x90000, 104, 0xa0000, -104));
  EXPECT_FALSE(streams(0x90000, 101, 0xa0008, 101));
  EXPECT_FALSE(streams(0x90000, 101, 0xa0020, 101));
  EXPECT_FALSE(streams(0x90000, 101, 0xa0000, 102));
  EXPECT_FALSE(streams(0x90000, 101, 0xa0000, -101));
  // Only what the box has counts, here one row.
  calls.set_box({{1, 2}, {1, 99}});
  EXPECT_TRUE(streams(0x90008, 101, 0xa0000, 102));
  EXPECT_FALSE(streams(0x90000, 101, 0xa0000, 102));
}

TEST(StoreUse, DirectionsOfOneFieldReachLinesTogether) {
  const auto [f, g] = fields<2>("f(3), g(3): double[2D]");
  std::vector<Assignment> directions;
  for (std::int64_t i = 0; i < 3; ++i) directions.push_back({g(0, 0)(i), f(0, 0)(i)});
  Calls calls(create_kernel(AssignmentList(directions)));
  calls.set_array(calls.buffer("f"), 0x100000, {101, 1, 10100});
  calls.set_box({{0, 100}, {0, 101}});
  calls.set_array(calls.buffer("g"), 0x900008, {101, 1, 10104});
  EXPECT_TRUE(calls.stream());
  calls.set_array(calls.buffer("g"), 0x900008, {101, 1, 10100});
  EXPECT_FALSE(calls.stream());
}

TEST(StoreUse, NotForArraysThatAreRead) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  Calls in_place(create_kernel(assign(v(0, 0), u(0, 0) + v(0, 0))));
  Calls two_names(copy());
  for (Calls* calls : {&in_place, &two_names}) {
    calls->set_box({{0, 9}, {0, 99}});
    calls->set_array(0, 0x10000, {101, 1});
    calls->set_array(1, calls == &two_names ? 0x10000 : 0x90000, {101, 1});
    EXPECT_FALSE(calls->stream());
  }
  two_names.set_array(1, 0x90000, {101, 1});
  EXPECT_TRUE(two_names.stream());
}

TEST(StoreUse, NotWhereCodeCannot) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const auto narrow = fields("w: float[2D]").front();
  const std::vector<KernelFunction> kernels{
      create_kernel(assign(v(0, 0), sin(u(0, 0)))),
      create_kernel(assign(v(0, 0), u(0, 0)), {.iteration_slice = slices(":, ::2")}),
      create_kernel(assign(v(0, 0), u(0, 0) + v(-1, 0)), {.skip_independence_check = true}),
      create_kernel({{v(0, 0), u(0, 0)}, {narrow(0, 0), cast(DType::float32, u(0, 0))}})};
  for (const KernelFunction& kernel : kernels) {
    Calls calls(kernel);
    calls.set_box({{0, 9}, {0, 99}});
    for (std::size_t i = 0; i < (&kernel == &kernels.back() ? 3u : 2u); ++i)
      calls.set_array(i, (i + 1) << 16, {104, 1});
    EXPECT_FALSE(calls.stream());
  }
  Calls other_rows(create_kernel(assign(v(0, 0), u(0, 0)), {.iteration_slice = slices("::2, :")}));
  other_rows.set_box({{0, 9}, {0, 99}});
  other_rows.set_array(0, 0x10000, {104, 1});
  other_rows.set_array(1, 0x90000, {104, 1});
  EXPECT_TRUE(other_rows.stream());
}

TEST(StoreUse, CallsAskForTheirVariant) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const auto variant = [&, u = u, v = v](StreamingStores option, const ArrayRef& from, const ArrayRef& to) {
    const KernelFunction kernel = create_kernel(assign(v(0, 0), u(0, 0)), {.cpu = {.streaming_stores = option}});
    const auto executable = std::make_shared<RecordingExecutable>(kernel.kernel_ir());
    const CompiledKernel compiled(kernel, executable);
    compiled({{"u", from}, {"v", to}});
    compiled.bind({{"u", from}, {"v", to}})();
    EXPECT_TRUE(executable->calls.at(0).variant == executable->calls.at(1).variant);
    EXPECT_EQ(executable->entry_points_asked, 1);
    return executable->calls.back().variant;
  };
  Array<double> a({9, 99}), b({9, 99}), c({9, 99}, Layout::f());
  using enum StreamingStores;
  EXPECT_TRUE(variant(where_possible, a, b) == (Variant{InnerStride::unit, StorePolicy::streaming}));
  EXPECT_TRUE(variant(where_possible, a, a) == (Variant{InnerStride::unit, StorePolicy::cached}));
  EXPECT_TRUE(variant(where_possible, a, c) == (Variant{InnerStride::any, StorePolicy::cached}));
  EXPECT_TRUE(variant(automatic, a, b) == (Variant{InnerStride::unit, StorePolicy::cached}));
  EXPECT_TRUE(variant(never, a, b) == (Variant{InnerStride::unit, StorePolicy::cached}));
  // Pages that are never touched cost nothing.
  const ArrayOptions untouched{.threads = 1};
  Array<double> large({4096, 8192}, untouched), other({4096, 8192}, untouched);
  EXPECT_TRUE(variant(automatic, large, other) == (Variant{InnerStride::unit, StorePolicy::streaming}));
  EXPECT_TRUE(variant(never, large, other) == (Variant{InnerStride::unit, StorePolicy::cached}));
}

}  // namespace
}  // namespace cppstencils::testing
