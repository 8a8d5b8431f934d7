// Grids and blocks that the caller of a GPU kernel gives, over the stand-ins.

#include <gtest/gtest.h>

#include <cstring>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "cppstencils/kernel/launch_configuration.hpp"
#include "support/expect_error.hpp"
#include "support/random.hpp"
#include "support/standin.hpp"

namespace cppstencils::testing {
namespace {

using Sizes = std::array<std::int64_t, 3>;

const std::vector<std::int64_t> extents{5, 9, 70};

KernelFunction diffusion(Target target, const GpuOptions& options = {}) {
  auto [u, v] = fields<2>("u, v: double[3D]");
  CreateKernelConfig config;
  config.function_name = "diffusion";
  config.target = target;
  if (target != Target::cpu) config.gpu = options;
  return create_kernel(assign(v(0, 0, 0), u(-1, 0, 0) + 3 * u(0, 1, 0) - u(0, 0, -1) / 7), config);
}

class GpuLaunch : public StandInTest {
 protected:
  GpuLaunch() : host_(extents, {.padding = Padding::none}), expected_(extents, {.padding = Padding::none}) {
    for (std::int64_t i = 0; i < host_.size(); ++i) host_.data()[i] = static_cast<double>(i * 7919 % 1009) / 37;
    expected_.fill(7);
    InterpreterJit().compile(diffusion(Target::cpu))({{"u", host_}, {"v", expected_}});
  }

  static std::shared_ptr<LegacyGpuJit> jit() {
    return std::make_shared<LegacyGpuJit>(LegacyGpuJitOptions{.cache = CacheOptions::off()});
  }

  /// Whether what `run` does with arrays u and v on the GPU gives the bits of the interpreter.
  template <class Run>
  bool is_right(const GpuDevice& device, Run&& run) {
    DeviceArray<double> u(device, extents);
    DeviceArray<double> v(device, extents);
    u.copy_from(host_);
    v.fill(7);
    run(u, v);
    Array<double> actual(extents, {.padding = Padding::none});
    v.copy_to(actual);
    return std::memcmp(actual.data(), expected_.data(), static_cast<std::size_t>(actual.size()) * sizeof(double)) == 0;
  }

  Array<double> host_;
  Array<double> expected_;
};

TEST_F(GpuLaunch, AnyGridThatReachesAllCellsInEveryScheme) {
  const std::vector<CellRange> box{{1, 4}, {1, 8}, {1, 69}};
  const std::uint64_t seed = 5;
  SCOPED_TRACE(fmt::format("seed {}", seed));
  Random random(seed);
  for (const IndexingScheme scheme :
       {IndexingScheme::linear3d, IndexingScheme::linear1d, IndexingScheme::gridstrided_linear3d,
        IndexingScheme::gridstrided_linear1d, IndexingScheme::blockwise4d}) {
    const KernelFunction kernel =
        diffusion(Target::cuda, {.indexing_scheme = scheme, .launch_grid = LaunchGrid::manual});
    const LaunchRule rule = kernel.launch_configuration();
    const Sizes least = rule.configuration(box).grid;
    const auto gpu = jit();
    const CompiledKernel compiled = gpu->compile(kernel);
    for (std::uint64_t round = 0; round < fuzz_rounds(6); ++round) {
      Sizes grid = least;
      for (std::size_t i = 0; i < 3; ++i) {
        if (rule.grid()[i] == "1") continue;  // no loop runs along this axis
        grid[i] = is_gridstrided(scheme) ? random.between(1, 2 * least[i]) : least[i] + random.between(0, 3);
      }
      SCOPED_TRACE(fmt::format("{}: {} x {} x {}", ir::to_string(scheme), grid[0], grid[1], grid[2]));
      EXPECT_TRUE(is_right(gpu->device(), [&](auto& u, auto& v) { compiled({{"u", u}, {"v", v}}, {.grid = grid}); }));
      EXPECT_EQ(ask<unsigned>("standin_last_blocks", 0), grid[0]);
      EXPECT_EQ(ask<unsigned>("standin_last_blocks", 1), grid[1]);
      EXPECT_EQ(ask<unsigned>("standin_last_blocks", 2), grid[2]);
      EXPECT_TRUE(is_right(gpu->device(), [&](auto& u, auto& v) {
        const BoundKernel bound = compiled.bind({{"u", u}, {"v", v}}, {.grid = grid});
        for (std::int64_t x = 1; x < 4; ++x) {
          bound.run(std::vector<CellRange>{{x, x + 1}, {1, 8}, {1, 69}});
        }
      }));
    }
  }
}

TEST_F(GpuLaunch, AnyBlockAndNoGrid) {
  const auto gpu = jit();
  const CompiledKernel compiled = gpu->compile(diffusion(Target::cuda));
  EXPECT_TRUE(is_right(gpu->device(), [&](auto& u, auto& v) {
    compiled({{"u", u}, {"v", v}}, {.block = {{32, 2, 2}}});
  }));
  EXPECT_EQ(ask<unsigned>("standin_last_threads", 0), 32U);
  EXPECT_EQ(ask<unsigned>("standin_last_threads", 1), 2U);
  EXPECT_EQ(ask<unsigned>("standin_last_threads", 2), 2U);
  EXPECT_EQ(ask<unsigned>("standin_last_blocks", 0), 3U);
  EXPECT_TRUE(is_right(gpu->device(), [&](auto& u, auto& v) {
    compiled.bind({{"u", u}, {"v", v}}, {.grid = {{3, 4, 2}}, .block = {{32, 2, 2}}})();
  }));
  EXPECT_EQ(ask<unsigned>("standin_last_blocks", 1), 4U);
  EXPECT_TRUE(is_right(gpu->device(), [&](auto& u, auto& v) { compiled({{"u", u}, {"v", v}}); }));
  EXPECT_EQ(ask<unsigned>("standin_last_threads", 0), 64U) << "The next call has the kernel's own block again.";
}

TEST_F(GpuLaunch, WhatCannotBeLaunchedIsRefused) {
  const auto gpu = jit();
  const CompiledKernel compiled =
      gpu->compile(diffusion(Target::cuda, {.block_size = {{32, 2, 1}}, .launch_grid = LaunchGrid::manual}));
  DeviceArray<double> u(gpu->device(), extents);
  DeviceArray<double> v(gpu->device(), extents);
  const long launches = ask("standin_launches");
  const auto expect = [&](const LaunchChoice& choice, const std::string& text) {
    for (const bool is_bound : {false, true}) {
      expect_error<ArgumentError>(
          ErrorCode::argument_size,
          [&] {
            if (is_bound) return (void)compiled.bind({{"u", u}, {"v", v}}, choice);
            compiled({{"u", u}, {"v", v}}, choice);
          },
          text);
    }
  };
  expect({.grid = {{2, 4, 3}}},
         "error[argument-size]: The grid of kernel 'diffusion' has 2 blocks along x, but its cells need 3.\n"
         "  hint: Give a larger grid, or use a grid-strided 'gpu.indexing_scheme'.\n");
  expect({.grid = {{3, 4, 0}}},
         "error[argument-size]: The grid of kernel 'diffusion' has 0 blocks along z, but 1 to 65535 are possible.\n");
  expect({.block = {{64, 32, 1}}},
         "error[argument-size]: The block given to kernel 'diffusion' is not possible.\n"
         "  note: 'gpu.block_size' is 64 x 32 x 1, which are 2048 threads, but a block has at most 1024.\n"
         "  hint: Use sizes such as 64 x 4 x 1, or give none.\n");
  expect_error<UnknownName>(
      ErrorCode::missing_argument,
      [&] {
        compiled({{"u", u}, {"v", v}});
      },
      "error[missing-argument]: Kernel 'diffusion' asks for a grid with each call, and none was given.\n"
      "  hint: Give a grid of at least 3 x 4 x 1 blocks, or set 'gpu.launch_grid' to automatic.\n");
  EXPECT_EQ(ask("standin_launches"), launches);
  const CompiledKernel on_cpu = InterpreterJit().compile(diffusion(Target::cpu));
  const std::string text =
      "error[argument-device]: Kernel 'diffusion' runs on the CPU, which has no grid and no blocks of threads.\n"
      "  hint: Leave them out, or create the kernel with a GPU target.\n";
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        on_cpu({{"u", host_}, {"v", expected_}}, {.grid = {{1, 1, 1}}});
      },
      text);
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        on_cpu.bind({{"u", host_}, {"v", expected_}}, {.block = {{1, 1, 1}}});
      },
      text);
}

}  // namespace
}  // namespace cppstencils::testing
