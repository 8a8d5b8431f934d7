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
#include "ir/tiles.hpp"
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
    start(launched.text.function_name, launched.text.parameters, one.configuration, seed,
          [&](void* target, const emit::DeviceParameter& parameter) {
            put(target, parameter, launched.kernel, arguments, one.box);
          });
  }

  /// All launches that update the box.
  void run(const DeviceCase& launched, const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
           const std::int64_t* end, std::uint64_t seed, const DeviceLimits& limits = {}) const {
    std::vector<CellRange> box;
    for (int d = 0; d < launched.kernel.rank; ++d) box.push_back({begin[d], end[d]});
    if (!launched.kernel.reductions.empty()) return reduce(launched, arguments, begin, end, box, seed);
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
  /// `put_value(target, parameter)` writes the value of a parameter, at most 8 bytes.
  template <class Put>
  void start(const std::string& name, const std::vector<emit::DeviceParameter>& parameters,
             const LaunchConfiguration& configuration, std::uint64_t seed, const Put& put_value) const {
    std::vector<std::uint64_t> storage(parameters.size());
    std::vector<void*> values;
    for (std::size_t i = 0; i < storage.size(); ++i) {
      put_value(&storage[i], parameters[i]);
      values.push_back(&storage[i]);
    }
    using Function = void (*)(void* const*, const std::int64_t*, const std::int64_t*, std::uint64_t);
    const auto function = reinterpret_cast<Function>(object_.symbol(("launch_" + name).c_str()));
    function(values.data(), configuration.grid.data(), configuration.block.data(), seed);
  }

  /// Both launches of a kernel with reductions. Behind the buffers, `data` has the numbers of the caller.
  void reduce(const DeviceCase& launched, const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
              const std::int64_t* end, const std::vector<CellRange>& box, std::uint64_t seed) const {
    const std::vector<ir::TileLoop> loops = ir::tile_loops(launched.kernel);
    const ir::Tiles tiles(loops, begin, end);
    const auto count = static_cast<std::size_t>(tiles.count());
    // Not a number for floats, so that what nobody has written shows.
    std::vector<std::uint64_t> scratch(count * launched.kernel.reductions.size(), ~std::uint64_t{0});
    const auto put_value = [&](void* target, const emit::DeviceParameter& parameter) {
      using Kind = emit::DeviceParameter::Kind;
      const auto copy = [&](const auto& value) { std::memcpy(target, &value, sizeof value); };
      const int d = static_cast<int>(parameter.id);
      if (parameter.kind == Kind::tile_extent) return copy(tiles.extent_along(d));
      if (parameter.kind == Kind::tile_count) return copy(tiles.count_along(d));
      if (parameter.kind == Kind::tiles) return copy(tiles.count());
      if (parameter.kind == Kind::numbers) return copy(scratch.data() + count * parameter.id);
      put(target, parameter, launched.kernel, arguments, box);
    };
    const emit::DeviceText& text = launched.text;
    start(text.function_name, text.parameters, launched.rule.configuration(box), seed, put_value);
    const auto reductions = static_cast<std::int64_t>(launched.kernel.reductions.size());
    start(text.combine_name, text.combine_parameters, {{reductions, 1, 1}, {emit::combine_threads, 1, 1}}, seed + 1,
          put_value);
  }

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
      case Kind::result:
        return copy(arguments.data[kernel.buffers.size() + parameter.id]);
      case Kind::tile_extent:
      case Kind::tile_count:
      case Kind::numbers:
      case Kind::tiles:
        FAIL() << "Only kernels with reductions have tiles.";
    }
  }

  static std::vector<std::byte> compile(const std::vector<DeviceCase>& cases, const std::string& optimization) {
    std::string text = fmt::format("#include \"{}/support/device_shim.hpp\"\n", CPPSTENCILS_TEST_DIR);
    for (const DeviceCase& one : cases) {
      text += fmt::format("namespace space_{} {{\n{}\n", one.text.function_name, one.text.text);
      for (const std::string& name : {one.text.function_name, one.text.combine_name}) {
        if (name.empty()) continue;
        text += fmt::format(
            "extern \"C\" __attribute__((visibility(\"default\"))) void launch_{0}(void* const* values, const int64_t* "
            "grid, const int64_t* block, uint64_t seed) {{ device_shim::launch<device_shim::Barriers::{1}>({0}, "
            "values, "
            "grid, block, seed); }}\n",
            name, one.kernel.reductions.empty() ? "none" : "some");
      }
      text += "}\n";
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
