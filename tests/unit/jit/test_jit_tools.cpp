#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "cppstencils/cppstencils.hpp"
#include "support/cache_testing.hpp"
#include "support/expect_error.hpp"
#include "support/smooth_kernel.hpp"

namespace cppstencils::testing {
namespace {

std::string perf_map_text() {
  std::ifstream file("/tmp/perf-" + std::to_string(::getpid()) + ".map");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// How many lines of the map are those of this name; checks each of them.
int entries_of(const std::string& name) {
  int count = 0;
  std::istringstream lines(perf_map_text());
  for (std::string line; std::getline(lines, line);) {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    const char* const end = line.data() + line.size();
    const auto [after_address, no_address] = std::from_chars(line.data(), end, address, 16);
    const auto [after_size, no_size] = std::from_chars(after_address + 1, end, size, 16);
    if (std::string(after_size, end) != " " + name) continue;
    ++count;
    EXPECT_EQ(no_address, std::errc());
    EXPECT_EQ(no_size, std::errc());
    EXPECT_GT(address, 4096U);
    EXPECT_GT(size, 64U);
  }
  return count;
}

LlvmJitOptions options(std::vector<JitTool> tools) { return {.cache = CacheOptions::off(), .tools = std::move(tools)}; }

double call(const CompiledKernel& kernel) {
  Array<double> u({10, 20}), v({10, 20});
  u.fill(1);
  kernel({{"u", u}, {"v", v}});
  return v(5, 5);
}

TEST(JitTools, PerfSeesEveryVariant) {
  LlvmJit jit(options({JitTool::perf}));
  const CompiledKernel kernel = jit.compile(smooth_kernel(0.25, "seen"));
  EXPECT_EQ(call(kernel), 1);
  EXPECT_EQ(entries_of("cppstencils_kernel_seen [unit]"), 1);
  EXPECT_EQ(entries_of("cppstencils_kernel_seen [any]"), 0);
  Array<double> u({10, 20}), v({10, 20}, Layout::f());
  kernel({{"u", u}, {"v", v}});
  EXPECT_EQ(entries_of("cppstencils_kernel_seen [any]"), 1);
}

TEST(JitTools, PerfSeesKernelsFromTheCache) {
  const TemporaryFolder folder;
  for (int i = 0; i < 2; ++i) {
    LlvmJit jit({.cache = {.directory = folder.path()}, .tools = std::vector{JitTool::perf}});
    EXPECT_EQ(call(jit.compile(smooth_kernel(0.25, "cached"))), 1);
  }
  EXPECT_EQ(entries_of("cppstencils_kernel_cached [unit]"), 2);
}

TEST(JitTools, PerfSeesKernelsOfThreadsAndChildren) {
  LlvmJit jit(options({JitTool::perf}));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] { (void)jit.compile(smooth_kernel(1.0 + i, "threaded")); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(entries_of("cppstencils_kernel_threaded [unit]"), 4);
  EXPECT_EQ(run_in_child([&] {
              (void)jit.compile(smooth_kernel(0.5, "child"));
              const int entries = entries_of("cppstencils_kernel_child [unit]");
              std::remove(("/tmp/perf-" + std::to_string(::getpid()) + ".map").c_str());
              return entries == 1 ? 0 : 1;
            }),
            0);
  EXPECT_EQ(entries_of("cppstencils_kernel_child [unit]"), 0);
}

TEST(JitTools, NobodySeesAnythingUnasked) {
  LlvmJit jit(options({}));
  (void)jit.compile(smooth_kernel(0.25, "unseen"));
  EXPECT_EQ(perf_map_text().find("unseen"), std::string::npos);
}

TEST(JitTools, TheEnvironmentListsThem) {
  ::setenv("CPPSTENCILS_JIT_TOOLS", "perf,gdb", 1);
  LlvmJit jit({.cache = CacheOptions::off()});
  EXPECT_EQ(call(jit.compile(smooth_kernel(0.25, "listed"))), 1);
  EXPECT_EQ(entries_of("cppstencils_kernel_listed [unit]"), 1);
  ::setenv("CPPSTENCILS_JIT_TOOLS", "vtune", 1);
  expect_error<ConfigError>(
      ErrorCode::invalid_config, [] { LlvmJit another; },
      "error[invalid-config]: The environment variable CPPSTENCILS_JIT_TOOLS lists 'vtune', which is no known tool.\n"
      "  hint: Set it to 'gdb', 'perf' or 'gdb,perf', or unset it.\n");
  ::unsetenv("CPPSTENCILS_JIT_TOOLS");
}

TEST(JitTools, KernelsForGdbComputeTheSame) {
  LlvmJit plain(options({}));
  LlvmJit debugged(options({JitTool::gdb}));
  const KernelFunction kernel = smooth_kernel(0.3);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(call(debugged.compile(kernel)), call(plain.compile(kernel)));
  }
}

// What gdb runs.
TEST(JitToolsChild, CallsAKernel) {
  LlvmJit jit(options({JitTool::gdb}));
  EXPECT_EQ(call(jit.compile(smooth_kernel(0.25, "traced"))), 1);
}

std::string output_of(const std::string& command) {
  std::string output;
  std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::array<char, 4096> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), size);
  ::pclose(pipe);
  return output;
}

// LeakSanitizer cannot work in a traced process.
TEST(JitTools, GdbStopsInAKernelAndShowsItsLines) {
  if (output_of("gdb --version").find("GNU gdb") == std::string::npos) GTEST_SKIP() << "gdb is not installed.";
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string output = output_of(
      "gdb -nx -batch -ex 'set breakpoint pending on' -ex 'set debuginfod enabled off'"
      " -ex 'set environment LSAN_OPTIONS=detect_leaks=0'"
      " -ex 'break cppstencils_kernel_traced' -ex run -ex 'backtrace 2' -ex 'list 1,30' -ex 'info line'"
      " -ex 'break traced.ir:11' -ex continue -ex delete -ex continue --args '" +
      self + "' --gtest_filter=JitToolsChild.*");
  if (output.find("Operation not permitted") != std::string::npos) GTEST_SKIP() << "gdb may not trace:\n" << output;
  const auto contains = [&](std::string_view text) { return output.find(text) != std::string::npos; };
  EXPECT_TRUE(contains("Breakpoint 1, cppstencils_kernel_traced () at ")) << output;
  EXPECT_TRUE(contains("#0  cppstencils_kernel_traced () at ")) << output;
  EXPECT_TRUE(contains("Breakpoint 2, cppstencils_kernel_traced () at traced.ir:11")) << output;
  EXPECT_TRUE(contains("#1  0x")) << output;
  EXPECT_TRUE(contains("loop i1 step 1 {")) << output;
  EXPECT_TRUE(contains("store v@(")) << output;
  EXPECT_TRUE(contains("exited normally")) << output;
}

/// Removes what the JIT leaves behind for the tools.
class LeavesNothing : public ::testing::Environment {
 public:
  void SetUp() override { ::setenv("TMPDIR", folder_.path().c_str(), 1); }
  void TearDown() override { std::remove(("/tmp/perf-" + std::to_string(::getpid()) + ".map").c_str()); }

 private:
  TemporaryFolder folder_;
};
const auto* const environment = ::testing::AddGlobalTestEnvironment(new LeavesNothing);

}  // namespace
}  // namespace cppstencils::testing
