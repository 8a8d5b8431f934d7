#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "cppstencils/ir/variant.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/prepared_kernel.hpp"

namespace cppstencils::runtime {

/// Calls that one choice is good for.
struct SizeClass {
  /// Powers of two: from so many cells in all and in a row, to less than twice as many.
  int cells = 0;
  int row = 0;
  ir::InnerStride inner_stride = ir::InnerStride::any;
  bool operator==(const SizeClass&) const = default;
};

/// Of a frame that has cells.
SizeClass size_class(const PreparedKernel& kernel, const CallFrame& frame);

/// What was found among the saved choices, per size of calls. Safe to use from several threads.
template <class Found>
class SavedChoices {
 public:
  /// `load(size)` is asked once per size; null where nothing was saved.
  template <class Load>
  std::shared_ptr<const Found> find(const SizeClass& size, Load&& load) {
    const std::lock_guard lock(mutex_);
    for (const auto& [known, found] : known_) {
      if (known == size) return found;
    }
    return known_.emplace_back(size, load(size)).second;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<SizeClass, std::shared_ptr<const Found>>> known_;
};

}  // namespace cppstencils::runtime
