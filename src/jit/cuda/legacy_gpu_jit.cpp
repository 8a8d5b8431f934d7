#include "cppstencils/jit/legacy_gpu_jit.hpp"

#include <utility>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "jit/cuda/gpu_engine.hpp"

namespace cppstencils {

struct LegacyGpuJit::State {
  explicit State(LegacyGpuJitOptions options) : engine(std::move(options)) {}
  jit::GpuEngine engine;
};

LegacyGpuJit::LegacyGpuJit(LegacyGpuJitOptions options) : state_(std::make_shared<State>(std::move(options))) {}
LegacyGpuJit::~LegacyGpuJit() = default;

GpuDevice LegacyGpuJit::device() const { return GpuDevice(state_->engine.context()); }

GpuAvailability LegacyGpuJit::available() const {
  GpuAvailability result;
  const auto say = [&](const Error& error) {
    if (!result.reason.empty()) result.reason += ' ';
    result.reason += error.message();
  };
  try {
    const jit::LibraryVersion version = state_->engine.nvrtc()->version();
    result.compiler = fmt::format("NVRTC {}.{}", version.major, version.minor);
  } catch (const Error& error) {
    say(error);
  }
  try {
    const GpuDevice found = device();
    result.device = fmt::format("{}, {}", found.name(), found.architecture());
  } catch (const Error& error) {
    say(error);
  }
  return result;
}

}  // namespace cppstencils
