#include "cavity/profile.hpp"

#include <algorithm>
#include <cmath>

namespace cavity {

double Profile::at(double position) const {
  const int n = static_cast<int>(cells_.size());
  const double place = position * n - 0.5;  // in cells, 0 at the first centre
  if (place <= 0) return std::lerp(lower_wall_, cells_.front(), 2 * (place + 0.5));
  if (place >= n - 1) return std::lerp(cells_.back(), upper_wall_, 2 * (place - (n - 1)));

  const int i = std::min(static_cast<int>(place), n - 2);
  const double t = place - i;
  if (i == 0 || i == n - 2) return std::lerp(cells_[i], cells_[i + 1], t);
  return -t * (t - 1) * (t - 2) / 6 * cells_[i - 1] + (t + 1) * (t - 1) * (t - 2) / 2 * cells_[i] -
         (t + 1) * t * (t - 2) / 2 * cells_[i + 1] + (t + 1) * t * (t - 1) / 6 * cells_[i + 2];
}

Profile horizontal_velocity(const Velocity& velocity) {
  // With an even number of cells the centre line lies between two columns.
  const int n = static_cast<int>(velocity.extent(0));
  std::vector<double> values;
  for (int j = 0; j < n; ++j) values.push_back((velocity(n / 2, j, 0) + velocity((n - 1) / 2, j, 0)) / 2);
  return {std::move(values), 0.0, 1.0};
}

Profile vertical_velocity(const Velocity& velocity) {
  const int n = static_cast<int>(velocity.extent(0));
  std::vector<double> values;
  for (int i = 0; i < n; ++i) values.push_back((velocity(i, n / 2, 1) + velocity(i, (n - 1) / 2, 1)) / 2);
  return {std::move(values), 0.0, 0.0};
}

double largest_deviation(const Profile& profile, const ghia::Profile& reference) {
  double largest = 0;
  for (int k = 0; k < ghia::points; ++k) {
    largest = std::max(largest, std::abs(profile.at(reference.position[k]) - reference.velocity[k]));
  }
  return largest;
}

}  // namespace cavity
