#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cppstencils::ir {

enum class TokenKind : std::uint8_t { identifier, number, symbol, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  std::size_t line = 1;
  std::size_t column = 1;
};

/// Cuts the text form of a kernel into tokens. The text must outlive the reader.
class TokenReader {
 public:
  explicit TokenReader(std::string_view text) : rest_(text) { advance(); }

  const Token& peek() const { return next_; }
  Token take();
  bool at(std::string_view text) const { return next_.kind != TokenKind::end && next_.text == text; }
  /// Takes the next token if it is this symbol or word.
  bool accept(std::string_view text);
  /// Takes the next token, which must be this symbol or word.
  Token expect(std::string_view text);
  Token expect(TokenKind kind, std::string_view what);

  /// An integer of at most 64 bits, with a sign.
  std::int64_t expect_integer(std::string_view what);
  /// An integer in 0 ... last.
  std::uint32_t expect_small(std::string_view what, std::uint32_t last);

  /// Throws the parse error for a place.
  [[noreturn]] static void fail(const Token& place, std::string sentence);

 private:
  void advance();
  void skip(std::size_t count);
  void skip_spaces();

  std::string_view rest_;
  std::size_t line_ = 1;
  std::size_t column_ = 1;
  Token next_;
};

}  // namespace cppstencils::ir
