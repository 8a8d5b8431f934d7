#include "support/cache_entry.hpp"

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cppstencils::support {

namespace {

constexpr std::string_view magic = "CSTNCACH";
constexpr std::uint32_t format_version = 1;
constexpr std::size_t header_bytes = 32;
constexpr std::size_t checksum_bytes = 16;

constexpr std::string_view entry_suffix = ".csk";
constexpr std::string_view temporary_prefix = "cppstencils-";
constexpr std::string_view temporary_suffix = ".tmp";

template <class Integer>
void put(std::byte* to, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    to[i] = static_cast<std::byte>(value >> (8 * i));
  }
}

template <class Integer>
Integer take(const std::byte* from) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value |= static_cast<Integer>(std::to_integer<unsigned char>(from[i])) << (8 * i);
  }
  return value;
}

XXH128_canonical_t checksum(std::span<const std::byte> bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  return canonical;
}

XXH128_hash_t key_hash(std::string_view key) { return XXH3_128bits_withSeed(key.data(), key.size(), format_version); }

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

}  // namespace

Bytes encode_entry(std::string_view key, std::span<const std::byte> payload) {
  Bytes file(header_bytes + key.size() + payload.size() + checksum_bytes);
  std::byte* to = file.data();
  std::memcpy(to, magic.data(), magic.size());
  put(to + 8, format_version);
  put(to + 12, std::uint32_t{0});
  put(to + 16, std::uint64_t{key.size()});
  put(to + 24, std::uint64_t{payload.size()});
  to += header_bytes;
  if (!key.empty()) {
    std::memcpy(to, key.data(), key.size());
  }
  to += key.size();
  if (!payload.empty()) {
    std::memcpy(to, payload.data(), payload.size());
  }
  to += payload.size();
  const XXH128_canonical_t sum = checksum(std::span(file).first(file.size() - checksum_bytes));
  std::memcpy(to, sum.digest, checksum_bytes);
  return file;
}

std::optional<DecodedEntry> decode_entry(std::span<const std::byte> file) {
  if (file.size() < header_bytes + checksum_bytes || file.size() > max_entry_bytes) {
    return std::nullopt;
  }
  const std::byte* from = file.data();
  if (std::memcmp(from, magic.data(), magic.size()) != 0 || take<std::uint32_t>(from + 8) != format_version ||
      take<std::uint32_t>(from + 12) != 0) {
    return std::nullopt;
  }
  const std::uint64_t room = file.size() - header_bytes - checksum_bytes;
  const auto key_size = take<std::uint64_t>(from + 16);
  const auto payload_size = take<std::uint64_t>(from + 24);
  // Compared without a sum: hostile lengths may wrap around.
  if (key_size > room || payload_size != room - key_size) {
    return std::nullopt;
  }
  const XXH128_canonical_t sum = checksum(file.first(file.size() - checksum_bytes));
  if (std::memcmp(file.last(checksum_bytes).data(), sum.digest, checksum_bytes) != 0) {
    return std::nullopt;
  }
  return DecodedEntry{.key = {reinterpret_cast<const char*>(from) + header_bytes, key_size},
                      .payload = file.subspan(header_bytes + key_size, payload_size)};
}

std::uint64_t key_number(std::string_view key) { return key_hash(key).low64; }

std::string entry_file_name(std::string_view key) {
  const XXH128_hash_t hash = key_hash(key);
  return fmt::format("{:016x}{:016x}{}", hash.high64, hash.low64, entry_suffix);
}

bool is_entry_file_name(std::string_view name) {
  return name.size() == 32 + entry_suffix.size() && name.ends_with(entry_suffix) && is_hex(name.substr(0, 32));
}

std::string new_temporary_file_name() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number) {
    // The folder is private and the file is opened with O_EXCL, so the name need not be secret, only new.
    static std::atomic<std::uint64_t> counter = 0;
    const std::uint64_t parts[] = {
        static_cast<std::uint64_t>(::getpid()), ++counter,
        static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count())};
    number = XXH3_64bits(parts, sizeof parts);
  }
  return fmt::format("{}{:016x}{}", temporary_prefix, number, temporary_suffix);
}

bool is_temporary_file_name(std::string_view name) {
  return name.size() == temporary_prefix.size() + 16 + temporary_suffix.size() && name.starts_with(temporary_prefix) &&
         name.ends_with(temporary_suffix) && is_hex(name.substr(temporary_prefix.size(), 16));
}

}  // namespace cppstencils::support
