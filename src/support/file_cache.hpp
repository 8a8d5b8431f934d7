#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "cppstencils/support/cache_options.hpp"
#include "support/cache_entry.hpp"
#include "support/file_descriptor.hpp"

namespace cppstencils::support {

/// A folder of self-checking files, one per entry, that maps a key text to bytes.
///
/// An entry holds magic, format version, the whole key, the payload and a checksum over all of it; anything else in its
/// place is a miss. Files are published by rename and read by read(); the folder and its entries are only trusted when
/// they belong to the user (or root) and nobody else can write them. Nothing here throws: any failure is a miss,
/// reported at most once per object. Safe for any number of threads, processes and forks; holds no mutex.
///
/// The way to use it, with the lock only there to save double work:
///
///     if (auto hit = cache.load(key)) return *hit;
///     const FileCache::KeyLock lock = cache.lock(key);
///     if (auto hit = cache.load(key)) return *hit;
///     Bytes made = compile();
///     cache.store(key, made);
///     return made;                                      // never read back
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

  /// A hint against double work between processes and threads: holds a lock for the key until destroyed, or holds
  /// nothing when the lock could not be had within a time limit. Never needed for correctness.
  class KeyLock {
   public:
    KeyLock(KeyLock&&) noexcept = default;
    KeyLock& operator=(KeyLock&& other) noexcept;
    ~KeyLock();

    bool holds() const { return static_cast<bool>(file_); }

   private:
    friend class FileCache;
    explicit KeyLock(FileDescriptor file);
    void unlock();

    FileDescriptor file_;
    pid_t owner_ = 0;
  };
  /// Waits at most `limit`; choose about twice the time that the work behind the lock takes.
  KeyLock lock(std::string_view key, std::chrono::milliseconds limit = std::chrono::seconds(2));

  /// The folder in use; empty when the cache is off or cannot be used.
  const std::filesystem::path& directory() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cppstencils::support
