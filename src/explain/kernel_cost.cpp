#include "explain/kernel_cost.hpp"

#include <map>
#include <set>

#include "ir/traverse.hpp"
#include "passes/pipeline.hpp"

namespace cppstencils {

namespace explain {

namespace {

enum class Until : std::uint8_t { lowering, end };

/// The kernel when nothing superfluous is left; before the lowering its accesses are still those of cells. Functions
/// stay calls: people count functions, not the steps of one.
ir::Kernel optimized(const ir::Kernel& kernel, Until until) {
  ir::Kernel result = kernel;
  for (const passes::Pass& pass : passes::pass_list()) {
    if (until == Until::lowering && pass.name == "lower_accesses") break;
    if (pass.name == "expand_functions") continue;
    if (pass.when(kernel.fp_mode)) result = pass.run(result, {.inner_stride = InnerStride::unit});
  }
  return result;
}

struct Streams {
  std::set<std::vector<std::int64_t>> read;
  std::set<std::vector<std::int64_t>> written;
};

std::vector<FieldTraffic> traffic(const ir::Kernel& kernel) {
  std::vector<FieldTraffic> fields;
  for (const ir::Buffer& buffer : kernel.buffers) fields.push_back({.name = buffer.name, .dtype = buffer.dtype});
  std::vector<Streams> streams(fields.size());
  for (const ir::AccessPattern& pattern : ir::access_patterns(kernel)) {
    FieldTraffic& field = fields[pattern.buffer.value];
    Streams& stream = streams[pattern.buffer.value];
    const bool is_write = pattern.access == ir::BufferAccess::write;
    ++(is_write ? field.stores : field.loads);
    (is_write ? stream.written : stream.read).insert(pattern.index);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    fields[i].reads = static_cast<int>(streams[i].read.size());
    fields[i].writes = static_cast<int>(streams[i].written.size());
    for (const auto& index : streams[i].written) fields[i].write_only += streams[i].read.contains(index) ? 0 : 1;
  }
  return fields;
}

class OperationCounter {
 public:
  explicit OperationCounter(KernelExplanation& result)
      : result_(result), visit_([this](const ir::Expr& expr) { count(expr); }) {}

  void operator()(const ir::Kernel& kernel, const ir::Block& innermost) {
    for (const ir::Reduction& reduction : kernel.reductions) {
      if (OperationCounts* const result = counts(reduction.dtype)) count(ir::lane_op(reduction.op), *result);
      if (is_integer(reduction.dtype) && reduction.dtype != DType::int64) ++result_.integer_operations;
    }
    for (const ir::Stmt& stmt : innermost) {
      for (const ir::Expr& expr : ir::expressions(stmt)) visit_(expr);
    }
  }

 private:
  /// Null where the type is no floating-point number: positions, coordinates, conditions.
  OperationCounts* counts(DType type) {
    if (type == DType::float64) return &result_.float64;
    return type == DType::float32 ? &result_.float32 : nullptr;
  }

  void count(const ir::Expr& expr) {
    const auto* const comparison = ir::get_if<ir::Compare>(expr);
    const bool has_operator = ir::get_if<ir::Unary>(expr) != nullptr || ir::get_if<ir::Binary>(expr) != nullptr;
    if (has_operator && is_integer(expr.type()) && expr.type() != DType::int64) ++result_.integer_operations;
    OperationCounts* const result = counts(comparison != nullptr ? comparison->left.type() : expr.type());
    if (result == nullptr) return;
    ir::match(
        expr, [](const ir::Constant&) {}, [](const ir::Variable&) {}, [](const ir::ScalarParameter&) {},
        [](const ir::LoopIndex&) {}, [](const ir::Stride&) {}, [](const ir::Load&) {}, [](const ir::ElementLoad&) {},
        [&](const ir::Unary& unary) { count(unary.op, *result); },
        [&](const ir::Binary& binary) { count(binary.op, *result); },
        [&](const ir::FusedMultiplyAdd&) { ++result->fused_multiply_adds; },
        [&](const ir::Compare&) { ++result->comparisons; }, [&](const ir::Select&) { ++result->comparisons; },
        [&](const ir::Call&) { ++result->functions; }, [](const ir::Cast&) {}, [](const ir::Reinterpret&) {});
  }

  static void count(ir::UnaryOp op, OperationCounts& result) {
    switch (op) {
      case ir::UnaryOp::square_root:
        ++result.square_roots;
        return;
      case ir::UnaryOp::floor:
      case ir::UnaryOp::ceil:
        ++result.comparisons;
        return;
      case ir::UnaryOp::negate:
      case ir::UnaryOp::logical_not:
      case ir::UnaryOp::absolute:
      case ir::UnaryOp::rarely:
        return;
    }
  }

  static void count(ir::BinaryOp op, OperationCounts& result) {
    switch (op) {
      case ir::BinaryOp::add:
      case ir::BinaryOp::subtract:
        ++result.additions;
        return;
      case ir::BinaryOp::multiply:
        ++result.multiplications;
        return;
      case ir::BinaryOp::divide:
        ++result.divisions;
        return;
      case ir::BinaryOp::minimum:
      case ir::BinaryOp::maximum:
        ++result.comparisons;
        return;
      case ir::BinaryOp::bit_and:
      case ir::BinaryOp::bit_xor:
      case ir::BinaryOp::logical_and:
      case ir::BinaryOp::logical_or:
        return;
    }
  }

  KernelExplanation& result_;
  ir::ExprVisitor visit_;
};

/// Lowered kernels have statements between their loops, one loop in each.
const ir::Block& innermost_block(const ir::Block& block) {
  for (const ir::Stmt& stmt : block) {
    if (const auto* loop = std::get_if<ir::Loop>(&stmt.kind)) return innermost_block(loop->body);
  }
  return block;
}

}  // namespace

KernelExplanation explain_kernel(const ir::Kernel& kernel) {
  KernelExplanation result;
  result.kernel = kernel.name;
  result.fp_mode = kernel.fp_mode;
  result.fields = traffic(optimized(kernel, Until::lowering));
  OperationCounter{result}(kernel, innermost_block(optimized(kernel, Until::end).body));
  return result;
}

}  // namespace explain

namespace {

template <class Streams>
std::int64_t sum_of_bytes(const std::vector<FieldTraffic>& fields, Streams&& streams) {
  std::int64_t bytes = 0;
  for (const FieldTraffic& field : fields) bytes += static_cast<std::int64_t>(size_of(field.dtype)) * streams(field);
  return bytes;
}

}  // namespace

std::int64_t KernelExplanation::bytes_read() const {
  return sum_of_bytes(fields, [](const FieldTraffic& field) { return field.reads; });
}

std::int64_t KernelExplanation::bytes_written() const {
  return sum_of_bytes(fields, [](const FieldTraffic& field) { return field.writes; });
}

std::int64_t KernelExplanation::bytes_allocated(StorePolicy stores) const {
  return sum_of_bytes(fields, [&](const FieldTraffic& field) {
    return stores == StorePolicy::cached || field.reads > 0 ? field.write_only : 0;
  });
}

KernelExplanation KernelFunction::explain() const { return explain::explain_kernel(kernel_ir()); }

}  // namespace cppstencils
