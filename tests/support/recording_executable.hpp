#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/jit/executable.hpp"

namespace cppstencils::testing {

/// Stands in for compiled code: touches no array and keeps what it was called with.
class RecordingExecutable final : public Executable {
 public:
  explicit RecordingExecutable(const ir::Kernel& kernel) : rank_(static_cast<std::size_t>(kernel.rank)) {
    buffers_ = kernel.buffers.size();
    for (const ir::Buffer& buffer : kernel.buffers) axes_ += static_cast<std::size_t>(buffer.axes());
    for (const ir::Scalar& scalar : kernel.scalars) scalar_sizes_.push_back(size_of(scalar.dtype));
  }

  struct Call {
    Variant variant;
    std::vector<void*> data;
    std::vector<std::int64_t> strides;
    /// The bytes of each value, zero-extended.
    std::vector<std::uint64_t> scalars;
    std::vector<std::int64_t> begin;
    std::vector<std::int64_t> end;
  };

  EntryPoint entry_point(Variant variant) override {
    ++entry_points_asked;
    const bool streaming = variant.stores == StorePolicy::streaming;
    return {&RecordingExecutable::record, variant.inner_stride == InnerStride::any ? &any_
                                          : streaming                              ? &streaming_
                                                                                   : &unit_};
  }

  std::vector<Call> calls;
  int entry_points_asked = 0;
  /// What the code returns.
  std::int32_t status = 0;

 private:
  struct Context {
    RecordingExecutable* self;
    Variant variant;
  };

  static std::int32_t record(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                             const std::int64_t* end) {
    const auto* context = static_cast<const Context*>(arguments->context);
    RecordingExecutable& self = *context->self;
    Call call;
    call.variant = context->variant;
    call.data.assign(arguments->data, arguments->data + self.buffers_);
    call.strides.assign(arguments->strides, arguments->strides + self.axes_);
    for (std::size_t i = 0; i < self.scalar_sizes_.size(); ++i) {
      std::uint64_t bits = 0;
      std::memcpy(&bits, arguments->scalars[i], self.scalar_sizes_[i]);
      call.scalars.push_back(bits);
    }
    call.begin.assign(begin, begin + self.rank_);
    call.end.assign(end, end + self.rank_);
    self.calls.push_back(std::move(call));
    return self.status;
  }

  std::size_t rank_;
  std::size_t buffers_ = 0;
  std::size_t axes_ = 0;
  std::vector<std::size_t> scalar_sizes_;
  const Context unit_{this, {InnerStride::unit}};
  const Context streaming_{this, {InnerStride::unit, StorePolicy::streaming}};
  const Context any_{this, {InnerStride::any}};
};

}  // namespace cppstencils::testing
