#pragma once

#include <vector>

#include "cavity/cavity.hpp"
#include "cavity/ghia.hpp"

namespace cavity {

/// One velocity component along a line from wall to wall, known at cell centres and at both walls.
class Profile {
 public:
  Profile(std::vector<double> cells, double lower_wall, double upper_wall)
      : cells_(std::move(cells)), lower_wall_(lower_wall), upper_wall_(upper_wall) {}

  /// The value at `position` between 0 and 1: cubic between the cells, linear next to the walls.
  double at(double position) const;

 private:
  std::vector<double> cells_;
  double lower_wall_;
  double upper_wall_;
};

/// u along x = 1/2, as a function of y.
Profile horizontal_velocity(const Velocity& velocity);
/// v along y = 1/2, as a function of x.
Profile vertical_velocity(const Velocity& velocity);

/// The largest difference from the published values.
double largest_deviation(const Profile& profile, const ghia::Profile& reference);

}  // namespace cavity
