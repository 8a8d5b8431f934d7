#include "cppstencils/support/cache_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "support/cache_entry.hpp"
#include "support/cache_folder.hpp"
#include "support/cache_sweep.hpp"

namespace cppstencils {

namespace {

using namespace support;

/// A temporary file of this age is no longer being written.
constexpr std::int64_t abandoned_seconds = 60;

/// Empty in a program that runs with more rights than its caller: the caller sets the environment.
std::filesystem::path folder_from_environment(const char* variable) {
  const char* text = ::secure_getenv(variable);
  return text != nullptr ? std::filesystem::path(text) : std::filesystem::path();
}

std::filesystem::path wanted_directory(const CacheOptions& options) {
  std::filesystem::path path = options.directory.empty() ? default_cache_directory() : options.directory;
  if (path.empty()) {
    throw ConfigError({.code = ErrorCode::invalid_config,
                       .message = "No folder is known for the kernel cache, as HOME is not set.",
                       .hints = {"Set CPPSTENCILS_CACHE_DIR to a folder of your own."}});
  }
  return path;
}

/// Empty if there is no such folder.
std::optional<CacheFolder> open_existing(const CacheOptions& options) {
  CacheFolder folder = open_cache_folder(wanted_directory(options), MissingFolder::report);
  switch (folder.status) {
    case CacheFolder::Status::ready:
      return folder;
    case CacheFolder::Status::missing:
      return std::nullopt;
    case CacheFolder::Status::refused:
      break;
  }
  throw ConfigError({.code = ErrorCode::invalid_config,
                     .message = fmt::format("The kernel cache cannot be read: {}.", folder.reason),
                     .hints = {folder.advice}});
}

std::vector<std::string> names_in(const CacheFolder& folder) {
  std::vector<std::string> names;
  if (const int error = list_folder(folder.descriptor.get(), names)) {
    throw ConfigError({.code = ErrorCode::invalid_config,
                       .message = fmt::format("The kernel cache '{}' cannot be listed ({}).", folder.path.native(),
                                              error_text(error))});
  }
  return names;
}

/// The first line of a key, safe to show in a terminal.
std::string title_of(std::string_view key) {
  std::string title(key.substr(0, key.find('\n')));
  for (char& c : title) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      c = '?';
    }
  }
  return title;
}

CacheEntry examine(const CacheFolder& folder, const std::string& name) {
  CacheEntry entry;
  entry.path = folder.path / name;
  const ReadFile file = read_file(folder.descriptor.get(), name);
  entry.bytes = S_ISREG(file.facts.st_mode) ? static_cast<std::uint64_t>(file.facts.st_size) : 0;
  if (file.status != ReadFile::Status::read) {
    return entry;
  }
  const std::optional<DecodedEntry> decoded = decode_entry(file.bytes);
  if (decoded && entry_file_name(decoded->key) == name) {
    entry.title = title_of(decoded->key);
    entry.valid = true;
  }
  return entry;
}

bool remove_file(const CacheFolder& folder, const std::string& name) {
  return ::unlinkat(folder.descriptor.get(), name.c_str(), 0) == 0;
}

bool is_abandoned(const CacheFolder& folder, const std::string& name) {
  struct stat facts = {};
  return ::fstatat(folder.descriptor.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
         facts.st_mtim.tv_sec < std::time(nullptr) - abandoned_seconds;
}

/// True if the file can be read as far as the system is concerned, and is no entry.
bool is_useless(const CacheFolder& folder, const std::string& name) {
  const ReadFile file = read_file(folder.descriptor.get(), name);
  switch (file.status) {
    case ReadFile::Status::read: {
      const std::optional<DecodedEntry> decoded = decode_entry(file.bytes);
      return !decoded || entry_file_name(decoded->key) != name;
    }
    case ReadFile::Status::damaged:
    case ReadFile::Status::untrusted:
      return true;
    case ReadFile::Status::missing:
    case ReadFile::Status::failed:
      return false;
  }
  return false;
}

}  // namespace

std::filesystem::path default_cache_directory() {
  if (std::filesystem::path own = folder_from_environment("CPPSTENCILS_CACHE_DIR"); !own.empty()) {
    return own;
  }
  // Relative paths are invalid here by the XDG specification.
  if (const std::filesystem::path caches = folder_from_environment("XDG_CACHE_HOME"); caches.is_absolute()) {
    return caches / "cppstencils";
  }
  if (const std::filesystem::path home = folder_from_environment("HOME"); home.is_absolute()) {
    return home / ".cache" / "cppstencils";
  }
  return {};
}

CacheReport inspect_cache(const CacheOptions& options) {
  CacheReport report;
  report.directory = wanted_directory(options);
  report.max_bytes = options.max_bytes;
  const std::optional<CacheFolder> folder = open_existing(options);
  if (!folder) {
    return report;
  }
  for (const std::string& name : names_in(*folder)) {
    if (is_entry_file_name(name)) {
      report.entries.push_back(examine(*folder, name));
      report.bytes += report.entries.back().bytes;
    } else if (is_temporary_file_name(name)) {
      ++report.temporary_files;
    }
  }
  return report;
}

std::size_t repair_cache(const CacheOptions& options) {
  const std::optional<CacheFolder> folder = open_existing(options);
  std::size_t removed = 0;
  if (!folder) {
    return removed;
  }
  for (const std::string& name : names_in(*folder)) {
    const bool is_bad = (is_entry_file_name(name) && is_useless(*folder, name)) ||
                        (is_temporary_file_name(name) && is_abandoned(*folder, name));
    if (is_bad && remove_file(*folder, name)) {
      ++removed;
    }
  }
  return removed + evict_entries(folder->descriptor.get(), options.max_bytes).removed;
}

std::size_t clear_cache(const CacheOptions& options) {
  const std::optional<CacheFolder> folder = open_existing(options);
  std::size_t removed = 0;
  if (!folder) {
    return removed;
  }
  for (const std::string& name : names_in(*folder)) {
    if (is_entry_file_name(name)) {
      removed += remove_file(*folder, name) ? 1 : 0;
    } else if (is_temporary_file_name(name) || name == lock_file_name || name == usage_file_name) {
      remove_file(*folder, name);
    }
  }
  return removed;
}

}  // namespace cppstencils
