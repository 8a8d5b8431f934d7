// Processes that die at any time, and processes that all want the same thing at once.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "support/cache_testing.hpp"
#include "support/file_cache.hpp"
#include "support/random.hpp"

namespace cppstencils::support {
namespace {

using testing::entry_bytes;
using testing::file_names;
using testing::fuzz_rounds;
using testing::payload_of;
using testing::Random;
using testing::set_age;
using testing::TemporaryFolder;
using testing::Warnings;

constexpr std::size_t key_count = 60;
constexpr int wrong_bytes = 3;

std::string key_of(std::size_t number) { return fmt::format("kernel {}\nflags", number); }
Bytes right_bytes(std::size_t number) { return payload_of(number, 500 + 300 * number); }

/// Stores, loads and evicts until it is killed; exits only if it sees wrong bytes.
[[noreturn]] void work(const CacheOptions& options, std::uint64_t seed) {
  Random random(seed);
  FileCache cache(options);
  while (true) {
    const std::size_t number = random.below(key_count);
    const std::string key = key_of(number);
    auto bytes = cache.load(key);
    if (!bytes) {
      const auto lock = cache.lock(key, std::chrono::milliseconds(20));
      cache.store(key, right_bytes(number));
      bytes = cache.load(key);
    }
    if (bytes && *bytes != right_bytes(number)) {
      ::_exit(wrong_bytes);
    }
  }
}

TEST(CacheCrashes, KilledAtRandomTimesNothingIsWrongOrStuck) {
  const std::uint64_t seed = 99;
  SCOPED_TRACE(seed);
  Random random(seed);
  const std::uint64_t kills = std::min<std::uint64_t>(fuzz_rounds(150), 2000);
  TemporaryFolder folder;
  CacheOptions options{.directory = folder.path() / "cache", .max_bytes = 300000};
  options.on_warning = [](std::string_view) {};
  std::uint64_t next_seed = 1;
  const auto start_worker = [&] {
    const std::uint64_t worker_seed = next_seed++;
    const pid_t child = ::fork();
    if (child == 0) {
      work(options, worker_seed);
    }
    return child;
  };
  std::vector<pid_t> workers;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(start_worker());
  }
  for (std::uint64_t kill = 0; kill < kills; ++kill) {
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(10000)));
    pid_t& victim = workers[random.below(workers.size())];
    ::kill(victim, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(victim, &status, 0), victim);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "a worker saw wrong bytes, status " << status;
    victim = start_worker();
  }
  for (const pid_t worker : workers) {
    ::kill(worker, SIGKILL);
    int status = 0;
    ::waitpid(worker, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "a worker saw wrong bytes";
  }

  // A new process finds whole entries, free locks, and room.
  Warnings warnings;
  options.on_warning = warnings.handler();
  FileCache cache(options);
  std::size_t hits = 0;
  for (std::size_t number = 0; number < key_count; ++number) {
    if (const auto bytes = cache.load(key_of(number))) {
      EXPECT_EQ(*bytes, right_bytes(number));
      ++hits;
    }
    EXPECT_TRUE(cache.lock(key_of(number), std::chrono::milliseconds(0)).holds());
    EXPECT_TRUE(cache.store(key_of(number), right_bytes(number)));
    EXPECT_EQ(cache.load(key_of(number)), right_bytes(number));
  }
  EXPECT_GT(hits, 0U);
  EXPECT_EQ(warnings.text(), "");
  EXPECT_LE(entry_bytes(options.directory), options.max_bytes * 110 / 100);

  // What the dead have left goes away by itself.
  std::size_t left_over = 0;
  for (const std::string& name : file_names(options.directory)) {
    if (is_temporary_file_name(name)) {
      set_age(options.directory / name, 2 * 3600);
      ++left_over;
    }
  }
  set_age(options.directory / lock_file_name, 2 * 3600);
  FileCache(options).store("one more", payload_of(1, 10));
  for (const std::string& name : file_names(options.directory)) {
    EXPECT_FALSE(is_temporary_file_name(name)) << name;
  }
  fmt::print("{} kills: {} of {} entries were there, {} temporary files were left and removed\n", kills, hits,
             key_count, left_over);
}

void race_for_one_key(const std::filesystem::path& parent) {
  const std::uint64_t rounds = std::min<std::uint64_t>(fuzz_rounds(4), 200);
  constexpr int processes = 16;
  TemporaryFolder folder(parent);
  const std::filesystem::path log = folder.path() / "compiles";
  for (std::uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    const std::string key = fmt::format("cold kernel {}", round);
    int start[2];
    ASSERT_EQ(::pipe(start), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < processes; ++i) {
      children.push_back(::fork());
      if (children.back() != 0) {
        continue;
      }
      ::close(start[1]);
      char byte = 0;
      [[maybe_unused]] const auto end_of_file = ::read(start[0], &byte, 1);
      Warnings warnings;
      FileCache cache({.directory = folder.path() / "cache", .on_warning = warnings.handler()});
      const auto get = [&]() -> Bytes {
        if (auto hit = cache.load(key)) return *hit;
        const auto lock = cache.lock(key, std::chrono::seconds(20));
        if (auto hit = cache.load(key)) return *hit;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        const FileDescriptor file(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        const bool is_logged = ::write(file.get(), "x", 1) == 1;
        const Bytes made = payload_of(round, 40000);
        return is_logged && cache.store(key, made) ? made : Bytes();
      };
      const bool is_right = get() == payload_of(round, 40000);
      ::_exit(is_right && warnings.count() == 0 ? 0 : 1);
    }
    ::close(start[0]);
    ::close(start[1]);  // the start signal
    for (const pid_t child : children) {
      int status = 0;
      ::waitpid(child, &status, 0);
      EXPECT_EQ(status, 0);
    }
    const auto compiles = std::filesystem::file_size(log);
    EXPECT_GE(compiles, 1U);
    EXPECT_LE(compiles, 2U);
    std::filesystem::remove(log);
  }
}

TEST(CacheCrashes, SixteenProcessesOnOneColdKeyCompileItOnceOrTwice) { race_for_one_key("/tmp"); }

TEST(CacheCrashes, SixteenProcessesOnOneColdKeyInSharedMemory) {
  if (!std::filesystem::exists("/dev/shm")) {
    GTEST_SKIP() << "SKIPPED: there is no /dev/shm.";
  }
  race_for_one_key("/dev/shm");
}

}  // namespace
}  // namespace cppstencils::support
