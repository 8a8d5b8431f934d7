#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "jit/host/child_process.hpp"
#include "jit/host/compiler_lookup.hpp"

namespace cppstencils::jit {

struct HostCompilerOptions {
  std::string compiler;
  std::vector<std::string> flags;
  std::string optimization;
  std::chrono::milliseconds time_limit;
  /// Below which folders the compiler works.
  std::vector<std::filesystem::path> work_folders;
};

/// The C++ compiler of the host: found at first use, asked for its version once, started per source text.
/// Safe to use from several threads, also after fork(): it holds no mutex.
class HostCompiler {
 public:
  /// Throws ConfigError (compiler-option) for a refused flag.
  explicit HostCompiler(HostCompilerOptions options);
  HostCompiler(const HostCompiler&) = delete;
  HostCompiler& operator=(const HostCompiler&) = delete;
  ~HostCompiler();

  /// Throws CompileError (compiler-not-found).
  CompilerCommand command();
  /// Text that changes when another compiler would run, or when the one that runs is replaced.
  std::string identity();
  /// All flags that decide what the compiler makes from a text.
  std::vector<std::string> flags(std::string_view processor);
  /// Compiles a text to a shared object. Throws CompileError (compile-failed).
  std::vector<std::byte> compile(std::string_view source, std::string_view processor);
  /// The same code as text of an assembler. Throws CompileError (compile-failed).
  std::string assembly(std::string_view source, std::string_view processor);

 private:
  /// What has been found out, newest first. Entries stay until the end, because other threads may read them.
  struct Findings {
    CompilerCommand command;
    std::string files = {};
    std::string version = {};
    const Findings* older = nullptr;
  };

  const Findings& add(Findings findings);
  std::vector<std::byte> make(std::string_view source, std::string_view processor,
                              const std::vector<std::string>& last_flags);
  std::string version_text(const CompilerCommand& command) const;

  HostCompilerOptions options_;
  std::atomic<const Findings*> findings_ = nullptr;
};

}  // namespace cppstencils::jit
