#include "jit/host/temporary_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "cppstencils/support/error.hpp"
#include "support/file_descriptor.hpp"

namespace cppstencils::jit {
namespace {

namespace fs = std::filesystem;

std::string error_text(int number) { return std::generic_category().message(number); }

/// Writes a new file; returns 0 or the error number.
int write_file(const fs::path& file, std::string_view content) {
  // Executable, because it may be a shared object.
  support::FileDescriptor out(support::retry_interrupted(
      [&] { return open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0700); }));
  if (!out) return errno;
  while (!content.empty()) {
    const ssize_t written =
        support::retry_interrupted([&] { return write(out.get(), content.data(), content.size()); });
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return out.close();
}

void remove_folder(const fs::path& directory) {
  std::error_code ignored;
  fs::remove_all(directory, ignored);
}

}  // namespace

TemporaryDirectory::TemporaryDirectory(const std::vector<fs::path>& parents, std::string_view name,
                                       std::string_view content) {
  std::vector<std::string> notes;
  for (const fs::path& parent : parents) {
    std::string pattern = (parent / "cppstencils-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      notes.push_back(fmt::format("No folder can be made in '{}': {}.", parent.string(), error_text(errno)));
      continue;
    }
    if (const int error = write_file(fs::path(pattern) / name, content)) {
      notes.push_back(fmt::format("No file can be written to '{}': {}.", pattern, error_text(error)));
      remove_folder(pattern);
      continue;
    }
    path_ = pattern;
    return;
  }
  throw CompileError({.code = ErrorCode::compile_failed,
                      .message = "There is no folder for the compiler's files.",
                      .notes = std::move(notes),
                      .hints = {"Set the environment variable TMPDIR to a folder that can be written."}});
}

TemporaryDirectory::~TemporaryDirectory() { remove_folder(path_); }

std::vector<fs::path> temporary_parents(const fs::path& cache_directory) {
  std::vector<fs::path> parents;
  const char* chosen = std::getenv("TMPDIR");
  if (chosen != nullptr && fs::path(chosen).is_absolute()) parents.emplace_back(chosen);
  parents.emplace_back("/tmp");
  if (!cache_directory.empty()) parents.push_back(cache_directory);
  return parents;
}

}  // namespace cppstencils::jit
