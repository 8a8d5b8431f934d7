#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cppstencils/jit/executable.hpp"
#include "runtime/prepared_kernel.hpp"

namespace cppstencils::runtime {

/// The arguments of a checked call in the form that compiled code takes. All parts lie in one block of memory, which
/// belongs to the caller.
class CallFrame {
 public:
  /// Bytes of the block for calls of this kernel.
  static std::size_t size(const PreparedKernel& kernel) {
    return cell * (kernel.buffers.size() + kernel.reductions.size() + kernel.stride_count + 2 * kernel.scalars.size() +
                   2 * static_cast<std::size_t>(kernel.rank));
  }
  /// `block` is aligned to 8 bytes and has size(kernel) of them.
  CallFrame(const PreparedKernel& kernel, std::byte* block) {
    const auto take = [&](std::size_t count) {
      std::byte* const part = block;
      block += cell * count;
      return part;
    };
    data_ = reinterpret_cast<void**>(take(kernel.buffers.size() + kernel.reductions.size()));
    strides_ = reinterpret_cast<std::int64_t*>(take(kernel.stride_count));
    scalar_values_ = take(kernel.scalars.size());
    scalars_ = reinterpret_cast<const void**>(take(kernel.scalars.size()));
    begin_ = reinterpret_cast<std::int64_t*>(take(static_cast<std::size_t>(kernel.rank)));
    end_ = reinterpret_cast<std::int64_t*>(take(static_cast<std::size_t>(kernel.rank)));
    for (std::size_t i = 0; i < kernel.scalars.size(); ++i) scalars_[i] = scalar(i);
  }

  /// Takes the arguments and the box of another frame of the same kernel.
  void assign(const CallFrame& other, const PreparedKernel& kernel) const {
    std::copy_n(other.data_, kernel.buffers.size() + kernel.reductions.size(), data_);
    std::copy_n(other.strides_, kernel.stride_count, strides_);
    std::copy_n(other.scalar_values_, cell * kernel.scalars.size(), scalar_values_);
    std::copy_n(other.begin_, kernel.rank, begin_);
    std::copy_n(other.end_, kernel.rank, end_);
  }

  /// Base pointer of each buffer; then the number that each reduction takes and gives.
  void** data() const { return data_; }
  /// In elements; those of a buffer begin at its `first_stride`.
  std::int64_t* strides() const { return strides_; }
  /// The bytes of a scalar's value, of its own type.
  std::byte* scalar(std::size_t i) const { return scalar_values_ + cell * i; }
  std::int64_t* begin() const { return begin_; }
  std::int64_t* end() const { return end_; }

  CppstencilsKernelArguments arguments(const void* context) const {
    return {.data = data_, .strides = strides_, .scalars = scalars_, .context = context};
  }

 private:
  static constexpr std::size_t cell = 8;
  static_assert(sizeof(void*) == cell);

  void** data_;
  std::int64_t* strides_;
  std::byte* scalar_values_;
  const void** scalars_;
  std::int64_t* begin_;
  std::int64_t* end_;
};

}  // namespace cppstencils::runtime
