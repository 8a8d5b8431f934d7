#pragma once

#include "cavity/canvas.hpp"
#include "cavity/cavity.hpp"
#include "cavity/ghia.hpp"

namespace cavity {

/// The flow in colours with stream lines, and its centre-line velocities with the published ones as circles.
Canvas draw_flow(const Velocity& velocity, const ghia::Reference& reference);

}  // namespace cavity
