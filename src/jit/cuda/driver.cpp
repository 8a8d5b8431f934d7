#include "jit/cuda/driver.hpp"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"

namespace cppstencils::jit {
namespace {

constexpr const char* usual_name = "libcuda.so.1";

[[noreturn]] void fail_open(std::string message, std::vector<std::string> notes, std::vector<std::string> hints) {
  throw UnsupportedError({.code = ErrorCode::unsupported,
                          .message = std::move(message),
                          .notes = std::move(notes),
                          .hints = std::move(hints)});
}

DynamicLibrary open_library() {
  const std::string chosen = environment("CPPSTENCILS_CUDA_DRIVER");
  std::string failure;
  // The name without a number may be the stub that programs are linked with.
  if (DynamicLibrary library = DynamicLibrary::open(chosen.empty() ? usual_name : chosen, failure)) return library;
  if (!chosen.empty()) {
    fail_open(
        fmt::format("The environment variable CPPSTENCILS_CUDA_DRIVER names '{}', which cannot be opened.", chosen),
        {failure}, {"Set it to the path of a libcuda.so.1, or unset it."});
  }
  fail_open("This machine has no CUDA driver.", {failure},
            {"Install the NVIDIA driver, or run the kernel on the CPU with another JIT."});
}

}  // namespace

Driver::Driver(DynamicLibrary library) : library_(std::move(library)), process_(::getpid()) {
  const std::array table = {
#define CPPSTENCILS_DRIVER_ENTRY(member, name, parameters) \
  LibraryFunction{#name, reinterpret_cast<void**>(&functions_.member)},
      CPPSTENCILS_DRIVER_FUNCTIONS(CPPSTENCILS_DRIVER_ENTRY)
#undef CPPSTENCILS_DRIVER_ENTRY
  };
  const std::string missing = look_up(library_, table);
  if (!missing.empty()) {
    fail_open(fmt::format("The CUDA driver '{}' is too old.", path()),
              {fmt::format("It has no function '{}'.", missing)}, {"Install a driver for CUDA 11.2 or newer."});
  }
  const int status = functions_.init(0);
  if (status == driver_stub_library) {
    fail_open(fmt::format("'{}' is the stub of the CUDA toolkit and no driver.", path()), {},
              {"Take the folder 'stubs' out of LD_LIBRARY_PATH, or install the NVIDIA driver."});
  }
  if (status == driver_not_initialized) fail_forked({describe(status)});
  if (status == driver_no_device) fail_open("The CUDA driver finds no GPU.", {describe(status)}, {});
  if (status != driver_success) fail_open("The CUDA driver does not start.", {describe(status)}, {});
  int number = 0;
  if (functions_.driver_version(&number) == driver_success) version_ = {number / 1000, number % 1000 / 10};
  const int counted = functions_.device_count(&device_count_);
  if (counted != driver_success) fail_open("The CUDA driver does not list its GPUs.", {describe(counted)}, {});
  if (device_count_ == 0) fail_open("The CUDA driver finds no GPU.", {}, {});
}

void Driver::fail_forked(std::vector<std::string> notes) {
  fail_open(
      "This process was forked from one that had used the GPU, and cannot use it.", std::move(notes),
      {"Start processes before the first use of the GPU, or by a new program instead of fork(): in Python with the "
       "start method 'spawn'."});
}

std::shared_ptr<const Driver> Driver::open() { return std::shared_ptr<const Driver>(new Driver(open_library())); }

std::string Driver::describe(int status) const {
  const char* name = nullptr;
  const char* text = nullptr;
  (void)functions_.error_name(status, &name);
  (void)functions_.error_text(status, &text);
  return fmt::format("{} ({}): {}", name == nullptr ? "unknown error" : name, status,
                     text == nullptr ? "no description" : text);
}

void Driver::fail(int status, std::string_view action) const {
  throw LaunchError({.code = ErrorCode::launch_failed,
                     .message = fmt::format("The GPU driver could not {}.", action),
                     .notes = {describe(status)},
                     .hints = status == driver_out_of_memory
                                  ? std::vector<std::string>{"Free device arrays, or use smaller ones."}
                                  : std::vector<std::string>{}});
}

std::shared_ptr<DeviceContext> DeviceContext::open(std::shared_ptr<const Driver> driver, int ordinal) {
  return std::shared_ptr<DeviceContext>(new DeviceContext(std::move(driver), ordinal));
}

DeviceContext::DeviceContext(std::shared_ptr<const Driver> driver, int ordinal)
    : driver_(std::move(driver)), ordinal_(ordinal) {
  if (ordinal < 0 || ordinal >= driver_->device_count()) {
    fail_open(fmt::format("There is no GPU {}.", ordinal), {},
              {fmt::format("The GPUs of this machine are 0 to {}.", driver_->device_count() - 1)});
  }
  const Driver& cuda = *driver_;
  cuda.check(cuda->device(&device_, ordinal), "open the GPU");
  int major = 0;
  int minor = 0;
  cuda.check(cuda->device_attribute(&major, attribute_generation_major, device_), "ask for the kind of GPU");
  cuda.check(cuda->device_attribute(&minor, attribute_generation_minor, device_), "ask for the kind of GPU");
  generation_ = 10 * major + minor;
  std::array<char, 256> text = {};
  if (cuda->device_name(text.data(), static_cast<int>(text.size()) - 1, device_) == driver_success) name_ = text.data();
  cuda.check(cuda->retain_context(&context_, device_), "use the GPU");
}

// At the end of a process the driver may have gone before; nothing is left to do then.
DeviceContext::~DeviceContext() {
  if (driver_->is_usable()) (void)(*driver_)->release_context(device_);
}

DeviceContext::Use::Use(const DeviceContext& context) : context_(context) {
  const Driver& cuda = context_.driver();
  cuda.require_usable();
  DriverContext current = nullptr;
  if (cuda->current_context(&current) == driver_success && current == context_.context_) return;
  cuda.check(cuda->push_context(context_.context_), "use the GPU");
  pushed_ = true;
}

DeviceContext::Use::~Use() {
  DriverContext popped = nullptr;
  if (pushed_) (void)context_.driver()->pop_context(&popped);
}

}  // namespace cppstencils::jit
