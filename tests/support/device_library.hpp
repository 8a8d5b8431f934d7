#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/kernel/launch_configuration.hpp"
#include "emit/ir_to_device.hpp"
#include "jit/host/host_compiler.hpp"
#include "jit/host/shared_object.hpp"
#include "jit/host/temporary_directory.hpp"
#include "support/kernel_run.hpp"

namespace cppstencils::testing {

/// Device code of a kernel, with all that is needed to launch it.
struct DeviceCase {
  DeviceCase(ir::Kernel the_kernel, const emit::DeviceTextOptions& the_options)
      : kernel(std::move(the_kernel)),
        options(the_options),
        text(emit::ir_to_device(kernel, options)),
        rule(kernel, options.mapping) {}

  ir::Kernel kernel;
  emit::DeviceTextOptions options;
  emit::DeviceText text;
  LaunchRule rule;
};

inline std::string describe(const emit::DeviceTextOptions& options) {
  const ir::ThreadMapping& mapping = options.mapping;
  return fmt::format("{}, {}, block {} x {} x {}, cells {} x {}, {} stride, {} bits, sharing {}",
                     options.dialect == emit::Dialect::cuda ? "cuda" : "hip", ir::to_string(mapping.scheme),
                     mapping.block[0], mapping.block[1], mapping.block[2], mapping.cells.outer, mapping.cells.inner,
                     options.inner_stride == ir::InnerStride::unit ? "unit" : "any",
                     options.index_width == emit::IndexWidth::bits64 ? 64 : 32,
                     options.sharing == emit::ArraySharing::possible ? "possible" : "excluded");
}

/// Device texts of kernels with different names, compiled by one call of the host compiler together with
/// support/device_shim.hpp.
class DeviceLibrary {
 public:
  explicit DeviceLibrary(const std::vector<DeviceCase>& cases, const std::string& optimization = "-O2")
      : object_(compile(cases, optimization), jit::temporary_parents({})) {}

  /// One launch, in an order of threads that follows from the seed.
  void launch(const DeviceCase& launched, const CppstencilsKernelArguments& arguments, const Launch& one,
              std::uint64_t seed) const {
    std::vector<std::uint64_t> storage(launched.text.parameters.size());
    std::vector<void*> values;
    for (std::size_t i = 0; i < storage.size(); ++i) {
      put(&storage[i], launched.text.parameters[i], launched.kernel, arguments, one.box);
      values.push_back(&storage[i]);
    }
    using Function = void (*)(void* const*, const std::int64_t*, const std::int64_t*, std::uint64_t);
    const std::string name = "launch_" + launched.text.function_name;
    const auto function = reinterpret_cast<Function>(object_.symbol(name.c_str()));
    function(values.data(), one.configuration.grid.data(), one.configuration.block.data(), seed);
  }

  /// All launches that update the box.
  void run(const DeviceCase& launched, const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
           const std::int64_t* end, std::uint64_t seed, const DeviceLimits& limits = {}) const {
    std::vector<CellRange> box;
    for (int d = 0; d < launched.kernel.rank; ++d) box.push_back({begin[d], end[d]});
    for (const Launch& one : launched.rule.launches(box, limits)) launch(launched, arguments, one, seed++);
  }
  void run(const DeviceCase& launched, RunInputs& inputs, const std::vector<std::int64_t>& begin,
           const std::vector<std::int64_t>& end, std::uint64_t seed, const DeviceLimits& limits = {}) const {
    with_arguments(inputs, [&](const CppstencilsKernelArguments& arguments) {
      run(launched, arguments, begin.data(), end.data(), seed, limits);
    });
  }

  /// Calls `use` with the arguments that describe the inputs.
  template <class Use>
  static void with_arguments(RunInputs& inputs, const Use& use) {
    const auto call = [](const CppstencilsKernelArguments* arguments, const std::int64_t*, const std::int64_t*) {
      (*static_cast<const Use*>(arguments->context))(*arguments);
      return std::int32_t{0};
    };
    testing::run(inputs, {call, &use});
  }

 private:
  /// Writes the value of a parameter for these arguments, at most 8 bytes.
  static void put(void* target, const emit::DeviceParameter& parameter, const ir::Kernel& kernel,
                  const CppstencilsKernelArguments& arguments, const std::vector<CellRange>& box) {
    using Kind = emit::DeviceParameter::Kind;
    const auto copy = [&](const auto& value) { std::memcpy(target, &value, sizeof value); };
    switch (parameter.kind) {
      case Kind::data:
        return copy(arguments.data[parameter.id]);
      case Kind::stride: {
        int first = 0;
        for (std::uint32_t i = 0; i < parameter.id; ++i) first += kernel.buffers[i].axes();
        return copy(arguments.strides[first + parameter.axis]);
      }
      case Kind::scalar:
        std::memcpy(target, arguments.scalars[parameter.id], size_of(parameter));
        return;
      case Kind::begin:
        return copy(box[parameter.id].begin);
      case Kind::end:
        return copy(box[parameter.id].end);
    }
  }

  static std::vector<std::byte> compile(const std::vector<DeviceCase>& cases, const std::string& optimization) {
    std::string text = fmt::format("#include \"{}/support/device_shim.hpp\"\n", CPPSTENCILS_TEST_DIR);
    for (const DeviceCase& one : cases) {
      const std::string& name = one.text.function_name;
      text += fmt::format("namespace space_{} {{\n{}\n", name, one.text.text);
      text += fmt::format(
          "extern \"C\" __attribute__((visibility(\"default\"))) void launch_{0}(void* const* values, const int64_t* "
          "grid, const int64_t* block, uint64_t seed) {{ device_shim::launch({0}, values, grid, block, seed); }}\n}}\n",
          name);
    }
    jit::HostCompiler compiler({.compiler = "g++",
                                .flags = {},
                                .optimization = optimization,
                                .time_limit = std::chrono::minutes(5),
                                .work_folders = jit::temporary_parents({})});
    return compiler.compile(text, "native");
  }

  jit::SharedObject object_;
};

}  // namespace cppstencils::testing
