#pragma once

#include <string_view>

namespace cavity {

/// A character as strokes: each word is a chain of points, each point two digits, x (0 to 4) and y (0 to 9, upwards;
/// the base line is 2, a capital ends at 8).
struct Glyph {
  char character;
  int width;
  std::string_view strokes;
};

/// The strokes of a character. Throws std::out_of_range for one that is not in the table.
const Glyph& glyph(char character);

}  // namespace cavity
