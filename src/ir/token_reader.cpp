#include "ir/token_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "cppstencils/support/error.hpp"

namespace cppstencils::ir {
namespace {

// The functions of <cctype> depend on the locale.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::string quoted(const Token& token) {
  return token.kind == TokenKind::end ? "the end of the text" : fmt::format("'{}'", token.text);
}

std::size_t identifier_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && (is_letter(text[length]) || is_digit(text[length]))) ++length;
  return length;
}

/// Digits, a fraction, an exponent with its sign, a suffix; what fits together is checked where the number is read.
std::size_t number_length(std::string_view text) {
  const bool is_hexadecimal = text.starts_with("0x");
  std::size_t length = 0;
  while (length < text.size()) {
    const char c = text[length];
    const bool is_sign =
        (c == '+' || c == '-') && !is_hexadecimal && length > 0 && (text[length - 1] == 'e' || text[length - 1] == 'E');
    if (!is_digit(c) && !is_letter(c) && c != '.' && !is_sign) break;
    ++length;
  }
  return length;
}

std::size_t symbol_length(std::string_view text) {
  constexpr std::array<std::string_view, 5> pairs{"&&", "||", "==", "!=", "<="};
  for (const std::string_view pair : pairs) {
    if (text.starts_with(pair)) return 2;
  }
  return std::string_view("(){}[],.:=+-*/<!@%$").find(text[0]) == std::string_view::npos ? 0 : 1;
}

}  // namespace

Token TokenReader::take() {
  const Token token = next_;
  advance();
  return token;
}

bool TokenReader::accept(std::string_view text) {
  if (!at(text)) return false;
  advance();
  return true;
}

Token TokenReader::expect(std::string_view text) {
  if (!at(text)) fail(next_, fmt::format("Expected '{}', found {}.", text, quoted(next_)));
  return take();
}

Token TokenReader::expect(TokenKind kind, std::string_view what) {
  if (next_.kind != kind) fail(next_, fmt::format("Expected {}, found {}.", what, quoted(next_)));
  return take();
}

std::int64_t TokenReader::expect_integer(std::string_view what) {
  const Token start = next_;
  std::string digits = accept("-") ? "-" : "";
  digits += expect(TokenKind::number, what).text;
  std::int64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc() || result.ptr != digits.data() + digits.size()) {
    fail(start, fmt::format("'{}' is not {}.", digits, what));
  }
  return value;
}

std::uint32_t TokenReader::expect_small(std::string_view what, std::uint32_t last) {
  const Token start = next_;
  const std::int64_t value = expect_integer(what);
  if (value < 0 || value > last) fail(start, fmt::format("{} is not {}: it must be 0 to {}.", value, what, last));
  return static_cast<std::uint32_t>(value);
}

void TokenReader::fail(const Token& place, std::string sentence) {
  throw UserError({.code = ErrorCode::parse_failed,
                   .message = std::move(sentence),
                   .where = fmt::format("line {}, column {} of the kernel text", place.line, place.column)});
}

void TokenReader::skip(std::size_t count) {
  for (const char c : rest_.substr(0, count)) {
    ++column_;
    if (c == '\n') {
      ++line_;
      column_ = 1;
    }
  }
  rest_.remove_prefix(count);
}

void TokenReader::skip_spaces() {
  for (;;) {
    const std::size_t spaces = std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size());
    skip(spaces);
    if (!rest_.starts_with('#')) return;
    skip(std::min(rest_.find('\n'), rest_.size()));
  }
}

void TokenReader::advance() {
  skip_spaces();
  next_ = {TokenKind::end, {}, line_, column_};
  if (rest_.empty()) return;
  std::size_t length = 0;
  if (is_letter(rest_[0])) {
    next_.kind = TokenKind::identifier;
    length = identifier_length(rest_);
  } else if (is_digit(rest_[0])) {
    next_.kind = TokenKind::number;
    length = number_length(rest_);
  } else {
    next_.kind = TokenKind::symbol;
    length = symbol_length(rest_);
    if (length == 0) {
      const auto byte = static_cast<unsigned char>(rest_[0]);
      fail(next_, byte > ' ' && byte < 127 ? fmt::format("The character '{}' has no meaning here.", rest_[0])
                                           : fmt::format("The byte {:#04x} has no meaning here.", byte));
    }
  }
  next_.text = rest_.substr(0, length);
  skip(length);
}

}  // namespace cppstencils::ir
