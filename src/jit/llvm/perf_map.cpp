#include "jit/llvm/perf_map.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <llvm/Object/ELFObjectFile.h>
#include <unistd.h>

#include "support/cache_folder.hpp"
#include "support/file_descriptor.hpp"

namespace cppstencils::jit {

std::uint64_t function_size(std::span<const std::byte> object, const std::string& function) {
  const llvm::StringRef bytes(reinterpret_cast<const char*>(object.data()), object.size());
  auto file = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(bytes, "kernel"));
  if (!file) {
    llvm::consumeError(file.takeError());
    return 0;
  }
  for (const llvm::object::SymbolRef& symbol : (*file)->symbols()) {
    auto name = symbol.getName();
    if (!name) {
      llvm::consumeError(name.takeError());
    } else if (*name == function) {
      return llvm::object::ELFSymbolRef(symbol).getSize();
    }
  }
  return 0;
}

void list_for_perf(const void* address, std::uint64_t size, const std::string& title) {
  // The name is known to everyone, so it may be somebody's link. The process is asked for each time, because of fork().
  const std::string path = fmt::format("/tmp/perf-{}.map", ::getpid());
  const support::FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) return;
  // One write appends the line as a whole.
  const std::string line = fmt::format("{:x} {:x} {}\n", reinterpret_cast<std::uintptr_t>(address), size, title);
  support::write_all(file.get(), std::as_bytes(std::span(line)));
}

}  // namespace cppstencils::jit
