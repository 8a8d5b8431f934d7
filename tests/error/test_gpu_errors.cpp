// What calls of GPU kernels say when they cannot work.

#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "support/expect_error.hpp"
#include "support/standin.hpp"

namespace cppstencils::testing {
namespace {

class GpuErrors : public StandInTest {
 protected:
  static KernelFunction twice(Target target = Target::cuda) {
    const Field u("u", 1);
    const Field v("v", 1);
    CreateKernelConfig config;
    config.function_name = "twice";
    config.target = target;
    return create_kernel(assign(v(0), u(0) * 2), config);
  }
  static std::shared_ptr<LegacyGpuJit> jit() {
    return std::make_shared<LegacyGpuJit>(LegacyGpuJitOptions{.cache = CacheOptions::off()});
  }
};

TEST_F(GpuErrors, ArraysMustBeWhereTheCodeRuns) {
  configure("devices=2");
  const CompiledKernel on_gpu = jit()->compile(twice());
  const CompiledKernel on_cpu = InterpreterJit().compile(twice(Target::cpu));
  Array<double> host({8});
  DeviceArray<double> first(GpuDevice::open(0), {8});
  DeviceArray<double> second(GpuDevice::open(1), {8});
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        on_gpu({{"u", host}, {"v", first}});
      },
      "error[argument-device]: Array 'u' is in the memory of the host, but kernel 'twice' runs on GPU 0.\n"
      "  hint: Copy the array to that GPU; arrays are never copied behind your back.\n");
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        on_gpu({{"u", first}, {"v", second}});
      },
      "error[argument-device]: Array 'v' is in the memory of GPU 1, but kernel 'twice' runs on GPU 0.\n"
      "  hint: Copy the array to that GPU; arrays are never copied behind your back.\n");
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        on_cpu({{"u", host}, {"v", first}});
      },
      "error[argument-device]: Array 'v' is in the memory of GPU 0, but kernel 'twice' runs on the CPU.\n"
      "  hint: Copy the array to the host, or create the kernel with a GPU target.\n");
  // Before anything else: the type is wrong as well.
  Array<float> single({8});
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        on_gpu.bind({{"u", first}, {"v", single}});
      },
      "error[argument-device]: Array 'v' is in the memory of the host, but kernel 'twice' runs on GPU 0.\n"
      "  hint: Copy the array to that GPU; arrays are never copied behind your back.\n");
}

TEST_F(GpuErrors, PointersThatAreNotTheGpus) {
  const CompiledKernel on_gpu = jit()->compile(twice());
  Array<double> host({8});
  DeviceArray<double> there(GpuDevice::open(), {8});
  const DeviceView<double> wrong(host.data(), {8});
  const std::string text =
      "error[argument-device]: Array 'u' is said to be in the memory of GPU 0, but its pointer is not.\n"
      "  hint: Pass the address that the GPU's allocator returned.\n";
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        on_gpu({{"u", wrong}, {"v", there}});
      },
      text);
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        on_gpu.bind({{"u", wrong}, {"v", there}});
      },
      text);
}

TEST_F(GpuErrors, AllOtherChecksAreThoseOfTheCpu) {
  const CompiledKernel on_gpu = jit()->compile(twice());
  const GpuDevice device = GpuDevice::open();
  DeviceArray<double> eight(device, {8});
  DeviceArray<double> nine(device, {9});
  DeviceArray<float> single(device, {8});
  EXPECT_THROW(on_gpu({{"u", eight}, {"v", single}}), TypeMismatch);
  EXPECT_THROW(on_gpu({{"u", eight}, {"v", nine}}), ArgumentError);
  EXPECT_THROW(on_gpu({{"u", eight}}), UnknownName);
  const DeviceView<const double> constant(eight.data(), {8});
  EXPECT_THROW(on_gpu({{"u", eight}, {"v", constant}}), ArgumentError);
  const DeviceView<double> shifted(nine.data() + 1, {8});
  const DeviceView<double> front(nine.data(), {8});
  EXPECT_THROW(on_gpu({{"u", shifted}, {"v", front}}), ArgumentError);
}

TEST_F(GpuErrors, StreamsAreForTheGpu) {
  const CompiledKernel on_cpu = InterpreterJit().compile(twice(Target::cpu));
  Array<double> u({8});
  Array<double> v({8});
  int somebody = 0;
  const Stream stream{&somebody};
  const std::string text =
      "error[argument-device]: Kernel 'twice' runs on the CPU and takes no stream.\n"
      "  hint: Leave the stream out, or create the kernel with a GPU target.\n";
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        on_cpu({{"u", u}, {"v", v}}, stream);
      },
      text);
  const BoundKernel bound = on_cpu.bind({{"u", u}, {"v", v}});
  expect_error<ArgumentError>(
      ErrorCode::argument_device, [&] { bound(stream); }, text);
  expect_error<ArgumentError>(
      ErrorCode::argument_device, [&] { bound.run(bound.box(), stream); }, text);
  u.fill(3);
  bound(Stream());
  EXPECT_EQ(v(7), 6);
}

TEST_F(GpuErrors, TheDriverFails) {
  const CompiledKernel on_gpu = jit()->compile(twice());
  const GpuDevice device = GpuDevice::open();
  DeviceArray<double> u(device, {8});
  DeviceArray<double> v(device, {8});
  configure("launch=719");
  expect_error<LaunchError>(
      ErrorCode::launch_failed,
      [&] {
        on_gpu({{"u", u}, {"v", v}});
      },
      "error[launch-failed]: The GPU driver could not start kernel 'twice'.\n"
      "  note: CUDA_ERROR_LAUNCH_FAILED (719): the stand-in says so\n"
      "  note: An error of earlier work on the GPU is reported by later calls.\n");
  configure("memory=2");
  expect_error<LaunchError>(
      ErrorCode::launch_failed, [&] { DeviceArray<double>(device, {8}); },
      "error[launch-failed]: The GPU driver could not allocate 64 bytes.\n"
      "  note: CUDA_ERROR_OUT_OF_MEMORY (2): the stand-in says so\n"
      "  hint: Free device arrays, or use smaller ones.\n");
  configure("synchronize=719");
  EXPECT_THROW(device.synchronize(), LaunchError);
  configure("module=200");
  expect_error<CompileError>(
      ErrorCode::compile_failed, [&] { jit()->compile(twice()); },
      "error[compile-failed]: The GPU driver cannot load the code of the kernel.\n"
      "  note: CUDA_ERROR_INVALID_IMAGE (200): the stand-in says so\n"
      "  note: While compiling kernel 'twice'.\n");
}

TEST_F(GpuErrors, WithoutAGpu) {
  configure("init=100");
  expect_error<UnsupportedError>(
      ErrorCode::unsupported, [&] { jit()->compile(twice()); },
      "error[unsupported]: The CUDA driver finds no GPU.\n"
      "  note: CUDA_ERROR_NO_DEVICE (100): the stand-in says so\n"
      "  note: While compiling kernel 'twice'.\n");
}

TEST_F(GpuErrors, KernelsForOtherTargets) {
  expect_error<UnsupportedError>(
      ErrorCode::unsupported, [&] { jit()->compile(twice(Target::cpu)); },
      "error[unsupported]: Kernel 'twice' is for the target 'cpu', but this JIT compiles for 'cuda'.\n"
      "  note: While compiling kernel 'twice'.\n"
      "  hint: Set 'target' to cuda when you create the kernel.\n");
  expect_error<UnsupportedError>(
      ErrorCode::unsupported, [&] { jit()->compile(twice(Target::hip)); },
      "error[unsupported]: Kernel 'twice' is for the target 'hip', but this JIT compiles for 'cuda'.\n"
      "  note: While compiling kernel 'twice'.\n"
      "  hint: Set 'target' to cuda when you create the kernel.\n");
}

}  // namespace
}  // namespace cppstencils::testing
