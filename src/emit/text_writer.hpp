#pragma once

#include <string>
#include <string_view>

namespace cppstencils::emit {

/// Collects indented lines.
class TextWriter {
 public:
  /// Adds a line at the current indentation; a line longer than 120 columns is broken at
  /// spaces outside subscripts. An empty line gets no
  /// indentation.
  void line(std::string_view text);
  void indent() { indentation_ += 2; }
  void dedent() { indentation_ -= 2; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t indentation_ = 0;
};

}  // namespace cppstencils::emit
