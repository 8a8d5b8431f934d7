#include "emit/device_reduction.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "emit/accumulating.hpp"
#include "emit/ir_to_device.hpp"
#include "emit/spelling.hpp"
#include "ir/builder.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::emit {
namespace {

/// Operations of the statements, roughly.
std::size_t operation_count(const ir::Block& block) {
  std::size_t count = 0;
  ir::ExprVisitor visit([&](const ir::Expr& expr) { count += ir::children(expr).empty() ? 0 : 1; });
  ir::for_each_stmt(block, [&](const ir::Stmt& stmt) {
    for (const ir::Expr& expr : ir::expressions(stmt)) visit(expr);
  });
  return count;
}

/// How many cells of a row a thread has under way: a compiler may load what all of them need first. Cells with much to
/// compute keep a thread busy alone.
int cells_at_once(const ir::Block& cell) { return operation_count(cell) <= 200 ? 4 : 1; }

/// A power of two, so that the numbers that a thread combines are a whole part of the tree.
constexpr int numbers_per_thread = 8;

}  // namespace

DeviceReduction::DeviceReduction(const ir::Kernel& kernel, const References& references, HelperFunctions& helpers,
                                 TextWriter& out, int& temporaries)
    : kernel_(accumulating(kernel)),
      references_(references),
      names_(names_in(kernel, references)),
      helpers_(helpers),
      out_(out),
      temporaries_(temporaries) {
  // A thread has one of the accumulators.
  for (std::string& accumulator : names_.accumulators) accumulator.resize(accumulator.find('['));
  // The values so far are the last variables.
  names_.variables.insert(names_.variables.end(), names_.accumulators.begin(), names_.accumulators.end());
}

std::string DeviceReduction::neutral(const ir::Reduction& reduction) const {
  return literal(reduction.dtype, ir::neutral_bits(reduction.op, reduction.dtype), helpers_.dialect());
}

void DeviceReduction::write_combine(ir::BinaryOp op, DType dtype, const std::string& left, const std::string& right) {
  KernelNames names;
  names.variables = {left, right};
  names.accumulators = {left};
  const std::array<ir::Stmt, 1> statement{
      ir::Stmt{ir::Reduce{{0}, ir::binary(op, ir::variable({0}, dtype), ir::variable({1}, dtype))}}};
  ExprWriter(names, {}, helpers_, out_, temporaries_).write(statement);
}

// Tiles follow each other as the loops do.
void DeviceReduction::open_tile() {
  out_.line("const int lane = int(threadIdx.x);");
  std::string rest = "i64(blockIdx.x)";
  for (auto dimension = references_.dimensions.rbegin(); dimension != references_.dimensions.rend(); ++dimension) {
    const int d = *dimension;
    const bool is_last = dimension + 1 == references_.dimensions.rend();
    out_.line(fmt::format("const i64 place{} = {}{};", d, rest, is_last ? "" : fmt::format(" % tiles{}", d)));
    if (!is_last) out_.line(fmt::format("const i64 rest{0} = {1} / tiles{0};", d, rest));
    rest = fmt::format("rest{}", d);
    out_.line(fmt::format("const i64 first{0} = begin{0} + place{0} * extent{0};", d));
    out_.line(fmt::format("const i64 last{0} = place{0} + 1 == tiles{0} ? end{0} : first{0} + extent{0};", d));
  }
}

void DeviceReduction::write_block(const ir::Block& block) {
  ExprWriter expressions(names_, {.negation = references_.negation}, helpers_, out_, temporaries_);
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

void DeviceReduction::write_loop(const ir::Loop& loop) {
  const int d = loop.dimension;
  const bool is_innermost = d == references_.innermost;
  const std::string index = KernelNames::loop_index(d);
  std::string start = fmt::format("first{}", d);
  std::int64_t pace = loop.step;
  if (is_innermost) {
    start += loop.step == 1 ? " + lane" : fmt::format(" + i64(lane) * {}", loop.step);
    pace *= ir::reduction_lanes;
    out_.line(fmt::format("#pragma unroll {}", cells_at_once(loop.body)));
  }
  const std::string advance = pace == 1 ? "++" + index : fmt::format("{} += {}", index, pace);
  out_.line(fmt::format("for (i64 {0} = {1}; {0} < last{2}; {3}) {{", index, start, d, advance));
  out_.indent();
  write_block(loop.body);
  out_.dedent();
  out_.line("}");
}

void DeviceReduction::write_fold(std::size_t reduction) {
  const ir::Reduction& facts = kernel_.reductions[reduction];
  const std::string lanes = fmt::format("lanes{}", reduction);
  out_.line(fmt::format("__shared__ {} {}[{}];", type_name(facts.dtype), lanes, ir::reduction_lanes));
  out_.line(fmt::format("{}[lane] = {};", lanes, names_.accumulators[reduction]));
  out_.line("__syncthreads();");
  out_.line(fmt::format("for (int half = {}; half > 0; half /= 2) {{", ir::reduction_lanes / 2));
  out_.indent();
  out_.line("if (lane < half) {");
  out_.indent();
  write_combine(ir::lane_op(facts.op), facts.dtype, lanes + "[lane]", lanes + "[lane + half]");
  out_.dedent();
  out_.line("}");
  out_.line("__syncthreads();");
  out_.dedent();
  out_.line("}");
  out_.line(fmt::format("if (lane == 0) {}[blockIdx.x] = {}[0];", numbers_name(reduction), lanes));
}

void DeviceReduction::write_tile() {
  open_tile();
  for (std::size_t i = 0; i < kernel_.reductions.size(); ++i) {
    const ir::Reduction& reduction = kernel_.reductions[i];
    out_.line(fmt::format("{} {} = {};", type_name(reduction.dtype), names_.accumulators[i], neutral(reduction)));
  }
  write_block(kernel_.body);
  for (std::size_t i = 0; i < kernel_.reductions.size(); ++i) write_fold(i);
}

// A number that has no neighbour stays as it is. What threads write lies before all that is still to be read.
void DeviceReduction::write_tree(std::size_t reduction) {
  const ir::Reduction& facts = kernel_.reductions[reduction];
  const std::string numbers = numbers_name(reduction);
  out_.line(fmt::format("for (i64 count = tiles; count > 1; count = (count + {}) / {}) {{", numbers_per_thread - 1,
                        numbers_per_thread));
  out_.indent();
  out_.line(
      fmt::format("for (i64 first = 0; first * {} < count; first += {}) {{", numbers_per_thread, combine_threads));
  out_.indent();
  out_.line(fmt::format("const i64 place = (first + i64(threadIdx.x)) * {};", numbers_per_thread));
  out_.line(fmt::format("{} values[{}];", type_name(facts.dtype), numbers_per_thread));
  out_.line("#pragma unroll");
  out_.line(fmt::format("for (int i = 0; i < {}; ++i) values[i] = place + i < count ? {}[place + i] : {};",
                        numbers_per_thread, numbers, neutral(facts)));
  out_.line("#pragma unroll");
  out_.line(fmt::format("for (int width = 1; width < {}; width *= 2) {{", numbers_per_thread));
  out_.indent();
  out_.line("#pragma unroll");
  out_.line(fmt::format("for (int i = 0; i < {}; i += 2 * width) {{", numbers_per_thread));
  out_.indent();
  out_.line("if (place + i + width < count) {");
  out_.indent();
  write_combine(ir::lane_op(facts.op), facts.dtype, "values[i]", "values[i + width]");
  out_.dedent();
  out_.line("}");
  out_.dedent();
  out_.line("}");
  out_.dedent();
  out_.line("}");
  out_.line("__syncthreads();");
  out_.line(fmt::format("if (place < count) {}[place / {}] = values[0];", numbers, numbers_per_thread));
  out_.line("__syncthreads();");
  out_.dedent();
  out_.line("}");
  out_.dedent();
  out_.line("}");
}

void DeviceReduction::write_combination() {
  for (std::size_t i = 0; i < kernel_.reductions.size(); ++i) {
    const ir::Reduction& facts = kernel_.reductions[i];
    out_.line(fmt::format("if (blockIdx.x == {}) {{", i));
    out_.indent();
    write_tree(i);
    out_.line("if (threadIdx.x == 0) {");
    out_.indent();
    const bool is_difference = facts.op == ReductionOp::subtract;
    write_combine(is_difference ? ir::BinaryOp::subtract : ir::lane_op(facts.op), facts.dtype, result_name(i) + "[0]",
                  numbers_name(i) + "[0]");
    out_.dedent();
    out_.line("}");
    out_.dedent();
    out_.line("}");
  }
}

}  // namespace cppstencils::emit
