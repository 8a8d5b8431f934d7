#include "support/cache_entry.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <set>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "support/cache_testing.hpp"
#include "support/random.hpp"

namespace cppstencils::support {
namespace {

using testing::payload_of;

Bytes with_length_fields(std::uint64_t key_size, std::uint64_t payload_size) {
  Bytes file = encode_entry("some key", payload_of(1, 100));
  for (int i = 0; i < 8; ++i) {
    file[16 + i] = static_cast<std::byte>(key_size >> (8 * i));
    file[24 + i] = static_cast<std::byte>(payload_size >> (8 * i));
  }
  // The checksum is right, so only the lengths can give the entry away.
  XXH128_canonical_t sum;
  XXH128_canonicalFromHash(&sum, XXH3_128bits(file.data(), file.size() - 16));
  std::memcpy(file.data() + file.size() - 16, sum.digest, 16);
  return file;
}

TEST(CacheEntry, RoundTrips) {
  const std::string zeros("a\0b\nc", 5);
  for (const std::string& key : {std::string(), std::string("k"), zeros, std::string(5000, 'x')}) {
    for (const std::size_t size : {0, 1, 100, 40000}) {
      const Bytes payload = payload_of(size, size);
      const Bytes file = encode_entry(key, payload);
      const auto decoded = decode_entry(file);
      ASSERT_TRUE(decoded);
      EXPECT_EQ(decoded->key, key);
      EXPECT_EQ(Bytes(decoded->payload.begin(), decoded->payload.end()), payload);
    }
  }
}

TEST(CacheEntry, TheFormatIsFixed) {
  // A change of these bytes needs a new format version.
  const Bytes file = encode_entry("key", {});
  const unsigned char expected[] = {'C', 'S', 'T', 'N', 'C', 'A', 'C', 'H', 1, 0, 0, 0, 0, 0, 0,   0,   3,  0,
                                    0,   0,   0,   0,   0,   0,   0,   0,   0, 0, 0, 0, 0, 0, 'k', 'e', 'y'};
  ASSERT_EQ(file.size(), sizeof expected + 16);
  EXPECT_EQ(std::memcmp(file.data(), expected, sizeof expected), 0);
  EXPECT_EQ(entry_file_name("key"), entry_file_name("key"));
}

TEST(CacheEntry, RightLengthsWithRightChecksumAreAccepted) { EXPECT_TRUE(decode_entry(with_length_fields(8, 100))); }

TEST(CacheEntry, HostileLengthsAreRefused) {
  constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t lengths[][2] = {{huge, huge},
                                      {huge, 109},
                                      {109, 0},
                                      {0, huge},
                                      {8, huge - 7},
                                      {huge - 99, 208},
                                      {8, 101},
                                      {8, 99},
                                      {9, 100},
                                      {0, 107},
                                      {1ULL << 63, 1ULL << 63},
                                      {1ULL << 63, (1ULL << 63) + 108},
                                      {1ULL << 32, 100}};
  for (const auto& [key_size, payload_size] : lengths) {
    EXPECT_FALSE(decode_entry(with_length_fields(key_size, payload_size))) << key_size << " " << payload_size;
  }
}

TEST(CacheEntry, RandomLengthsAreNeverBelievedBeyondTheFile) {
  const std::uint64_t seed = 11;
  SCOPED_TRACE(seed);
  testing::Random random(seed);
  for (std::uint64_t round = 0; round < testing::fuzz_rounds(20000); ++round) {
    // All magnitudes, and values around the true ones.
    const auto length = [&] { return random.chance(50) ? random.bits() >> random.below(64) : random.below(120); };
    const std::uint64_t key_size = length();
    const std::uint64_t payload_size = random.chance(30) ? 108 - key_size : length();
    const Bytes file = with_length_fields(key_size, payload_size);
    const auto decoded = decode_entry(file);
    const bool is_possible = key_size <= 108 && payload_size == 108 - key_size;
    ASSERT_EQ(decoded.has_value(), is_possible) << key_size << " " << payload_size;
    if (decoded) {
      ASSERT_EQ(decoded->key.size(), key_size);
      ASSERT_EQ(decoded->payload.data() + decoded->payload.size() + 16, file.data() + file.size());
    }
  }
}

TEST(CacheEntry, OtherFormatsAreRefused) {
  for (const std::size_t position : {0, 7, 8, 11, 12, 15}) {
    Bytes file = encode_entry("key", payload_of(1, 10));
    file[position] ^= std::byte{1};
    XXH128_canonical_t sum;
    XXH128_canonicalFromHash(&sum, XXH3_128bits(file.data(), file.size() - 16));
    std::memcpy(file.data() + file.size() - 16, sum.digest, 16);
    EXPECT_FALSE(decode_entry(file)) << position;
  }
}

TEST(CacheEntry, TrailingBytesAreRefused) {
  Bytes file = encode_entry("key", payload_of(1, 10));
  file.push_back(std::byte{0});
  EXPECT_FALSE(decode_entry(file));
}

TEST(CacheEntry, NamesAreRecognised) {
  const std::string name = entry_file_name("key");
  EXPECT_TRUE(is_entry_file_name(name)) << name;
  EXPECT_FALSE(is_entry_file_name("x" + name));
  EXPECT_FALSE(is_entry_file_name(name + "x"));
  EXPECT_FALSE(is_entry_file_name("ABCDEF0123456789abcdef0123456789.csk"));
  EXPECT_FALSE(is_entry_file_name("thesis.csk"));
  EXPECT_FALSE(is_entry_file_name(new_temporary_file_name()));
  EXPECT_TRUE(is_temporary_file_name(new_temporary_file_name()));
  EXPECT_FALSE(is_temporary_file_name(name));
  EXPECT_FALSE(is_temporary_file_name("cppstencils-thesis.tmp"));
}

TEST(CacheEntry, NamesDiffer) {
  std::set<std::string> names;
  for (int i = 0; i < 1000; ++i) {
    names.insert(entry_file_name("key" + std::to_string(i)));
    names.insert(new_temporary_file_name());
  }
  EXPECT_EQ(names.size(), 2000U);
}

}  // namespace
}  // namespace cppstencils::support
