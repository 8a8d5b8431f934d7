#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/support/cache_options.hpp"
#include "cppstencils/support/export.hpp"

namespace cppstencils::support {

using Bytes = std::vector<std::byte>;

/// A folder of self-checking files, one per entry, that maps a key text to bytes.
///
/// An entry holds magic, format version, the whole key, the payload and a checksum over all of it; anything else in its
/// place is a miss. Files are published by rename and read by read(); the folder and its entries are only trusted when
/// they belong to the user and nobody else can write them. Nothing here throws: any failure is a miss, reported once.
/// Safe for any number of threads and processes.
class FileCache {
 public:
  explicit FileCache(CacheOptions options);
  ~FileCache();
  FileCache(const FileCache&) = delete;
  FileCache& operator=(const FileCache&) = delete;

  /// The payload stored under exactly this key. Removes an entry whose content is damaged.
  std::optional<Bytes> load(std::string_view key);
  /// Stores a payload; true if it was published.
  bool store(std::string_view key, std::span<const std::byte> payload);

  /// A hint against double work between processes: holds a lock for the key until destroyed, or holds nothing when the
  /// lock could not be had within a time limit. Never needed for correctness.
  class KeyLock {
   public:
    KeyLock(KeyLock&&) noexcept;
    KeyLock& operator=(KeyLock&&) noexcept;
    ~KeyLock();

   private:
    friend class FileCache;
    explicit KeyLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
  };
  KeyLock lock(std::string_view key);

  /// The folder in use; empty when the cache is off or cannot be used.
  const std::filesystem::path& directory() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cppstencils::support
