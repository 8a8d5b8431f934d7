#pragma once

#include <map>
#include <optional>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "ir/text_form.hpp"
#include "ir/token_reader.hpp"

namespace cppstencils::ir {

/// Offsets and index of an element relative to the cell.
struct ElementText {
  std::vector<std::int64_t> offsets;
  std::vector<std::int64_t> index;
};

/// Reads the expressions of a kernel text: recursive descent, one function per level of binding.
class ExprParser {
 public:
  /// The tables may grow between expressions.
  ExprParser(TokenReader& reader, const Kernel& kernel, const std::map<VarId, VariableInfo>& variables)
      : reader_(reader), kernel_(kernel), variables_(variables) {}

  Expr expression() { return infix(Precedence::logical_or); }
  /// A buffer by name or `%number`.
  BufferId buffer_reference();
  /// A reduction by name or `%number`.
  ReductionId reduction_reference();
  /// `[1,0](2)`, behind the buffer.
  ElementText element();
  /// `(position)`, behind `@`.
  Expr position();
  /// A list of integers up to the closing symbol, which is taken.
  std::vector<std::int64_t> integers(std::string_view closing);

  /// Reads `@number = expression` of a `where` line.
  void define_shared();
  void forget_shared() { shared_.clear(); }

 private:
  struct Nesting;

  Expr infix(Precedence least);
  Expr prefix();
  Expr primary();
  Expr word(const Token& name);
  Expr function(const Token& name);
  std::optional<Expr> unary_function(const Token& name, const std::vector<Expr>& operands);
  std::optional<Expr> other_function(const Token& name, const std::vector<Expr>& operands);
  Expr access(BufferId buffer);
  Expr variable_reference(const Token& place, std::string_view name);
  Expr scalar_reference();
  Expr shared_reference(const Token& place);
  BufferId buffer_named(const Token& name);

  TokenReader& reader_;
  const Kernel& kernel_;
  const std::map<VarId, VariableInfo>& variables_;
  std::vector<Expr> shared_;
  int nesting_ = 0;
};

}  // namespace cppstencils::ir
