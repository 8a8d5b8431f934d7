#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cppstencils::jit {

/// A library that was opened while the program runs. It stays in the process: libraries with threads and exit handlers
/// of their own do not survive to be unloaded.
class DynamicLibrary {
 public:
  DynamicLibrary() = default;

  explicit operator bool() const { return handle_ != nullptr; }
  /// Null where the library has no such name.
  void* symbol(const char* name) const;
  /// Absolute where the loader knows it.
  const std::string& path() const { return path_; }

  /// A library of this name or path that is in the process already.
  static DynamicLibrary find_loaded(const std::string& name);
  /// Empty if it cannot be opened; then `failure` says why.
  static DynamicLibrary open(const std::string& name, std::string& failure);

 private:
  explicit DynamicLibrary(void* handle, std::string name);

  void* handle_ = nullptr;
  std::string path_;
};

/// The value of an environment variable; empty where it is not set.
std::string environment(const char* name);

/// One function of a library: where its address goes.
struct LibraryFunction {
  const char* name;
  void** address;
};

/// Looks all functions up. Returns the name of the first one that is missing, else an empty text.
std::string look_up(const DynamicLibrary& library, std::span<const LibraryFunction> functions);

}  // namespace cppstencils::jit
