#include "emit/ir_to_cpp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "cppstencils/support/error.hpp"
#include "emit/accumulating.hpp"
#include "emit/expr_writer.hpp"
#include "emit/references.hpp"
#include "emit/spelling.hpp"

namespace cppstencils::emit {
namespace {

class FunctionWriter {
 public:
  FunctionWriter(const ir::Kernel& kernel, HelperFunctions& helpers, TextWriter& out)
      : kernel_(accumulating(kernel)),
        helpers_(helpers),
        out_(out),
        references_(references(kernel)),
        names_(names_in(kernel, references_)) {
    // The values so far are the last variables.
    names_.variables.insert(names_.variables.end(), names_.accumulators.begin(), names_.accumulators.end());
  }

  void write(std::string_view function_name) {
    out_.line(fmt::format("extern \"C\" __attribute__((visibility(\"default\"))) i32 {}(", function_name));
    out_.line("    const CppstencilsKernelArguments* arguments, const i64* begin, const i64* end) {");
    out_.indent();
    write_arguments();
    write_block(kernel_.body);
    out_.line("return 0;");
    out_.dedent();
    out_.line("}");
  }

 private:
  // Everything is copied to locals first: stores into arrays of integers could otherwise change it.
  void write_arguments() {
    std::vector<std::size_t> first_stride;
    std::size_t strides = 0;
    for (const ir::Buffer& buffer : kernel_.buffers) {
      first_stride.push_back(strides);
      strides += static_cast<std::size_t>(buffer.axes());
    }
    for (const std::uint32_t id : references_.buffers) {
      const ir::Buffer& buffer = kernel_.buffers[id];
      const std::string type =
          fmt::format("{}{}", buffer.access == ir::BufferAccess::read ? "const " : "", element_type_name(buffer.dtype));
      out_.line(fmt::format("{0}* const {1} = static_cast<{0}*>(arguments->data[{2}]);", type, names_.buffers[id], id));
    }
    for (std::size_t i = 0; i < kernel_.reductions.size(); ++i) {
      out_.line(fmt::format("{0}* const {1} = static_cast<{0}*>(arguments->data[{2}]);",
                            type_name(kernel_.reductions[i].dtype), accumulators_name(i), kernel_.buffers.size() + i));
    }
    for (const auto& [stride, name] : names_.strides) {
      out_.line(fmt::format("const i64 {} = arguments->strides[{}];", name,
                            first_stride[stride.first] + static_cast<std::size_t>(stride.second)));
    }
    for (const std::uint32_t id : references_.scalars) {
      const DType type = kernel_.scalars[id].dtype;
      out_.line(fmt::format("const {} {} = *static_cast<const {}*>(arguments->scalars[{}]){};", type_name(type),
                            names_.scalars[id], element_type_name(type), id, type == DType::boolean ? " != 0" : ""));
    }
    for (const int dimension : references_.dimensions) {
      out_.line(fmt::format("const i64 begin{0} = begin[{0}], end{0} = end[{0}];", dimension));
    }
  }

  void write_block(const ir::Block& block) {
    // Cells in order run one by one: a branch is faster then.
    const bool is_independent = kernel_.order == ir::IterationOrder::independent;
    const Selections selections = is_independent ? Selections::without_branch : Selections::plain;
    const ExprStyle style{.negation = references_.negation, .selections = selections};
    ExprWriter expressions(names_, style, helpers_, out_, temporaries_);
    const auto is_loop = [](const ir::Stmt& stmt) { return std::holds_alternative<ir::Loop>(stmt.kind); };
    for (auto first = block.begin(); first != block.end();) {
      if (is_loop(*first)) {
        write_loop(std::get<ir::Loop>(first->kind));
        ++first;
        continue;
      }
      const auto last = std::find_if(first, block.end(), is_loop);
      expressions.write({first, last});
      first = last;
    }
  }

  /// "w_lanes" of the accumulator "w_lanes[lane]".
  std::string accumulators_name(std::size_t reduction) const {
    const std::string& accumulator = names_.accumulators[reduction];
    return accumulator.substr(0, accumulator.find('['));
  }

  // Runs of cells with an accumulator each, so that compilers see that all cells of a run are independent.
  void write_reducing_loop(const ir::Loop& loop) {
    const std::int64_t run = ir::reduction_lanes * loop.step;
    const std::string index = KernelNames::loop_index(loop.dimension);
    out_.line(
        fmt::format("for (i64 run{0} = begin{0}, next{0}; run{0} < end{0}; run{0} = next{0}) {{", loop.dimension));
    out_.indent();
    out_.line(fmt::format("next{0} = end{0} - run{0} <= {1} ? end{0} : run{0} + {1};", loop.dimension, run));
    const bool is_independent = kernel_.order == ir::IterationOrder::independent;
    if (is_independent) out_.line("CS_INDEPENDENT_CELLS");
    const std::string advance = loop.step == 1 ? "++" + index : fmt::format("{} += {}", index, loop.step);
    out_.line(
        fmt::format("for (i64 {0} = run{1}, lane = 0; {0} < next{1}; {2}, ++lane) {{", index, loop.dimension, advance));
    out_.indent();
    write_block(loop.body);
    out_.dedent();
    out_.line("}");
    out_.dedent();
    out_.line("}");
  }

  void write_loop(const ir::Loop& loop) {
    if (!kernel_.reductions.empty() && loop.dimension == references_.innermost) return write_reducing_loop(loop);
    const std::string index = KernelNames::loop_index(loop.dimension);
    const bool is_independent = kernel_.order == ir::IterationOrder::independent;
    if (is_independent && loop.dimension == references_.innermost) out_.line("CS_INDEPENDENT_CELLS");
    const std::string advance = loop.step == 1 ? "++" + index : fmt::format("{} += {}", index, loop.step);
    out_.line(fmt::format("for (i64 {0} = begin{1}; {0} < end{1}; {2}) {{", index, loop.dimension, advance));
    out_.indent();
    write_block(loop.body);
    out_.dedent();
    out_.line("}");
  }

  ir::Kernel kernel_;
  HelperFunctions& helpers_;
  TextWriter& out_;
  References references_;
  KernelNames names_;
  int temporaries_ = 0;
};

// Names reach comments through plain_name, so that no name can end one.
void write_description(const ir::Kernel& kernel, TextWriter& out) {
  out.line(fmt::format("// Kernel {}, {} floating point, {} cells.", plain_name(kernel.name),
                       ir::to_string(kernel.fp_mode), ir::to_string(kernel.order)));
  std::size_t stride = 0;
  for (std::size_t i = 0; i < kernel.buffers.size(); ++i) {
    const ir::Buffer& buffer = kernel.buffers[i];
    const auto axes = static_cast<std::size_t>(buffer.axes());
    out.line(fmt::format("//   data[{}]: array {} of {}, {}, {}; strides[{}]", i, plain_name(buffer.name),
                         to_string(buffer.dtype), shape_text(buffer), access_text(buffer.access),
                         axes == 1 ? fmt::format("{}", stride) : fmt::format("{}..{}", stride, stride + axes - 1)));
    stride += axes;
  }
  for (std::size_t i = 0; i < kernel.reductions.size(); ++i) {
    const ir::Reduction& reduction = kernel.reductions[i];
    out.line(fmt::format("//   data[{}]: {} accumulators of reduction {} of {}, {}", kernel.buffers.size() + i,
                         ir::reduction_lanes, plain_name(reduction.name), to_string(reduction.dtype),
                         to_string(reduction.op)));
  }
  for (std::size_t i = 0; i < kernel.scalars.size(); ++i) {
    out.line(fmt::format("//   scalars[{}]: {} of {}", i, plain_name(kernel.scalars[i].name),
                         to_string(kernel.scalars[i].dtype)));
  }
}

constexpr std::string_view preamble =
    R"(// Each function updates the cells begin[d], begin[d] + step, ... below end[d] of every dimension d and returns 0.
// data points to the elements with all coordinates zero; strides are in elements. The _unit functions want stride 1
// along the innermost loop. The order of operations is part of the result: compile with -ffp-contract=off and
// -fno-builtin, and without -ffast-math.

)";

constexpr std::string_view argument_struct =
    R"(
struct CppstencilsKernelArguments {
  void* const* data;
  const i64* strides;
  const void* const* scalars;
  const void* context;
};
)";

// No cell of these loops depends on another one. GCC and Clang say it differently.
constexpr std::string_view loop_macro =
    R"text(#if defined(__clang__)
#define CS_INDEPENDENT_CELLS _Pragma("clang loop vectorize(assume_safety)")
#else
#define CS_INDEPENDENT_CELLS _Pragma("GCC ivdep")
#endif
)text";

std::string function_name(std::string_view kernel_name, std::string_view variant) {
  return fmt::format("cs_{}_{}", plain_name(kernel_name), variant);
}

}  // namespace

std::string ir_to_cpp(std::span<const KernelVariants> kernels) {
  HelperFunctions helpers(Dialect::cpp);
  TextWriter descriptions;
  TextWriter functions;
  std::set<std::string> function_names;
  bool has_independent = false;
  for (const KernelVariants& variants : kernels) {
    const std::string& name = variants.unit.name;
    CPPSTENCILS_CHECK(function_names.insert(plain_name(name)).second, "Kernels in one text have different names.");
    write_description(variants.unit, descriptions);
    functions.line("");
    FunctionWriter(variants.unit, helpers, functions).write(unit_function_name(name));
    functions.line("");
    FunctionWriter(variants.any, helpers, functions).write(any_function_name(name));
    has_independent = has_independent || variants.unit.order == ir::IterationOrder::independent;
  }
  std::string text = descriptions.take();
  text += "//\n";
  text += preamble;
  text += type_definitions(Dialect::cpp);
  text += argument_struct;
  if (has_independent) text += fmt::format("\n{}", loop_macro);
  if (!helpers.text().empty()) text += fmt::format("\n{}", helpers.text());
  text += functions.take();
  return text;
}

std::string ir_to_cpp(const ir::Kernel& unit, const ir::Kernel& any) {
  const KernelVariants variants{unit, any};
  return ir_to_cpp(std::span(&variants, 1));
}

std::string unit_function_name(std::string_view kernel_name) { return function_name(kernel_name, "unit"); }
std::string any_function_name(std::string_view kernel_name) { return function_name(kernel_name, "any"); }

}  // namespace cppstencils::emit
