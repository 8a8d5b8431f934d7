#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "jit/cuda/dynamic_library.hpp"
#include "jit/cuda/library_version.hpp"

namespace cppstencils::jit {

/// A kind of code that NVRTC can make.
struct GpuArchitecture {
  enum class Code : std::uint8_t {
    /// Machine code for one generation.
    cubin,
    /// Text that the driver compiles for its device.
    ptx,
  };
  Code code = Code::cubin;
  /// Such as "90" or "90a".
  std::string generation;

  /// As options spell it: "sm_90" or "compute_90".
  std::string name() const { return (code == Code::cubin ? "sm_" : "compute_") + generation; }
};

/// The compiler of CUDA text, opened while the program runs. Safe to use from several threads.
class Nvrtc {
 public:
  /// Looks for the library: the environment variable CPPSTENCILS_NVRTC alone if it is set; else what is in the process
  /// already, the loader's own search, the CUDA toolkit, and `directories`. Throws CompileError (compiler-not-found).
  static std::shared_ptr<Nvrtc> open(const std::vector<std::filesystem::path>& directories);

  LibraryVersion version() const { return version_; }
  const std::string& path() const { return library_.path(); }
  /// The generations that it can make code for, in ascending order: 75, 80, ...
  const std::vector<int>& generations() const { return generations_; }
  /// What to compile for on a device of this generation: machine code where both know it, else text for the driver.
  /// Throws UnsupportedError for a device that is older than all generations.
  GpuArchitecture architecture_for(int generation) const;

  /// The text of a kernel, and how to compile it.
  struct Job {
    std::string name;
    std::string text;
    GpuArchitecture architecture;
    bool line_info = false;
  };
  /// In their order. Part of the key of a cache: they decide about the code.
  static std::vector<std::string> options(const Job& job);
  /// The code as bytes. Throws CompileError (compile-failed) with the log and the lines that it names.
  std::vector<std::byte> compile(const Job& job);

 private:
  struct Functions;
  explicit Nvrtc(DynamicLibrary library);
  [[noreturn]] void fail_compile(const Job& job, const std::vector<std::string>& options, int status,
                                 const std::string& log) const;

  DynamicLibrary library_;
  std::shared_ptr<const Functions> functions_;
  LibraryVersion version_;
  std::vector<int> generations_;
  /// Set when this version has refused the options that only save time.
  std::atomic<bool> plain_options_ = false;
};

}  // namespace cppstencils::jit
