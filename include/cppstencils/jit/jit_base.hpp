#pragma once

#include <memory>

#include "cppstencils/jit/device_executable.hpp"
#include "cppstencils/jit/executable.hpp"
#include "cppstencils/kernel/kernel_function.hpp"

namespace cppstencils {

class CompiledKernel;

/// A just-in-time compiler. Derive from it to plug in your own: through `CreateKernelConfig::jit`, or free-standing by
/// calling `compile`. `compile` may be called from several threads.
class CPPSTENCILS_EXPORT JitBase {
 public:
  JitBase() = default;
  JitBase(const JitBase&) = delete;
  JitBase& operator=(const JitBase&) = delete;
  virtual ~JitBase();

  virtual CompiledKernel compile(const KernelFunction& kernel) = 0;
};

/// A JIT that makes machine code: base of the JITs that come with the library. Derive from it when your JIT ends in a
/// function with the kernel ABI; the checked call path is added for you.
class CPPSTENCILS_EXPORT ExecutableJit : public JitBase {
 public:
  ~ExecutableJit() override;
  CompiledKernel compile(const KernelFunction& kernel) override;
  /// The code of the kernel. Throws CompileError or UnsupportedError.
  virtual std::shared_ptr<Executable> build(const KernelFunction& kernel) = 0;
};

/// The same for a JIT whose code runs on a GPU.
class CPPSTENCILS_EXPORT DeviceJit : public JitBase {
 public:
  ~DeviceJit() override;
  CompiledKernel compile(const KernelFunction& kernel) override;
  /// The code of the kernel. Throws CompileError or UnsupportedError.
  virtual std::shared_ptr<DeviceExecutable> build(const KernelFunction& kernel) = 0;
};

}  // namespace cppstencils
