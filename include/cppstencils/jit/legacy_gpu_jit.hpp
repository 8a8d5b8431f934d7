#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/jit/gpu_device.hpp"
#include "cppstencils/jit/jit_base.hpp"
#include "cppstencils/support/cache_options.hpp"

namespace cppstencils {

struct LegacyGpuJitOptions {
  /// The number of the GPU. Absent: the one whose context is current in the thread that compiles first, else 0.
  std::optional<int> device = {};
  /// What to compile for, such as "sm_90" (machine code) or "compute_90" (PTX, which the driver compiles). Empty: what
  /// suits the GPU.
  std::string architecture = {};
  /// Folders where NVRTC is looked for last; the environment variable CPPSTENCILS_NVRTC names a library instead.
  std::vector<std::filesystem::path> nvrtc_directories = {};
  /// Lets profilers show lines of the kernel's text. Doubles the size of the code.
  bool line_info = false;
  CacheOptions cache = {};
};

/// What LegacyGpuJit found on this machine.
struct GpuAvailability {
  /// Such as "NVRTC 13.0"; empty where there is none.
  std::string compiler;
  /// Such as "NVIDIA H200, sm_90"; empty where there is none.
  std::string device;
  /// Why kernels cannot run here; empty where they can.
  std::string reason;

  explicit operator bool() const { return reason.empty(); }
};

/// Compiles kernels for GPUs of NVIDIA with NVRTC and runs them through the CUDA driver. Both are opened when they are
/// first needed, so that a program starts everywhere. One object may compile in many threads at once; kernels outlive
/// it. Arrays of a call must be in the memory of the GPU, see `DeviceArray` and `DeviceView`.
class CPPSTENCILS_EXPORT LegacyGpuJit final : public DeviceJit {
 public:
  /// Throws ConfigError (invalid-config) for an architecture that is none.
  explicit LegacyGpuJit(LegacyGpuJitOptions options = {});
  ~LegacyGpuJit() override;

  /// Compiles and loads; nothing is left to load for calls with unit inner strides. Throws CompileError
  /// (compiler-not-found, compile-failed), and UnsupportedError where there is no GPU.
  std::shared_ptr<DeviceExecutable> build(const KernelFunction& kernel) override;

  /// The code for an architecture as bytes, also without a GPU: machine code for "sm_90", text for "compute_90". For
  /// arrays with unit inner strides. Empty: as configured, else what suits the GPU.
  std::vector<std::byte> compile_to_code(const KernelFunction& kernel, std::string_view architecture = {});

  /// What there is, and why kernels cannot run where they cannot. Throws nothing.
  GpuAvailability available() const;
  /// The GPU that kernels are compiled for. Throws UnsupportedError that says why there is none.
  GpuDevice device() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// The same under a plain name.
using CudaJit = LegacyGpuJit;

}  // namespace cppstencils
