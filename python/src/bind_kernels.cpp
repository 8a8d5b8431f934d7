#include <nanobind/stl/array.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "errors.hpp"
#include "gil_release.hpp"
#include "sympy_reader.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

using Sides = std::vector<std::array<std::int64_t, 2>>;

DType dtype_named(const std::string& name) {
  const std::optional<DType> dtype = parse_dtype(name);
  CPPSTENCILS_CHECK(dtype.has_value(), "The types of the Python package are those of the engine.");
  return *dtype;
}

ReductionOp reduction_named(const std::string& name) {
  for (const ReductionOp op :
       {ReductionOp::add, ReductionOp::subtract, ReductionOp::multiply, ReductionOp::minimum, ReductionOp::maximum}) {
    if (name == to_string(op)) return op;
  }
  throw InternalError({.code = ErrorCode::internal, .message = "'" + name + "' is no operation of a reduction."});
}

std::string role_name(Parameter::Role role) {
  switch (role) {
    case Parameter::Role::field:
      return "field";
    case Parameter::Role::scalar:
      return "scalar";
    case Parameter::Role::reduction:
      return "reduction";
  }
  return {};
}

FpMode fp_mode_named(const std::string& name) {
  for (const FpMode mode : {FpMode::strict, FpMode::contract, FpMode::fast}) {
    if (name == ir::to_string(mode)) return mode;
  }
  throw ConfigError({.code = ErrorCode::invalid_config,
                     .message = "Option fp_mode is '" + name + "', which is no floating-point mode.",
                     .hints = {"Use 'strict', 'contract' or 'fast'."}});
}

Target target_named(const std::string& name) {
  for (const Target target : {Target::cpu, Target::cuda, Target::hip}) {
    if (name == to_string(target)) return target;
  }
  throw ConfigError(
      {.code = ErrorCode::invalid_config, .message = "Option target is '" + name + "', which is no target."});
}

IndexingScheme scheme_named(const std::string& name) {
  for (const IndexingScheme scheme :
       {IndexingScheme::linear3d, IndexingScheme::linear1d, IndexingScheme::gridstrided_linear3d,
        IndexingScheme::gridstrided_linear1d, IndexingScheme::blockwise4d}) {
    if (name == ir::to_string(scheme)) return scheme;
  }
  throw ConfigError({.code = ErrorCode::invalid_config,
                     .message = "Option gpu.indexing_scheme is '" + name + "', which is no indexing scheme."});
}

std::vector<Slice> slices_of(nb::handle items) {
  std::vector<Slice> slices;
  for (const nb::handle item : nb::borrow<nb::sequence>(items)) {
    if (PySlice_Check(item.ptr())) {
      Slice slice;
      slice.start = nb::cast<std::optional<std::int64_t>>(nb::object(item.attr("start")));
      slice.stop = nb::cast<std::optional<std::int64_t>>(nb::object(item.attr("stop")));
      const nb::object step = item.attr("step");
      if (!step.is_none()) slice.step = nb::cast<std::int64_t>(step);
      slices.push_back(slice);
    } else {
      slices.push_back(Slice::at(nb::cast<std::int64_t>(item)));
    }
  }
  return slices;
}

// The options of `CreateKernelConfig` in Python, already checked for their types there.
CreateKernelConfig config_of(const nb::dict& options) {
  CreateKernelConfig config;
  config.function_name = nb::cast<std::string>(options["function_name"]);
  config.default_dtype = dtype_named(nb::cast<std::string>(options["default_dtype"]));
  config.index_dtype = dtype_named(nb::cast<std::string>(options["index_dtype"]));
  config.fp_mode = fp_mode_named(nb::cast<std::string>(options["fp_mode"]));
  config.allow_double_writes = nb::cast<bool>(options["allow_double_writes"]);
  config.skip_independence_check = nb::cast<bool>(options["skip_independence_check"]);
  config.cpu.processor = nb::cast<std::string>(options["processor"]);
  config.cpu.threads = nb::cast<std::optional<int>>(nb::object(options["threads"]));
  config.cpu.block_rows = nb::cast<std::optional<std::int64_t>>(nb::object(options["block_rows"]));
  config.cpu.vector_bytes = nb::cast<std::optional<int>>(nb::object(options["vector_bytes"]));
  config.cpu.unroll = nb::cast<std::optional<int>>(nb::object(options["unroll"]));
  config.cpu.tuning = nb::cast<std::string>(options["tuning"]) == "saved" ? Tuning::saved : Tuning::off;
  for (const std::string& check : nb::cast<std::vector<std::string>>(nb::object(options["checks"]))) {
    if (check == "nan") config.cpu.checks.results = ResultCheck::not_nan;
    if (check == "finite") config.cpu.checks.results = ResultCheck::finite;
    if (check == "writes") config.cpu.checks.writes = WriteCheck::verified;
  }
  const auto streaming_stores = nb::cast<std::optional<bool>>(nb::object(options["streaming_stores"]));
  if (streaming_stores) {
    config.cpu.streaming_stores = *streaming_stores ? StreamingStores::where_possible : StreamingStores::never;
  }
  config.target = target_named(nb::cast<std::string>(options["target"]));
  config.gpu.indexing_scheme = scheme_named(nb::cast<std::string>(options["indexing_scheme"]));
  config.gpu.block_size = nb::cast<std::optional<std::array<int, 3>>>(nb::object(options["block_size"]));
  const bool is_manual = nb::cast<std::string>(options["launch_grid"]) == "manual";
  config.gpu.launch_grid = is_manual ? LaunchGrid::manual : LaunchGrid::automatic;
  if (const auto cells = nb::cast<std::optional<std::array<int, 2>>>(nb::object(options["cells_per_thread"]))) {
    config.gpu.cells_per_thread = CellsPerThread{.inner = (*cells)[0], .outer = (*cells)[1]};
  }
  const nb::object ghost_layers = options["ghost_layers"];
  if (nb::isinstance<nb::int_>(ghost_layers)) {
    config.ghost_layers = GhostLayers(nb::cast<std::int64_t>(ghost_layers));
  } else if (!ghost_layers.is_none()) {
    config.ghost_layers = GhostLayers(nb::cast<Sides>(ghost_layers));
  }
  const nb::object iteration_slice = options["iteration_slice"];
  if (!iteration_slice.is_none()) config.iteration_slice = slices_of(iteration_slice);
  return config;
}

KernelHandle create(const nb::list& assignments, const nb::dict& options) {
  const CreateKernelConfig config = config_of(options);
  const ReaderOptions types{.default_dtype = config.default_dtype, .index_dtype = config.index_dtype};
  auto [list, reader] = read_with_names(types, [&](SympyReader& names) {
    std::vector<Assignment> read;
    read.reserve(assignments.size());
    for (const nb::handle item : assignments) {
      const nb::tuple line = nb::borrow<nb::tuple>(item);
      const Expr value = names.read(line[1]);
      Assignment& assignment = read.emplace_back(names.read(line[0]), value);
      const auto operation = nb::cast<std::optional<std::string>>(nb::object(line[2]));
      if (operation) assignment.reduction = reduction_named(*operation);
    }
    return read;
  });
  auto renamed = std::make_shared<const RenamedSymbols>(reader.renamed());
  return with_names_of_the_user(*renamed, [&, &written = list]() -> KernelHandle {
    const GilRelease release;
    return {create_kernel(AssignmentList(std::move(written)), config), renamed};
  });
}

// (name, dtype, role, access) of each parameter, under the user's names.
std::vector<nb::tuple> parameters_of(const KernelHandle& handle) {
  std::vector<nb::tuple> result;
  for (const Parameter& parameter : handle.kernel.parameters()) {
    std::string name = parameter.name;
    for (const auto& [written, used] : *handle.renamed) {
      if (used == parameter.name) name = written;
    }
    result.push_back(nb::make_tuple(name, std::string(to_string(parameter.dtype)), role_name(parameter.role),
                                    std::string(ir::to_string(parameter.access))));
  }
  return result;
}

}  // namespace

void bind_kernels(nb::module_& module) {
  nb::class_<KernelHandle>(module, "Kernel", "A created kernel of the engine.")
      .def_prop_ro("name", [](const KernelHandle& handle) { return handle.kernel.name(); })
      .def("parameters", &parameters_of)
      .def("ghost_layers", [](const KernelHandle& handle) { return handle.kernel.ghost_layers(); })
      .def("iteration_ranges",
           [](const KernelHandle& handle) {
             std::vector<nb::tuple> ranges;
             for (const IterationRange& range : handle.kernel.iteration_ranges()) {
               ranges.push_back(nb::make_tuple(range.start, range.stop, range.step));
             }
             return ranges;
           })
      .def("assignments", [](const KernelHandle& handle) { return handle.kernel.assignments(); })
      .def(
          "ir", [](const KernelHandle& handle) { return handle.kernel.ir(); }, nb::call_guard<GilRelease>())
      .def(
          "source", [](const KernelHandle& handle) { return handle.kernel.source(); }, nb::call_guard<GilRelease>());
  module.def(
      "launch_rule",
      [](const KernelHandle& handle) {
        const LaunchRule rule = handle.kernel.launch_configuration();
        const ThreadMapping& mapping = rule.mapping();
        return nb::make_tuple(std::string(ir::to_string(mapping.scheme)), mapping.block,
                              std::array<int, 2>{mapping.cells.inner, mapping.cells.outer}, rule.work_items(),
                              rule.grid(), rule.block());
      },
      nb::arg("kernel"), "Scheme, block, cells per thread; work items, grid and block as texts.");
  module.def(
      "launch_of",
      [](const KernelHandle& handle, const Sides& sides, const std::optional<std::array<std::int64_t, 3>>& grid) {
        const LaunchRule rule = handle.kernel.launch_configuration();
        std::vector<CellRange> box;
        for (const auto& [begin, end] : sides) box.push_back({begin, end});
        const LaunchConfiguration launch = grid ? rule.with_grid(box, *grid) : rule.configuration(box);
        return nb::make_tuple(launch.grid, launch.block);
      },
      nb::arg("kernel"), nb::arg("box"), nb::arg("grid").none(), "Grid and block of the launch for a box.");
  module.def("create_kernel", &create, nb::arg("assignments"), nb::arg("options"),
             "Makes a kernel of SymPy expressions: (target, value, operation of a reduction or None).");
}

}  // namespace cppstencils::python
