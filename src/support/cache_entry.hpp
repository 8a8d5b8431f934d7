#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cppstencils::support {

using Bytes = std::vector<std::byte>;

/// No entry is larger, whatever a file claims.
inline constexpr std::uint64_t max_entry_bytes = std::uint64_t{256} << 20;

/// The bytes of an entry file. Integers are little-endian:
///
///     8 magic | 4 format version | 4 zero | 8 key length | 8 payload length | key | payload | 16 XXH3-128 of all
///     before
Bytes encode_entry(std::string_view key, std::span<const std::byte> payload);

/// The parts of an entry file; they refer to the bytes that were decoded.
struct DecodedEntry {
  std::string_view key;
  std::span<const std::byte> payload;
};

/// Empty unless `file` is exactly what encode_entry() writes for some key and payload.
std::optional<DecodedEntry> decode_entry(std::span<const std::byte> file);

/// A number for a key, the same in every process.
std::uint64_t key_number(std::string_view key);

/// "<32 hex digits>.csk". Depends on the key and the format version, so that two formats can share a folder.
std::string entry_file_name(std::string_view key);
bool is_entry_file_name(std::string_view name);

/// "cppstencils-<16 hex digits>.tmp", a new one on each call.
std::string new_temporary_file_name();
bool is_temporary_file_name(std::string_view name);

/// Holds the byte-range locks. Its modification time is that of the last sweep.
inline constexpr const char* lock_file_name = "cppstencils.lock";
/// Its length is the volume that was stored since the last sweep, in units of usage_unit.
inline constexpr const char* usage_file_name = "cppstencils.usage";

}  // namespace cppstencils::support
