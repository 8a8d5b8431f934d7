#include "passes/hoist_invariants.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"
#include "ir/operands.hpp"
#include "ir/traverse.hpp"
#include "passes/value_table.hpp"

namespace cppstencils::passes {
namespace {

using ir::Expr;
/// Number of loops around a block.
using Level = std::size_t;

class Hoisting {
 public:
  explicit Hoisting(const ir::Kernel& kernel) : result_(kernel) {}

  ir::Kernel run() {
    enter(result_.body);
    // Blocks grow while the blocks inside them are walked, so the loops are closed from the inside out.
    for (Level level = blocks_.size() - 1; level > 0; --level) {
      const ir::Loop& loop = *loops_[level - 1];
      std::vector<ir::Stmt>& outer = blocks_[level - 1];
      outer.push_back({ir::Loop{loop.dimension, loop.step, std::move(blocks_[level])}});
    }
    ir::Block body = std::move(blocks_[0]);
    result_.body = std::move(body);
    return std::move(result_);
  }

 private:
  void enter(const ir::Block& block) {
    const Level here = blocks_.size();
    blocks_.emplace_back();
    levels_.clear();  // a load belongs to the block that it is in
    const ir::Loop* loop_inside = nullptr;
    ir::ExprRewriter rewrite([&](const Expr& expr) { return move_operands(expr, here); });
    const auto move = [&](const Expr& expr) { return moved_out_of(here, rewrite(expr), here); };
    for (const ir::Stmt& stmt : block) {
      CPPSTENCILS_CHECK(loop_inside == nullptr, "A loop is the last statement of the block that it is in.");
      ir::match(
          stmt,
          [&](const ir::Let& s) {
            Expr value = rewrite(s.value);
            const Level level = level_of(value, here);
            level_of_variable_[s.id] = level;
            if (level < here) moved_.try_emplace(value, s.id);
            blocks_[level].push_back({ir::Let{s.id, std::move(value)}});
          },
          [&](const ir::Store& s) {
            blocks_[here].push_back({ir::Store{s.buffer, s.offsets, s.index, move(s.value)}});
          },
          [&](const ir::ElementStore& s) {
            Expr position = move(s.position);
            blocks_[here].push_back({ir::ElementStore{s.buffer, std::move(position), move(s.value)}});
          },
          [&](const ir::Reduce& s) {
            blocks_[here].push_back({ir::Reduce{s.id, move(s.value)}});
          },
          [&](const ir::Loop& s) { loop_inside = &s; });
    }
    if (loop_inside == nullptr) return;
    loops_.push_back(loop_inside);
    level_of_dimension_[loop_inside->dimension] = here + 1;
    enter(loop_inside->body);
  }

  /// Replaces the operands that can be computed further out than the node itself. They hold no such operands.
  Expr move_operands(const Expr& expr, Level here) {
    const Level level = level_of(expr, here);
    std::vector<Expr> operands = ir::children(expr);
    for (Expr& operand : operands) operand = moved_out_of(level, operand, here);
    Expr result = ir::with_children(expr, operands);
    levels_.assign(result, level);
    return result;
  }

  /// `expr`, or a variable for it in an outer block when it does not need to be at `level`.
  Expr moved_out_of(Level level, const Expr& expr, Level here) {
    const Level own_level = level_of(expr, here);
    if (own_level >= level || is_trivial(expr)) return expr;
    const auto [known, is_new] =
        moved_.try_emplace(expr, ir::VarId{static_cast<std::uint32_t>(result_.variables.size())});
    const ir::VarId id = known->second;
    if (is_new) {
      result_.variables.push_back({"", expr.type()});
      level_of_variable_[id] = own_level;
      blocks_[own_level].push_back({ir::Let{id, expr}});
    }
    return ir::variable(id, expr.type());
  }

  /// The outermost block in which `expr` can be computed.
  Level level_of(const Expr& expr, Level here) {
    if (const Level* known = levels_.find(expr.node())) return *known;
    Level level = ir::match(
        expr, [](const ir::Constant&) { return Level{0}; },
        [&](const ir::Variable& e) { return level_of_variable_.at(e.id); },
        [](const ir::ScalarParameter&) { return Level{0}; },
        [&](const ir::LoopIndex& e) { return level_of_dimension_.at(e.dimension); },
        [](const ir::Stride&) { return Level{0}; }, [&](const ir::Load&) { return here; },
        [&](const ir::ElementLoad&) { return here; }, [](const ir::Unary&) { return Level{0}; },
        [](const ir::Binary&) { return Level{0}; }, [](const ir::FusedMultiplyAdd&) { return Level{0}; },
        [](const ir::Compare&) { return Level{0}; }, [](const ir::Select&) { return Level{0}; },
        [](const ir::Call&) { return Level{0}; }, [](const ir::Cast&) { return Level{0}; },
        [](const ir::Reinterpret&) { return Level{0}; });
    ir::for_each_operand_of(expr, [&](const Expr& operand) { level = std::max(level, level_of(operand, here)); });
    levels_.emplace(expr, level);
    return level;
  }

  struct Hash {
    std::size_t operator()(const Expr& expr) const { return expr.node().hash; }
  };

  ir::Kernel result_;
  std::vector<ir::Block> blocks_;       // by level, without the loops in them
  std::vector<const ir::Loop*> loops_;  // loops_[k] is in the block of level k
  std::map<ir::VarId, Level> level_of_variable_;
  std::map<int, Level> level_of_dimension_;
  std::unordered_map<Expr, ir::VarId, Hash> moved_;
  ir::NodeMap<Level> levels_;
};

}  // namespace

ir::Kernel hoist_invariants(const ir::Kernel& kernel) { return Hoisting(kernel).run(); }

}  // namespace cppstencils::passes
