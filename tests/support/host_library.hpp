#pragma once

#include <string>
#include <vector>

#include "cppstencils/jit/executable.hpp"
#include "cppstencils/support/error.hpp"
#include "emit/ir_to_cpp.hpp"
#include "jit/host/compiler_lookup.hpp"
#include "jit/host/host_compiler.hpp"
#include "jit/host/shared_object.hpp"
#include "jit/host/temporary_directory.hpp"
#include "passes/pipeline.hpp"

namespace cppstencils::testing {

/// Whether `name` is a compiler on this machine.
inline bool has_compiler(const std::string& name) {
  try {
    jit::find_compiler(name);
    return true;
  } catch (const CompileError&) {
    return false;
  }
}

/// A kernel with its two optimised variants.
struct OptimizedKernel {
  explicit OptimizedKernel(ir::Kernel kernel)
      : original(std::move(kernel)),
        unit(passes::optimize(original, {.inner_stride = InnerStride::unit})),
        any(passes::optimize(original, {.inner_stride = InnerStride::any})) {}
  const ir::Kernel& variant(InnerStride stride) const { return stride == InnerStride::unit ? unit : any; }

  ir::Kernel original;
  ir::Kernel unit;
  ir::Kernel any;
};

/// How a host compiler is called in a test.
struct HostCompilerSetup {
  std::string compiler;
  std::string optimization = "-O3";
  std::string processor = "native";
};

/// Many kernels with different names, compiled by one call of the host compiler: starting it is what takes the time.
class HostLibrary {
 public:
  HostLibrary(const std::vector<OptimizedKernel>& kernels, const HostCompilerSetup& setup)
      : object_(compile(kernels, setup), jit::temporary_parents({})) {}

  EntryPoint entry_point(const ir::Kernel& kernel, InnerStride stride) const {
    const std::string name =
        stride == InnerStride::unit ? emit::unit_function_name(kernel.name) : emit::any_function_name(kernel.name);
    return {reinterpret_cast<CppstencilsKernelFunction>(object_.symbol(name.c_str())), nullptr};
  }

 private:
  static std::vector<std::byte> compile(const std::vector<OptimizedKernel>& kernels, const HostCompilerSetup& setup) {
    std::vector<emit::KernelVariants> variants;
    for (const OptimizedKernel& kernel : kernels) variants.push_back({kernel.unit, kernel.any});
    jit::HostCompiler compiler({.compiler = setup.compiler,
                                .flags = {},
                                .optimization = setup.optimization,
                                .time_limit = std::chrono::minutes(5),
                                .work_folders = jit::temporary_parents({})});
    return compiler.compile(emit::ir_to_cpp(variants), setup.processor);
  }

  jit::SharedObject object_;
};

}  // namespace cppstencils::testing
