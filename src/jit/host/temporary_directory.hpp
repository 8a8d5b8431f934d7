#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cppstencils::jit {

/// A folder of our own (mode 0700), removed with everything in it.
class TemporaryDirectory {
 public:
  /// Makes a folder below the first of `parents` where a folder and the file `name` with this content can be made.
  /// Throws CompileError (compile-failed) that says why each of them cannot be used.
  TemporaryDirectory(const std::vector<std::filesystem::path>& parents, std::string_view name,
                     std::string_view content);
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// $TMPDIR, /tmp, and last the cache folder.
std::vector<std::filesystem::path> temporary_parents(const std::filesystem::path& cache_directory);

}  // namespace cppstencils::jit
