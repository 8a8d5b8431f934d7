#include "support/cache_sweep.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <string>
#include <tuple>
#include <vector>

#include "support/cache_folder.hpp"

namespace cppstencils::support {

namespace {

struct Candidate {
  timespec used = {};
  std::string name;
  std::uint64_t bytes = 0;

  auto order() const { return std::tie(used.tv_sec, used.tv_nsec, name); }
};

/// Somebody else may remove what we look at.
bool is_gone(int error) { return error == ENOENT || error == ESTALE; }

std::uint64_t usage_of(int folder) {
  struct stat facts = {};
  return ::fstatat(folder, usage_file_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && facts.st_size > 0
             ? static_cast<std::uint64_t>(facts.st_size) * usage_unit
             : 0;
}

bool is_usage_file(int folder, const FileDescriptor& file) {
  struct stat held = {};
  struct stat named = {};
  return file && ::fstat(file.get(), &held) == 0 &&
         ::fstatat(folder, usage_file_name, &named, AT_SYMLINK_NOFOLLOW) == 0 && held.st_dev == named.st_dev &&
         held.st_ino == named.st_ino;
}

void remove_oldest(int folder, std::vector<Candidate>& candidates, std::uint64_t excess, Eviction& result) {
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.order() < b.order(); });
  int error = 0;
  for (const Candidate& candidate : candidates) {
    if (excess == 0) {
      return;
    }
    const bool is_removed = ::unlinkat(folder, candidate.name.c_str(), 0) == 0;
    if (is_removed || is_gone(errno)) {
      result.removed += is_removed ? 1 : 0;
      excess -= std::min(excess, candidate.bytes);
    } else {
      error = errno;
    }
  }
  result.error = excess == 0 ? 0 : error;
}

}  // namespace

Eviction evict_entries(int folder, std::uint64_t target) {
  Eviction result;
  std::vector<std::string> names;
  const int list_error = list_folder(folder, names);
  std::vector<Candidate> candidates;
  std::uint64_t total = 0;
  const std::int64_t now = std::time(nullptr);
  for (const std::string& name : names) {
    const bool is_entry = is_entry_file_name(name);
    if (!is_entry && !is_temporary_file_name(name)) {
      continue;
    }
    struct stat facts = {};
    if (::fstatat(folder, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(facts.st_mode)) {
      continue;
    }
    if (is_entry) {
      const auto bytes = static_cast<std::uint64_t>(facts.st_size);
      total += bytes;
      candidates.push_back({.used = facts.st_mtim, .name = name, .bytes = bytes});
    } else if (facts.st_mtim.tv_sec < now - stale_temporary_seconds) {
      result.removed += ::unlinkat(folder, name.c_str(), 0) == 0 ? 1 : 0;
    }
  }
  if (total > target) {
    remove_oldest(folder, candidates, total - target, result);
  }
  result.error = list_error != 0 ? list_error : result.error;
  return result;
}

std::uint64_t add_usage(int folder, std::uint64_t bytes) {
  static constexpr std::array<std::byte, 4096> marks = {};
  const FileDescriptor file = open_own_file(folder, usage_file_name, O_WRONLY | O_APPEND);
  if (!file) {
    return 0;
  }
  for (std::uint64_t left = bytes / usage_unit + 1; left > 0;) {
    const std::uint64_t count = std::min<std::uint64_t>(left, marks.size());
    if (write_all(file.get(), std::span(marks).first(count)) != 0) {
      return 0;
    }
    left -= count;
  }
  struct stat facts = {};
  return ::fstat(file.get(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) * usage_unit : 0;
}

bool is_periodic_sweep_due(int folder) {
  struct stat facts = {};
  return ::fstatat(folder, lock_file_name, &facts, AT_SYMLINK_NOFOLLOW) != 0 ||
         facts.st_mtim.tv_sec < std::time(nullptr) - sweep_period_seconds;
}

int sweep_folder(int folder, std::uint64_t max_bytes, std::uint64_t usage) {
  const FileDescriptor lock_file = open_own_file(folder, lock_file_name, O_RDWR);
  // A file system without locks costs double work here, nothing else. A stopped sweeper must not stop all others.
  if (lock_file && try_lock_range(lock_file.get(), sweep_lock_position) == EAGAIN &&
      usage <= sweep_threshold(max_bytes) * 3 / 2) {
    return 0;
  }
  // Open to the end, so that no later file gets its number.
  const FileDescriptor counted(::openat(folder, usage_file_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  const std::uint64_t before = usage_of(folder);
  if (before < usage) {
    return 0;  // Somebody has swept since the caller looked.
  }
  const int error = evict_entries(folder, sweep_target(max_bytes)).error;
  // Reset at the end only: a sweeper that dies leaves the sweep due. What others stored meanwhile stays counted. After
  // a reset by another sweeper the file counts what was stored since that one began, which may be after our listing.
  if (is_usage_file(folder, counted)) {
    const std::uint64_t after = usage_of(folder);
    ::unlinkat(folder, usage_file_name, 0);
    if (after > before) {
      add_usage(folder, after - before);
    }
  }
  if (lock_file) {
    ::futimens(lock_file.get(), nullptr);
  }
  return error;
}

int try_lock_range(int lock_file, std::int64_t position) {
  struct flock range = {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = position;
  range.l_len = 1;
  if (retry_interrupted([&] { return ::fcntl(lock_file, F_OFD_SETLK, &range); }) == 0) {
    return 0;
  }
  return errno == EACCES ? EAGAIN : errno;
}

void unlock_all(int lock_file) {
  struct flock range = {};
  range.l_type = F_UNLCK;
  range.l_whence = SEEK_SET;
  ::fcntl(lock_file, F_OFD_SETLK, &range);
}

}  // namespace cppstencils::support
