// The size of the folder stays bounded, and its operations stay fast.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "support/cache_testing.hpp"
#include "support/file_cache.hpp"
#include "support/random.hpp"

namespace cppstencils::support {
namespace {

using testing::entry_bytes;
using testing::fuzz_rounds;
using testing::payload_of;
using testing::Random;
using testing::run_in_child;
using testing::TemporaryFolder;
using testing::Warnings;

TEST(CacheLimit, ManySmallEntriesFromOneProcessStayBelowIt) {
  const std::uint64_t seed = 7;
  SCOPED_TRACE(seed);
  Random random(seed);
  TemporaryFolder folder(testing::fast_parent());
  Warnings warnings;
  FileCache cache({.directory = folder.path() / "cache", .max_bytes = 2 << 20, .on_warning = warnings.handler()});
  const std::uint64_t inserts = std::min<std::uint64_t>(fuzz_rounds(5000), 20000);
  std::uint64_t largest = 0;
  for (std::uint64_t i = 0; i < inserts; ++i) {
    ASSERT_TRUE(cache.store(fmt::format("key {}", i), payload_of(i, random.below(3000))));
    if (i % 500 == 499) {
      largest = std::max(largest, entry_bytes(cache.directory()));
      ASSERT_LE(largest, (2U << 20) * 110 / 100) << "after " << i;
    }
  }
  // Not emptier than needed either.
  EXPECT_GE(largest, (2U << 20) * 85 / 100);
  EXPECT_TRUE(cache.load(fmt::format("key {}", inserts - 1)));
  EXPECT_FALSE(cache.load("key 0"));
  EXPECT_EQ(warnings.text(), "");
}

TEST(CacheLimit, LargeEntriesStayBelowIt) {
  TemporaryFolder folder;
  FileCache cache({.directory = folder.path() / "cache", .max_bytes = 500000});
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(cache.store(fmt::format("key {}", i), payload_of(i, 100000)));
    ASSERT_LE(entry_bytes(cache.directory()), 550000U);
  }
}

TEST(CacheLimit, ManyShortProcessesStayBelowIt) {
  // None of them stores enough to notice by itself.
  TemporaryFolder folder;
  const CacheOptions options{.directory = folder.path() / "cache", .max_bytes = 200000};
  for (int process = 0; process < 100; ++process) {
    ASSERT_EQ(run_in_child([&] {
                FileCache cache(options);
                for (int i = 0; i < 4; ++i) {
                  EXPECT_TRUE(cache.store(fmt::format("key {} {}", process, i), payload_of(process, 1500)));
                }
                return 0;
              }),
              0);
  }
  EXPECT_LE(entry_bytes(options.directory), 220000U);
  EXPECT_GE(entry_bytes(options.directory), 150000U);
}

TEST(CacheLimit, ProcessesAtTheSameTimeStayBelowIt) {
  TemporaryFolder folder;
  const CacheOptions options{.directory = folder.path() / "cache", .max_bytes = 400000};
  std::vector<pid_t> children;
  for (int process = 0; process < 4; ++process) {
    children.push_back(::fork());
    if (children.back() == 0) {
      Warnings warnings;
      CacheOptions mine = options;
      mine.on_warning = warnings.handler();
      FileCache cache(mine);
      bool is_good = true;
      for (int i = 0; i < 500; ++i) {
        is_good = cache.store(fmt::format("key {} {}", process, i), payload_of(i, 2000)) && is_good;
      }
      std::fputs(warnings.text().c_str(), stdout);
      std::fflush(stdout);
      ::_exit(is_good && warnings.count() == 0 ? 0 : 1);
    }
  }
  std::uint64_t largest = 0;
  for (bool is_running = true; is_running;) {
    for (const pid_t child : children) {
      // Nobody stores while we count.
      ::kill(child, SIGSTOP);
      siginfo_t state = {};
      ::waitid(P_PID, static_cast<id_t>(child), &state, WSTOPPED | WEXITED | WNOWAIT);
      is_running = is_running && state.si_code == CLD_STOPPED;
    }
    std::error_code ignored;
    if (std::filesystem::exists(options.directory, ignored)) {
      largest = std::max(largest, entry_bytes(options.directory));
    }
    for (const pid_t child : children) {
      ::kill(child, SIGCONT);
    }
    ::usleep(3000);
  }
  EXPECT_LE(largest, options.max_bytes * 110 / 100);
  EXPECT_GE(largest, options.max_bytes * 85 / 100);
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_LE(entry_bytes(options.directory), options.max_bytes * 110 / 100);
}

TEST(CacheLimit, StoppedSweeperDoesNotStopTheOthers) {
  TemporaryFolder folder;
  FileCache cache({.directory = folder.path() / "cache", .max_bytes = 200000});
  ASSERT_TRUE(cache.store("first", payload_of(1, 10)));
  // Somebody holds the sweep lock for ever.
  FileDescriptor stuck(::open((cache.directory() / lock_file_name).c_str(), O_RDWR | O_CLOEXEC));
  struct flock range = {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  ASSERT_EQ(::fcntl(stuck.get(), F_OFD_SETLK, &range), 0);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(cache.store(fmt::format("key {}", i), payload_of(i, 2000)));
  }
  EXPECT_LE(entry_bytes(cache.directory()), 240000U);
}

TEST(CacheLimit, WithoutAUsageFileAProcessStillMindsItsOwnStores) {
  TemporaryFolder folder;
  FileCache cache({.directory = folder.path() / "cache", .max_bytes = 200000});
  std::filesystem::create_directory(cache.directory() / usage_file_name);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(cache.store(fmt::format("key {}", i), payload_of(i, 2000)));
  }
  EXPECT_LE(entry_bytes(cache.directory()), 220000U);
}

/// Median time of one call in microseconds.
template <class Call>
double median_microseconds(int calls, Call call) {
  std::vector<double> times;
  for (int i = 0; i < calls; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    call(i);
    times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  std::nth_element(times.begin(), times.begin() + calls / 2, times.end());
  return times[static_cast<std::size_t>(calls / 2)];
}

TEST(CacheSpeed, AHitAndAStoreOf40KilobytesTakeFarLessThanACompile) {
  TemporaryFolder folder;
  FileCache cache({.directory = folder.path() / "cache"});
  const Bytes payload = payload_of(1, 40000);
  const double store = median_microseconds(300, [&](int i) { cache.store(fmt::format("key {}", i), payload); });
  const double hit = median_microseconds(300, [&](int i) { cache.load(fmt::format("key {}", i)); });
  const double miss = median_microseconds(300, [&](int i) { cache.load(fmt::format("none {}", i)); });
  const double lock = median_microseconds(300, [&](int i) { cache.lock(fmt::format("key {}", i)); });
  fmt::print("40 kB entry: store {:.0f} us, hit {:.0f} us, miss {:.1f} us, lock {:.1f} us\n", store, hit, miss, lock);
  EXPECT_LE(store, 2000);
  EXPECT_LE(hit, 2000);
}

TEST(CacheSpeed, AFlatFolderOfManyEntriesIsNotSlower) {
  TemporaryFolder folder;
  FileCache cache({.directory = folder.path() / "cache"});
  const Bytes payload = payload_of(1, 100);
  constexpr int sample = 1000;
  const int entries = static_cast<int>(std::clamp<std::uint64_t>(fuzz_rounds(4000), 2 * sample, 20000));
  const auto store = [&](int first) {
    return median_microseconds(sample, [&](int i) { cache.store(fmt::format("key {}", first + i), payload); });
  };
  const auto load = [&](int first) {
    return median_microseconds(sample, [&](int i) { cache.load(fmt::format("key {}", first + i)); });
  };
  const double first_store = store(0);
  const double first_load = load(0);
  for (int i = sample; i < entries - sample; ++i) {
    cache.store(fmt::format("key {}", i), payload);
  }
  const double last_store = store(entries - sample);
  const double last_load = load(entries - sample);
  fmt::print("100 bytes: store {:.0f} us, hit {:.0f} us; with {} entries: store {:.0f} us, hit {:.0f} us\n",
             first_store, first_load, entries, last_store, last_load);
  EXPECT_LE(last_load, 10 * first_load + 100);
  EXPECT_LE(last_store, 10 * first_store + 100);
}

}  // namespace
}  // namespace cppstencils::support
