#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/jit/executable.hpp"
#include "cppstencils/jit/legacy_cpu_jit.hpp"
#include "jit/host/host_compiler.hpp"
#include "jit/host/shared_object.hpp"
#include "support/file_cache.hpp"
#include "support/once_map.hpp"

namespace cppstencils::jit {

/// What tests replace; programs use the defaults.
struct HostEngineSettings {
  std::vector<SharedObject::Route> routes = {SharedObject::Route::memory, SharedObject::Route::file};
  /// Of this machine when empty.
  std::string processor_identity = {};
};

/// Turns the text of a kernel into loaded code: cache, compiler, loader. Safe to use from several threads.
class HostEngine {
 public:
  explicit HostEngine(LegacyCpuJitOptions options, HostEngineSettings settings = {});

  /// The code of a text in which `kernel_name` names the functions (see emit/ir_to_cpp.hpp). Equal texts share their
  /// code while it is in use.
  std::shared_ptr<Executable> build(std::string_view kernel_name, std::string_view source, std::string_view processor);
  /// Everything that decides what the bytes of the code are, in readable form.
  std::string key(std::string_view kernel_name, std::string_view source, std::string_view processor);
  HostCompiler& compiler() { return *compiler_; }

 private:
  std::shared_ptr<Executable> load(std::string_view kernel_name, std::string_view source, std::string_view processor,
                                   std::span<const std::byte> bytes) const;
  std::shared_ptr<Executable> make(const std::string& key, std::string_view kernel_name, std::string_view source,
                                   std::string_view processor);

  support::FileCache cache_;
  std::vector<std::filesystem::path> work_folders_;
  HostEngineSettings settings_;
  std::shared_ptr<HostCompiler> compiler_;  // never null
  support::OnceMap<std::string, Executable> loaded_;
};

}  // namespace cppstencils::jit
