#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cppstencils/support/dtype.hpp"
#include "cppstencils/support/export.hpp"
#include "cppstencils/support/match.hpp"

namespace cppstencils {

namespace sym {
struct Node;
}

/// An expression as a user writes it: mathematics without types. Immutable and cheap to copy.
///
/// Numbers are exact (integers and rationals) until the kernel gives them a type. The order in which
/// terms and factors are written is kept, because it is the order in which the kernel evaluates them:
/// `a + b + c` is `(a + b) + c`, and `a + (b + c)` stays as it is. Only exact rules that a reader
/// expects are applied: exact numbers combine with each other, and the exact numbers 0, 1 and -1
/// disappear as neutral element, as zero factor and as sign. Floating-point numbers are never combined.
class CPPSTENCILS_EXPORT Expr {
 public:
  /// The exact number zero.
  Expr();
  /// An exact integer. Throws ExpressionError (number-overflow) above the int64 range.
  template <class T>
  requires(std::integral<T> && !std::same_as<T, bool>) Expr(T value)  // NOLINT(google-explicit-constructor)
      : Expr(from_integer(value)) {}
  /// A floating-point number; it takes the type of its surroundings.
  template <std::floating_point T>
  Expr(T value)  // NOLINT(google-explicit-constructor)
      : Expr(from_double(static_cast<double>(value))) {}
  /// A truth value.
  template <std::same_as<bool> T>
  Expr(T value)  // NOLINT(google-explicit-constructor)
      : Expr(from_boolean(value)) {}

  /// Wraps a node. Used by the functions that build expressions; throws ExpressionError
  /// (expression-too-deep) above `max_expression_depth` levels.
  explicit Expr(sym::Node node);

  const sym::Node& node() const noexcept { return *node_; }
  bool same_node(const Expr& other) const noexcept { return node_ == other.node_; }

  /// Structural equality (not a symbolic comparison: see `equal_to`).
  friend CPPSTENCILS_EXPORT bool operator==(const Expr& left, const Expr& right) noexcept;

 private:
  template <std::integral T>
  static Expr from_integer(T value) {
    if constexpr (std::is_unsigned_v<T> && sizeof(T) == 8) {
      return from_uint64(static_cast<std::uint64_t>(value));
    } else {
      return from_int64(static_cast<std::int64_t>(value));
    }
  }
  static Expr from_int64(std::int64_t value);
  static Expr from_uint64(std::uint64_t value);
  static Expr from_double(double value);
  static Expr from_boolean(bool value);

  std::shared_ptr<const sym::Node> node_;  // never null
};

/// Expressions may be at most this deep; sums and products of any length count as one level.
inline constexpr std::uint32_t max_expression_depth = 1000;

/// Structural order: by kind, then payload, then operands. The same in every process.
CPPSTENCILS_EXPORT std::strong_ordering compare(const Expr& left, const Expr& right) noexcept;

/// Functions with a name. `pow` is Expr's Power node, not listed here.
enum class Function : std::uint8_t {
  sqrt,
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
  abs,
  floor,
  ceil,
  min,
  max,
};
enum class Relation : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };
enum class Connective : std::uint8_t { logical_and, logical_or, logical_not };

CPPSTENCILS_EXPORT std::string_view to_string(Function function);
CPPSTENCILS_EXPORT std::string_view to_string(Relation relation);

namespace sym {

/// What an access knows of its field: a plain, comparable value.
struct FieldInfo {
  std::string name;
  DType dtype = DType::float64;
  /// Number of spatial dimensions, 1 to 4.
  int rank = 0;
  /// Extents of the index dimensions, which follow the spatial ones; empty for a scalar field.
  std::vector<std::int64_t> index_shape;
  /// Spatial extents where they are fixed.
  std::optional<std::vector<std::int64_t>> shape;
  /// All dimensions (spatial, then index) ordered from the slowest to the fastest.
  std::vector<int> layout;
  bool operator==(const FieldInfo&) const = default;
};

/// An exact number in lowest terms with a positive denominator.
struct Number {
  std::int64_t numerator;
  std::int64_t denominator;
};
struct Float {
  double value;
};
struct Boolean {
  bool value;
};
/// A scalar: a kernel parameter, or the name of a sub-expression.
struct SymbolAtom {
  std::string name;
  std::optional<DType> dtype;
};
/// A field element at a constant offset from the updated cell.
struct Access {
  std::shared_ptr<const FieldInfo> field;  // never null
  std::vector<std::int64_t> offsets;       // one per spatial dimension
  std::vector<std::int64_t> index;         // one per index dimension
};
/// The integer coordinate of the updated cell in one dimension.
struct Coordinate {
  int dimension;
};
/// At least two terms, added from left to right. Only the first may itself have been a sum; it is then flattened.
struct Sum {
  std::vector<Expr> terms;
};
/// At least two factors, multiplied from left to right. A factor `Power(x, -n)` divides by x**n,
/// and so does a factor 1/n after the first.
struct Product {
  std::vector<Expr> factors;
};
struct Power {
  Expr base;
  Expr exponent;
};
struct Call {
  Function function;
  std::vector<Expr> arguments;
};
struct Comparison {
  Relation relation;
  Expr left;
  Expr right;
};
struct Logical {
  Connective connective;
  std::vector<Expr> arguments;
};
struct Select {
  Expr condition;
  Expr if_true;
  Expr if_false;
};
/// A change of type: the argument is evaluated in a type context of its own.
struct Cast {
  DType dtype;
  Expr argument;
};

/// One value of a draw of random numbers, see `Philox` and `random_number`. Each argument is an integer, evaluated in a
/// type context of its own: the counter, the seed, the stream, three offsets and three periods.
struct RandomNumber {
  DType dtype;
  int position;
  std::vector<Expr> arguments;
};

using Kind = std::variant<Number, Float, Boolean, SymbolAtom, Access, Coordinate, Sum, Product, Power, Call, Comparison,
                          Logical, Select, Cast, RandomNumber>;

struct Node {
  Kind kind;
  std::uint64_t hash = 0;   // set by Expr
  std::uint32_t depth = 0;  // set by Expr; 1 for a leaf
};

}  // namespace sym

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

/// A named scalar. Without a type it takes `CreateKernelConfig::default_dtype`, or, when it names a
/// sub-expression, the type of that.
class CPPSTENCILS_EXPORT Symbol {
 public:
  /// Throws ExpressionError (invalid-name) unless the name is an identifier: letters, digits and '_', no digit first.
  explicit Symbol(std::string_view name);
  Symbol(std::string_view name, DType dtype);

  const std::string& name() const;
  std::optional<DType> dtype() const;
  const Expr& expr() const noexcept { return expr_; }
  operator const Expr&() const noexcept { return expr_; }  // NOLINT(google-explicit-constructor)

 private:
  Expr expr_;
};

/// The exact number numerator/denominator. Throws ExpressionError for a zero denominator.
CPPSTENCILS_EXPORT Expr rational(std::int64_t numerator, std::int64_t denominator);
/// The coordinate of the updated cell in dimension `dimension` (0 to 3), an integer of the kernel's index type.
/// Use `cast` to compute with it in floating point.
CPPSTENCILS_EXPORT Expr coordinate(int dimension);

CPPSTENCILS_EXPORT Expr operator-(const Expr& operand);
CPPSTENCILS_EXPORT Expr operator+(const Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr operator-(const Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr operator*(const Expr& left, const Expr& right);
/// Division. Exact numbers divide exactly; in an integer kernel it rounds towards zero.
/// Throws ExpressionError for division by the exact number zero.
CPPSTENCILS_EXPORT Expr operator/(const Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr& operator+=(Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr& operator-=(Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr& operator*=(Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr& operator/=(Expr& left, const Expr& right);
/// The sum of terms, added from left to right; 0 when empty.
CPPSTENCILS_EXPORT Expr sum(const std::vector<Expr>& terms);
/// The product of factors, multiplied from left to right; 1 when empty.
CPPSTENCILS_EXPORT Expr product(const std::vector<Expr>& factors);

/// base**exponent. Integer exponents become multiplications, exponent 1/2 a square root.
CPPSTENCILS_EXPORT Expr pow(const Expr& base, const Expr& exponent);
CPPSTENCILS_EXPORT Expr sqrt(const Expr& x);
CPPSTENCILS_EXPORT Expr exp(const Expr& x);
CPPSTENCILS_EXPORT Expr log(const Expr& x);
CPPSTENCILS_EXPORT Expr sin(const Expr& x);
CPPSTENCILS_EXPORT Expr cos(const Expr& x);
CPPSTENCILS_EXPORT Expr tan(const Expr& x);
CPPSTENCILS_EXPORT Expr sinh(const Expr& x);
CPPSTENCILS_EXPORT Expr cosh(const Expr& x);
CPPSTENCILS_EXPORT Expr tanh(const Expr& x);
CPPSTENCILS_EXPORT Expr asin(const Expr& x);
CPPSTENCILS_EXPORT Expr acos(const Expr& x);
CPPSTENCILS_EXPORT Expr atan(const Expr& x);
CPPSTENCILS_EXPORT Expr atan2(const Expr& y, const Expr& x);
CPPSTENCILS_EXPORT Expr abs(const Expr& x);
CPPSTENCILS_EXPORT Expr floor(const Expr& x);
CPPSTENCILS_EXPORT Expr ceil(const Expr& x);
/// The smaller value. A NaN operand gives NaN; of two zeros the second one is returned.
CPPSTENCILS_EXPORT Expr min(const Expr& a, const Expr& b);
/// The larger value. A NaN operand gives NaN; of two zeros the second one is returned.
CPPSTENCILS_EXPORT Expr max(const Expr& a, const Expr& b);
/// Any of the functions above by its enumerator; min and max take any number of arguments, from left to right.
/// Throws ExpressionError (invalid-expression) for a wrong number of arguments.
CPPSTENCILS_EXPORT Expr call(Function function, const std::vector<Expr>& arguments);

/// Symbolic comparisons; `==` compares structure instead, so equality has a name.
CPPSTENCILS_EXPORT Expr operator<(const Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr operator<=(const Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr operator>(const Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr operator>=(const Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr equal_to(const Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr not_equal_to(const Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr relation(Relation relation, const Expr& left, const Expr& right);
/// Logical connectives. Both operands are always evaluated.
CPPSTENCILS_EXPORT Expr operator&&(const Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr operator||(const Expr& left, const Expr& right);
CPPSTENCILS_EXPORT Expr operator!(const Expr& operand);
/// `if_true` where the condition holds, else `if_false`. Both are evaluated.
CPPSTENCILS_EXPORT Expr select(const Expr& condition, const Expr& if_true, const Expr& if_false);
/// The value converted to `dtype`: floats round to nearest, floats to integers truncate and saturate (NaN gives 0),
/// integers wrap.
CPPSTENCILS_EXPORT Expr cast(DType dtype, const Expr& argument);

/// The expression as text that a reader of mathematics understands, such as `(u[1,0] + u[-1,0])/2`. Different
/// expressions have different texts, except for the types of symbols and fields. A minus in front binds like one
/// between terms: `-a*b` is `-(a*b)`. The text of an expression with shared parts can be much longer than the
/// expression.
CPPSTENCILS_EXPORT std::string to_string(const Expr& expr);
CPPSTENCILS_EXPORT std::ostream& operator<<(std::ostream& stream, const Expr& expr);

}  // namespace cppstencils
