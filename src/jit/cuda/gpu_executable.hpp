#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "cppstencils/jit/device_executable.hpp"
#include "cppstencils/kernel/kernel_function.hpp"
#include "cppstencils/kernel/launch_configuration.hpp"
#include "emit/ir_to_device.hpp"
#include "ir/tiles.hpp"
#include "jit/cuda/gpu_engine.hpp"
#include "jit/cuda/gpu_launch_plan.hpp"

namespace cppstencils::jit {

/// What the code of a call may assume about its arrays.
struct GpuVariant {
  InnerStride inner_stride = InnerStride::unit;
  emit::IndexWidth index_width = emit::IndexWidth::bits32;
  emit::ArraySharing sharing = emit::ArraySharing::none;
  /// Absent: that of the kernel.
  std::optional<std::array<int, 3>> block = {};
  auto operator<=>(const GpuVariant&) const = default;
};

/// A kernel on a GPU. The code for the usual variant is loaded by the constructor, that for others when a call needs
/// it.
class GpuExecutable final : public DeviceExecutable {
 public:
  /// Throws UnsupportedError for a kernel that is not for GPUs of NVIDIA.
  GpuExecutable(std::shared_ptr<GpuEngine> engine, KernelFunction kernel);

  int device() const override;
  bool can_address(const void* memory) const override;
  std::unique_ptr<LaunchPlan> plan(const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
                                   const std::int64_t* end, const LaunchChoice& choice) const override;
  void launch(const CppstencilsKernelArguments& arguments, const std::int64_t* begin, const std::int64_t* end,
              const LaunchChoice& choice, Stream stream) const override;
  std::string assembly() const override;

 private:
  struct Code {
    std::shared_ptr<const LoadedGpuCode> loaded;
    LaunchRule rule;
  };

  std::shared_ptr<const Code> code(const GpuVariant& variant) const;
  /// Without scratch memory.
  std::unique_ptr<GpuLaunchPlan> make_plan(const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
                                           const std::int64_t* end, const LaunchChoice& choice) const;
  /// The values of parameters, as 8 bytes each; those for scratch memory are distances from its beginning. `tiles` is
  /// null for kernels without reductions.
  std::vector<std::uint64_t> values(const std::vector<emit::DeviceParameter>& parameters,
                                    const CppstencilsKernelArguments& arguments, const std::vector<CellRange>& box,
                                    const ir::Tiles* tiles) const;
  GpuVariant variant_for(const CppstencilsKernelArguments& arguments, const std::int64_t* end,
                         const LaunchChoice& choice) const;
  bool fits_narrow_index(const CppstencilsKernelArguments& arguments, const std::int64_t* end,
                         const ThreadMapping& mapping) const;
  std::vector<Launch> launches(const std::vector<CellRange>& box, const LaunchRule& rule,
                               const LaunchChoice& choice) const;

  std::shared_ptr<GpuEngine> engine_;
  KernelFunction kernel_;
  LaunchRule rule_;
  std::shared_ptr<DeviceContext> context_;
  /// Position of the first stride of each buffer.
  std::vector<std::size_t> first_strides_;
  /// How far cells reach beyond themselves along each loop dimension, per buffer.
  std::vector<std::vector<std::int64_t>> reaches_;
  int innermost_ = 0;
  mutable std::mutex mutex_;
  mutable std::map<GpuVariant, std::shared_ptr<const Code>> codes_;
};

/// A kernel for a variant of its arrays. The request refers to the kernel.
GpuRequest gpu_request(const KernelFunction& kernel, const GpuVariant& variant);

}  // namespace cppstencils::jit
