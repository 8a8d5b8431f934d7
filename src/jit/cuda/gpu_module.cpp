#include "jit/cuda/gpu_module.hpp"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"

namespace cppstencils::jit {
namespace {

[[noreturn]] void fail_load(const Driver& driver, int status, std::string_view what, std::string log) {
  std::vector<std::string> notes = {driver.describe(status)};
  if (!log.empty()) notes.push_back(std::move(log));
  throw CompileError({.code = ErrorCode::compile_failed,
                      .message = fmt::format("The GPU driver cannot load {}.", what),
                      .notes = std::move(notes)});
}

}  // namespace

GpuModule::GpuModule(std::shared_ptr<DeviceContext> context, std::span<const std::byte> code,
                     const std::string& function, const std::string& second_function)
    : context_(std::move(context)) {
  const Driver& driver = context_->driver();
  const DeviceContext::Use use(*context_);
  // Text must end with a zero.
  std::vector<std::byte> image(code.begin(), code.end());
  image.push_back(std::byte{0});
  std::array<char, 16 * 1024> log = {};
  std::array<int, 2> options = {module_error_log, module_error_log_size};
  std::array<void*, 2> values = {log.data(), reinterpret_cast<void*>(static_cast<std::uintptr_t>(log.size()))};
  int status =
      driver->load_module(&module_, image.data(), static_cast<unsigned>(options.size()), options.data(), values.data());
  log.back() = '\0';
  if (status != driver_success) fail_load(driver, status, "the code of the kernel", log.data());
  status = driver->module_function(&function_, module_, function.c_str());
  if (status == driver_success) status = driver->function_attribute(&most_threads_, function_most_threads, function_);
  const bool has_first = status == driver_success;
  if (has_first && !second_function.empty()) {
    status = driver->module_function(&second_function_, module_, second_function.c_str());
  }
  if (status != driver_success) {
    (void)driver->unload_module(module_);
    fail_load(driver, status, fmt::format("the function '{}'", has_first ? second_function : function), {});
  }
}

GpuModule::~GpuModule() {
  try {
    const DeviceContext::Use use(*context_);
    (void)context_->driver()->unload_module(module_);
  } catch (const Error&) {
    // The driver is gone, and the code with it.
  }
}

}  // namespace cppstencils::jit
