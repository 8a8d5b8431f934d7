#include <algorithm>

#include <fmt/format.h>

#include "cppstencils/sym/expr.hpp"
#include "sym/identifier.hpp"

namespace cppstencils {

namespace sym {

std::optional<ErrorInfo> identifier_fault(std::string_view thing, std::string_view name) {
  constexpr std::size_t max_length = 255;
  if (name.size() > max_length) {
    return ErrorInfo{
        .code = ErrorCode::invalid_name,
        .message = fmt::format("The {} name '{} ...' has {} characters.", thing, name.substr(0, 32), name.size()),
        .hints = {fmt::format("Use at most {}.", max_length)}};
  }
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool valid = !name.empty() && !is_digit(name.front()) &&
                     std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || is_digit(c); });
  if (valid) return std::nullopt;
  return ErrorInfo{.code = ErrorCode::invalid_name,
                   .message = fmt::format("The {} name '{}' is not an identifier.", thing, name),
                   .hints = {"Use letters, digits and '_', and no digit first."}};
}

}  // namespace sym

namespace {

Expr make_symbol(std::string_view name, std::optional<DType> dtype) {
  if (auto fault = sym::identifier_fault("symbol", name)) throw ExpressionError(std::move(*fault));
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
