#include "jit/llvm/code_memory.hpp"

#include "support/file_descriptor.hpp"

#include <fmt/format.h>
#include <llvm/ExecutionEngine/JITLink/JITLink.h>
#include <llvm/Support/Error.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

namespace cppstencils::jit {
namespace {

namespace jitlink = llvm::jitlink;
using llvm::BitmaskEnumDetail::operator&;

constexpr std::size_t region_bytes = std::size_t{1} << 20;

llvm::Error system_error(const char* what) {
  return llvm::createStringError(std::error_code(errno, std::generic_category()), "%s", what);
}

/// Replaces pages by those of a file in memory with the same content, which may be executed where the system forbids to
/// execute what was written here. The address stays.
bool execute_from_file(std::byte* begin, std::size_t bytes) {
  const support::FileDescriptor file(::memfd_create("cppstencils-code", MFD_CLOEXEC));
  if (!file) return false;
  for (std::size_t written = 0; written < bytes;) {
    const ssize_t count = ::write(file.get(), begin + written, bytes - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    written += static_cast<std::size_t>(count);
  }
  return ::mmap(begin, bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, file.get(), 0) != MAP_FAILED;
}

bool make_executable(std::byte* begin, std::size_t bytes) {
  if (::mprotect(begin, bytes, PROT_READ | PROT_EXEC) == 0) return true;
  const int error = errno;
  if (execute_from_file(begin, bytes)) return true;
  errno = error;
  return false;
}

std::size_t aligned(std::size_t offset, llvm::Align alignment) { return llvm::alignTo(offset, alignment); }

}  // namespace

/// Memory of a kernel that is being linked.
class CodeMemory::Unfinished final : public InFlightAlloc {
 public:
  Unfinished(CodeMemory& memory, std::unique_ptr<Pages> pages, jitlink::LinkGraph& graph)
      : memory_(memory), pages_(std::move(pages)), graph_(graph) {}

  void finalize(OnFinalizedFunction on_finalized) override {
    auto before_release = llvm::orc::shared::runFinalizeActions(graph_.allocActions());
    if (!before_release) {
      on_finalized(llvm::joinErrors(before_release.takeError(), memory_.release(*pages_)));
      return;
    }
    pages_->before_release = std::move(*before_release);
    if (llvm::Error error = memory_.seal(*pages_)) {
      on_finalized(llvm::joinErrors(std::move(error), memory_.release(*pages_)));
      return;
    }
    on_finalized(FinalizedAlloc(llvm::orc::ExecutorAddr::fromPtr(pages_.release())));
  }

  void abandon(OnAbandonedFunction on_abandoned) override { on_abandoned(memory_.release(*pages_)); }

 private:
  CodeMemory& memory_;
  std::unique_ptr<Pages> pages_;
  jitlink::LinkGraph& graph_;
};

CodeMemory::~CodeMemory() {
  for (const Region& region : regions_) ::munmap(region.begin, region.is_used.size() * page_size_);
}

void CodeMemory::allocate(const jitlink::JITLinkDylib*, jitlink::LinkGraph& graph, OnAllocatedFunction on_allocated) {
  jitlink::BasicLayout layout(graph);
  std::size_t bytes = 0;
  for (auto& [group, segment] : layout.segments()) {
    if ((group.getMemProt() & llvm::orc::MemProt::Write) != llvm::orc::MemProt::None) {
      on_allocated(llvm::createStringError(llvm::inconvertibleErrorCode(), "kernels have no variables"));
      return;
    }
    if (segment.Alignment.value() > page_size_) {
      on_allocated(llvm::createStringError(llvm::inconvertibleErrorCode(), "a section is aligned to more than a page"));
      return;
    }
    bytes = aligned(bytes, segment.Alignment) + segment.ContentSize + segment.ZeroFillSize;
  }
  auto pages = reserve(bytes);
  if (!pages) {
    on_allocated(pages.takeError());
    return;
  }
  std::size_t offset = 0;
  for (auto& [group, segment] : layout.segments()) {
    offset = aligned(offset, segment.Alignment);
    std::byte* begin = address(**pages) + offset;
    segment.Addr = llvm::orc::ExecutorAddr::fromPtr(begin);
    segment.WorkingMem = reinterpret_cast<char*>(begin);
    offset += segment.ContentSize + segment.ZeroFillSize;
  }
  if (llvm::Error error = layout.apply()) {
    on_allocated(llvm::joinErrors(std::move(error), release(**pages)));
    return;
  }
  on_allocated(std::make_unique<Unfinished>(*this, std::move(*pages), graph));
}

void CodeMemory::deallocate(std::vector<FinalizedAlloc> allocations, OnDeallocatedFunction on_deallocated) {
  llvm::Error errors = llvm::Error::success();
  for (auto allocation = allocations.rbegin(); allocation != allocations.rend(); ++allocation) {
    const std::unique_ptr<Pages> pages(allocation->release().toPtr<Pages*>());
    errors = llvm::joinErrors(std::move(errors), llvm::orc::shared::runDeallocActions(pages->before_release));
    errors = llvm::joinErrors(std::move(errors), release(*pages));
  }
  on_deallocated(std::move(errors));
}

llvm::Expected<std::unique_ptr<CodeMemory::Pages>> CodeMemory::find_unused(std::size_t count) {
  for (Region& region : regions_) {
    if (region.is_used.size() - region.used < count) continue;
    const auto first = std::search_n(region.is_used.begin(), region.is_used.end(), count, false);
    if (first == region.is_used.end()) continue;
    const auto number = static_cast<std::size_t>(first - region.is_used.begin());
    return std::make_unique<Pages>(Pages{&region, number, count});
  }
  const std::size_t pages = std::max(count, region_bytes / page_size_);
  void* begin = ::mmap(nullptr, pages * page_size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (begin == MAP_FAILED) return system_error("no memory for code");
  regions_.push_back({static_cast<std::byte*>(begin), std::vector<bool>(pages, false), 0});
  return std::make_unique<Pages>(Pages{&regions_.back(), 0, count});
}

llvm::Expected<std::unique_ptr<CodeMemory::Pages>> CodeMemory::reserve(std::size_t bytes) {
  auto found = find_unused(std::max<std::size_t>(1, (bytes + page_size_ - 1) / page_size_));
  if (!found) return found;
  const Pages& pages = **found;
  if (::mprotect(address(pages), pages.count * page_size_, PROT_READ | PROT_WRITE) != 0) {
    return system_error("memory for code cannot be written");
  }
  std::fill_n(pages.region->is_used.begin() + static_cast<std::ptrdiff_t>(pages.first), pages.count, true);
  pages.region->used += pages.count;
  return found;
}

llvm::Error CodeMemory::seal(const Pages& pages) {
  std::byte* begin = address(pages);
  std::byte* end = begin + pages.count * page_size_;
  if (!make_executable(begin, pages.count * page_size_)) {
    return system_error("memory for code cannot be made executable");
  }
  __builtin___clear_cache(reinterpret_cast<char*>(begin), reinterpret_cast<char*>(end));
  return llvm::Error::success();
}

llvm::Error CodeMemory::release(const Pages& pages) {
  Region& region = *pages.region;
  std::byte* begin = address(pages);
  const std::size_t bytes = pages.count * page_size_;
  region.used -= pages.count;
  if (region.used == 0 && regions_.size() > 1) {
    const int status = ::munmap(region.begin, region.is_used.size() * page_size_);
    regions_.remove_if([&](const Region& other) { return &other == &region; });
    return status == 0 ? llvm::Error::success() : system_error("memory of code cannot be released");
  }
  std::fill_n(region.is_used.begin() + static_cast<std::ptrdiff_t>(pages.first), pages.count, false);
  // Gives the memory back and makes the pages zero again, also where they came from a file.
  if (::mmap(begin, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED) {
    return system_error("memory of code cannot be released");
  }
  return llvm::Error::success();
}

std::string why_code_cannot_run() {
  const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const page = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return {};  // whoever needs memory will say so
  const bool can_run = make_executable(static_cast<std::byte*>(page), bytes);
  const int error = errno;
  ::munmap(page, bytes);
  if (can_run) return {};
  return fmt::format("The system does not let this process execute what it has written: {}.",
                     std::generic_category().message(error));
}

}  // namespace cppstencils::jit
