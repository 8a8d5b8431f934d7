#include "cavity/canvas.hpp"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <stdexcept>

#include "cavity/glyphs.hpp"

namespace cavity {

namespace {

/// Height of a capital and the space after a character, in units of the glyph table.
constexpr double capital = 6, base_line = 2, gap = 2;

double distance_to_segment(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double length = dx * dx + dy * dy;
  const double t = length == 0 ? 0 : std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0);
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

std::uint8_t encode(float linear) {
  const double v = std::clamp(static_cast<double>(linear), 0.0, 1.0);
  const double encoded = v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1 / 2.4) - 0.055;  // sRGB
  return static_cast<std::uint8_t>(std::lround(255 * encoded));
}

}  // namespace

Canvas::Canvas(int width, int height, Color background)
    : width_(width), height_(height), pixels_(static_cast<std::size_t>(width) * height, background) {}

void Canvas::blend(int x, int y, Color color, double coverage) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  Color& pixel = pixels_[static_cast<std::size_t>(y) * width_ + x];
  const auto c = static_cast<float>(std::clamp(coverage, 0.0, 1.0));
  pixel.red += c * (color.red - pixel.red);
  pixel.green += c * (color.green - pixel.green);
  pixel.blue += c * (color.blue - pixel.blue);
}

template <class Distance>
void Canvas::stroke(Point low, Point high, double thickness, Color color, const Distance& distance) {
  const double reach = thickness / 2 + 1;
  for (int y = static_cast<int>(low.y - reach); y <= static_cast<int>(high.y + reach); ++y) {
    for (int x = static_cast<int>(low.x - reach); x <= static_cast<int>(high.x + reach); ++x) {
      const double inside = thickness / 2 + 0.5 - distance(Point{x + 0.5, y + 0.5});
      if (inside > 0) blend(x, y, color, inside);
    }
  }
}

void Canvas::line(Point from, Point to, double thickness, Color color) { polyline({from, to}, thickness, color); }

void Canvas::polyline(const std::vector<Point>& points, double thickness, Color color) {
  // One distance to the whole chain, so that joints are not painted twice.
  Point low = points.front(), high = points.front();
  for (const Point p : points) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  stroke(low, high, thickness, color, [&](Point p) {
    double nearest = distance_to_segment(p, points.front(), points.front());
    for (std::size_t i = 1; i < points.size(); ++i) {
      nearest = std::min(nearest, distance_to_segment(p, points[i - 1], points[i]));
    }
    return nearest;
  });
}

void Canvas::circle(Point center, double radius, double thickness, Color color) {
  const Point low{center.x - radius, center.y - radius}, high{center.x + radius, center.y + radius};
  stroke(low, high, thickness, color,
         [&](Point p) { return std::abs(std::hypot(p.x - center.x, p.y - center.y) - radius); });
}

double Canvas::text(Point origin, double size, std::string_view text, Color color) {
  const double unit = size / capital;
  double left = origin.x;
  for (const char character : text) {
    const Glyph& shape = glyph(character);
    std::vector<Point> points;
    const auto draw = [&] {
      if (!points.empty()) polyline(points, 0.13 * size, color);
      points.clear();
    };
    for (std::size_t i = 0; i < shape.strokes.size();) {
      if (shape.strokes[i] == ' ') {
        draw();
        ++i;
        continue;
      }
      points.push_back(
          {left + unit * (shape.strokes[i] - '0'), origin.y - unit * (shape.strokes[i + 1] - '0' - base_line)});
      i += 2;
    }
    draw();
    left += unit * (shape.width + gap);
  }
  return left - origin.x;
}

double text_width(double size, std::string_view text) {
  double width = 0;
  for (const char character : text) width += glyph(character).width + gap;
  return size / capital * std::max(0.0, width - gap);
}

void Canvas::write_png(const std::filesystem::path& file) const {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(3 * pixels_.size());
  for (const Color& pixel : pixels_) {
    for (const float component : {pixel.red, pixel.green, pixel.blue}) bytes.push_back(encode(component));
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width_);
  image.height = static_cast<png_uint_32>(height_);
  image.format = PNG_FORMAT_RGB;
  if (png_image_write_to_file(&image, file.c_str(), 0, bytes.data(), 0, nullptr) == 0) {
    throw std::runtime_error("Cannot write the picture '" + file.string() + "': " + image.message);
  }
}

Color scale_color(double value) {
  // A path through the Oklab colour space (B. Ottosson, 2020): even steps in lightness, hue from violet over red to
  // yellow, as colourful as an sRGB screen can show without clipping.
  const double t = std::clamp(value, 0.0, 1.0);
  const double lightness = 0.15 + 0.82 * t;
  const double hue = (280 + 170 * std::pow(t, 0.9)) * std::numbers::pi / 180;
  const double chroma = 0.03 + 0.145 * std::sin(std::numbers::pi * std::pow(t, 0.85));
  const double a = chroma * std::cos(hue), b = chroma * std::sin(hue);

  const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
  const double m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
  const double s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
  const auto component = [](double c) { return static_cast<float>(std::clamp(c, 0.0, 1.0)); };
  return {component(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          component(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          component(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

}  // namespace cavity
