#pragma once

#include <cstddef>
#include <cstdint>

#include "support/file_descriptor.hpp"

namespace cppstencils::support {

/// Keeps a cache folder below its limit.
///
/// Each store appends to a usage file whose length tells how much was stored since the last sweep, by any process. So
/// a store never lists the folder, and many short processes cannot outgrow the limit unseen.

/// A sweep leaves this much: the rest is room for the stores until the next one.
constexpr std::uint64_t sweep_target(std::uint64_t max_bytes) { return max_bytes - max_bytes / 10; }
/// A sweep is due when this much was stored since the last one.
constexpr std::uint64_t sweep_threshold(std::uint64_t max_bytes) { return max_bytes / 10; }

inline constexpr std::uint64_t usage_unit = 1024;
inline constexpr std::int64_t sweep_period_seconds = 3600;
inline constexpr std::int64_t stale_temporary_seconds = 3600;

struct Eviction {
  std::size_t removed = 0;
  /// 0, or what kept it from the target.
  int error = 0;
};

/// Removes the least recently used entries until the rest is not larger than the target, and temporary files that a
/// dead process has left.
Eviction evict_entries(int folder, std::uint64_t target);

/// Adds to the usage and returns it in bytes; 0 if it cannot be known.
std::uint64_t add_usage(int folder, std::uint64_t bytes);

/// True if the last sweep by any process is longer ago than the period.
bool is_periodic_sweep_due(int folder);

/// Evicts down to the target of the limit, and resets the usage. Does nothing while another process sweeps, unless
/// `usage` says that it is far behind. Returns 0 or the error that kept it from the target.
int sweep_folder(int folder, std::uint64_t max_bytes, std::uint64_t usage);

/// Takes one byte-range lock of the lock file without waiting. The lock ends with the open file, hence with the
/// process; threads exclude each other as well. Returns 0 or the error; EAGAIN if somebody else has it.
int try_lock_range(int lock_file, std::int64_t position);
void unlock_all(int lock_file);
/// Keys use the positions below.
inline constexpr std::int64_t sweep_lock_position = std::int64_t{1} << 62;

}  // namespace cppstencils::support
