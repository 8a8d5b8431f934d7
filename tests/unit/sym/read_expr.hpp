#pragma once

#include <charconv>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/sym/expr.hpp"
#include "random_expr.hpp"

namespace cppstencils::testing {

/// Reads the text of an expression back, by the usual precedence and the public functions.
class ExprReader {
 public:
  explicit ExprReader(std::string_view text) : text_(text) {}

  Expr operator()() {
    Expr result = disjunction();
    if (at_ != text_.size()) fail();
    return result;
  }

 private:
  Expr disjunction() {
    Expr result = conjunction();
    while (accept(" or ")) result = result || conjunction();
    return result;
  }
  Expr conjunction() {
    Expr result = negation();
    while (accept(" and ")) result = result && negation();
    return result;
  }
  Expr negation() {
    if (accept("not ")) return !negation();
    const Expr left = sum();
    if (accept(" == ")) return equal_to(left, sum());
    if (accept(" != ")) return not_equal_to(left, sum());
    if (accept(" <= ")) return left <= sum();
    if (accept(" >= ")) return left >= sum();
    if (accept(" < ")) return left < sum();
    if (accept(" > ")) return left > sum();
    return left;
  }
  Expr sum() {
    Expr result = accept("-") ? -product() : product();
    for (;;) {
      if (accept(" + ")) {
        result = result + product();
      } else if (accept(" - ")) {
        result = result - product();
      } else {
        return result;
      }
    }
  }
  Expr product() {
    Expr result = power();
    for (;;) {
      if (!starts_with("**") && accept("*")) {
        result = result * power();
      } else if (accept("/")) {
        result = result / power();
      } else {
        return result;
      }
    }
  }
  Expr power() {
    Expr base = atom();
    return accept("**") ? pow(base, atom()) : base;
  }
  Expr atom() {
    if (accept("(")) {
      Expr result = disjunction();
      expect(")");
      return result;
    }
    if (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') return number();
    const std::string name = word();
    if (name == "true") return true;
    if (name == "false") return false;
    if (name == "inf") return std::numeric_limits<double>::infinity();
    if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (accept("[")) return access(name);
    if (!accept("(")) return name == "mask" ? Expr(Symbol(name, DType::boolean)) : Expr(Symbol(name));
    return call_of(name, list(")"));
  }
  Expr number() {
    std::size_t end = at_;
    while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') ++end;
    if (end == text_.size() || (text_[end] != '.' && text_[end] != 'e')) return integer();
    double value = 0;
    const auto result = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    at_ = static_cast<std::size_t>(result.ptr - text_.data());
    return value;
  }
  std::int64_t integer() {
    std::int64_t value = 0;
    const auto result = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (result.ec != std::errc()) fail();
    at_ = static_cast<std::size_t>(result.ptr - text_.data());
    return value;
  }
  std::vector<std::int64_t> integers(std::string_view end) {
    std::vector<std::int64_t> result;
    do {
      result.push_back(integer());
    } while (accept(","));
    expect(end);
    return result;
  }
  Expr access(const std::string& name) {
    const Field& field = name == "u" ? RandomExpr::u() : RandomExpr::f();
    const FieldAccess result = field.at(integers("]"));
    return name == "u" ? result.expr() : (expect("("), result.at_index(integers(")")).expr());
  }
  std::vector<Expr> list(std::string_view end) {
    std::vector<Expr> result;
    do {
      result.push_back(disjunction());
    } while (accept(", "));
    expect(end);
    return result;
  }
  Expr call_of(const std::string& name, const std::vector<Expr>& arguments) {
    if (name == "select") return select(arguments.at(0), arguments.at(1), arguments.at(2));
    if (name == "coordinate") return coordinate(static_cast<int>(get_if<sym::Number>(arguments.at(0))->numerator));
    if (const auto dtype = parse_dtype(name)) return cast(*dtype, arguments.at(0));
    for (int i = 0; i <= static_cast<int>(Function::max); ++i) {
      if (to_string(static_cast<Function>(i)) == name) return call(static_cast<Function>(i), arguments);
    }
    throw std::runtime_error("unknown function " + name);
  }

  std::string word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
      ++at_;
    if (at_ == start) fail();
    return std::string(text_.substr(start, at_ - start));
  }
  bool starts_with(std::string_view token) const { return text_.substr(at_, token.size()) == token; }
  bool accept(std::string_view token) {
    if (!starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) fail();
  }
  [[noreturn]] void fail() const {
    throw std::runtime_error("cannot read '" + std::string(text_.substr(at_)) + "' in '" + std::string(text_) + "'");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace cppstencils::testing
