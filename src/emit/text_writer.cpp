#include "emit/text_writer.hpp"

namespace cppstencils::emit {
namespace {

/// The last space in the first `columns` columns that is in no subscript, or nothing.
std::size_t last_break(std::string_view text, std::size_t columns) {
  std::size_t found = std::string_view::npos;
  int subscripts = 0;
  for (std::size_t i = 1; i < text.size() && i <= columns; ++i) {
    if (text[i] == '[') ++subscripts;
    if (text[i] == ']') --subscripts;
    if (text[i] == ' ' && subscripts == 0) found = i;
  }
  return found;
}

}  // namespace

void TextWriter::line(std::string_view text) {
  constexpr std::size_t max_columns = 120;
  std::size_t indentation = text.empty() ? 0 : indentation_;
  while (indentation + text.size() > max_columns && indentation < max_columns) {
    const std::size_t space = last_break(text, max_columns - indentation);
    if (space == std::string_view::npos) break;
    text_.append(indentation, ' ').append(text.substr(0, space)).append("\n");
    text.remove_prefix(space + 1);
    indentation = indentation_ + 4;
  }
  text_.append(indentation, ' ').append(text).append("\n");
}

}  // namespace cppstencils::emit
