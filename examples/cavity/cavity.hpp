#pragma once

#include <memory>
#include <span>
#include <vector>

#include "cppstencils/cppstencils.hpp"

/// The flow in a square box whose lid moves sideways.
namespace cavity {

namespace cs = cppstencils;

/// The kernels of the simulation. They fit every grid, Reynolds number and lid speed.
class Kernels {
 public:
  /// Derives the assignments from the lattice and compiles them.
  explicit Kernels(const std::shared_ptr<cs::JitBase>& jit);

  /// Puts the fluid to rest. Fields: f.
  const cs::CompiledKernel& rest() const { return kernels_[0]; }
  /// The velocity of every cell. Fields: f, velocity.
  const cs::CompiledKernel& measure() const { return kernels_[1]; }
  /// One step of all fluid cells. Fields: f, f_next; scalars: even_rate, odd_rate.
  const cs::CompiledKernel& step() const { return kernels_[2]; }
  /// The four walls and the four corners. Field: f; the one of the lid has the scalar lid_speed.
  std::span<const cs::CompiledKernel> walls() const { return std::span(kernels_).subspan(3); }

  std::size_t count() const { return kernels_.size(); }
  /// From the lattice to callable code, all kernels together.
  double milliseconds() const { return milliseconds_; }

 private:
  std::vector<cs::CompiledKernel> kernels_;
  double milliseconds_ = 0;
};

/// The velocity of the fluid cells in units of the lid speed, without the walls: elements (i, j, component), where
/// cell i has its centre at x = (i + 1/2)/cells.
using Velocity = cs::Array<double>;

/// A running simulation. Lengths in cells, times in steps; the fluid starts at rest.
class Cavity {
 public:
  struct Options {
    int cells = 129;
    double reynolds = 100;
    /// In cells per step. The flow is incompressible up to an error that grows with its square.
    double lid_speed = 0.1;
  };
  Cavity(const Kernels& kernels, const Options& options);

  /// Advances by two steps at a time, so `steps` is even.
  void run(int steps);
  /// Measures the velocity.
  Velocity velocity();

  const Options& options() const { return options_; }

 private:
  cs::BoundKernel bind_step(const Kernels& kernels, cs::Array<double>& from, cs::Array<double>& to);
  std::vector<cs::BoundKernel> bind_walls(const Kernels& kernels, cs::Array<double>& populations);

  Options options_;
  // Arrays have one layer of ghost cells on every side.
  cs::Array<double> f_;
  cs::Array<double> f_next_;
  cs::Array<double> velocity_;
  std::vector<cs::BoundKernel> two_steps_;
  cs::BoundKernel measure_;
};

/// The largest difference between two velocities of one cell.
double largest_change(const Velocity& a, const Velocity& b);

}  // namespace cavity
