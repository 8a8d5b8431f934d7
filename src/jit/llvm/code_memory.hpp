#pragma once

#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>

#include <cstddef>
#include <list>
#include <string>
#include <vector>

namespace cppstencils::jit {

/// Memory for linked kernels. Code and constants of a kernel share whole pages, which can be written until they are
/// finished and only read and executed from then on; where the system forbids that, pages of a file in memory with the
/// same content take their place. Pages of many kernels lie side by side, so that the system sees
/// few mappings however many kernels are alive; it allows about 65,000, and LLVM's own manager makes two per kernel.
///
/// Not safe for concurrent use: the engine has one lock around everything.
class CodeMemory final : public llvm::jitlink::JITLinkMemoryManager {
 public:
  explicit CodeMemory(std::size_t page_size) : page_size_(page_size) {}
  ~CodeMemory() override;

  using JITLinkMemoryManager::allocate;
  void allocate(const llvm::jitlink::JITLinkDylib* dylib, llvm::jitlink::LinkGraph& graph,
                OnAllocatedFunction on_allocated) override;
  using JITLinkMemoryManager::deallocate;
  void deallocate(std::vector<FinalizedAlloc> allocations, OnDeallocatedFunction on_deallocated) override;

 private:
  class Unfinished;

  /// A part of the address space; pages that are not used cannot be accessed.
  struct Region {
    std::byte* begin = nullptr;
    std::vector<bool> is_used;
    std::size_t used = 0;
  };
  /// Pages of one kernel. Does not move.
  struct Pages {
    Region* region = nullptr;
    std::size_t first = 0;
    std::size_t count = 0;
    std::vector<llvm::orc::shared::WrapperFunctionCall> before_release = {};
  };

  std::byte* address(const Pages& pages) const { return pages.region->begin + pages.first * page_size_; }
  /// Pages that can be written and are zero.
  llvm::Expected<std::unique_ptr<Pages>> reserve(std::size_t bytes);
  llvm::Expected<std::unique_ptr<Pages>> find_unused(std::size_t count);
  llvm::Error seal(const Pages& pages);
  llvm::Error release(const Pages& pages);

  std::size_t page_size_;
  std::list<Region> regions_;
};

/// Empty where code can be run; else one sentence. Some systems forbid it, such as those with SELinux.
std::string why_code_cannot_run();

}  // namespace cppstencils::jit
