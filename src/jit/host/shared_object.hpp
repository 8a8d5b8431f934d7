#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace cppstencils::jit {

/// A shared object that has been loaded from bytes; unloaded with the last owner. The bytes it runs from belong to no
/// name in a file system, so nobody can change or truncate them.
class SharedObject {
 public:
  /// Where the loader reads the bytes from. `file` is the way out where anonymous memory files cannot be loaded.
  enum class Route : std::uint8_t { memory, file };

  /// Tries the routes in order; `file` uses a private folder below one of `parents`, removed at once.
  /// Throws CompileError (compile-failed) if none works.
  SharedObject(std::span<const std::byte> bytes, const std::vector<std::filesystem::path>& parents,
               const std::vector<Route>& routes = {Route::memory, Route::file});
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;
  ~SharedObject();

  /// The address of a symbol, or null.
  void* symbol(const char* name) const;
  Route route() const { return route_; }

 private:
  void* handle_ = nullptr;
  Route route_ = Route::memory;
};

}  // namespace cppstencils::jit
