// No accepted call touches memory outside its arrays: random kernels run on random arrays that lie directly against
// pages that cannot be accessed. A fault ends the test and prints the seed.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "support/access_kernel.hpp"
#include "support/device_jit.hpp"
#include "support/host_library.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils {
namespace {

using testing::Random;

/// A few pages with a page on each side that cannot be accessed.
class GuardedPages {
 public:
  static constexpr std::size_t bytes = std::size_t{1} << 17;

  GuardedPages() : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    void* const memory = mmap(nullptr, bytes + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    begin_ = static_cast<std::byte*>(memory) + page_;
    if (mprotect(begin_, bytes, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  }
  GuardedPages(const GuardedPages&) = delete;
  GuardedPages& operator=(const GuardedPages&) = delete;
  ~GuardedPages() { munmap(begin_ - page_, bytes + 2 * page_); }

  std::byte* begin() const { return begin_; }
  std::byte* end() const { return begin_ + bytes; }

 private:
  std::size_t page_;
  std::byte* begin_;
};

// The handler may only write what is ready.
char fault_text[200];
void report_fault(int) {
  const auto written = write(STDERR_FILENO, fault_text, std::strlen(fault_text));
  _exit(written > 0 ? 3 : 4);
}

class ReportFaults {
 public:
  ReportFaults() {
    struct sigaction action = {};
    action.sa_handler = report_fault;
    sigaction(SIGSEGV, &action, &segv_);
    sigaction(SIGBUS, &action, &bus_);
  }
  ~ReportFaults() {
    sigaction(SIGSEGV, &segv_, nullptr);
    sigaction(SIGBUS, &bus_, nullptr);
  }

 private:
  struct sigaction segv_ = {};
  struct sigaction bus_ = {};
};

std::vector<std::int64_t> loop_steps(const ir::Kernel& kernel) {
  std::vector<std::int64_t> steps(static_cast<std::size_t>(kernel.rank));
  const ir::Block* block = &kernel.body;
  while (const auto* loop = std::get_if<ir::Loop>(&block->front().kind)) {
    steps[static_cast<std::size_t>(loop->dimension)] = loop->step;
    block = &loop->body;
  }
  return steps;
}

std::vector<IterationRange> random_ranges(Random& random, const ir::Kernel& kernel) {
  std::vector<IterationRange> ranges;
  for (const std::int64_t step : loop_steps(kernel)) {
    IterationRange range;
    range.step = step;
    // Mostly what the offsets need, sometimes too little, sometimes a part.
    const std::int64_t layers = testing::random_kernel_ghost_layers;
    range.start = random.chance(80) ? layers : random.between(-6, 6);
    range.stop = random.chance(80) ? -layers : random.between(-6, 12);
    if (random.chance(5)) range.stop.reset();
    ranges.push_back(range);
  }
  return ranges;
}

// An array of this shape that fills its pages to the first or the last byte.
ArrayRef place_array(Random& random, const ir::Buffer& buffer, const std::vector<std::int64_t>& extents,
                     const GuardedPages& pages) {
  ArrayRef array{.dtype = buffer.dtype, .rank = buffer.axes()};
  std::copy(extents.begin(), extents.end(), array.extents.begin());
  std::copy(buffer.index_shape.begin(), buffer.index_shape.end(), array.extents.begin() + buffer.rank);
  std::vector<std::size_t> order(static_cast<std::size_t>(array.rank));
  std::iota(order.begin(), order.end(), 0);
  if (random.chance(40)) {
    random.shuffle(order);
  } else {
    std::reverse(order.begin(), order.end());
  }
  const auto element = static_cast<std::int64_t>(size_of(buffer.dtype));
  std::int64_t stride = element;
  std::int64_t below = 0;
  std::int64_t above = element;
  for (const std::size_t axis : order) {
    if (random.chance(15)) stride += element * random.between(1, 3);
    const bool backwards = random.chance(15);
    array.byte_strides[axis] = backwards ? -stride : stride;
    (backwards ? below : above) += stride * (array.extents[axis] - 1);
    stride *= array.extents[axis];
  }
  // Gaps have made it too large: another one. Dense arrays of these sizes fit.
  if (below + above > static_cast<std::int64_t>(GuardedPages::bytes)) {
    return place_array(random, buffer, extents, pages);
  }
  array.data = random.chance(50) ? pages.begin() + below : pages.end() - above;
  return array;
}

Argument scalar_argument(const ir::Scalar& scalar) {
  if (scalar.dtype == DType::boolean) return {scalar.name, true};
  if (is_float(scalar.dtype)) return {scalar.name, 0.75};
  return {scalar.name, 3};
}

void run_random_kernels(JitBase& jit, const std::string& jit_name, std::uint64_t kernels, int calls_per_kernel,
                        const CpuOptions& options = {}) {
  const ReportFaults faults;
  std::vector<GuardedPages> pages(12);
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  for (std::uint64_t seed = 0; seed < kernels; ++seed) {
    SCOPED_TRACE(fmt::format("{}, seed {}", jit_name, seed));
    Random random(seed);
    const ir::Kernel kernel = testing::random_kernel(seed, {.math_functions = testing::MathFunctions::included});
    ASSERT_LE(kernel.buffers.size(), pages.size());
    const CompiledKernel compiled = jit.compile(testing::function_of(kernel, random_ranges(random, kernel), options));
    for (std::size_t i = 0; i < kernel.buffers.size(); ++i) {
      // Ones are good numbers of every type: 0x01 bytes.
      std::memset(pages[i].begin(), 1, GuardedPages::bytes);
    }
    for (int call = 0; call < calls_per_kernel; ++call) {
      const auto text = fmt::format_to_n(fault_text, sizeof(fault_text) - 1, "Memory fault: {}, seed {}, call {}.\n",
                                         jit_name, seed, call);
      *text.out = '\0';
      std::vector<std::int64_t> extents;
      const std::int64_t largest = kernel.rank == 1 ? 70 : kernel.rank == 2 ? 24 : 9;
      for (int d = 0; d < kernel.rank; ++d) extents.push_back(random.between(1, largest));
      std::vector<Argument> arguments;
      for (std::size_t i = 0; i < kernel.buffers.size(); ++i) {
        arguments.emplace_back(kernel.buffers[i].name, place_array(random, kernel.buffers[i], extents, pages[i]));
      }
      for (const ir::Scalar& scalar : kernel.scalars) arguments.push_back(scalar_argument(scalar));
      try {
        compiled(arguments);
        ++accepted;
      } catch (const ArgumentError& error) {
        ASSERT_EQ(error.code(), ErrorCode::out_of_bounds) << error.what();
        ++refused;
      }
    }
  }
  // Both kinds of calls are really tried.
  const std::uint64_t calls = kernels * static_cast<std::uint64_t>(calls_per_kernel);
  EXPECT_GT(accepted * 4, calls);
  EXPECT_GT(refused * 50, calls);
}

TEST(GuardPages, Interpreter) {
  InterpreterJit jit;
  run_random_kernels(jit, "InterpreterJit", testing::fuzz_rounds(300), 6);
}

TEST(GuardPages, Llvm) {
  if (const std::string reason = LlvmJit::unavailable_reason(); !reason.empty()) GTEST_SKIP() << reason;
  LlvmJit jit({.cache = CacheOptions::off()});
  run_random_kernels(jit, "LlvmJit", testing::fuzz_rounds(100), 20);
}

TEST(GuardPages, LlvmStreamingStores) {
  if (const std::string reason = LlvmJit::unavailable_reason(); !reason.empty()) GTEST_SKIP() << reason;
  LlvmJit jit({.cache = CacheOptions::off()});
  run_random_kernels(jit, "LlvmJit, streaming stores", testing::fuzz_rounds(100), 20,
                     {.streaming_stores = StreamingStores::where_possible});
}

TEST(GuardPages, DeviceCode) {
  if (!testing::has_compiler("g++")) GTEST_SKIP() << "There is no g++ on this machine.";
  testing::DeviceJit jit([](const ir::Kernel& kernel, Variant variant) {
    emit::DeviceTextOptions options{.mapping = {.block = {8, 1, 1}}, .inner_stride = variant.inner_stride};
    options.mapping.cells.inner = 3;
    if (kernel.rank > 1) options.mapping.cells.outer = 2;
    return options;
  });
  run_random_kernels(jit, "device code", testing::fuzz_rounds(8), 60);
}

// The guards work: without this, the tests above could pass on memory without guards.
TEST(GuardPagesDeathTest, AnAccessBesideThePagesIsAFault) {
  const GuardedPages pages;
  const auto read = [](const std::byte* place) {
    return static_cast<int>(*static_cast<const volatile std::byte*>(place));
  };
  EXPECT_EQ(read(pages.begin()), 0);
  EXPECT_EQ(read(pages.end() - 1), 0);
  EXPECT_DEATH((void)read(pages.begin() - 1), "");
  EXPECT_DEATH((void)read(pages.end()), "");
}

}  // namespace
}  // namespace cppstencils
