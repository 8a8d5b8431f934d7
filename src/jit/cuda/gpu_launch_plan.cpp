#include "jit/cuda/gpu_launch_plan.hpp"

#include <utility>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"

namespace cppstencils::jit {
namespace {

DriverStream handle(Stream stream) { return static_cast<DriverStream>(stream.handle); }

std::string allocation(std::size_t bytes, const std::string& kernel_name) {
  return fmt::format("allocate {} bytes for the reductions of kernel '{}'", bytes, kernel_name);
}

}  // namespace

GpuLaunchPlan::GpuLaunchPlan(std::string kernel_name, std::shared_ptr<const LoadedGpuCode> code)
    : kernel_name_(std::move(kernel_name)), code_(std::move(code)) {}

// The driver waits for work that may use the memory.
GpuLaunchPlan::~GpuLaunchPlan() {
  if (scratch_ == 0) return;
  try {
    const DeviceContext& context = *code_->module.context();
    const DeviceContext::Use use(context);
    (void)context.driver()->free(scratch_);
  } catch (const Error&) {
    // The driver is gone, and the memory with it.
  }
}

void GpuLaunchPlan::add(DriverFunction function, const LaunchConfiguration& configuration,
                        std::vector<std::uint64_t> values, const std::vector<std::size_t>& scratch_places) {
  launches_.push_back({function, configuration, std::move(values), {}, scratch_places});
  One& launch = launches_.back();
  for (std::uint64_t& value : launch.values) launch.parameters.push_back(&value);
}

void GpuLaunchPlan::place_scratch(DeviceAddress address) {
  for (One& one : launches_) {
    for (const std::size_t place : one.scratch_places) one.values[place] += address;
  }
}

void GpuLaunchPlan::keep_scratch() {
  if (scratch_bytes_ == 0) return;
  const DeviceContext& context = *code_->module.context();
  const DeviceContext::Use use(context);
  const Driver& driver = context.driver();
  driver.check(driver->allocate(&scratch_, scratch_bytes_), allocation(scratch_bytes_, kernel_name_));
  place_scratch(scratch_);
}

void GpuLaunchPlan::launch(Stream stream) const {
  const DeviceContext& context = *code_->module.context();
  const DeviceContext::Use use(context);
  for (const One& one : launches_) {
    const auto& [grid, block] = one.configuration;
    const int status = context.driver()->launch(
        one.function, static_cast<unsigned>(grid[0]), static_cast<unsigned>(grid[1]), static_cast<unsigned>(grid[2]),
        static_cast<unsigned>(block[0]), static_cast<unsigned>(block[1]), static_cast<unsigned>(block[2]), 0,
        handle(stream), const_cast<void**>(one.parameters.data()), nullptr);
    if (status != driver_success) fail(context.driver(), status);
  }
}

void GpuLaunchPlan::launch_once(Stream stream) {
  if (scratch_bytes_ == 0) return launch(stream);
  const DeviceContext& context = *code_->module.context();
  const DeviceContext::Use use(context);
  const Driver& driver = context.driver();
  DeviceAddress memory = 0;
  const int status = driver->allocate_queued(&memory, scratch_bytes_, handle(stream));
  if (status == driver_not_supported) {
    keep_scratch();
    launch(stream);
    return driver.check(driver->wait_for_stream(handle(stream)), "finish the work of a stream");
  }
  driver.check(status, allocation(scratch_bytes_, kernel_name_));
  place_scratch(memory);
  try {
    launch(stream);
  } catch (...) {
    (void)driver->free_queued(memory, handle(stream));
    throw;
  }
  driver.check(driver->free_queued(memory, handle(stream)), "free memory in the order of a stream");
}

void GpuLaunchPlan::fail(const Driver& driver, int status) const {
  throw LaunchError(
      {.code = ErrorCode::launch_failed,
       .message = fmt::format("The GPU driver could not start kernel '{}'.", kernel_name_),
       .notes = {driver.describe(status), "An error of earlier work on the GPU is reported by later calls."}});
}

}  // namespace cppstencils::jit
