#include "jit/cuda/dynamic_library.hpp"

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <utility>

namespace cppstencils::jit {

DynamicLibrary::DynamicLibrary(void* handle, std::string name) : handle_(handle), path_(std::move(name)) {
  link_map* map = nullptr;
  if (::dlinfo(handle_, RTLD_DI_LINKMAP, &map) == 0 && map != nullptr && map->l_name != nullptr && *map->l_name != 0) {
    path_ = map->l_name;
  }
}

void* DynamicLibrary::symbol(const char* name) const { return ::dlsym(handle_, name); }

DynamicLibrary DynamicLibrary::find_loaded(const std::string& name) {
  void* const handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD | RTLD_NODELETE);
  return handle == nullptr ? DynamicLibrary() : DynamicLibrary(handle, name);
}

DynamicLibrary DynamicLibrary::open(const std::string& name, std::string& failure) {
  void* const handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle != nullptr) return DynamicLibrary(handle, name);
  const char* const reason = ::dlerror();
  failure = reason == nullptr ? "unknown reason" : reason;
  return {};
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string look_up(const DynamicLibrary& library, std::span<const LibraryFunction> functions) {
  for (const LibraryFunction& function : functions) {
    *function.address = library.symbol(function.name);
    if (*function.address == nullptr) return function.name;
  }
  return {};
}

}  // namespace cppstencils::jit
