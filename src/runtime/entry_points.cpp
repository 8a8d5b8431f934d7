#include "runtime/entry_points.hpp"

#include <utility>

#include "cppstencils/support/error.hpp"

namespace cppstencils::runtime {

EntryPoints::EntryPoints(std::shared_ptr<Executable> executable) : executable_(std::move(executable)) {
  if (executable_ == nullptr) {
    throw ArgumentError({.code = ErrorCode::argument_null,
                         .message = "A compiled kernel needs an executable, but the pointer is null.",
                         .hints = {"Let the JIT return an executable, or throw CompileError."}});
  }
}

void EntryPoints::fill(Slot& slot, ir::Variant variant) const {
  // May compile, so not under the lock. Threads that meet here get the same answer.
  const EntryPoint entry_point = executable_->entry_point(variant);
  CPPSTENCILS_CHECK(entry_point.function != nullptr, "An executable has an entry point for every variant.");
  const std::lock_guard lock(mutex_);
  if (slot.ready.load(std::memory_order_relaxed)) return;
  slot.entry_point = entry_point;
  slot.ready.store(true, std::memory_order_release);
}

}  // namespace cppstencils::runtime
