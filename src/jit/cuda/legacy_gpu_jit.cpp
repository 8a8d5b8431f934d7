#include "cppstencils/jit/legacy_gpu_jit.hpp"

#include <utility>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "jit/cuda/gpu_engine.hpp"
#include "jit/cuda/gpu_executable.hpp"

namespace cppstencils {

struct LegacyGpuJit::State {
  explicit State(LegacyGpuJitOptions options) : engine(std::make_shared<jit::GpuEngine>(std::move(options))) {}
  std::shared_ptr<jit::GpuEngine> engine;  // never null
};

LegacyGpuJit::LegacyGpuJit(LegacyGpuJitOptions options) : state_(std::make_shared<State>(std::move(options))) {}
LegacyGpuJit::~LegacyGpuJit() = default;

std::shared_ptr<DeviceExecutable> LegacyGpuJit::build(const KernelFunction& kernel) {
  try {
    return std::make_shared<jit::GpuExecutable>(state_->engine, kernel);
  } catch (Error& error) {
    error.add_note(fmt::format("While compiling kernel '{}'.", kernel.name()));
    throw;
  }
}

std::vector<std::byte> LegacyGpuJit::compile_to_code(const KernelFunction& kernel, std::string_view architecture) {
  try {
    return state_->engine->code(jit::gpu_request(kernel, {}), architecture).code;
  } catch (Error& error) {
    error.add_note(fmt::format("While compiling kernel '{}'.", kernel.name()));
    throw;
  }
}

GpuDevice LegacyGpuJit::device() const { return GpuDevice(state_->engine->context()); }

GpuAvailability LegacyGpuJit::available() const {
  GpuAvailability result;
  const auto say = [&](const Error& error) {
    if (!result.reason.empty()) result.reason += ' ';
    result.reason += error.message();
  };
  try {
    const jit::LibraryVersion version = state_->engine->nvrtc()->version();
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
