#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "cppstencils/field/field.hpp"
#include "cppstencils/support/error.hpp"

namespace cppstencils {

namespace {

/// Reads "u, f(9): float[3D]" from left to right.
class DescriptionParser {
 public:
  explicit DescriptionParser(std::string_view text) : text_(text) {}

  struct Name {
    std::string text;
    std::vector<std::int64_t> index_shape;
  };
  struct Description {
    std::vector<Name> names;
    DType dtype = DType::float64;
    int rank = 2;
    std::optional<std::vector<std::int64_t>> shape;
  };

  Description parse() {
    Description result;
    do {
      result.names.push_back(name());
    } while (accept(','));
    if (accept(':')) {
      result.dtype = dtype();
      size(result);
    }
    skip_spaces();
    if (at_ != text_.size()) fail("the end of the text");
    return result;
  }

 private:
  Name name() {
    skip_spaces();
    Name result{std::string(word()), {}};
    if (result.text.empty()) fail("a field name");
    if (accept('(')) {
      do {
        result.index_shape.push_back(number("an index extent"));
      } while (accept(','));
      expect(')');
    }
    return result;
  }

  DType dtype() {
    skip_spaces();
    const std::size_t start = at_;
    const std::string_view name = word();
    if (name.empty()) return DType::float64;
    const std::optional<DType> result = parse_dtype(name);
    if (!result) {
      at_ = start;
      fail("a type such as double, float32, int64 or bool");
    }
    return *result;
  }

  void size(Description& result) {
    expect('[');
    const std::int64_t first = number("a size such as 2D or 20,30");
    if (accept('D') || accept('d')) {
      if (first < 1 || first > 4) {
        at_ -= 2;
        fail("a number of dimensions from 1 to 4");
      }
      result.rank = static_cast<int>(first);
    } else {
      std::vector<std::int64_t> shape{first};
      while (accept(',')) shape.push_back(number("an extent"));
      if (shape.size() > 4) fail("at most 4 extents");
      result.rank = static_cast<int>(shape.size());
      result.shape = std::move(shape);
    }
    expect(']');
  }

  std::string_view word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
      ++at_;
    return text_.substr(start, at_ - start);
  }

  std::int64_t number(std::string_view expected) {
    skip_spaces();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc() || value < 1) fail(expected);
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  bool accept(char c) {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!accept(c)) fail(fmt::format("'{}'", c));
  }

  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  [[noreturn]] void fail(std::string_view expected) const {
    const std::string found = at_ == text_.size() ? "the end of the text" : fmt::format("'{}'", text_.substr(at_));
    throw FieldError(
        {.code = ErrorCode::invalid_description,
         .message = fmt::format("The field description '{}' has {} where {} is expected.", text_, found, expected),
         .hints = {"Write names, a type and a size, such as 'u, v: double[2D]', 'f(9): float[3D]' or "
                   "'g: double[20,30]'."}});
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Field> fields(std::string_view description, const Layout& layout) {
  const DescriptionParser::Description parsed = DescriptionParser(description).parse();
  std::vector<Field> result;
  for (const auto& [name, index_shape] : parsed.names) {
    result.emplace_back(
        name, parsed.rank,
        FieldOptions{.dtype = parsed.dtype, .index_shape = index_shape, .shape = parsed.shape, .layout = layout});
  }
  return result;
}

void detail::fail_field_count(std::string_view description, std::size_t expected, std::size_t given) {
  throw FieldError({.code = ErrorCode::invalid_description,
                    .message = fmt::format("The field description '{}' declares {} fields, but {} are expected.",
                                           description, given, expected),
                    .hints = {fmt::format("Call fields<{}>(), or declare {} fields.", given, expected)}});
}

}  // namespace cppstencils
