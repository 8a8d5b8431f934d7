#include "jit/host/shared_object.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "jit/host/temporary_directory.hpp"
#include "support/file_descriptor.hpp"

#if !defined(MFD_EXEC)
#define MFD_EXEC 0x0010U
#endif

namespace cppstencils::jit {
namespace {

using support::FileDescriptor;
using support::retry_interrupted;

/// A handle, or what went wrong.
struct Loaded {
  void* handle = nullptr;
  std::string failure;
};

std::string error_text(int number) { return std::generic_category().message(number); }

Loaded open_library(const std::string& name) {
  void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) return {handle, {}};
  const char* reason = dlerror();
  std::string failure = reason == nullptr ? "unknown reason" : reason;
  // The name is made up and differs every time.
  if (failure.starts_with(name + ": ")) failure.erase(0, name.size() + 2);
  return {nullptr, std::move(failure)};
}

FileDescriptor memory_file() {
  const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  FileDescriptor file(memfd_create("cppstencils_kernel", flags | MFD_EXEC));
  if (!file && errno == EINVAL) file = FileDescriptor(memfd_create("cppstencils_kernel", flags));  // before Linux 6.3
  return file;
}

/// A path of the descriptor that no other living memory file has had. The loader takes a known path for a library that
/// it has loaded already, and the numbers of descriptors come again, so the path spells the inode number in its
/// separators: "/./" is a one and "//" a zero.
std::string unique_path(int descriptor, ino_t inode) {
  std::string path = "/proc/self/fd";
  for (; inode != 0; inode >>= 1) path += (inode & 1) != 0 ? "/." : "/";
  return fmt::format("{}/{}", path, descriptor);
}

Loaded load_from_memory(std::span<const std::byte> bytes) {
  const FileDescriptor file = memory_file();
  if (!file) return {nullptr, error_text(errno)};
  while (!bytes.empty()) {
    const ssize_t written = retry_interrupted([&] { return write(file.get(), bytes.data(), bytes.size()); });
    if (written < 0) return {nullptr, error_text(errno)};
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) return {nullptr, error_text(errno)};
  return open_library(unique_path(file.get(), status.st_ino));
}

Loaded load_from_file(std::span<const std::byte> bytes, const std::vector<std::filesystem::path>& parents) {
  std::string failure;
  for (const std::filesystem::path& parent : parents) {
    try {
      const TemporaryDirectory directory({parent}, "kernel.so",
                                         {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      Loaded loaded = open_library((directory.path() / "kernel.so").string());
      if (loaded.handle != nullptr) return loaded;
      failure += failure.empty() ? loaded.failure : fmt::format("; {}", loaded.failure);
    } catch (const CompileError& error) {
      for (const std::string& note : error.notes()) failure += failure.empty() ? note : fmt::format("; {}", note);
    }
  }
  return {nullptr, failure};
}

}  // namespace

SharedObject::SharedObject(std::span<const std::byte> bytes, const std::vector<std::filesystem::path>& parents,
                           const std::vector<Route>& routes) {
  std::vector<std::string> notes;
  for (const Route route : routes) {
    Loaded loaded = route == Route::memory ? load_from_memory(bytes) : load_from_file(bytes, parents);
    if (loaded.handle != nullptr) {
      handle_ = loaded.handle;
      route_ = route;
      return;
    }
    if (!loaded.failure.ends_with('.')) loaded.failure += '.';
    notes.push_back(fmt::format("From {}: {}", route == Route::memory ? "memory" : "a file", loaded.failure));
  }
  throw CompileError({.code = ErrorCode::compile_failed,
                      .message = "The compiled kernel cannot be loaded.",
                      .notes = std::move(notes),
                      .hints = {"Set TMPDIR to a folder from which programs may be run, or use LlvmJit."}});
}

SharedObject::~SharedObject() { dlclose(handle_); }

void* SharedObject::symbol(const char* name) const { return dlsym(handle_, name); }

}  // namespace cppstencils::jit
