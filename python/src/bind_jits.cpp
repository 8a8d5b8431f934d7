#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdio>

#include "bindings.hpp"
#include "gil_release.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

// A JIT of the engine. Python wraps it in a class of its own, so that users' JITs and ours have one base.
struct JitHandle {
  std::shared_ptr<JitBase> jit;
};

CacheMode mode_named(const std::string& name) {
  if (name == "off") return CacheMode::off;
  if (name == "read_only") return CacheMode::read_only;
  if (name == "read_write") return CacheMode::read_write;
  throw ConfigError({.code = ErrorCode::invalid_config,
                     .message = "Option mode of the cache is '" + name + "', which is no cache mode.",
                     .hints = {"Use 'off', 'read_only' or 'read_write'."}});
}

CacheOptions cache_of(const std::string& mode, const std::optional<std::string>& directory, std::uint64_t max_bytes) {
  CacheOptions options{.mode = mode_named(mode), .max_bytes = max_bytes};
  if (directory) options.directory = *directory;
  return options;
}

LegacyGpuJit& gpu_jit_of(const JitHandle& handle) {
  auto* const jit = dynamic_cast<LegacyGpuJit*>(handle.jit.get());
  CPPSTENCILS_CHECK(jit != nullptr, "Only LegacyGpuJit makes code for a GPU.");
  return *jit;
}

}  // namespace

void bind_jits(nb::module_& module) {
  nb::class_<JitHandle>(module, "Jit", "A JIT of the engine.")
      .def(
          "compile",
          [](const JitHandle& handle, const KernelHandle& kernel, nb::object function) {
            std::optional<CompiledKernel> compiled;
            {
              const GilRelease release;
              compiled.emplace(handle.jit->compile(kernel.kernel));
            }
            return make_compiled_kernel(std::move(*compiled), kernel, std::move(function));
          },
          nb::arg("kernel"), nb::arg("function"));
  module.def(
      "compile_with_default",
      [](const KernelHandle& kernel, nb::object function) {
        std::optional<CompiledKernel> compiled;
        {
          const GilRelease release;
          compiled.emplace(kernel.kernel.compile());
        }
        return make_compiled_kernel(std::move(*compiled), kernel, std::move(function));
      },
      nb::arg("kernel"), nb::arg("function"));
  module.def("llvm_unavailable_reason", &LlvmJit::unavailable_reason,
             "Empty when the in-process compiler works, else the reason why not.");
  module.def(
      "llvm_jit",
      [](const std::string& mode, const std::optional<std::string>& directory, std::uint64_t max_bytes) {
        return JitHandle{std::make_shared<LlvmJit>(LlvmJitOptions{.cache = cache_of(mode, directory, max_bytes)})};
      },
      nb::arg("cache_mode"), nb::arg("cache_directory").none(), nb::arg("cache_max_bytes"));
  module.def(
      "legacy_cpu_jit",
      [](const std::string& compiler, const std::vector<std::string>& flags, const std::string& optimization,
         std::int64_t time_limit, const std::string& mode, const std::optional<std::string>& directory,
         std::uint64_t max_bytes) {
        LegacyCpuJitOptions options{.compiler = compiler, .flags = flags, .optimization = optimization};
        options.time_limit = std::chrono::seconds(time_limit);
        options.cache = cache_of(mode, directory, max_bytes);
        return JitHandle{std::make_shared<LegacyCpuJit>(std::move(options))};
      },
      nb::arg("compiler"), nb::arg("flags"), nb::arg("optimization"), nb::arg("time_limit"), nb::arg("cache_mode"),
      nb::arg("cache_directory").none(), nb::arg("cache_max_bytes"));
  module.def(
      "host_compiler",
      [](const JitHandle& handle) {
        const auto legacy = std::dynamic_pointer_cast<LegacyCpuJit>(handle.jit);
        CPPSTENCILS_CHECK(legacy != nullptr, "Only LegacyCpuJit has a host compiler.");
        const GilRelease release;
        return legacy->compiler();
      },
      nb::arg("jit"), "Absolute path of the compiler in use.");
  module.def(
      "legacy_gpu_jit",
      [](std::optional<int> device, const std::string& architecture, const std::vector<std::string>& directories,
         bool line_info, const std::string& mode, const std::optional<std::string>& directory,
         std::uint64_t max_bytes) {
        LegacyGpuJitOptions options{.device = device, .architecture = architecture};
        for (const std::string& place : directories) options.nvrtc_directories.emplace_back(place);
        options.line_info = line_info;
        options.cache = cache_of(mode, directory, max_bytes);
        return JitHandle{std::make_shared<LegacyGpuJit>(std::move(options))};
      },
      nb::arg("device").none(), nb::arg("architecture"), nb::arg("nvrtc_directories"), nb::arg("line_info"),
      nb::arg("cache_mode"), nb::arg("cache_directory").none(), nb::arg("cache_max_bytes"));
  module.def(
      "gpu_availability",
      [](const JitHandle& handle) {
        GpuAvailability found;
        {
          const GilRelease release;
          found = gpu_jit_of(handle).available();
        }
        return nb::make_tuple(found.compiler, found.device, found.reason);
      },
      nb::arg("jit"), nb::sig("def gpu_availability(jit: Jit) -> tuple[str, str, str]"),
      "The compiler, the GPU, and why kernels cannot run; empty texts where there is nothing to say.");
  module.def(
      "compile_to_gpu_code",
      [](const JitHandle& handle, const KernelHandle& kernel, const std::string& architecture) {
        std::vector<std::byte> code;
        {
          const GilRelease release;
          code = gpu_jit_of(handle).compile_to_code(kernel.kernel, architecture);
        }
        return nb::bytes(code.data(), code.size());
      },
      nb::arg("jit"), nb::arg("kernel"), nb::arg("architecture"));
  module.def("interpreter_jit", [] { return JitHandle{std::make_shared<InterpreterJit>()}; });
  module.def("no_jit", [] { return JitHandle{no_jit}; });
}

}  // namespace cppstencils::python
