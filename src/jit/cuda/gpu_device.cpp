#include "cppstencils/jit/gpu_device.hpp"

#include <utility>

#include <fmt/format.h>

#include "jit/cuda/driver.hpp"

namespace cppstencils {

namespace {

jit::DriverStream handle(Stream stream) { return static_cast<jit::DriverStream>(stream.handle); }

void wait(const jit::DeviceContext& context, Stream stream) {
  const jit::DeviceContext::Use use(context);
  context.driver().check(context.driver()->wait_for_stream(handle(stream)), "finish the work of a stream");
}

}  // namespace

GpuStream::GpuStream(std::shared_ptr<jit::DeviceContext> context, Stream stream)
    : context_(std::move(context)), stream_(stream) {}
GpuStream::GpuStream(GpuStream&& other) noexcept
    : context_(std::move(other.context_)), stream_(std::exchange(other.stream_, {})) {}
GpuStream& GpuStream::operator=(GpuStream&& other) noexcept {
  std::swap(context_, other.context_);
  std::swap(stream_, other.stream_);
  return *this;
}
GpuStream::~GpuStream() {
  if (stream_.handle != nullptr && context_->driver().is_usable())
    (void)context_->driver()->destroy_stream(handle(stream_));
}
void GpuStream::synchronize() const { wait(*context_, stream_); }

GpuDevice GpuDevice::open(int ordinal) { return GpuDevice(jit::DeviceContext::open(jit::Driver::open(), ordinal)); }
GpuDevice::GpuDevice(std::shared_ptr<jit::DeviceContext> context) : context_(std::move(context)) {}

int GpuDevice::ordinal() const { return context_->ordinal(); }
std::string GpuDevice::name() const { return context_->name(); }
std::string GpuDevice::architecture() const { return fmt::format("sm_{}", context_->generation()); }
void GpuDevice::synchronize(Stream stream) const { wait(*context_, stream); }

GpuStream GpuDevice::create_stream() const {
  // Work on it waits for no other stream, also not for the device's own one.
  constexpr unsigned non_blocking = 1;
  const jit::DeviceContext::Use use(*context_);
  jit::DriverStream stream = nullptr;
  context_->driver().check(context_->driver()->create_stream(&stream, non_blocking), "create a stream");
  return {context_, Stream{stream}};
}

}  // namespace cppstencils
