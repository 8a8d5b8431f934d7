// The real NVRTC, where it is installed: every generation takes the text of the suite's largest kernels.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "cppstencils/cppstencils.hpp"
#include "lbm/lattice.hpp"
#include "lbm/update_rule.hpp"
#include "support/cache_testing.hpp"

namespace cppstencils::testing {
namespace {

CreateKernelConfig config(const std::string& name) { return {.function_name = name, .target = Target::cuda}; }

KernelFunction jacobi() {
  auto [u, v] = fields<2>("u, v: double[3D]");
  const Expr sum = u(1, 0, 0) + u(-1, 0, 0) + u(0, 1, 0) + u(0, -1, 0) + u(0, 0, 1) + u(0, 0, -1);
  return create_kernel(assign(v(0, 0, 0), rational(1, 6) * sum), config("jacobi"));
}

KernelFunction d3q19() {
  auto [f, g] = fields<2>("f(19), g(19): double[3D]");
  return create_kernel(lbm::stream_and_collide(lbm::d3q19, f, g, lbm::Bgk{Symbol("rate")}), config("d3q19"));
}

class RealNvrtc : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* const chosen = std::getenv("CPPSTENCILS_NVRTC");
    if (chosen != nullptr && std::string(chosen).find("standin") != std::string::npos) {
      GTEST_SKIP() << "CPPSTENCILS_NVRTC names the stand-in, which makes no code for a GPU.";
    }
    const std::string compiler = LegacyGpuJit(uncached()).available().compiler;
    if (compiler.empty()) GTEST_SKIP() << "This machine has no NVRTC; CPPSTENCILS_NVRTC may name one.";
    std::printf("%s\n", compiler.c_str());
  }
  static LegacyGpuJitOptions uncached() { return {.cache = CacheOptions::off()}; }
};

bool is_elf(const std::vector<std::byte>& code) {
  return code.size() > 4 && code[0] == std::byte{0x7F} && code[1] == std::byte{'E'} && code[2] == std::byte{'L'};
}

TEST_F(RealNvrtc, MakesMachineCodeForEveryGeneration) {
  LegacyGpuJit jit(uncached());
  for (const KernelFunction& kernel : {jacobi(), d3q19()}) {
    for (const char* const architecture : {"sm_80", "sm_90", "sm_100"}) {
      double least = 1e9;
      std::size_t size = 0;
      for (int round = 0; round < 3; ++round) {
        const auto start = std::chrono::steady_clock::now();
        const std::vector<std::byte> code = jit.compile_to_code(kernel, architecture);
        const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
        EXPECT_TRUE(is_elf(code)) << kernel.name() << " " << architecture;
        least = std::min(least, time.count());
        size = code.size();
      }
      std::printf("%-8s %-7s at best %6.1f ms, %6zu bytes\n", kernel.name().c_str(), architecture, least, size);
    }
  }
}

TEST_F(RealNvrtc, MakesTextForTheDriver) {
  const std::vector<std::byte> code = LegacyGpuJit(uncached()).compile_to_code(jacobi(), "compute_80");
  const std::string text(reinterpret_cast<const char*>(code.data()), code.size());
  EXPECT_NE(text.find(".target sm_80"), std::string::npos);
  EXPECT_NE(text.find("jacobi"), std::string::npos);
  EXPECT_EQ(text.find("fma.rn.f64"), std::string::npos) << "Nothing may be fused behind the IR.";
}

TEST_F(RealNvrtc, CachedCodeIsTheSame) {
  const TemporaryFolder folder;
  const LegacyGpuJitOptions options{.cache = {.directory = folder.path()}};
  LegacyGpuJit first(options);
  const std::vector<std::byte> made = first.compile_to_code(d3q19(), "sm_90");
  const KernelFunction kernel = d3q19();
  LegacyGpuJit second(options);
  EXPECT_FALSE(second.available().compiler.empty());  // opens the library, which is not what is timed
  double least = 1e9;
  for (int round = 0; round < 10; ++round) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(second.compile_to_code(kernel, "sm_90"), made);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    least = std::min(least, time.count());
  }
  std::printf("d3q19 from the cache, at best %.2f ms\n", least);
}

TEST_F(RealNvrtc, RefusesAnUnknownGeneration) {
  EXPECT_THROW(LegacyGpuJit(uncached()).compile_to_code(jacobi(), "sm_10"), CompileError);
}

}  // namespace
}  // namespace cppstencils::testing
