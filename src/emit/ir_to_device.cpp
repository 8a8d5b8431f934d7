#include "emit/ir_to_device.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "emit/device_indexing.hpp"
#include "emit/device_reduction.hpp"
#include "emit/expr_writer.hpp"
#include "emit/helper_functions.hpp"
#include "emit/references.hpp"
#include "passes/pipeline.hpp"

namespace cppstencils::emit {
namespace {

using Kind = DeviceParameter::Kind;

/// The statements of all blocks, outermost first, without the loops: a thread computes what a loop has hoisted itself.
void flatten(const ir::Block& block, ir::Block& flat) {
  for (const ir::Stmt& stmt : block) {
    if (const auto* loop = std::get_if<ir::Loop>(&stmt.kind)) {
      flatten(loop->body, flat);
    } else {
      flat.push_back(stmt);
    }
  }
}

passes::CellGroup cell_group(const std::vector<ir::ThreadLoop>& loops, int rank) {
  passes::CellGroup group{std::vector<std::int64_t>(static_cast<std::size_t>(rank), 0)};
  for (const ir::ThreadLoop& loop : loops) {
    passes::CellGroup extended;
    for (const std::vector<std::int64_t>& cell : group) {
      for (int i = 0; i < loop.cells; ++i) {
        extended.push_back(cell);
        extended.back()[static_cast<std::size_t>(loop.dimension)] += i * loop.distance * loop.step;
      }
    }
    group = std::move(extended);
  }
  return group;
}

/// Buffers through which alone their elements are touched.
std::set<std::uint32_t> unshared_buffers(const ir::Kernel& kernel, ArraySharing sharing) {
  std::vector<bool> centred(kernel.buffers.size(), true);
  for (const ir::AccessPattern& pattern : ir::access_patterns(kernel)) {
    const bool is_here = std::ranges::all_of(pattern.offsets, [](std::int64_t offset) { return offset == 0; });
    if (!is_here) centred[pattern.buffer.value] = false;
  }
  const auto may_share = [&](std::size_t a, std::size_t b) {
    const ir::Buffer& one = kernel.buffers[a];
    const ir::Buffer& other = kernel.buffers[b];
    const bool is_written = one.access != ir::BufferAccess::read || other.access != ir::BufferAccess::read;
    const bool is_read = one.access == ir::BufferAccess::read || other.access == ir::BufferAccess::read;
    return a != b && is_written && is_read && centred[a] && centred[b] && one.dtype == other.dtype &&
           one.axes() == other.axes();
  };
  std::set<std::uint32_t> unshared;
  for (std::uint32_t i = 0; i < kernel.buffers.size(); ++i) {
    bool is_shared = false;
    for (std::size_t other = 0; other < kernel.buffers.size(); ++other) is_shared = is_shared || may_share(i, other);
    if (!is_shared || sharing == ArraySharing::none) unshared.insert(i);
  }
  return unshared;
}

void merge(References& into, References from) {
  into.buffers.merge(from.buffers);
  into.scalars.merge(from.scalars);
  into.strides.merge(from.strides);
  if (from.negation == Negation::guarded) into.negation = Negation::guarded;
}

class DeviceFunctionWriter {
 public:
  DeviceFunctionWriter(const ir::Kernel& kernel, const DeviceTextOptions& options)
      : kernel_(kernel),
        options_(options),
        indexing_(ir::thread_axes(kernel, options.mapping), options_.mapping, options.index_width, out_),
        cell_(passes::optimize(kernel, {.inner_stride = options.inner_stride})),
        references_(references(cell_)) {
    const passes::CellGroup group = cell_group(indexing_.grouped_loops(), kernel.rank);
    if (group.size() > 1) {
      group_ = passes::optimize(kernel, {.inner_stride = options.inner_stride}, group);
      merge(references_, references(*group_));
    }
    names_ = names_in(cell_, references_);
    result_.function_name = fmt::format("cs_{}", plain_name(kernel.name));
    list_parameters();
  }

  DeviceText write() {
    write_description();
    TextWriter description = std::move(out_);
    out_ = {};
    const std::array<int, 3>& block = options_.mapping.block;
    write_signature(block[0] * block[1] * block[2], result_.function_name, result_.parameters);
    out_.indent();
    write_conversions();
    if (kernel_.reductions.empty()) {
      indexing_.open();
      group_ ? write_group() : write_cell(cell_);
      indexing_.close();
    } else {
      DeviceReduction(cell_, references_, helpers_, out_, temporaries_).write_tile();
    }
    out_.dedent();
    out_.line("}");
    if (!kernel_.reductions.empty()) write_combination();
    result_.text = description.take();
    result_.text += "\n" + type_definitions(options_.dialect);
    if (!helpers_.text().empty()) result_.text += "\n" + helpers_.text();
    result_.text += "\n" + out_.take();
    return std::move(result_);
  }

 private:
  bool is_narrow() const { return options_.index_width == IndexWidth::bits32; }

  void add_parameter(DeviceParameter parameter) {
    const std::size_t size = size_of(parameter);
    result_.parameter_bytes = (result_.parameter_bytes + size - 1) / size * size + size;
    result_.parameters.push_back(std::move(parameter));
  }

  void list_parameters() {
    for (const std::uint32_t id : references_.buffers) {
      add_parameter({Kind::data, id, 0, kernel_.buffers[id].dtype, names_.buffers[id]});
    }
    for (const auto& [stride, name] : names_.strides) {
      add_parameter({Kind::stride, stride.first, stride.second, DType::int64, name});
    }
    for (const std::uint32_t id : references_.scalars) {
      add_parameter({Kind::scalar, id, 0, kernel_.scalars[id].dtype, names_.scalars[id]});
    }
    for (int d = 0; d < kernel_.rank; ++d) {
      const auto id = static_cast<std::uint32_t>(d);
      add_parameter({Kind::begin, id, 0, DType::int64, fmt::format("begin{}", d)});
      add_parameter({Kind::end, id, 0, DType::int64, fmt::format("end{}", d)});
    }
    if (kernel_.reductions.empty()) return;
    for (int d = 0; d < kernel_.rank; ++d) {
      const auto id = static_cast<std::uint32_t>(d);
      add_parameter({Kind::tile_extent, id, 0, DType::int64, fmt::format("extent{}", d)});
      add_parameter({Kind::tile_count, id, 0, DType::int64, fmt::format("tiles{}", d)});
    }
    for (std::uint32_t id = 0; id < kernel_.reductions.size(); ++id) {
      const DType dtype = kernel_.reductions[id].dtype;
      const DeviceParameter numbers{Kind::numbers, id, 0, dtype, DeviceReduction::numbers_name(id)};
      add_parameter(numbers);
      result_.combine_parameters.push_back(numbers);
      result_.combine_parameters.push_back({Kind::result, id, 0, dtype, DeviceReduction::result_name(id)});
    }
    result_.combine_parameters.push_back({Kind::tiles, 0, 0, DType::int64, "tiles"});
    result_.combine_name = result_.function_name + "_combine";
  }

  /// Whether the function converts the parameter into the local variable of its name first.
  bool is_converted(const DeviceParameter& parameter) const {
    switch (parameter.kind) {
      case Kind::data:
      case Kind::numbers:
      case Kind::result:
      case Kind::tile_extent:
      case Kind::tile_count:
      case Kind::tiles:
        return false;
      case Kind::scalar:
        return parameter.dtype == DType::boolean;
      case Kind::stride:
      case Kind::begin:
      case Kind::end:
        return is_narrow();
    }
    return false;
  }

  std::string parameter_text(const DeviceParameter& parameter, const std::set<std::uint32_t>& unshared) const {
    if (parameter.kind == Kind::data) {
      return fmt::format("{}{}*{} {}", kernel_.buffers[parameter.id].access == ir::BufferAccess::read ? "const " : "",
                         element_type_name(parameter.dtype), unshared.contains(parameter.id) ? " __restrict__" : "",
                         parameter.name);
    }
    if (parameter.kind == Kind::numbers || parameter.kind == Kind::result) {
      return fmt::format("{}* __restrict__ {}", element_type_name(parameter.dtype), parameter.name);
    }
    return fmt::format("const {} {}{}", element_type_name(parameter.dtype), parameter.name,
                       is_converted(parameter) ? "_given" : "");
  }

  void write_signature(int threads, const std::string& name, const std::vector<DeviceParameter>& parameters) {
    out_.line(fmt::format("extern \"C\" __global__ void __launch_bounds__({}) {}(", threads, name));
    const std::set<std::uint32_t> unshared = unshared_buffers(kernel_, options_.sharing);
    for (const DeviceParameter& parameter : parameters) {
      const bool is_last = &parameter == &parameters.back();
      out_.line(fmt::format("    {}{}", parameter_text(parameter, unshared), is_last ? ") {" : ","));
    }
  }

  void write_combination() {
    out_.line("");
    write_signature(combine_threads, result_.combine_name, result_.combine_parameters);
    out_.indent();
    DeviceReduction(cell_, references_, helpers_, out_, temporaries_).write_combination();
    out_.dedent();
    out_.line("}");
  }

  void write_conversions() {
    for (const DeviceParameter& parameter : result_.parameters) {
      if (!is_converted(parameter)) continue;
      if (parameter.kind == Kind::scalar) {
        out_.line(fmt::format("const bool {0} = {0}_given != 0;", parameter.name));
      } else {
        out_.line(fmt::format("const i32 {0} = i32({0}_given);", parameter.name));
      }
    }
  }

  void write_cell(const ir::Kernel& kernel) {
    ir::Block flat;
    flatten(kernel.body, flat);
    const KernelNames names = names_in(kernel, references_);
    const ExprStyle style{.negation = references_.negation,
                          .places = is_narrow() ? narrow_places(kernel) : PlaceTypes{}};
    ExprWriter(names, style, helpers_, out_, temporaries_).write(flat);
  }

  /// All cells of the thread at once where they lie in the box, else one after the other.
  void write_group() {
    const std::vector<ir::ThreadLoop> loops = indexing_.grouped_loops();
    std::vector<std::string> conditions;
    for (const ir::ThreadLoop& loop : loops) {
      const std::int64_t last = std::int64_t{loop.cells - 1} * loop.distance * loop.step;
      conditions.push_back(fmt::format("first{0} + {1} < end{0}", loop.dimension, last));
    }
    out_.line(fmt::format("if ({}) {{", fmt::join(conditions, " && ")));
    out_.indent();
    for (const ir::ThreadLoop& loop : loops) {
      out_.line(fmt::format("const {} {} = first{};", indexing_.index_type(), KernelNames::loop_index(loop.dimension),
                            loop.dimension));
    }
    write_cell(*group_);
    out_.dedent();
    out_.line("} else {");
    out_.indent();
    for (const ir::ThreadLoop& loop : loops) {
      const std::int64_t pace = loop.distance * loop.step;
      out_.line("#pragma unroll 1");
      out_.line(fmt::format("for ({0} {1} = first{2}; {1} < end{2} && {1} < first{2} + {3}; {1} += {4}) {{",
                            indexing_.index_type(), KernelNames::loop_index(loop.dimension), loop.dimension,
                            loop.cells * pace, pace));
      out_.indent();
    }
    write_cell(cell_);
    for (std::size_t i = 0; i <= loops.size(); ++i) {
      out_.dedent();
      out_.line("}");
    }
  }

  // Names reach comments through plain_name, so that no name can end one.
  void write_description() {
    const ir::ThreadMapping& mapping = options_.mapping;
    out_.line(
        fmt::format("// Kernel {}, {} floating point.", plain_name(kernel_.name), ir::to_string(kernel_.fp_mode)));
    const std::string cells =
        kernel_.reductions.empty()
            ? fmt::format("{} x {} cells per thread", mapping.cells.outer, mapping.cells.inner)
            : fmt::format("one per tile; then {} of {} threads", kernel_.reductions.size(), combine_threads);
    out_.line(fmt::format("// {}: blocks of {} threads, {}.", ir::to_string(mapping.scheme),
                          fmt::join(mapping.block, " x "), cells));
    for (const std::uint32_t id : references_.buffers) {
      const ir::Buffer& buffer = kernel_.buffers[id];
      out_.line(fmt::format("//   {}: array {} of {}, {}, {}", names_.buffers[id], plain_name(buffer.name),
                            to_string(buffer.dtype), shape_text(buffer), access_text(buffer.access)));
    }
    for (const std::uint32_t id : references_.scalars) {
      out_.line(fmt::format("//   {}: {} of {}", names_.scalars[id], plain_name(kernel_.scalars[id].name),
                            to_string(kernel_.scalars[id].dtype)));
    }
    for (std::size_t id = 0; id < kernel_.reductions.size(); ++id) {
      const ir::Reduction& reduction = kernel_.reductions[id];
      out_.line(fmt::format("//   {}, {}: a number per tile and the result of reduction {} of {}, {}",
                            DeviceReduction::numbers_name(id), DeviceReduction::result_name(id),
                            plain_name(reduction.name), to_string(reduction.dtype), to_string(reduction.op)));
    }
    out_.line("//");
    out_.line("// Updates the cells begin, begin + step, ... below end of every dimension. Arrays are given by their");
    out_.line("// elements with all coordinates zero, strides in elements.");
    if (options_.inner_stride == ir::InnerStride::unit) {
      out_.line(fmt::format("// Wants stride 1 along dimension {}.", references_.innermost));
    }
    if (is_narrow()) out_.line("// Wants arrays whose places fit into 32 bits.");
    out_.line(fmt::format("// Compile with {}", fmt::join(device_compiler_options(options_.dialect), " ")));
  }

  const ir::Kernel& kernel_;
  const DeviceTextOptions& options_;
  TextWriter out_;
  HelperFunctions helpers_{options_.dialect};
  DeviceIndexing indexing_;
  ir::Kernel cell_;
  std::optional<ir::Kernel> group_;
  References references_;
  KernelNames names_;
  DeviceText result_;
  int temporaries_ = 0;
};

}  // namespace

std::size_t size_of(const DeviceParameter& parameter) {
  switch (parameter.kind) {
    case Kind::data:
    case Kind::numbers:
    case Kind::result:
      return sizeof(void*);
    case Kind::stride:
    case Kind::scalar:
    case Kind::begin:
    case Kind::end:
    case Kind::tile_extent:
    case Kind::tile_count:
    case Kind::tiles:
      break;
  }
  return size_of(parameter.dtype);
}

void check_device_kernel(const ir::Kernel& kernel, std::string_view target) {
  if (kernel.order == ir::IterationOrder::independent) return;
  throw UnsupportedError(
      {.code = ErrorCode::unsupported,
       .message = fmt::format("The cells of kernel '{}' must run one by one, because one writes what another one reads "
                              "or writes, but on the target '{}' they run at the same time.",
                              kernel.name, target),
       .hints = {"Write to another field and swap the arrays between calls, or use the target 'cpu'."}});
}

DeviceText ir_to_device(const ir::Kernel& kernel, const DeviceTextOptions& options) {
  CPPSTENCILS_CHECK(options.dialect != Dialect::cpp, "Device text is CUDA or HIP.");
  CPPSTENCILS_CHECK(kernel.reductions.empty() == (options.mapping.scheme != ir::IndexingScheme::tiles),
                    "Kernels with reductions, and no others, are computed in tiles.");
  CPPSTENCILS_CHECK(kernel.reductions.empty() || options.index_width == IndexWidth::bits64,
                    "Kernels with reductions index with 64 bits.");
  check_device_kernel(kernel, options.dialect == Dialect::cuda ? "cuda" : "hip");
  return DeviceFunctionWriter(kernel, options).write();
}

std::vector<std::string_view> device_compiler_options(Dialect dialect) {
  switch (dialect) {
    case Dialect::cpp:
      return {};
    case Dialect::cuda:
      return {"-std=c++17", "-fmad=false", "-ftz=false", "-prec-div=true", "-prec-sqrt=true"};
    case Dialect::hip:
      return {"-std=c++17", "-ffp-contract=off", "-fno-fast-math", "-fhip-fp32-correctly-rounded-divide-sqrt"};
  }
  return {};
}

}  // namespace cppstencils::emit
