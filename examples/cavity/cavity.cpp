#include "cavity/cavity.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "lbm/update_rule.hpp"
#include "lbm/walls.hpp"

namespace cavity {

namespace {

constexpr auto lattice = lbm::d2q9;
const lbm::Side lid = {0, 1};

std::vector<cs::KernelFunction> create_kernels(const std::shared_ptr<cs::JitBase>& jit) {
  // x is the fastest dimension; every direction has a plane of its own.
  const auto [f, f_next, velocity] = cs::fields<3>("f(9), f_next(9), velocity(2): double[2D]", "fzyx");
  const cs::Symbol even_rate("even_rate"), odd_rate("odd_rate"), lid_speed("lid_speed");

  std::vector<cs::KernelFunction> kernels = {
      cs::create_kernel(lbm::fill_at_rest(lattice, f), {.function_name = "rest", .jit = jit, .ghost_layers = 0}),
      cs::create_kernel(lbm::measure_velocity(lattice, f, velocity),
                        {.function_name = "measure_velocity", .jit = jit, .ghost_layers = 1}),
      cs::create_kernel(lbm::stream_and_collide(lattice, f, f_next, lbm::Trt{even_rate, odd_rate}),
                        {.function_name = "stream_and_collide", .jit = jit})};

  // Each lattice direction but rest points to a wall or a corner. Corners are at rest.
  for (int q = 1; q < lattice.directions; ++q) {
    const lbm::Side side(lattice.velocity[q].begin(), lattice.velocity[q].end());
    const cs::Expr speed = side == lid ? lid_speed.expr() : cs::Expr(0);
    kernels.push_back(cs::create_kernel(
        lbm::bounce_back(lattice, f, side, {speed, 0}),
        {.function_name = "wall_" + std::to_string(q), .jit = jit, .iteration_slice = lbm::ghost_cells(side)}));
  }
  return kernels;
}

bool has_parameter(const cs::CompiledKernel& kernel, std::string_view name) {
  return std::ranges::any_of(kernel.kernel().parameters(), [&](const auto& p) { return p.name == name; });
}

cs::Array<double> make_array(int cells, int components) {
  return cs::Array<double>({cells + 2, cells + 2, components}, cs::Layout::soa(), 1);
}

}  // namespace

Kernels::Kernels(const std::shared_ptr<cs::JitBase>& jit) {
  const auto begin = std::chrono::steady_clock::now();
  for (const cs::KernelFunction& kernel : create_kernels(jit)) kernels_.push_back(kernel.compile());
  milliseconds_ = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

Cavity::Cavity(const Kernels& kernels, const Options& options)
    : options_(options),
      f_(make_array(options.cells, lattice.directions)),
      f_next_(make_array(options.cells, lattice.directions)),
      velocity_(make_array(options.cells, 2)),
      measure_(kernels.measure().bind({{"f", f_}, {"velocity", velocity_}})) {
  kernels.rest()({{"f", f_}});
  kernels.rest()({{"f", f_next_}});
  for (auto [from, to] : {std::pair(&f_, &f_next_), std::pair(&f_next_, &f_)}) {
    std::ranges::move(bind_walls(kernels, *from), std::back_inserter(two_steps_));
    two_steps_.push_back(bind_step(kernels, *from, *to));
  }
}

cs::BoundKernel Cavity::bind_step(const Kernels& kernels, cs::Array<double>& from, cs::Array<double>& to) {
  const double viscosity = options_.lid_speed * options_.cells / options_.reynolds;
  const double even = 3 * viscosity;  // 1/even_rate - 1/2
  const double odd = 3.0 / 16.0 / even;
  return kernels.step().bind(
      {{"f", from}, {"f_next", to}, {"even_rate", 1 / (even + 0.5)}, {"odd_rate", 1 / (odd + 0.5)}});
}

std::vector<cs::BoundKernel> Cavity::bind_walls(const Kernels& kernels, cs::Array<double>& populations) {
  std::vector<cs::BoundKernel> walls;
  for (const cs::CompiledKernel& wall : kernels.walls()) {
    walls.push_back(has_parameter(wall, "lid_speed")
                        ? wall.bind({{"f", populations}, {"lid_speed", options_.lid_speed}})
                        : wall.bind({{"f", populations}}));
  }
  return walls;
}

void Cavity::run(int steps) {
  for (int step = 0; step < steps; step += 2) {
    for (const cs::BoundKernel& kernel : two_steps_) kernel();
  }
}

Velocity Cavity::velocity() {
  measure_();
  const int n = options_.cells;
  Velocity result({n, n, 2});
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      for (int d = 0; d < 2; ++d) result(i, j, d) = velocity_(i + 1, j + 1, d) / options_.lid_speed;
    }
  }
  return result;
}

double largest_change(const Velocity& a, const Velocity& b) {
  double largest = 0;
  for (std::int64_t i = 0; i < a.extent(0); ++i) {
    for (std::int64_t j = 0; j < a.extent(1); ++j) {
      largest = std::max(largest, std::hypot(a(i, j, 0) - b(i, j, 0), a(i, j, 1) - b(i, j, 1)));
    }
  }
  return largest;
}

}  // namespace cavity
