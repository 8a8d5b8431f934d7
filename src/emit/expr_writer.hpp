#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "emit/helper_functions.hpp"
#include "emit/text_writer.hpp"
#include "passes/value_table.hpp"

namespace cppstencils::emit {

/// What the parts of a kernel are called inside its function.
struct KernelNames {
  std::vector<std::string> buffers;
  std::vector<std::string> scalars;
  std::vector<std::string> variables;
  /// Of reductions: what holds the values so far.
  std::vector<std::string> accumulators;
  std::map<std::pair<std::uint32_t, int>, std::string> strides;  // by buffer and axis

  static std::string loop_index(int dimension) { return "i" + std::to_string(dimension); }
};

/// Where the places of elements are computed in 32 bits: variables of loops and strides then are i32, and so is what
/// serves places alone.
struct PlaceTypes {
  bool are_narrow = false;
  std::set<std::uint32_t> narrow_variables = {};
};
/// Narrow places for a lowered kernel.
PlaceTypes narrow_places(const ir::Kernel& kernel);

/// How the negation of a float is written. Kernels with fused operations need `guarded`, see HelperFunctions::negate.
enum class Negation : std::uint8_t { plain, guarded };

/// How a floating-point value is selected: with `?:`, or by a function that leaves compilers no branch.
enum class Selections : std::uint8_t { plain, without_branch };

struct ExprStyle {
  Negation negation = Negation::plain;
  Selections selections = Selections::plain;
  PlaceTypes places = {};
};

/// Writes a run of Let, ElementStore and Reduce statements. Values that the run uses more than once, and parts of
/// expressions that would nest too deeply for a compiler, get a local variable of their own; everything else is written
/// in place. Works on structure, not on node identity, so that equal kernels give equal text.
class ExprWriter {
 public:
  /// `temporaries` counts the local variables of the function so far.
  ExprWriter(const KernelNames& names, ExprStyle style, HelperFunctions& helpers, TextWriter& out, int& temporaries)
      : names_(names), style_(std::move(style)), helpers_(helpers), out_(out), temporaries_(temporaries) {}

  void write(std::span<const ir::Stmt> run);

 private:
  using Number = passes::ValueTable::Number;

  /// How tightly the outermost operator of a text binds.
  enum class Binding : std::uint8_t {
    conditional,
    bitwise,
    equality,
    relational,
    additive,
    multiplicative,
    prefix,
    atom
  };

  struct Text {
    std::string text;
    Binding binding = Binding::atom;
    /// Levels of operators that are written in place.
    int depth = 0;
    /// The text is the value modulo 2^32 or 2^64, in u32 or u64, and needs a cast to its type.
    bool modular = false;
  };

  Number number(const ir::Expr& expr) { return table_->number(expr); }
  /// Writes all values up to `last` that have not been written. `named` is the value that gets a name afterwards.
  void write_values(Number last, std::optional<Number> named);
  Text write_value(Number value);

  Text write(const ir::Constant& e, Number value);
  Text write(const ir::Variable& e, Number value);
  Text write(const ir::ScalarParameter& e, Number value);
  Text write(const ir::LoopIndex& e, Number value);
  Text write(const ir::Stride& e, Number value);
  Text write(const ir::Load& e, Number value);
  Text write(const ir::ElementLoad& e, Number value);
  Text write(const ir::Unary& e, Number value);
  Text write(const ir::Binary& e, Number value);
  Text write(const ir::FusedMultiplyAdd& e, Number value);
  Text write(const ir::Compare& e, Number value);
  Text write(const ir::Select& e, Number value);
  Text write(const ir::Call& e, Number value);
  Text write(const ir::Cast& e, Number value);
  Text write(const ir::Reinterpret& e, Number value);
  Text write_modular(const ir::Binary& e, Number value);
  Text write_division(const ir::Binary& e, Number value);
  Text write_bits(std::string_view op, Number value);
  /// The operand that the value is the negation of, with any operator that compilers take for one.
  std::optional<Number> negated_operand(Number value) const;
  Text infix(Number value, std::string_view op, Binding binding);
  Text call(std::string_view function, Number value);
  Text builtin(Builtin function, Number value);
  Text prefixed(std::string_view op, Number operand);

  void find_narrow_values(std::span<const ir::Stmt> run);
  DType type(Number value) const { return narrow_[value] ? DType::int32 : (*table_)[value].expr.type(); }
  Number operand(Number value, std::size_t i) const { return (*table_)[value].operands[i]; }
  /// The value's text, of the value's own type, in parentheses where it binds less tightly than `least`.
  std::string text(Number value, Binding least) const;
  /// A position between brackets. It lies in an array, and so do its parts, so plain signed arithmetic cannot overflow.
  std::string subscript(Number value) const;
  /// The left or right operand of a modular operator.
  std::string modular_left(Number value, Binding least) const;
  std::string modular_right(Number value, Binding least) const;

  const KernelNames& names_;
  ExprStyle style_;
  HelperFunctions& helpers_;
  TextWriter& out_;
  int& temporaries_;
  std::optional<passes::ValueTable> table_;
  std::vector<Text> texts_;
  std::vector<bool> narrow_;  // by value
};

}  // namespace cppstencils::emit
