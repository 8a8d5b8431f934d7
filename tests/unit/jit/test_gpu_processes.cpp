// What calls of GPU kernels ask the driver, and what they say in a child of fork(), over the stand-ins.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cppstencils/cppstencils.hpp"
#include "support/standin.hpp"

namespace cppstencils::testing {
namespace {

using GpuProcesses = StandInTest;

KernelFunction twice() {
  const Field u("u", 1);
  const Field v("v", 1);
  return create_kernel(assign(v(0), u(0) * 2), {.function_name = "twice", .target = Target::cuda});
}

std::shared_ptr<LegacyGpuJit> gpu_jit() {
  return std::make_shared<LegacyGpuJit>(LegacyGpuJitOptions{.cache = CacheOptions::off()});
}

TEST_F(GpuProcesses, TheDriverIsAskedAboutForeignPointersOnly) {
  const auto jit = gpu_jit();
  const CompiledKernel compiled = jit->compile(twice());
  DeviceArray<double> u(jit->device(), {8});
  DeviceArray<double> v(jit->device(), {8});
  u.fill(1);
  const long before = ask("standin_pointer_queries");
  compiled({{"u", u}, {"v", v}});
  const BoundKernel bound = compiled.bind({{"u", u}, {"v", v}});
  bound();
  EXPECT_EQ(ask("standin_pointer_queries"), before);
  const DeviceView<double> foreign(v.data(), {8});
  compiled({{"u", u}, {"v", foreign}});
  EXPECT_EQ(ask("standin_pointer_queries"), before + 1);
  const BoundKernel foreign_bound = compiled.bind({{"u", foreign}, {"v", foreign}});
  EXPECT_EQ(ask("standin_pointer_queries"), before + 3);
  foreign_bound();
  EXPECT_EQ(ask("standin_pointer_queries"), before + 3);
}

/// The number of actions that say what a child of fork() must say. The stand-in ends a process that calls it there.
template <class... Actions>
int refused(Actions&&... actions) {
  const auto is_refused = [](auto&& action) {
    try {
      action();
    } catch (const UnsupportedError& error) {
      return error.message() == "This process was forked from one that had used the GPU, and cannot use it.";
    }
    return false;
  };
  return (0 + ... + (is_refused(actions) ? 1 : 0));
}

TEST_F(GpuProcesses, AChildOfForkIsToldThatItCannotUseTheGpu) {
  auto jit = gpu_jit();
  std::optional<CompiledKernel> compiled = jit->compile(twice());
  const GpuDevice device = jit->device();
  std::optional<DeviceArray<double>> u(std::in_place, device, std::vector<std::int64_t>{8});
  std::optional<DeviceArray<double>> v(std::in_place, device, std::vector<std::int64_t>{8});
  std::optional<BoundKernel> bound = compiled->bind({{"u", *u}, {"v", *v}});
  std::optional<GpuStream> stream = device.create_stream();
  Array<double> host({8});
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const int count =
        refused([&] { (*bound)(); }, [&] { (*bound)(*stream); },
                [&] {
                  (*compiled)({{"u", *u}, {"v", *v}});
                },
                [&] { jit->compile(twice()); }, [&] { gpu_jit()->compile(twice()); }, [&] { GpuDevice::open(); },
                [&] { u->copy_from(host); }, [&] { DeviceArray<double>(device, {8}); }, [&] { stream->synchronize(); });
    // Everything can go without a word to the driver.
    bound.reset();
    compiled.reset();
    stream.reset();
    u.reset();
    v.reset();
    jit.reset();
    ::_exit(count);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "The child called the driver.";
  EXPECT_EQ(WEXITSTATUS(status), 9);
  u->fill(1);
  (*bound)();
  v->copy_to(host);
  EXPECT_EQ(host(3), 2) << "The parent goes on.";
}

}  // namespace
}  // namespace cppstencils::testing
