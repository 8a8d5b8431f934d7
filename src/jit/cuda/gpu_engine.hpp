#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/jit/legacy_gpu_jit.hpp"
#include "jit/cuda/gpu_module.hpp"
#include "jit/cuda/nvrtc.hpp"
#include "support/file_cache.hpp"
#include "support/once_map.hpp"

namespace cppstencils::jit {

/// The text of a kernel and the name of its function.
struct GpuText {
  std::string kernel_name;
  std::string function;
  std::string text;
};

/// Turns texts into code on a GPU: cache, compiler, driver. Safe to use from several threads.
class GpuEngine {
 public:
  explicit GpuEngine(LegacyGpuJitOptions options);

  /// Opened at the first call that succeeds. Throws CompileError (compiler-not-found).
  std::shared_ptr<Nvrtc> nvrtc();
  /// Likewise. Throws UnsupportedError.
  std::shared_ptr<DeviceContext> context();

  /// The code of a text, from the cache or new; `architecture` is empty for what suits the GPU.
  std::vector<std::byte> code(const GpuText& text, std::string_view architecture);
  /// The code on the GPU. Equal texts share it while it is in use.
  std::shared_ptr<GpuModule> load(const GpuText& text);

 private:
  GpuArchitecture architecture(std::string_view name);
  std::string key(const Nvrtc::Job& job, const GpuText& text);
  Nvrtc::Job job(const GpuText& text, std::string_view architecture);

  LegacyGpuJitOptions options_;
  support::FileCache cache_;
  std::mutex mutex_;
  std::shared_ptr<Nvrtc> nvrtc_;
  std::shared_ptr<DeviceContext> context_;
  support::OnceMap<std::string, GpuModule> loaded_;
};

}  // namespace cppstencils::jit
