#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/jit/legacy_gpu_jit.hpp"
#include "jit/cuda/gpu_code.hpp"
#include "jit/cuda/gpu_module.hpp"
#include "jit/cuda/nvrtc.hpp"
#include "support/file_cache.hpp"
#include "support/once_map.hpp"

namespace cppstencils::jit {

/// What to make code of.
struct GpuRequest {
  std::string kernel_name;
  /// Everything that the text depends on, readable.
  std::string description;
  /// Writes the text; called only where there is no code of it yet.
  std::function<emit::DeviceText()> write;
};

/// Code on a GPU and what a launcher must know about it.
struct LoadedGpuCode {
  GpuModule module;
  std::vector<emit::DeviceParameter> parameters;
  std::vector<emit::DeviceParameter> combine_parameters;
};

/// Turns kernels into code on a GPU: cache, compiler, driver. Safe to use from several threads.
class GpuEngine {
 public:
  explicit GpuEngine(LegacyGpuJitOptions options);

  /// Opened at the first call that succeeds. Throws CompileError (compiler-not-found).
  std::shared_ptr<Nvrtc> nvrtc();
  /// Likewise. Throws UnsupportedError.
  std::shared_ptr<DeviceContext> context();

  /// The code, from the cache or new; `architecture` is empty for what suits the GPU.
  GpuCode code(const GpuRequest& request, std::string_view architecture);
  /// The code on the GPU. Equal requests share it while it is in use.
  std::shared_ptr<LoadedGpuCode> load(const GpuRequest& request);

 private:
  GpuArchitecture architecture(std::string_view name);
  std::string key(const Nvrtc::Job& job, const GpuRequest& request);
  /// Without the text.
  Nvrtc::Job job(const GpuRequest& request, std::string_view architecture);
  GpuCode compile(Nvrtc::Job job, const GpuRequest& request);

  LegacyGpuJitOptions options_;
  support::FileCache cache_;
  std::mutex mutex_;
  std::shared_ptr<Nvrtc> nvrtc_;
  std::shared_ptr<DeviceContext> context_;
  support::OnceMap<std::string, LoadedGpuCode> loaded_;
};

}  // namespace cppstencils::jit
