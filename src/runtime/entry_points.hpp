#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include "cppstencils/jit/executable.hpp"

namespace cppstencils::runtime {

/// The entry points of an executable, each asked for when first needed and then kept. Safe to use from several threads.
class EntryPoints {
 public:
  /// Throws ArgumentError (argument-null) for a null pointer.
  explicit EntryPoints(std::shared_ptr<Executable> executable);

  EntryPoint get(ir::Variant variant) const {
    Slot& slot = slots_[2 * static_cast<std::size_t>(variant.inner_stride) + static_cast<std::size_t>(variant.stores)];
    if (!slot.ready.load(std::memory_order_acquire)) fill(slot, variant);
    return slot.entry_point;
  }
  const std::shared_ptr<Executable>& executable() const { return executable_; }

 private:
  struct Slot {
    std::atomic<bool> ready = false;
    EntryPoint entry_point;
  };
  void fill(Slot& slot, ir::Variant variant) const;

  std::shared_ptr<Executable> executable_;
  mutable std::mutex mutex_;
  mutable std::array<Slot, 4> slots_;  // per InnerStride and StorePolicy
};

}  // namespace cppstencils::runtime
