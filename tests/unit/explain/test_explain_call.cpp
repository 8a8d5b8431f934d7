#include <gtest/gtest.h>

#include <chrono>

#include "cppstencils/cppstencils.hpp"
#include "machine_for_tests.hpp"
#include "runtime/processors.hpp"
#include "runtime/store_use.hpp"
#include "support/parallel_kernels.hpp"
#include "support/recording_executable.hpp"
#include "support/smooth_kernel.hpp"

namespace cppstencils::testing {
namespace {

BoundExplanation explain(const BoundKernel& call) { return call.explain({.machine = round_machine()}); }

KernelFunction smooth(const CpuOptions& options) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  return create_kernel(assign(v(0, 0), u(1, 0) + u(-1, 0)), {.cpu = options});
}

CompiledKernel interpreted(const KernelFunction& kernel) { return InterpreterJit().compile(kernel); }

TEST(ExplainCall, TellsWhatIsThere) {
  Array<double> u({10, 20}), v({10, 20});
  const BoundExplanation call = explain(interpreted(smooth_kernel()).bind({{"u", u}, {"v", v}}));
  EXPECT_EQ(call.kernel.kernel, "smooth");
  EXPECT_EQ(call.cells, 8 * 18);
  ASSERT_EQ(call.box.size(), 2);
  EXPECT_EQ(call.box[1].begin, 1);
  EXPECT_EQ(call.box[1].end, 19);
  EXPECT_EQ(call.working_set, 8 * 18 * 16);
  EXPECT_EQ(call.variant, (Variant{.inner_stride = InnerStride::unit}));
  EXPECT_EQ(call.threads, 1);
  EXPECT_EQ(call.bound.level, MemoryLevel::Kind::l1_cache);
  EXPECT_FALSE(call.share_of_bound());
}

TEST(ExplainCall, NamesTheArrayAndTheAxisThatBreakUnitStride) {
  Array<double> u({10, 20}), v({10, 20}, Layout::f());
  const BoundExplanation call = explain(interpreted(smooth_kernel()).bind({{"u", u}, {"v", v}}));
  EXPECT_EQ(call.variant.inner_stride, InnerStride::any);
  EXPECT_EQ(
      call.reasons.front(),
      "Code for any stride: the innermost loop runs along axis 1, where the elements of 'v' are 10 elements apart.");
}

TEST(ExplainCall, GivesTheReasonForItsThreads) {
  constexpr std::int64_t large = 3000;
  Array<double> u({large, large}), v({large, large});
  const auto reason = [&](const KernelFunction& kernel) {
    return explain(interpreted(kernel).bind({{"u", u}, {"v", v}})).threads_reason;
  };
  EXPECT_EQ(reason(smooth({.threads = 1})), "As 'cpu.threads' allows.");
  EXPECT_EQ(reason(smooth({.threads = 3})), "As 'cpu.threads' allows.");
  EXPECT_EQ(reason(smooth({.threads = 3, .executor = std::make_shared<CountingExecutor>()})),
            "As 'cpu.threads' allows. They are those of 'cpu.executor'.");
  EXPECT_EQ(reason(smooth({})), runtime::available_processors() == 1 ? "There is one processor for this thread."
                                                                     : "All processors that this thread may use.");
  const Field a("u", 2);
  const Field b("v", 2);
  EXPECT_EQ(reason(create_kernel(assign(b(0, 0), a(0, 0) + b(-1, 0)), {.skip_independence_check = true})),
            "The cells depend on each other, so they run in loop order.");
  u = Array<double>({10, 10});
  v = Array<double>({10, 10});
  EXPECT_TRUE(reason(smooth({.threads = 3})).ends_with("cells is not worth a second thread."));
}

TEST(ExplainCall, GivesTheReasonForItsStores) {
  const auto reason = [&](const KernelFunction& kernel, std::int64_t extent) {
    Array<double> u({extent, 64}), v({extent, 64});
    return explain(interpreted(kernel).bind({{"u", u}, {"v", v}})).reasons.at(1);
  };
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const auto copy = [&, u = u, v = v](StreamingStores stores) {
    return create_kernel(assign(v(0, 0), u(0, 0)), {.cpu = {.streaming_stores = stores}});
  };
  EXPECT_EQ(reason(copy(StreamingStores::where_possible), 64),
            "Stores go past the caches, as 'cpu.streaming_stores' asks.");
  EXPECT_EQ(reason(copy(StreamingStores::never), 64), "Stores go through the caches, as 'cpu.streaming_stores' asks.");
  EXPECT_TRUE(reason(copy(StreamingStores::automatic), 64).ends_with(" MiB."));
  const std::int64_t bytes = runtime::kept_bytes(runtime::cache_sizes(), runtime::available_processors());
  EXPECT_EQ(reason(copy(StreamingStores::automatic), bytes / 1024 + 64),
            "Stores go past the caches, because the arrays do not fit into them.");
  EXPECT_EQ(reason(create_kernel(assign(v(0, 0), v(0, 0) + u(0, 0))), 64),
            "Stores go through the caches, because every array that is written is also read.");
}

TEST(ExplainCall, KernelsWithReductionsHaveReasonsOfTheirOwn) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const Assignment sum = reduce(ReductionOp::add, Symbol("w"), u(0, 0));
  Array<double> a({10, 20}), b({10, 20}), w({1});
  const auto stores = [](const BoundKernel& call) { return explain(call).reasons.at(1); };
  EXPECT_EQ(stores(interpreted(create_kernel({sum})).bind({{"u", a}, {"w", w}})),
            "Cells store nothing; their values are reduced.");
  EXPECT_EQ(stores(interpreted(create_kernel({assign(v(0, 0), u(0, 0)), sum})).bind({{"u", a}, {"v", b}, {"w", w}})),
            "Stores go through the caches, because whole lines and accumulators do not begin at the same cells.");
  EXPECT_EQ(w(0), 0);
}

TEST(ExplainCall, RunsNothing) {
  const KernelFunction kernel = smooth_kernel();
  const auto code = std::make_shared<RecordingExecutable>(kernel.kernel_ir());
  Array<double> u({10, 20}), v({10, 20});
  const BoundKernel call = CompiledKernel(kernel, code).bind({{"u", u}, {"v", v}});
  (void)explain(call);
  EXPECT_TRUE(code->calls.empty());
}

TEST(ExplainCall, ACallWithoutCellsHasAnExplanation) {
  Array<double> u({2, 20}), v({2, 20});
  const BoundKernel call = interpreted(smooth_kernel()).bind({{"u", u}, {"v", v}});
  const BoundExplanation explanation = call.explain({.measurement = call.measure(), .machine = round_machine()});
  EXPECT_EQ(explanation.cells, 0);
  EXPECT_EQ(explanation.reasons.front(), "There is no cell to update.");
  EXPECT_EQ(explanation.measurement->calls, 0);
  EXPECT_FALSE(explanation.share_of_bound());
  EXPECT_FALSE(to_string(explanation).empty());
}

TEST(MeasureCall, CallsAsOftenAndAsLongAsAsked) {
  int calls = 0;
  const CompiledKernel compiled(smooth_kernel(), std::make_shared<BoxExecutable>([&](auto*, auto*) {
                                  ++calls;
                                  const auto start = std::chrono::steady_clock::now();
                                  while (std::chrono::steady_clock::now() - start < std::chrono::microseconds(200)) {
                                  }
                                  return 0;
                                }));
  Array<double> u({10, 20}), v({10, 20});
  const BoundKernel call = compiled.bind({{"u", u}, {"v", v}});
  const Measurement few = call.measure({.seconds = 0, .calls = 7});
  EXPECT_EQ(few.calls, 7);
  EXPECT_EQ(calls, 9);  // one to warm up, one to see how long it takes
  EXPECT_EQ(few.cells, 8 * 18);
  EXPECT_GE(few.least_seconds, 200e-6);
  EXPECT_GE(few.median_seconds, few.least_seconds);
  EXPECT_LE(few.rate(), 8 * 18 / 200e-6);
  calls = 0;
  EXPECT_GE(call.measure({.seconds = 0.01, .calls = 1}).calls, 2);
}

TEST(MeasureCall, ShortCallsAreTimedManyAtOnce) {
  Array<double> u({10, 20}), v({10, 20});
  const Measurement seen =
      CompiledKernel(smooth_kernel(), std::make_shared<BoxExecutable>([](auto*, auto*) { return 0; }))
          .bind({{"u", u}, {"v", v}})
          .measure({.seconds = 0.001, .calls = 1});
  EXPECT_GT(seen.calls, 100);
  EXPECT_LT(seen.median_seconds, 1e-5);
}

TEST(MeasureCall, ThrowsWhatACallThrows) {
  Array<double> u({10, 20}), v({10, 20});
  const BoundKernel call =
      CompiledKernel(smooth_kernel(), std::make_shared<BoxExecutable>([](auto*, auto*) { return 1; }))
          .bind({{"u", u}, {"v", v}});
  EXPECT_THROW((void)call.measure(), LaunchError);
}

TEST(ExplainCall, SaysHowMuchOfTheBoundWasReached) {
  Array<double> u({10, 20}), v({10, 20});
  const BoundKernel call = interpreted(smooth_kernel()).bind({{"u", u}, {"v", v}});
  const Measurement seen{.calls = 8, .cells = 144, .median_seconds = 144 / 5e9, .least_seconds = 144 / 6e9};
  BoundExplanation explanation = call.explain({.measurement = seen, .machine = round_machine()});
  EXPECT_EQ(explanation.bound.rate(), 10e9);  // 4 flops at 40e9/s; 24 bytes at 240 GB/s
  EXPECT_DOUBLE_EQ(explanation.share_of_bound().value(), 0.5);
  explanation.code = {.compiler = "Some compiler", .lanes = 4, .reason = {}};
  explanation.reasons = {"A first reason.", "A second one."};
  explanation.threads_reason = "So it is.";
  const std::string text = to_string(explanation);
  EXPECT_EQ(text.substr(0, text.find("kernel 'smooth', strict")),
            "call of kernel 'smooth':\n"
            "  cells       144 in [1:9, 1:19], with 2.2 KiB of elements\n"
            "  code        Some compiler, 4 cells at a time\n"
            "              A first reason.\n"
            "              A second one.\n"
            "  threads     1. So it is.\n"
            "  bound       10000 million cells per second, by L1 cache\n"
            "              L1 cache: 24 bytes per cell at 240.0 GB/s make 10000 million cells per second\n"
            "              arithmetic: 10000 million cells per second\n"
            "  measured    5000 million cells per second, 50 % of the bound; 28.8 ns for a call, median of 8 calls\n");
}

}  // namespace
}  // namespace cppstencils::testing
