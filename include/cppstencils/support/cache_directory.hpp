#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cppstencils/support/cache_options.hpp"
#include "cppstencils/support/export.hpp"

namespace cppstencils {

/// The folder that CacheOptions{} uses; empty if none can be found (no home folder).
CPPSTENCILS_EXPORT std::filesystem::path default_cache_directory();

/// One entry of a cache folder, or a file that pretends to be one.
struct CacheEntry {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
  /// First line of the key: which JIT and kernel; empty when damaged.
  std::string title;
  /// Magic, lengths, key and checksum are right.
  bool valid = false;
};

struct CacheReport {
  std::filesystem::path directory;
  std::vector<CacheEntry> entries;  // ordered by file name
  /// Sum over the entries.
  std::uint64_t bytes = 0;
  std::uint64_t max_bytes = 0;
  /// Files that are being written, or that a dead process has left.
  std::size_t temporary_files = 0;
};

/// Reads and checks every entry of the folder. Throws ConfigError when the folder cannot be read or others can change
/// it; a folder that does not exist is empty.
CPPSTENCILS_EXPORT CacheReport inspect_cache(const CacheOptions& options = {});
/// Removes the damaged entries and left-over temporary files (older than a minute), then the least recently used
/// entries while the rest is larger than max_bytes; returns how many.
CPPSTENCILS_EXPORT std::size_t repair_cache(const CacheOptions& options = {});
/// Removes every entry; returns how many. Files that are not the cache's stay.
CPPSTENCILS_EXPORT std::size_t clear_cache(const CacheOptions& options = {});

}  // namespace cppstencils
