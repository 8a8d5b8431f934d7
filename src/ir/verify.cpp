#include "ir/verify.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "ir/traverse.hpp"
#include "ir/typing.hpp"

namespace cppstencils::ir {
namespace {

// More faults than this say nothing new.
constexpr std::size_t max_faults = 20;

class Verifier {
 public:
  explicit Verifier(const Kernel& kernel) : kernel_(kernel) {}

  std::vector<std::string> faults() {
    check_block(kernel_.body);
    for (int d = 0; d < kernel_.rank; ++d) {
      if (!seen_loops_.contains(d)) fault(6, fmt::format("Dimension {} has no loop.", d));
    }
    for (std::uint32_t i = 0; i < kernel_.reductions.size(); ++i) {
      if (!reduced_.contains({i})) fault(10, fmt::format("Reduction {} takes no value.", i));
    }
    if (has_cell_accesses_ && has_element_accesses_) {
      fault(9, "Accesses relative to the cell and to the base pointer are mixed.");
    }
    return std::move(faults_);
  }

 private:
  void fault(int rule, std::string sentence) {
    if (faults_.size() < max_faults) faults_.push_back(fmt::format("Rule {}: {}", rule, sentence));
  }

  void check_block(const Block& block) {
    std::vector<VarId> defined_here;
    int loops = 0;
    for (const Stmt& stmt : block) {
      ExprVisitor check([&](const Expr& e) { check_node(e); });
      for (const Expr& e : expressions(stmt)) check(e);
      match(
          stmt,
          [&](const Let& s) {
            check_let(s);
            visible_.insert(s.id);
            defined_here.push_back(s.id);
          },
          [&](const Store& s) {
            has_cell_accesses_ = true;
            stored_ = true;
            if (!check_target(s.buffer, s.value)) return;
            check_element(s.buffer, s.offsets, s.index);
          },
          [&](const ElementStore& s) {
            has_element_accesses_ = true;
            stored_ = true;
            check_target(s.buffer, s.value);
            if (s.position.type() != DType::int64) {
              fault(5, fmt::format("The position of a store is {}.", to_string(s.position.type())));
            }
          },
          [&](const Reduce& s) { check_reduce(s); },
          [&](const Loop& s) {
            if (++loops > 1) fault(6, fmt::format("The loop of dimension {} stands beside another loop.", s.dimension));
            check_loop(s);
          });
    }
    for (const VarId id : defined_here) visible_.erase(id);
  }

  void check_let(const Let& s) {
    if (!defined_.insert(s.id).second) fault(2, fmt::format("Variable {} is defined twice.", s.id.value));
    if (s.id.value >= kernel_.variables.size()) {
      fault(1, fmt::format("Variable {} is not in the table.", s.id.value));
    } else if (kernel_.variable(s.id).dtype != s.value.type()) {
      fault(1, fmt::format("Variable {} has {} and is defined as {}.", s.id.value,
                           to_string(kernel_.variable(s.id).dtype), to_string(s.value.type())));
    }
  }

  void check_reduce(const Reduce& s) {
    if (open_loops_.size() != static_cast<std::size_t>(kernel_.rank)) {
      fault(10, "A value is reduced outside of the innermost loop.");
    }
    if (!reduced_.insert(s.id).second) fault(10, fmt::format("Reduction {} takes two values.", s.id.value));
    if (s.id.value >= kernel_.reductions.size()) {
      return fault(1, fmt::format("Reduction {} is not in the table.", s.id.value));
    }
    const Reduction& reduction = kernel_.reduction(s.id);
    check_reference("reduction", reduction.name, reduction.dtype, s.value.type());
    if (!is_numeric(reduction.dtype)) {
      fault(10, fmt::format("Reduction '{}' of {} is no number.", reduction.name, to_string(reduction.dtype)));
    }
  }

  void check_loop(const Loop& s) {
    if (s.step < 1) fault(6, fmt::format("The loop of dimension {} has step {}.", s.dimension, s.step));
    if (s.dimension < 0 || s.dimension >= kernel_.rank) {
      fault(6, fmt::format("The kernel of rank {} has a loop of dimension {}.", kernel_.rank, s.dimension));
    }
    if (!seen_loops_.insert(s.dimension).second) {
      fault(6, fmt::format("Dimension {} has more than one loop.", s.dimension));
    }
    open_loops_.insert(s.dimension);
    check_block(s.body);
    open_loops_.erase(s.dimension);
  }

  bool check_buffer(BufferId id) {
    if (id.value < kernel_.buffers.size()) return true;
    fault(1, fmt::format("Buffer {} is not in the table.", id.value));
    return false;
  }

  bool check_target(BufferId id, const Expr& value) {
    if (!check_buffer(id)) return false;
    const Buffer& buffer = kernel_.buffer(id);
    if (buffer.access == BufferAccess::read)
      fault(7, fmt::format("Buffer '{}' is only read, and stored to.", buffer.name));
    if (buffer.dtype != value.type()) {
      fault(5, fmt::format("A value of {} is stored to buffer '{}' of {}.", to_string(value.type()), buffer.name,
                           to_string(buffer.dtype)));
    }
    return true;
  }

  void check_source(BufferId id, DType type) {
    if (stored_) fault(8, "A load follows a store.");
    if (!check_buffer(id)) return;
    const Buffer& buffer = kernel_.buffer(id);
    if (buffer.access == BufferAccess::write) {
      fault(7, fmt::format("Buffer '{}' is only written, and loaded from.", buffer.name));
    }
    check_reference("buffer", buffer.name, buffer.dtype, type);
  }

  void check_reference(std::string_view table, std::string_view name, DType entry, DType type) {
    if (entry == type) return;
    fault(1, fmt::format("A reference to {} '{}' of {} has {}.", table, name, to_string(entry), to_string(type)));
  }

  void check_element(BufferId id, const std::vector<std::int64_t>& offsets, const std::vector<std::int64_t>& index) {
    const Buffer& buffer = kernel_.buffer(id);
    for (int d = 0; d < buffer.rank; ++d) {
      if (open_loops_.contains(d)) continue;
      fault(6, fmt::format("Buffer '{}' is accessed outside of the loop of dimension {}.", buffer.name, d));
    }
    if (offsets.size() != static_cast<std::size_t>(buffer.rank)) {
      fault(4, fmt::format("Buffer '{}' has {} spatial dimensions and is accessed with {} offsets.", buffer.name,
                           buffer.rank, offsets.size()));
    }
    if (index.size() != buffer.index_shape.size()) {
      fault(4, fmt::format("Buffer '{}' has {} index dimensions and is accessed with {} indices.", buffer.name,
                           buffer.index_shape.size(), index.size()));
      return;
    }
    for (std::size_t i = 0; i < index.size(); ++i) {
      if (index[i] >= 0 && index[i] < buffer.index_shape[i]) continue;
      fault(4, fmt::format("Index {} of buffer '{}' is outside 0 to {}.", index[i], buffer.name,
                           buffer.index_shape[i] - 1));
    }
  }

  void check_node(const Expr& expr) {
    if (auto sentence = typing_fault(expr.node().kind, expr.type())) fault(3, *sentence);
    match(
        expr, [](const Constant&) {}, [&](const Variable& e) { check_variable(e.id, expr.type()); },
        [&](const ScalarParameter& e) {
          if (e.id.value >= kernel_.scalars.size()) {
            return fault(1, fmt::format("Scalar {} is not in the table.", e.id.value));
          }
          const Scalar& scalar = kernel_.scalar(e.id);
          check_reference("scalar", scalar.name, scalar.dtype, expr.type());
        },
        [&](const LoopIndex& e) {
          if (!open_loops_.contains(e.dimension)) {
            fault(6, fmt::format("The index of dimension {} is used outside of its loop.", e.dimension));
          }
        },
        [&](const Stride& e) {
          if (!check_buffer(e.buffer) || (e.axis >= 0 && e.axis < kernel_.buffer(e.buffer).axes())) return;
          fault(1, fmt::format("Buffer '{}' has no axis {}.", kernel_.buffer(e.buffer).name, e.axis));
        },
        [&](const Load& e) {
          has_cell_accesses_ = true;
          check_source(e.buffer, expr.type());
          if (e.buffer.value < kernel_.buffers.size()) check_element(e.buffer, e.offsets, e.index);
        },
        [&](const ElementLoad& e) {
          has_element_accesses_ = true;
          check_source(e.buffer, expr.type());
        },
        // The types say everything about operations.
        [](const Unary&) {}, [](const Binary&) {}, [](const FusedMultiplyAdd&) {}, [](const Compare&) {},
        [](const Select&) {}, [](const Call&) {}, [](const Cast&) {}, [](const Reinterpret&) {});
  }

  void check_variable(VarId id, DType type) {
    if (id.value >= kernel_.variables.size()) {
      return fault(1, fmt::format("Variable {} is not in the table.", id.value));
    }
    const VariableInfo& info = kernel_.variable(id);
    check_reference("variable", info.name, info.dtype, type);
    if (!visible_.contains(id)) fault(2, fmt::format("Variable {} is used where it is not defined.", id.value));
  }

  const Kernel& kernel_;
  std::vector<std::string> faults_;
  std::set<VarId> defined_;
  std::set<VarId> visible_;
  std::set<int> seen_loops_;
  std::set<int> open_loops_;
  std::set<ReductionId> reduced_;
  // Loops never stand beside each other, so one flag serves all blocks.
  bool stored_ = false;
  bool has_cell_accesses_ = false;
  bool has_element_accesses_ = false;
};

}  // namespace

void verify(const Kernel& kernel, std::string_view stage) {
  std::vector<std::string> faults = Verifier(kernel).faults();
  if (faults.empty()) return;
  faults.push_back(fmt::format("The IR is:\n{}", to_string(kernel)));
  throw InternalError({.code = ErrorCode::internal,
                       .message = fmt::format("The IR of kernel '{}' breaks a rule after '{}'.", kernel.name, stage),
                       .notes = std::move(faults)});
}

}  // namespace cppstencils::ir
