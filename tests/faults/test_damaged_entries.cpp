// Whatever the bytes of an entry are, a load returns the right payload or nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <thread>

#include "support/cache_testing.hpp"
#include "support/file_cache.hpp"
#include "support/random.hpp"

namespace cppstencils::support {
namespace {

using testing::fuzz_rounds;
using testing::payload_of;
using testing::Random;
using testing::read_bytes;
using testing::TemporaryFolder;
using testing::Warnings;
using testing::write_bytes;

class DamagedEntries : public ::testing::Test {
 protected:
  DamagedEntries() {
    cache_.store(key_, payload_);
    whole_ = read_bytes(file_);
  }

  /// Puts the bytes in place of the entry, as a plain file of the user.
  void replace_by(std::span<const std::byte> bytes) { write_bytes(file_, bytes); }

  void expect_miss() {
    ASSERT_EQ(cache_.load(key_), std::nullopt);
    ASSERT_FALSE(std::filesystem::exists(file_));
  }

  // 4 kB; in a long run the 40 kB of a large kernel.
  const std::size_t payload_size_ = 4000 * std::min<std::uint64_t>(fuzz_rounds(1), 10);
  const Bytes payload_ = payload_of(5, payload_size_);
  const std::string key_ = "llvm kernel 'heat'\ncpu=x86-64-v3\n";
  TemporaryFolder folder_{testing::fast_parent()};
  Warnings warnings_;
  FileCache cache_{{.directory = folder_.path() / "cache", .on_warning = warnings_.handler()}};
  const std::filesystem::path file_ = folder_.path() / "cache" / entry_file_name(key_);
  Bytes whole_;
};

TEST_F(DamagedEntries, TheWholeEntryIsAHit) {
  ASSERT_GT(whole_.size(), payload_size_ + key_.size());
  EXPECT_EQ(cache_.load(key_), payload_);
  replace_by(whole_);
  EXPECT_EQ(cache_.load(key_), payload_);
}

TEST_F(DamagedEntries, EveryTruncationIsAMiss) {
  for (std::size_t length = 0; length < whole_.size(); ++length) {
    SCOPED_TRACE(length);
    replace_by(std::span(whole_).first(length));
    expect_miss();
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(warnings_.count(), 1U);
}

TEST_F(DamagedEntries, EveryFlippedByteIsAMiss) {
  Random random(1);
  for (std::size_t position = 0; position < whole_.size(); ++position) {
    const auto flip = static_cast<std::byte>(random.between(1, 255));
    SCOPED_TRACE(fmt::format("byte {} ^ {}", position, static_cast<int>(flip)));
    Bytes bytes = whole_;
    bytes[position] ^= flip;
    replace_by(bytes);
    expect_miss();
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(warnings_.count(), 1U);
}

TEST_F(DamagedEntries, EveryFlippedBitOfTheHeaderIsAMiss) {
  const std::size_t header_bits = (32 + key_.size()) * 8;
  for (std::size_t bit = 0; bit < header_bits; ++bit) {
    SCOPED_TRACE(bit);
    Bytes bytes = whole_;
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    replace_by(bytes);
    expect_miss();
    if (HasFatalFailure()) return;
  }
}

TEST_F(DamagedEntries, RandomDamageIsAMiss) {
  const std::uint64_t seed = 20260901;
  SCOPED_TRACE(seed);
  Random random(seed);
  for (std::uint64_t round = 0; round < std::min<std::uint64_t>(fuzz_rounds(1000), 100000); ++round) {
    SCOPED_TRACE(round);
    Bytes bytes = whole_;
    switch (random.below(5)) {
      case 0:  // zeros, as after a power failure
        std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(random.below(bytes.size())), bytes.end(), std::byte{0});
        break;
      case 1:  // a piece from elsewhere
        std::memmove(bytes.data() + random.below(bytes.size() / 2), bytes.data() + random.below(bytes.size() / 2),
                     bytes.size() / 2);
        break;
      case 2:  // something appended
        bytes.resize(bytes.size() + 1 + random.below(100));
        break;
      case 3:  // a piece removed
        bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(random.below(bytes.size())));
        break;
      default:  // noise
        bytes = payload_of(random.bits(), random.below(200));
        break;
    }
    replace_by(bytes);
    if (bytes == whole_) {
      continue;
    }
    expect_miss();
    if (HasFatalFailure()) return;
  }
}

TEST_F(DamagedEntries, AWholeEntryOfAnotherKeyIsAMiss) {
  replace_by(encode_entry("another key", payload_of(6, 100)));
  expect_miss();
}

TEST_F(DamagedEntries, AnEntryThatShrinksWhileItIsReadIsAMiss) {
  // The reader has the old size; a map of the file would kill the process here.
  for (int round = 0; round < 200; ++round) {
    replace_by(whole_);
    std::jthread cutter([&] { std::filesystem::resize_file(file_, 10); });
    const auto loaded = cache_.load(key_);
    ASSERT_TRUE(!loaded || *loaded == payload_);
    cutter.join();
    replace_by(whole_);
  }
}

TEST_F(DamagedEntries, AHugeFileIsNotRead) {
  // Sparse. The last one is more than fits in memory, so to read it would show.
  for (const std::uint64_t size : {max_entry_bytes + 1, std::uint64_t{1} << 40}) {
    replace_by(whole_);
    std::filesystem::resize_file(file_, size);
    expect_miss();
  }
}

}  // namespace
}  // namespace cppstencils::support
