#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace cppstencils::runtime {

/// Uninitialised room for a number of trivial objects that is known at run time: inside the object while they are few,
/// on the heap otherwise. Keeps the usual kernel call free of allocations.
template <class T, std::size_t inline_count>
requires std::is_trivially_copyable_v<T>
class ScratchArray {
 public:
  explicit ScratchArray(std::size_t count) : data_(count <= inline_count ? inline_ : nullptr) {
    if (data_ == nullptr) {
      heap_.reset(new T[count]);
      data_ = heap_.get();
    }
  }
  ScratchArray(const ScratchArray&) = delete;
  ScratchArray& operator=(const ScratchArray&) = delete;
  ~ScratchArray() = default;

  T* data() noexcept { return data_; }

 private:
  alignas(std::max_align_t) T inline_[inline_count];
  std::unique_ptr<T[]> heap_;
  T* data_;
};

}  // namespace cppstencils::runtime
