#pragma once

#include <optional>

namespace cppstencils::jit {

/// Held by a thread while it works with LLVM.
///
/// LLVM has locks and tables of the whole process. A child of fork() inherits them as they are at that moment, and
/// exit() destroys them while other threads run. So fork() waits until no thread is in such a section, and lets none
/// begin one before the child exists; and once exit() has begun, no section begins any more. Sections are short, a few
/// milliseconds; they may nest.
class LlvmUse {
 public:
  /// Throws CompileError when the process is exiting (after a while, so that a thread nobody waits for ends with the
  /// process).
  LlvmUse();
  ~LlvmUse();
  LlvmUse(const LlvmUse&) = delete;
  LlvmUse& operator=(const LlvmUse&) = delete;

  /// For destructors: false when the process is exiting and the object must be leaked.
  static bool try_enter() noexcept;
  static void leave() noexcept;

  /// What LLVM has allocated for the process until now outlives the wait of exit(). Called after the first kernel has
  /// been compiled, when nearly everything is there.
  static void protect_from_exit();
};

}  // namespace cppstencils::jit
