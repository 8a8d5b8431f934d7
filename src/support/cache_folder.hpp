#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "support/cache_entry.hpp"
#include "support/file_descriptor.hpp"

namespace cppstencils::support {

/// The operations of a cache on its folder. All of them work relative to a folder that was opened and checked once, so
/// nothing can be swapped between check and use.

enum class MissingFolder { report, create };

/// A folder that was opened and checked, or the reason why there is none.
struct CacheFolder {
  enum class Status { ready, missing, refused };
  Status status = Status::refused;
  FileDescriptor descriptor = FileDescriptor();
  /// Absolute; as the caller wrote it otherwise.
  std::filesystem::path path = {};
  /// Half a sentence, such as "the folder '/x' belongs to another user"; empty when ready.
  std::string reason = {};
  /// One sentence that says what to do; empty when ready.
  std::string advice = {};
};

/// Opens a folder that only this user (or root) can change: it and each folder above belong to the user or to root;
/// nobody else can write to it, nor to a folder above unless that has the sticky bit. The folder itself is no symbolic
/// link. Missing folders are created with mode 0700; existing ones are never changed.
CacheFolder open_cache_folder(const std::filesystem::path& path, MissingFolder missing);

/// True while nobody but the user and root can write to the open folder.
bool is_private_folder(const struct stat& facts);

struct ReadFile {
  enum class Status {
    read,
    missing,
    /// Not a regular file of the user that nobody else can change.
    untrusted,
    /// Its size cannot be that of an entry.
    damaged,
    /// See `error`; says nothing about the content.
    failed,
  };
  Status status = Status::failed;
  int error = 0;
  Bytes bytes = {};
  /// Of the open file; set from `untrusted` on.
  struct stat facts = {};
  FileDescriptor descriptor = FileDescriptor();
};

/// Reads a whole file of the folder by read(), never by mmap(), which would die when the file shrinks.
ReadFile read_file(int folder, const std::string& name);

/// Makes `bytes` appear under `name` at once, or not at all. Returns 0 or the error.
int publish_file(int folder, const std::string& name, std::span<const std::byte> bytes);

/// Removes the file if it is still the one with these facts. Returns 0 or the error.
int remove_same_file(int folder, const std::string& name, const struct stat& facts);

/// Writes all bytes; returns 0 or the error.
int write_all(int descriptor, std::span<const std::byte> bytes);

/// Names of all files in the folder, sorted. Returns 0 or the error; with an error the list may be incomplete.
int list_folder(int folder, std::vector<std::string>& names);

/// Opens a regular file of our own to lock it or append to it; creates it with mode 0600.
FileDescriptor open_own_file(int folder, const char* name, int flags);

/// A text for an errno value that does not depend on the locale.
std::string error_text(int error);

}  // namespace cppstencils::support
