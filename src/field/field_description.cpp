#include <algorithm>
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
      add_name(result);
    } while (accept(','));
    if (accept(':')) {
      result.dtype = dtype();
      size(result);
    }
    skip_spaces();
    if (at_ != text_.size()) fail("more text than a description has");
    return result;
  }

 private:
  void add_name(Description& result) {
    skip_spaces();
    const std::size_t start = at_;
    Name added{std::string(word()), {}};
    if (added.text.empty()) fail("a field name is expected");
    const bool known = std::any_of(result.names.begin(), result.names.end(),
                                   [&](const Name& other) { return other.text == added.text; });
    if (known) fail_at(start, fmt::format("the name '{}' comes a second time", added.text));
    if (accept('(')) {
      do {
        added.index_shape.push_back(extent("an index extent"));
      } while (accept(','));
      expect(')');
    }
    result.names.push_back(std::move(added));
  }

  DType dtype() {
    skip_spaces();
    const std::size_t start = at_;
    const std::string_view name = word();
    if (name.empty()) return DType::float64;
    const std::optional<DType> result = parse_dtype(name);
    if (!result) fail_at(start, fmt::format("'{}' is no type", name));
    return *result;
  }

  void size(Description& result) {
    expect('[');
    skip_spaces();
    const std::size_t start = at_;
    const std::int64_t first = extent("a size such as 2D or 20,30");
    if (accept('D') || accept('d')) {
      if (first > 4) fail_at(start, "1 to 4 dimensions are expected");
      result.rank = static_cast<int>(first);
    } else {
      std::vector<std::int64_t> shape{first};
      while (accept(',')) shape.push_back(extent("an extent"));
      if (shape.size() > 4) fail_at(start, "1 to 4 extents are expected");
      result.rank = static_cast<int>(shape.size());
      result.shape = std::move(shape);
    }
    expect(']');
  }

  static bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }

  std::string_view word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_word_character(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  // A positive integer.
  std::int64_t extent(std::string_view expected) {
    skip_spaces();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range) fail("the number does not fit into 64 bits");
    if (error != std::errc()) fail(fmt::format("{} is expected", expected));
    if (value < 1) fail("an extent is 1 or more");
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
    if (!accept(c)) fail(fmt::format("'{}' is expected", c));
  }

  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  [[noreturn]] void fail(std::string_view fault) const { fail_at(at_, fault); }

  [[noreturn]] void fail_at(std::size_t place, std::string_view fault) const {
    // One line with a mark below the place.
    std::string line(text_);
    std::replace_if(line.begin(), line.end(), is_space, ' ');
    throw FieldError({.code = ErrorCode::invalid_description,
                      .message = fmt::format("The field description cannot be read: {}.", fault),
                      .where = fmt::format("description  {}\n             {}^", line, std::string(place, ' ')),
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
