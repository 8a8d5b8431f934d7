// Device texts through the real NVRTC, where it is installed: all are accepted, and the stencils keep
// within their registers.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "cppstencils/support/error.hpp"
#include "emit/ir_to_device.hpp"
#include "jit/cuda/nvrtc.hpp"
#include "kernel/gpu_options.hpp"
#include "support/cubin.hpp"
#include "support/operator_kernels.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"
#include "support/stencil_kernels.hpp"

namespace cppstencils::testing {
namespace {

using emit::DeviceText;
using emit::DeviceTextOptions;

constexpr const char* generations[] = {"80", "90", "100"};

/// Where Python's packages of NVRTC are in an active virtual environment.
std::vector<std::filesystem::path> package_folders() {
  std::vector<std::filesystem::path> folders;
  const char* const environment = std::getenv("VIRTUAL_ENV");
  if (environment == nullptr) return folders;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(environment) / "lib", ignored)) {
    for (const char* const package : {"cu13", "cuda_nvrtc"}) {
      folders.push_back(entry.path() / "site-packages" / "nvidia" / package / "lib");
    }
  }
  std::ranges::sort(folders);
  return folders;
}

class DeviceCode : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      nvrtc_ = jit::Nvrtc::open(package_folders());
    } catch (const CompileError& error) {
      GTEST_SKIP() << "There is no NVRTC here: " << error.message();
    }
  }

  struct Made {
    DeviceFunctionUse use;
    double milliseconds = 0;
    std::size_t bytes = 0;
  };

  Made make(const DeviceText& text, const char* generation) {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<std::byte> code =
        nvrtc_->compile({.name = text.function_name, .text = text.text, .architecture = {.generation = generation}});
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    const auto functions = functions_of_cubin(code);
    const auto found = functions.find(text.function_name);
    EXPECT_NE(found, functions.end()) << text.text;
    return {found == functions.end() ? DeviceFunctionUse{} : found->second, time.count(), code.size()};
  }

  std::shared_ptr<jit::Nvrtc> nvrtc_;
};

DeviceText text_of(const ir::Kernel& kernel, const GpuOptions& options, emit::IndexWidth width) {
  return emit::ir_to_device(kernel, {.mapping = kernel::thread_mapping(kernel, options),
                                     .inner_stride = ir::InnerStride::unit,
                                     .index_width = width});
}

TEST_F(DeviceCode, StencilsKeepWithinTheirRegisters) {
  const struct {
    const char* name;
    ir::Kernel kernel;
    int registers;  // 32 let a device run all the threads that it has room for, 40 three quarters of them
  } stencils[] = {{"2D 5-point", jacobi(2), 40},
                  {"3D 7-point", jacobi(3), 40},
                  {"3D 7-point, float", jacobi(3, DType::float32), 40},
                  {"3D 27-point", box27(), 64},
                  {"D3Q19", d3q19(), 80}};
  std::printf("%-20s %-6s %-6s %9s %9s %9s %9s\n", "kernel", "places", "for", "registers", "stack", "bytes", "ms");
  for (const auto& stencil : stencils) {
    for (const auto width : {emit::IndexWidth::bits64, emit::IndexWidth::bits32}) {
      const DeviceText text = text_of(stencil.kernel, {}, width);
      for (const char* const generation : generations) {
        SCOPED_TRACE(fmt::format("{} for sm_{}", stencil.name, generation));
        const Made made = make(text, generation);
        EXPECT_LE(made.use.registers, stencil.registers);
        EXPECT_GT(made.use.registers, 0);
        EXPECT_EQ(made.use.stack_bytes, 0);
        std::printf("%-20s %-6d sm_%-3s %9d %9d %9zu %9.1f\n", stencil.name,
                    width == emit::IndexWidth::bits64 ? 64 : 32, generation, made.use.registers, made.use.stack_bytes,
                    made.bytes, made.milliseconds);
      }
    }
  }
}

TEST_F(DeviceCode, ReductionsAreAcceptedInEveryType) {
  constexpr ReductionOp ops[] = {ReductionOp::add, ReductionOp::subtract, ReductionOp::multiply, ReductionOp::minimum,
                                 ReductionOp::maximum};
  for (const DType type : all_types) {
    if (type == DType::boolean) continue;
    SCOPED_TRACE(to_string(type));
    const Field u("u", 3, {.dtype = type});
    AssignmentList list{assign(Field("v", 3, {.dtype = type}).center(), u.center())};
    for (const ReductionOp op : ops) list.add(reduce(op, Symbol(to_string(op)), u.center()));
    const KernelFunction kernel = create_kernel(list, {.target = Target::cuda});
    const DeviceText text = text_of(kernel.kernel_ir(), {}, emit::IndexWidth::bits64);
    const Made made = make(text, "90");
    EXPECT_EQ(made.use.stack_bytes, 0) << "The tree of the second function must lie in registers.";
    DeviceText second = text;
    second.function_name = text.combine_name;
    EXPECT_EQ(make(second, "90").use.stack_bytes, 0);
  }
}

TEST_F(DeviceCode, EveryOperatorOnEveryTypeIsAccepted) {
  for (const DType type : all_types) {
    SCOPED_TRACE(to_string(type));
    const DeviceText text = emit::ir_to_device(operators_of(type), {});
    if (text.parameter_bytes > 4096) ADD_FAILURE() << "Too many parameters: " << text.parameter_bytes;
    make(text, "90");
  }
}

TEST_F(DeviceCode, RandomKernelsInEverySchemeAreAccepted) {
  using enum ir::IndexingScheme;
  constexpr ir::IndexingScheme schemes[] = {linear3d, linear1d, gridstrided_linear3d, gridstrided_linear1d,
                                            blockwise4d};
  const std::uint64_t kernels = fuzz_rounds(10);
  for (std::uint64_t i = 0; i < kernels; ++i) {
    const std::uint64_t seed = 5'000'001 + i;
    RandomKernelOptions options;
    options.fp_mode = i % 2 == 0 ? ir::FpMode::strict : ir::FpMode::contract;
    const ir::Kernel kernel = random_kernel(seed, options);
    ir::ThreadMapping mapping = kernel::thread_mapping(kernel, {.indexing_scheme = schemes[i % 5]});
    if (kernel.rank > 1) mapping.cells.outer = 2;
    SCOPED_TRACE(fmt::format("seed {}, {}", seed, ir::to_string(mapping.scheme)));
    const auto width = i % 3 == 0 ? emit::IndexWidth::bits32 : emit::IndexWidth::bits64;
    make(emit::ir_to_device(kernel, {.mapping = mapping, .index_width = width}), generations[i % 3]);
  }
}

TEST_F(DeviceCode, ABrokenTextIsAnErrorWithItsLine) {
  DeviceText text = text_of(jacobi(1), {}, emit::IndexWidth::bits64);
  text.text.replace(text.text.find("blockIdx"), 8, "blockldx");
  try {
    make(text, "90");
    FAIL() << "No error.";
  } catch (const CompileError& error) {
    EXPECT_NE(std::string(error.what()).find("blockldx"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace cppstencils::testing
