#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cppstencils/ir/expr.hpp"
#include "cppstencils/support/reduction_op.hpp"

namespace cppstencils::ir {

struct Stmt;
using Block = std::vector<Stmt>;

/// Defines a variable once; it is visible until the end of its block.
struct Let {
  VarId id;
  Expr value;
  bool operator==(const Let&) const = default;
};
/// Writes the element `offsets` away from the current cell. Gone after lower_accesses.
struct Store {
  BufferId buffer;
  std::vector<std::int64_t> offsets;
  std::vector<std::int64_t> index;
  Expr value;
  bool operator==(const Store&) const = default;
};
/// Writes the element `position` elements from the buffer's base pointer (int64).
struct ElementStore {
  BufferId buffer;
  Expr position;
  Expr value;
  bool operator==(const ElementStore&) const = default;
};
/// Combines a value of the current cell into an entry of the kernel's `reductions`. The order in which the values of
/// the cells are combined is the same on every back end, see `reduction_lanes`.
struct Reduce {
  ReductionId id;
  Expr value;
  bool operator==(const Reduce&) const = default;
};
/// for (i = begin[dimension]; i < end[dimension]; i += step), with begin and end from the caller's box.
struct Loop {
  int dimension = 0;
  std::int64_t step = 1;
  Block body;
  bool operator==(const Loop&) const = default;
};

struct Stmt {
  std::variant<Let, Store, ElementStore, Reduce, Loop> kind;
  bool operator==(const Stmt&) const = default;
};

/// Calls the handler for the kind of `stmt`. Every kind needs one; there is no default.
template <class... Fs>
decltype(auto) match(const Stmt& stmt, Fs&&... handlers) {
  return match_kind(stmt.kind, std::forward<Fs>(handlers)...);
}

enum class BufferAccess : std::uint8_t { read, write, read_write };

/// An array argument. Axes are the spatial dimensions followed by the index dimensions.
struct Buffer {
  std::string name;
  DType dtype = DType::float64;
  BufferAccess access = BufferAccess::read;
  int rank = 0;  // spatial dimensions
  std::vector<std::int64_t> index_shape;
  int axes() const { return rank + static_cast<int>(index_shape.size()); }
  bool operator==(const Buffer&) const = default;
};

struct Scalar {
  std::string name;
  DType dtype = DType::float64;
  bool operator==(const Scalar&) const = default;
};

/// A number that the values of all cells are combined into. Its argument is an array with one element.
struct Reduction {
  std::string name;
  /// A number.
  DType dtype = DType::float64;
  ReductionOp op = ReductionOp::add;
  bool operator==(const Reduction&) const = default;
};

/// The code of a kernel combines the value of cell k of each row, counted from the begin of the box that the code is
/// called with, into accumulator k modulo this number: so the order is the same for vectors of any length. Who calls
/// the code gives it the accumulators and combines them, see docs/design/0013.
inline constexpr int reduction_lanes = 64;
/// The operation that combines values in accumulators, and accumulators.
CPPSTENCILS_EXPORT BinaryOp lane_op(ReductionOp op);
/// The bits of the number that changes no value that it is combined with.
CPPSTENCILS_EXPORT std::uint64_t neutral_bits(ReductionOp op, DType dtype);

struct VariableInfo {
  /// A name for printing, not necessarily unique; printers make it so. May be empty.
  std::string name;
  DType dtype = DType::float64;
  bool operator==(const VariableInfo&) const = default;
};

/// How floating-point operations may be rewritten, always by passes and never by a back end.
enum class FpMode : std::uint8_t {
  /// IEEE operations in the order written.
  strict,
  /// As strict, but a*b + c becomes one fused operation, the same ones on every back end.
  contract,
  /// As contract, and divisions become multiplications by a reciprocal and long sums are balanced.
  fast,
};

enum class IterationOrder : std::uint8_t {
  /// No cell reads or writes what another one writes: any order, vectors and threads are allowed.
  independent,
  /// The user switched the independence check off: cells run one by one in loop order.
  sequential,
};

/// A kernel: tables and a loop nest over cells.
///
/// Before lower_accesses the body is a nest of loops, each the only statement of the one around it, around one block
/// of Let statements followed by Reduce and then Store statements: a cell reads everything before it writes anything.
struct CPPSTENCILS_EXPORT Kernel {
  std::string name;
  std::vector<Buffer> buffers;
  std::vector<Scalar> scalars;
  std::vector<Reduction> reductions;
  std::vector<VariableInfo> variables;
  /// Number of loop dimensions.
  int rank = 0;
  FpMode fp_mode = FpMode::strict;
  IterationOrder order = IterationOrder::independent;
  Block body;

  const Buffer& buffer(BufferId id) const { return buffers[id.value]; }
  const Scalar& scalar(ScalarId id) const { return scalars[id.value]; }
  const Reduction& reduction(ReductionId id) const { return reductions[id.value]; }
  const VariableInfo& variable(VarId id) const { return variables[id.value]; }
  bool operator==(const Kernel&) const = default;
};

/// The text form: deterministic, complete, readable. Used for inspection, golden tests and cache keys.
CPPSTENCILS_EXPORT std::string to_string(const Kernel& kernel);
CPPSTENCILS_EXPORT std::string to_string(const Expr& expr, const Kernel& kernel);
CPPSTENCILS_EXPORT std::string_view to_string(FpMode mode);
CPPSTENCILS_EXPORT std::string_view to_string(IterationOrder order);
CPPSTENCILS_EXPORT std::string_view to_string(BufferAccess access);

/// Reads the text form back: parse(to_string(k)) == k. Throws Error (parse-failed) with line and column.
CPPSTENCILS_EXPORT Kernel parse_kernel(std::string_view text);

/// One access pattern of a kernel before lower_accesses: an element of `buffer` at constant offsets from the cell.
struct AccessPattern {
  BufferId buffer;
  BufferAccess access;  // read or write
  std::vector<std::int64_t> offsets;
  std::vector<std::int64_t> index;
  auto operator<=>(const AccessPattern&) const = default;
};

/// All distinct accesses of the kernel in order of first appearance. What bounds checks, overlap checks, fusion and
/// tiling over time need to know.
CPPSTENCILS_EXPORT std::vector<AccessPattern> access_patterns(const Kernel& kernel);

}  // namespace cppstencils::ir
