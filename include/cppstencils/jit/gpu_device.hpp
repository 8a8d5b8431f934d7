#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "cppstencils/jit/stream.hpp"
#include "cppstencils/support/export.hpp"

namespace cppstencils {

namespace jit {
class DeviceContext;
}  // namespace jit

/// A stream of its own; destroyed with the object. Move-only.
class CPPSTENCILS_EXPORT GpuStream {
 public:
  operator Stream() const noexcept { return stream_; }  // NOLINT(google-explicit-constructor)
  /// Waits for all work that was queued on it. Throws LaunchError when that failed.
  void synchronize() const;

  GpuStream(GpuStream&& other) noexcept;
  GpuStream& operator=(GpuStream&& other) noexcept;
  ~GpuStream();

 private:
  friend class GpuDevice;
  GpuStream(std::shared_ptr<jit::DeviceContext> context, Stream stream);
  std::shared_ptr<jit::DeviceContext> context_;
  Stream stream_;
};

/// A GPU of this machine. Programs and libraries that use CUDA's primary context share it: pointers and streams of
/// CuPy, PyTorch and the CUDA runtime can be passed. Cheap to copy.
class CPPSTENCILS_EXPORT GpuDevice {
 public:
  /// Opens the CUDA driver and the GPU with this number. Throws UnsupportedError that says why not.
  static GpuDevice open(int ordinal = 0);
  explicit GpuDevice(std::shared_ptr<jit::DeviceContext> context);

  int ordinal() const;
  /// As the driver calls it.
  std::string name() const;
  /// Such as "sm_90".
  std::string architecture() const;
  GpuStream create_stream() const;
  /// Waits for all work that was queued on a stream. Throws LaunchError when that failed.
  void synchronize(Stream stream = {}) const;

  const std::shared_ptr<jit::DeviceContext>& context() const noexcept { return context_; }

 private:
  std::shared_ptr<jit::DeviceContext> context_;  // never null
};

}  // namespace cppstencils
