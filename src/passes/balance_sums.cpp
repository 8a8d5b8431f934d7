#include "passes/balance_sums.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "ir/builder.hpp"
#include "passes/value_table.hpp"

namespace cppstencils::passes {
namespace {

using ir::BinaryOp;
using ir::Expr;
using Number = ValueTable::Number;

constexpr std::size_t group_size = 4;
constexpr std::size_t longest_chain = 8;

enum class Sign : std::uint8_t { plus, minus };

template <class T>
struct Signed {
  Sign sign;
  T term;
};

Sign times(Sign a, Sign b) { return a == b ? Sign::plus : Sign::minus; }

bool is_sum(const Expr& expr) {
  const auto* binary = ir::get_if<ir::Binary>(expr);
  return binary != nullptr && is_float(expr.type()) &&
         (binary->op == BinaryOp::add || binary->op == BinaryOp::subtract);
}

/// The terms of a sum in the order written, and the number of additions in a row.
struct Sum {
  std::vector<Signed<Number>> terms;
  std::size_t depth = 0;
};

Sum collect(const ValueTable& table, Number root) {
  struct Part {
    Signed<Number> value;
    std::size_t depth;
  };
  Sum sum;
  std::vector<Part> waiting{{{Sign::plus, root}, 0}};
  while (!waiting.empty()) {
    const auto [part, depth] = waiting.back();
    waiting.pop_back();
    const ValueTable::Value& value = table[part.term];
    if (!is_sum(value.expr) || (part.term != root && value.uses > 1)) {
      sum.terms.push_back(part);
      sum.depth = std::max(sum.depth, depth);
      continue;
    }
    const bool adds = std::get<ir::Binary>(value.expr.node().kind).op == BinaryOp::add;
    waiting.push_back({{times(part.sign, adds ? Sign::plus : Sign::minus), value.operands[1]}, depth + 1});
    waiting.push_back({{part.sign, value.operands[0]}, depth + 1});
  }
  return sum;
}

std::size_t balanced_depth(std::size_t terms) {
  const std::size_t groups = (terms + group_size - 1) / group_size;
  return group_size - 1 + static_cast<std::size_t>(std::bit_width(groups - 1));
}

using SignedExpr = Signed<Expr>;

SignedExpr add(const SignedExpr& left, const SignedExpr& right) {
  if (left.sign == right.sign) return {left.sign, ir::binary(BinaryOp::add, left.term, right.term)};
  if (left.sign == Sign::plus) return {Sign::plus, ir::binary(BinaryOp::subtract, left.term, right.term)};
  return {Sign::plus, ir::binary(BinaryOp::subtract, right.term, left.term)};
}

Expr balanced(const std::vector<Signed<Number>>& terms, const std::vector<Expr>& rewritten) {
  std::vector<SignedExpr> parts;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const SignedExpr term{terms[i].sign, rewritten[terms[i].term]};
    if (i % group_size == 0) {
      parts.push_back(term);
    } else {
      parts.back() = add(parts.back(), term);
    }
  }
  while (parts.size() > 1) {
    std::vector<SignedExpr> pairs;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) pairs.push_back(add(parts[i], parts[i + 1]));
    if (parts.size() % 2 == 1) pairs.push_back(parts.back());
    parts = std::move(pairs);
  }
  // The first term of a sum has no minus, and a part with a positive term is positive.
  return parts[0].term;
}

enum class Change : std::uint8_t { none, balanced };

Change balance_once(ir::Kernel& kernel) {
  ValueTable table;
  number_cell_block(kernel, table);
  // Sums that are a term of the one sum that uses them.
  std::vector<bool> is_part(table.size(), false);
  for (Number number = 0; number < table.size(); ++number) {
    if (!is_sum(table[number].expr)) continue;
    for (const Number operand : table[number].operands) is_part[operand] = table[operand].uses == 1;
  }
  std::map<Number, Sum> long_sums;
  for (Number number = 0; number < table.size(); ++number) {
    if (!is_sum(table[number].expr) || is_part[number]) continue;
    Sum sum = collect(table, number);
    const std::size_t terms = sum.terms.size();
    if (terms > longest_chain && sum.depth > balanced_depth(terms)) long_sums.emplace(number, std::move(sum));
  }
  if (long_sums.empty()) return Change::none;
  kernel = replace_values(kernel, table, [&](Number number, const std::vector<Expr>& rewritten) {
    const auto found = long_sums.find(number);
    return found == long_sums.end() ? keep_value(table[number], rewritten) : balanced(found->second.terms, rewritten);
  });
  return Change::balanced;
}

}  // namespace

ir::Kernel balance_sums(const ir::Kernel& kernel) {
  // Groups of two sums can become one value, and then a sum in both is used once and becomes a part. That ends soon,
  // since every change shortens a chain; the limit is there because nothing depends on the end.
  constexpr int most_rounds = 16;
  ir::Kernel result = kernel;
  for (int round = 0; round < most_rounds; ++round) {
    if (balance_once(result) == Change::none) break;
  }
  return result;
}

}  // namespace cppstencils::passes
