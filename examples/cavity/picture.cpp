#include "cavity/picture.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "cavity/profile.hpp"

namespace cavity {

namespace {

constexpr Color paper{0.955F, 0.955F, 0.95F};
constexpr Color ink{0.012F, 0.014F, 0.02F};
constexpr Color grid_ink{0.72F, 0.72F, 0.71F};
constexpr Color curve_ink{0.075F, 0.02F, 0.16F};
constexpr Color marker_ink{0.78F, 0.12F, 0.03F};
constexpr Color white{1, 1, 1};

struct Rectangle {
  double left, top, width, height;
};

/// A quantity at the corners of the cells, (cells + 1)^2 values, interpolated in between.
class CornerField {
 public:
  explicit CornerField(int cells) : cells_(cells), values_(static_cast<std::size_t>(cells + 1) * (cells + 1)) {}

  double& operator()(int i, int j) { return values_[static_cast<std::size_t>(j) * (cells_ + 1) + i]; }

  struct Sample {
    double value, slope_x, slope_y;  // slopes per unit length of the cavity
  };
  /// Bicubic (Catmull and Rom), which gives continuous slopes; x and y between 0 and 1.
  Sample at(double x, double y) const {
    const int i = std::clamp(static_cast<int>(x * cells_), 0, cells_ - 1);
    const int j = std::clamp(static_cast<int>(y * cells_), 0, cells_ - 1);
    const Weights across = weights(x * cells_ - i), up = weights(y * cells_ - j);
    Sample sample{};
    for (int b = 0; b < 4; ++b) {
      for (int a = 0; a < 4; ++a) {
        const double value = beyond(i + a - 1, j + b - 1);
        sample.value += across.value[a] * up.value[b] * value;
        sample.slope_x += across.slope[a] * up.value[b] * value * cells_;
        sample.slope_y += across.value[a] * up.slope[b] * value * cells_;
      }
    }
    return sample;
  }

 private:
  struct Weights {
    double value[4], slope[4];
  };
  static Weights weights(double t) {
    const double t2 = t * t, t3 = t2 * t;
    return {{(-t3 + 2 * t2 - t) / 2, (3 * t3 - 5 * t2 + 2) / 2, (-3 * t3 + 4 * t2 + t) / 2, (t3 - t2) / 2},
            {(-3 * t2 + 4 * t - 1) / 2, (9 * t2 - 10 * t) / 2, (-9 * t2 + 8 * t + 1) / 2, (3 * t2 - 2 * t) / 2}};
  }
  /// Values one step outside continue those inside along a straight line.
  double beyond(int i, int j) const {
    if (i < 0) return 2 * beyond(0, j) - beyond(1, j);
    if (i > cells_) return 2 * beyond(cells_, j) - beyond(cells_ - 1, j);
    if (j < 0) return 2 * beyond(i, 0) - beyond(i, 1);
    if (j > cells_) return 2 * beyond(i, cells_) - beyond(i, cells_ - 1);
    return values_[static_cast<std::size_t>(j) * (cells_ + 1) + i];
  }

  int cells_;
  std::vector<double> values_;
};

/// The stream function: zero at the lower wall, its slope in y is u.
CornerField stream_function(const Velocity& velocity) {
  const int n = static_cast<int>(velocity.extent(0));
  CornerField psi(n);
  for (int i = 1; i < n; ++i) {
    double sum = 0;
    for (int j = 0; j < n; ++j) {
      sum += (velocity(i - 1, j, 0) + velocity(i, j, 0)) / 2 / n;
      psi(i, j + 1) = sum;
    }
  }
  return psi;
}

/// The speed at the corners of the cells: zero at the walls, one at the lid.
CornerField speed_at_corners(const Velocity& velocity) {
  const int n = static_cast<int>(velocity.extent(0));
  CornerField speed(n);
  for (int i = 1; i < n; ++i) {
    for (int j = 1; j < n; ++j) {
      double u[2] = {0, 0};
      for (int d = 0; d < 2; ++d) {
        for (const int a : {i - 1, i}) {
          for (const int b : {j - 1, j}) u[d] += velocity(a, b, d) / 4;
        }
      }
      speed(i, j) = std::hypot(u[0], u[1]);
    }
    speed(i, n) = 1;
  }
  return speed;
}

void draw_field(Canvas& canvas, const Rectangle& box, const Velocity& velocity) {
  const CornerField psi = stream_function(velocity), speed = speed_at_corners(velocity);
  // Evenly spaced in the main vortex, closer and closer towards zero, and the weak eddies of the corners.
  constexpr double levels[] = {-0.115, -0.11, -0.1, -0.09, -0.07,  -0.05, -0.03, -0.01,
                               -1e-3,  -1e-4, 1e-5, 1e-4,  2.5e-4, 5e-4,  1e-3,  1.5e-3};
  constexpr double thickness = 1.5, strength = 0.75;
  for (int py = 0; py < static_cast<int>(box.height); ++py) {
    for (int px = 0; px < static_cast<int>(box.width); ++px) {
      const double x = (px + 0.5) / box.width, y = 1 - (py + 0.5) / box.height;
      const int column = static_cast<int>(box.left) + px, row = static_cast<int>(box.top) + py;
      canvas.blend(column, row, scale_color(std::sqrt(speed.at(x, y).value)), 1);

      const CornerField::Sample here = psi.at(x, y);
      const double slope = std::max(1e-9, std::hypot(here.slope_x, here.slope_y)) / box.width;  // per pixel
      double coverage = 0;
      for (const double level : levels) {
        coverage = std::max(coverage, thickness / 2 + 0.5 - std::abs(here.value - level) / slope);
      }
      if (coverage > 0) canvas.blend(column, row, white, strength * std::min(1.0, coverage));
    }
  }
}

struct Axis {
  double low, high, step;
  int decimals;
};

std::string label(double value, int decimals) {
  std::string text = std::to_string(std::abs(value));
  text.resize(text.find('.') + 1 + decimals);
  return value < -1e-9 ? "-" + text : text;
}

/// A diagram with position on the horizontal and velocity on the vertical axis.
void draw_profile(Canvas& canvas, const Rectangle& box, const Profile& profile, const ghia::Profile& reference,
                  const Axis& axis, std::string_view title, std::string_view position_name) {
  constexpr double small = 13;
  const auto at = [&](double position, double value) {
    return Point{box.left + position * box.width, box.top + (axis.high - value) / (axis.high - axis.low) * box.height};
  };
  for (int k = 0; axis.low + k * axis.step < axis.high + 1e-9; ++k) {
    const double value = axis.low + k * axis.step;
    canvas.line(at(0, value), at(1, value), std::abs(value) < 1e-9 ? 1.6 : 1, grid_ink);
    const std::string text = label(value, axis.decimals);
    canvas.text({box.left - 12 - text_width(small, text), at(0, value).y + small / 2}, small, text, ink);
  }
  for (int k = 0; k <= 5; ++k) {
    const double position = k / 5.0;
    canvas.line(at(position, axis.low), at(position, axis.high), 1, grid_ink);
    const std::string text = label(position, 1);
    canvas.text({at(position, 0).x - text_width(small, text) / 2, box.top + box.height + 12 + small}, small, text, ink);
  }
  canvas.text({box.left + box.width * 0.5 - 4, box.top + box.height + 44}, small, position_name, ink);

  std::vector<Point> curve;
  for (int k = 0; k <= 400; ++k) curve.push_back(at(k / 400.0, profile.at(k / 400.0)));
  canvas.polyline(curve, 2.6, curve_ink);
  for (int k = 0; k < ghia::points; ++k) {
    canvas.circle(at(reference.position[k], reference.velocity[k]), 5.5, 2, marker_ink);
  }
  canvas.text({box.left, box.top - 16}, 15, title, ink);
}

}  // namespace

Canvas draw_flow(const Velocity& velocity, const ghia::Reference& reference) {
  Canvas canvas(1640, 1000, paper);
  canvas.text({40, 58}, 24, "Lid-driven cavity  Re = " + std::to_string(reference.reynolds), ink);

  const Rectangle field{40, 90, 870, 870};
  draw_field(canvas, field, velocity);

  const Rectangle scale{930, 90, 16, 870};
  for (int y = 0; y < static_cast<int>(scale.height); ++y) {
    const Color color = scale_color(std::sqrt(1 - (y + 0.5) / scale.height));
    for (int x = 0; x < static_cast<int>(scale.width); ++x) {
      canvas.blend(static_cast<int>(scale.left) + x, static_cast<int>(scale.top) + y, color, 1);
    }
  }
  for (int k = 0; k <= 5; ++k) {
    canvas.text({scale.left + 24, scale.top + scale.height * (1 - k / 5.0) + 6}, 13, label(k / 5.0, 1), ink);
  }
  canvas.text({scale.left - 16, 70}, 13, "speed", ink);

  const double left = 1090, width = 500;
  draw_profile(canvas, {left, 130, width, 330}, horizontal_velocity(velocity), reference.u, {-0.4, 1, 0.2, 1},
               "u at x = 0.5", "y");
  draw_profile(canvas, {left, 570, width, 330}, vertical_velocity(velocity), reference.v, {-0.6, 0.4, 0.2, 1},
               "v at y = 0.5", "x");
  constexpr std::string_view published = "Ghia et al. 1982", ours = "cppstencils";
  double x = left + width - text_width(13, published);
  canvas.text({x, 64}, 13, published, ink);
  canvas.circle({x - 16, 58}, 5.5, 2, marker_ink);
  x -= 56 + text_width(13, ours);
  canvas.text({x, 64}, 13, ours, ink);
  canvas.line({x - 42, 58}, {x - 12, 58}, 2.6, curve_ink);
  return canvas;
}

}  // namespace cavity
