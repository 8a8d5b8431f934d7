#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "cppstencils/support/dtype.hpp"
#include "cppstencils/support/export.hpp"
#include "cppstencils/support/match.hpp"

/// The typed intermediate representation. Public for inspection and for users' own JITs; it may change between
/// minor versions.
namespace cppstencils::ir {

struct Node;

/// A typed expression. Immutable and cheap to copy; equality is structural.
class CPPSTENCILS_EXPORT Expr {
 public:
  /// Wraps a node; builders in `ir/builder.hpp` check its operands first.
  explicit Expr(Node node);

  const Node& node() const noexcept { return *node_; }
  DType type() const noexcept;
  bool same_node(const Expr& other) const noexcept { return node_ == other.node_; }
  friend CPPSTENCILS_EXPORT bool operator==(const Expr& left, const Expr& right) noexcept;

 private:
  std::shared_ptr<const Node> node_;  // never null
};

/// Index into a table of the kernel.
struct VarId {
  std::uint32_t value = 0;
  auto operator<=>(const VarId&) const = default;
};
struct BufferId {
  std::uint32_t value = 0;
  auto operator<=>(const BufferId&) const = default;
};
struct ScalarId {
  std::uint32_t value = 0;
  auto operator<=>(const ScalarId&) const = default;
};
struct ReductionId {
  std::uint32_t value = 0;
  auto operator<=>(const ReductionId&) const = default;
};

// Semantics, the same on every back end and free of undefined behaviour:
//  * Floating-point add, subtract, multiply, divide, square_root and fused_multiply_add are the IEEE 754 operations,
//    rounded to nearest even, subnormals kept. Nothing is reassociated or contracted after the IR.
//  * Integer add, subtract, multiply and negate wrap. Integer division truncates; x / 0 is 0, and the smallest
//    value divided by -1 is itself. absolute wraps on the smallest value.
//  * minimum(a, b) is (a < b or a is NaN) ? a : b; maximum likewise with >.
//  * bit_and and bit_xor work on each bit of two integers.
//  * rarely(a) is a, and says that a is false in nearly every cell: what only the first value of a selection by it
//    needs may be computed behind a branch.
//  * Both operands of logical operators and all of select are evaluated.
//  * Math functions are defined by arithmetic of the IR where there is some (docs/design/0007), the same on every back
//    end; the others are those of the C library that the process uses. They are never folded or computed in another
//    way.
enum class UnaryOp : std::uint8_t { negate, logical_not, absolute, square_root, floor, ceil, rarely };
enum class BinaryOp : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  minimum,
  maximum,
  bit_and,
  bit_xor,
  logical_and,
  logical_or,
};
enum class CompareOp : std::uint8_t { equal, not_equal, less, less_equal };
enum class MathFunction : std::uint8_t {
  exp,
  log,
  sin,
  cos,
  tan,
  sinh,
  cosh,
  tanh,
  asin,
  acos,
  atan,
  atan2,
  pow,
};

/// A literal: the bits of a value of the node's type, zero-extended to 64 bits.
struct Constant {
  std::uint64_t bits;
};
struct Variable {
  VarId id;
};
struct ScalarParameter {
  ScalarId id;
};
/// Coordinate of the current cell, int64.
struct LoopIndex {
  int dimension;
};
/// Distance of neighbouring elements of a buffer along one axis, in elements, int64.
struct Stride {
  BufferId buffer;
  int axis;
};
/// The element `offsets` away from the current cell. Gone after lower_accesses.
struct Load {
  BufferId buffer;
  std::vector<std::int64_t> offsets;
  std::vector<std::int64_t> index;
};
/// The element `position` elements from the buffer's base pointer (int64).
struct ElementLoad {
  BufferId buffer;
  Expr position;
};
struct Unary {
  UnaryOp op;
  Expr operand;
};
struct Binary {
  BinaryOp op;
  Expr left;
  Expr right;
};
/// a * b + c, rounded once. Floating point only.
struct FusedMultiplyAdd {
  Expr a;
  Expr b;
  Expr c;
};
/// Gives a boolean; the operands have one common type.
struct Compare {
  CompareOp op;
  Expr left;
  Expr right;
};
struct Select {
  Expr condition;
  Expr if_true;
  Expr if_false;
};
struct Call {
  MathFunction function;
  std::vector<Expr> arguments;
};
/// Conversion to the node's type: to float rounds to nearest, float to integer truncates and saturates with NaN to 0,
/// integer to integer wraps, to boolean is "not equal to zero", from boolean is 0 or 1.
struct Cast {
  Expr operand;
};
/// The bits of the operand read as the node's type: between float64 and int64 or uint64, and between float32 and int32
/// or uint32. Which NaN a NaN is, is left open, so the integer of a NaN may be that of any NaN.
struct Reinterpret {
  Expr operand;
};

using NodeKind = std::variant<Constant, Variable, ScalarParameter, LoopIndex, Stride, Load, ElementLoad, Unary, Binary,
                              FusedMultiplyAdd, Compare, Select, Call, Cast, Reinterpret>;

struct Node {
  NodeKind kind;
  DType type;
  std::uint64_t hash = 0;   // set by Expr
  std::uint32_t depth = 0;  // set by Expr; 1 for a leaf
  bool has_call = false;    // set by Expr; the node or one below it is a Call
};

inline DType Expr::type() const noexcept { return node_->type; }

/// Calls the handler for the kind of `expr`. Every kind needs one; there is no default.
template <class... Fs>
decltype(auto) match(const Expr& expr, Fs&&... handlers) {
  return match_kind(expr.node().kind, std::forward<Fs>(handlers)...);
}

/// The payload of `expr` if it is of kind `Kind`, else null.
template <class Kind>
const Kind* get_if(const Expr& expr) {
  return std::get_if<Kind>(&expr.node().kind);
}

CPPSTENCILS_EXPORT std::string_view to_string(UnaryOp op);
CPPSTENCILS_EXPORT std::string_view to_string(BinaryOp op);
CPPSTENCILS_EXPORT std::string_view to_string(CompareOp op);
CPPSTENCILS_EXPORT std::string_view to_string(MathFunction function);

}  // namespace cppstencils::ir
