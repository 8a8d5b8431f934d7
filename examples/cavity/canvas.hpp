#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace cavity {

/// A colour with linear components between 0 and 1.
struct Color {
  float red = 0;
  float green = 0;
  float blue = 0;
};

/// Pixels; x to the right, y downwards.
struct Point {
  double x = 0;
  double y = 0;
};

/// An image to draw on with smooth edges.
class Canvas {
 public:
  Canvas(int width, int height, Color background);

  int width() const { return width_; }
  int height() const { return height_; }

  /// Mixes `color` into a pixel; `coverage` between 0 (nothing) and 1 (all of it).
  void blend(int x, int y, Color color, double coverage);
  void line(Point from, Point to, double thickness, Color color);
  void polyline(const std::vector<Point>& points, double thickness, Color color);
  void circle(Point center, double radius, double thickness, Color color);
  /// Text of the characters in glyphs.cpp; `origin` is the left end of the base line, `size` the height of a capital.
  /// Returns the width.
  double text(Point origin, double size, std::string_view text, Color color);

  /// Throws std::runtime_error when the file cannot be written.
  void write_png(const std::filesystem::path& file) const;

 private:
  template <class Distance>
  void stroke(Point low, Point high, double thickness, Color color, const Distance& distance);

  int width_;
  int height_;
  std::vector<Color> pixels_;
};

/// The width of a text that `Canvas::text` draws.
double text_width(double size, std::string_view text);

/// A colour scale from 0 (dark violet) to 1 (light yellow) whose lightness grows evenly.
Color scale_color(double value);

}  // namespace cavity
