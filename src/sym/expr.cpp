#include "cppstencils/sym/expr.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "support/fixed_hash.hpp"
#include "sym/operands.hpp"

namespace cppstencils {

namespace {

using support::FixedHash;

void add_numbers(FixedHash& hash, const std::vector<std::int64_t>& numbers) {
  hash.add(numbers.size());
  for (const std::int64_t number : numbers) hash.add(static_cast<std::uint64_t>(number));
}

// What a node holds besides its operands.
void add_payload(FixedHash& hash, const sym::Kind& kind) {
  hash.add(kind.index());
  match_kind(
      kind,
      [&](const sym::Number& n) {
        hash.add(static_cast<std::uint64_t>(n.numerator)).add(static_cast<std::uint64_t>(n.denominator));
      },
      [&](const sym::Float& f) { hash.add(std::bit_cast<std::uint64_t>(f.value)); },
      [&](const sym::Boolean& b) { hash.add(b.value ? 1 : 0); },
      [&](const sym::SymbolAtom& s) { hash.add(s.name).add(s.dtype ? 1 + static_cast<std::uint64_t>(*s.dtype) : 0); },
      [&](const sym::Access& a) {
        hash.add(a.field->name);
        add_numbers(hash, a.offsets);
        add_numbers(hash, a.index);
      },
      [&](const sym::Coordinate& c) { hash.add(static_cast<std::uint64_t>(c.dimension)); }, [&](const sym::Sum&) {},
      [&](const sym::Product&) {}, [&](const sym::Power&) {},
      [&](const sym::Call& c) { hash.add(static_cast<std::uint64_t>(c.function)); },
      [&](const sym::Comparison& c) { hash.add(static_cast<std::uint64_t>(c.relation)); },
      [&](const sym::Logical& l) { hash.add(static_cast<std::uint64_t>(l.connective)); }, [&](const sym::Select&) {},
      [&](const sym::Cast& c) { hash.add(static_cast<std::uint64_t>(c.dtype)); });
}

template <class T>
std::strong_ordering order_of(const T& a, const T& b) {
  return a < b ? std::strong_ordering::less : b < a ? std::strong_ordering::greater : std::strong_ordering::equal;
}

std::strong_ordering compare_fields(const sym::FieldInfo& a, const sym::FieldInfo& b) {
  const auto key = [](const sym::FieldInfo& f) {
    return std::tie(f.name, f.dtype, f.rank, f.index_shape, f.shape, f.layout);
  };
  return order_of(key(a), key(b));
}

// Compares what two nodes of one kind hold besides their operands.
std::strong_ordering compare_payload(const sym::Kind& left, const sym::Kind& right) {
  const auto other = [&]<class Kind>(const Kind&) -> const Kind& { return std::get<Kind>(right); };
  return match_kind(
      left, [&](const sym::Number& n) { return sym::compare(n, other(n)); },
      // Bits, so that NaN equals itself and 0.0 differs from -0.0.
      [&](const sym::Float& f) {
        return std::bit_cast<std::uint64_t>(f.value) <=> std::bit_cast<std::uint64_t>(other(f).value);
      },
      [&](const sym::Boolean& b) { return order_of(b.value, other(b).value); },
      [&](const sym::SymbolAtom& s) {
        return order_of(std::tie(s.name, s.dtype), std::tie(other(s).name, other(s).dtype));
      },
      [&](const sym::Access& a) {
        const sym::Access& b = other(a);
        if (a.field != b.field) {
          if (const auto order = compare_fields(*a.field, *b.field); order != 0) return order;
        }
        return order_of(std::tie(a.offsets, a.index), std::tie(b.offsets, b.index));
      },
      [&](const sym::Coordinate& c) { return order_of(c.dimension, other(c).dimension); },
      [](const sym::Sum&) { return std::strong_ordering::equal; },
      [](const sym::Product&) { return std::strong_ordering::equal; },
      [](const sym::Power&) { return std::strong_ordering::equal; },
      [&](const sym::Call& c) { return order_of(c.function, other(c).function); },
      [&](const sym::Comparison& c) { return order_of(c.relation, other(c).relation); },
      [&](const sym::Logical& l) { return order_of(l.connective, other(l).connective); },
      [](const sym::Select&) { return std::strong_ordering::equal; },
      [&](const sym::Cast& c) { return order_of(c.dtype, other(c).dtype); });
}

// Compares structure. Pairs that were found equal are remembered, because shared nodes may be reached many times.
class Comparator {
 public:
  std::strong_ordering operator()(const Expr& left, const Expr& right) {
    if (left.same_node(right)) return std::strong_ordering::equal;
    const sym::Kind& a = left.node().kind;
    const sym::Kind& b = right.node().kind;
    if (a.index() != b.index()) return a.index() <=> b.index();
    if (const auto order = compare_payload(a, b); order != 0) return order;
    if (left.node().depth == 1) return std::strong_ordering::equal;
    const std::pair key(&left.node(), &right.node());
    if (equal_.contains(key)) return std::strong_ordering::equal;
    const std::vector<Expr> left_operands = sym::operands(left);
    const std::vector<Expr> right_operands = sym::operands(right);
    if (left_operands.size() != right_operands.size()) return left_operands.size() <=> right_operands.size();
    for (std::size_t i = 0; i < left_operands.size(); ++i) {
      if (const auto order = (*this)(left_operands[i], right_operands[i]); order != 0) return order;
    }
    equal_.insert(key);
    return std::strong_ordering::equal;
  }

 private:
  std::set<std::pair<const sym::Node*, const sym::Node*>> equal_;
};

}  // namespace

Expr::Expr(sym::Node node) {
  FixedHash hash;
  add_payload(hash, node.kind);
  std::uint32_t depth = 0;
  const auto look_at = [&](const Expr& operand) {
    hash.add(operand.node().hash);
    depth = std::max(depth, operand.node().depth);
  };
  const auto look_at_all = [&](const std::vector<Expr>& list) {
    hash.add(list.size());
    for (const Expr& operand : list) look_at(operand);
  };
  match_kind(
      node.kind, [](const sym::Number&) {}, [](const sym::Float&) {}, [](const sym::Boolean&) {},
      [](const sym::SymbolAtom&) {}, [](const sym::Access&) {}, [](const sym::Coordinate&) {},
      [&](const sym::Sum& s) { look_at_all(s.terms); }, [&](const sym::Product& p) { look_at_all(p.factors); },
      [&](const sym::Power& p) {
        look_at(p.base);
        look_at(p.exponent);
      },
      [&](const sym::Call& c) { look_at_all(c.arguments); },
      [&](const sym::Comparison& c) {
        look_at(c.left);
        look_at(c.right);
      },
      [&](const sym::Logical& l) { look_at_all(l.arguments); },
      [&](const sym::Select& s) {
        look_at(s.condition);
        look_at(s.if_true);
        look_at(s.if_false);
      },
      [&](const sym::Cast& c) { look_at(c.argument); });
  node.hash = hash.value();
  node.depth = depth + 1;
  if (node.depth > max_expression_depth) {
    throw ExpressionError(
        {.code = ErrorCode::expression_too_deep,
         .message = fmt::format("The expression is nested more than {} levels deep.", max_expression_depth),
         .hints = {"Name a part of it as a sub-expression with AssignmentList::define()."}});
  }
  node_ = std::make_shared<const sym::Node>(std::move(node));
}

Expr::Expr() : Expr(from_int64(0)) {}
Expr Expr::from_int64(std::int64_t value) { return Expr(sym::Node{sym::Number{value, 1}}); }
Expr Expr::from_uint64(std::uint64_t value) {
  return Expr(sym::Node{sym::make_number(static_cast<__int128>(value), 1)});
}
Expr Expr::from_double(double value) { return Expr(sym::Node{sym::Float{value}}); }
Expr Expr::from_boolean(bool value) { return Expr(sym::Node{sym::Boolean{value}}); }

bool operator==(const Expr& left, const Expr& right) noexcept {
  return left.same_node(right) || (left.node().hash == right.node().hash && compare(left, right) == 0);
}

std::strong_ordering compare(const Expr& left, const Expr& right) noexcept { return Comparator()(left, right); }

namespace {

bool is_identifier(std::string_view text) {
  constexpr std::size_t max_length = 255;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.size() <= max_length && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || is_digit(c); });
}

Expr make_symbol(std::string_view name, std::optional<DType> dtype) {
  if (!is_identifier(name)) {
    throw ExpressionError({.code = ErrorCode::invalid_name,
                           .message = fmt::format("The symbol name '{}' is not an identifier.", name),
                           .hints = {"Use letters, digits and '_', and no digit first."}});
  }
  return Expr(sym::Node{sym::SymbolAtom{std::string(name), dtype}});
}

}  // namespace

Symbol::Symbol(std::string_view name) : expr_(make_symbol(name, std::nullopt)) {}
Symbol::Symbol(std::string_view name, DType dtype) : expr_(make_symbol(name, dtype)) {}
const std::string& Symbol::name() const { return get_if<sym::SymbolAtom>(expr_)->name; }
std::optional<DType> Symbol::dtype() const { return get_if<sym::SymbolAtom>(expr_)->dtype; }

Expr coordinate(int dimension) {
  if (dimension < 0 || dimension > 3) {
    throw ExpressionError({.code = ErrorCode::field_rank,
                           .message = fmt::format("There is no coordinate {}.", dimension),
                           .hints = {"Dimensions are numbered from 0 to 3."}});
  }
  return Expr(sym::Node{sym::Coordinate{dimension}});
}

}  // namespace cppstencils
