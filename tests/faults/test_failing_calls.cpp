// Every system call of the cache fails once, with every error: a payload is right or missing, there is at most one
// warning, nothing leaks, and the next cache works.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "cppstencils/support/cache_directory.hpp"
#include "cppstencils/support/error.hpp"
#include "faults/fail_once.hpp"
#include "support/cache_testing.hpp"
#include "support/file_cache.hpp"

namespace cppstencils::support {
namespace {

using testing::CallsAsUsual;
using testing::FailingCalls;
using testing::Failure;
using testing::FailurePlan;
using testing::file_names;
using testing::LocksThatDoNothing;
using testing::open_descriptors;
using testing::payload_of;
using testing::set_age;
using testing::TemporaryFolder;
using testing::Warnings;
using testing::write_bytes;

constexpr std::array errors = {EBUSY,  ESTALE, EIO,    EDQUOT, ENOSPC, EACCES,
                               ENOENT, EMFILE, ENOMEM, EROFS,  EINVAL, EINTR};

/// A folder in which everything happens that can happen to a cache.
class Scenario {
 public:
  Scenario() {
    FileCache cache(options());
    for (int i = 0; i < 4; ++i) {
      expect(cache.store(fmt::format("old {}", i), payload_of(100 + i, 3000)));
      set_age(file_of(fmt::format("old {}", i)), 7200 - i);
    }
    std::filesystem::rename(folder_.path() / "real", folder_.path() / "moved");
    std::filesystem::create_directory_symlink("moved", folder_.path() / "real");
    write_bytes(file_of("damaged"), payload_of(1, 200));
    stale_ = folder_.path() / "moved" / "cache" / new_temporary_file_name();
    write_bytes(stale_, payload_of(1, 10));
    set_age(stale_, 7200);
    set_age(folder_.path() / "moved" / "cache" / lock_file_name, 7200);
  }

  CacheOptions options() {
    return {.directory = folder_.path() / "real" / "cache", .max_bytes = 16000, .on_warning = warnings_.handler()};
  }

  /// The cache works as it should while a call fails.
  void run() {
    FileCache cache(options());
    check_load(cache, "old 0", payload_of(100, 3000));  // touches
    check_load(cache, "cold", payload_of(7, 3000));
    {
      const auto lock = cache.lock("cold", std::chrono::milliseconds(2));
      check_load(cache, "cold", payload_of(7, 3000));
      was_stored_ = cache.store("cold", payload_of(7, 3000));  // the periodic sweep, which removes the stale file
    }
    check_load(cache, "cold", payload_of(7, 3000));
    check_load(cache, "damaged", {});
    cache.store("cold 2", payload_of(8, 3000));  // over the limit: evicts
    check_load(cache, "cold 2", payload_of(8, 3000));
    {
      const CallsAsUsual somebody_else;
      std::filesystem::remove_all(folder_.path() / "moved" / "cache");
    }
    cache.store("cold 3", payload_of(9, 3000));  // reopens
    check_load(cache, "cold 3", payload_of(9, 3000));
  }

  /// A new cache has no trouble, whatever is in the folder by now.
  void check_afterwards() {
    EXPECT_LE(warnings_.count(), 1U) << warnings_.text();
    Warnings later;
    CacheOptions mine = options();
    mine.on_warning = later.handler();
    FileCache cache(mine);
    check_load(cache, "cold 3", payload_of(9, 3000));
    EXPECT_TRUE(cache.store("cold 3", payload_of(9, 3000)));
    EXPECT_EQ(cache.load("cold 3"), payload_of(9, 3000));
    EXPECT_TRUE(cache.lock("cold 3", std::chrono::milliseconds(0)).holds());
    EXPECT_EQ(later.text(), "");
  }

  bool was_stored() const { return was_stored_; }
  const Warnings& warnings() const { return warnings_; }

 private:
  static void expect(bool fact) { EXPECT_TRUE(fact); }
  std::filesystem::path file_of(std::string_view key) { return options().directory / entry_file_name(key); }

  static void check_load(FileCache& cache, std::string_view key, const Bytes& right) {
    const auto bytes = cache.load(key);
    EXPECT_TRUE(!bytes || *bytes == right) << key;
  }

  TemporaryFolder folder_{testing::fast_parent()};
  Warnings warnings_;
  std::filesystem::path stale_;
  bool was_stored_ = false;
};

/// The names of the calls in the order of the scenario without failures.
int count_calls() {
  Scenario scenario;
  const FailingCalls calls({.call = -1});
  scenario.run();
  return calls.count();
}

void fail_each_call(Failure failure, int error, std::set<std::string>& names) {
  const int calls = count_calls();
  for (int call = 0; call < calls; ++call) {
    const std::size_t before = open_descriptors();
    Scenario scenario;
    std::string name;
    {
      const FailingCalls failing({.call = call, .error = error, .failure = failure});
      scenario.run();
      name = failing.failed_name();
    }
    SCOPED_TRACE(
        fmt::format("call {} of {}, {}, error {}, failure {}", call, calls, name, error, static_cast<int>(failure)));
    names.insert(name);
    scenario.check_afterwards();
    EXPECT_EQ(open_descriptors(), before);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(FailingCalls, TheScenarioWorksWhenNothingFails) {
  Scenario scenario;
  scenario.run();
  EXPECT_TRUE(scenario.was_stored());
  EXPECT_EQ(scenario.warnings().count(), 1U) << "the damaged entry";
  scenario.check_afterwards();
}

TEST(FailingCalls, EveryCallFailsOnceWithEveryError) {
  std::set<std::string> names;
  for (const int error : errors) {
    if (error != EINTR) {
      fail_each_call(Failure::instead, error, names);
      if (HasFailure()) return;
    }
  }
  // What is not replaced cannot fail, so the list shows that the replacement works.
  for (const char* name :
       {"open", "openat", "read", "write", "close", "renameat", "fstat", "fstatat", "fcntl", "mkdirat", "unlinkat",
        "futimens", "readlinkat", "getrandom", "fdopendir", "readdir", "dup3"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
  fmt::print("{} calls, {} errors\n", count_calls(), errors.size() - 1);
}

TEST(FailingCalls, EveryCallIsDoneButReportsAnError) {
  std::set<std::string> names;
  for (const int error : {EIO, ENOENT, ESTALE, EBUSY}) {
    fail_each_call(Failure::afterwards, error, names);
    if (HasFailure()) return;
  }
}

TEST(FailingCalls, EveryCallFailsFromSomeTimeOn) {
  std::set<std::string> names;
  for (const int error : {ENOSPC, EIO, EACCES}) {
    fail_each_call(Failure::from_then_on, error, names);
    if (HasFailure()) return;
  }
}

TEST(FailingCalls, AnInterruptedCallIsRepeated) {
  const int calls = count_calls();
  for (int call = 0; call < calls; ++call) {
    Scenario scenario;
    std::string name;
    {
      const FailingCalls failing({.call = call, .error = EINTR});
      scenario.run();
      name = failing.failed_name();
    }
    SCOPED_TRACE(fmt::format("call {}, {}", call, name));
    // These can be interrupted; the others are never.
    if (name == "open" || name == "openat" || name == "read" || name == "write" || name == "fcntl" || name == "close" ||
        name == "dup3") {
      EXPECT_TRUE(scenario.was_stored());
      EXPECT_EQ(scenario.warnings().count(), 1U) << scenario.warnings().text();
    }
    scenario.check_afterwards();
    if (HasFailure()) return;
  }
}

TEST(FailingCalls, ShortReadsAndWritesAreContinued) {
  const int calls = count_calls();
  for (int call = 0; call < calls; ++call) {
    Scenario scenario;
    {
      const FailingCalls failing({.call = call, .failure = Failure::one_byte});
      scenario.run();
    }
    SCOPED_TRACE(call);
    EXPECT_TRUE(scenario.was_stored());
    EXPECT_EQ(scenario.warnings().count(), 1U) << scenario.warnings().text();
    scenario.check_afterwards();
    if (HasFailure()) return;
  }
}

TEST(FailingCalls, LocksThatDoNothingDoNoHarm) {
  Scenario scenario;
  {
    const LocksThatDoNothing locks;
    scenario.run();
    EXPECT_TRUE(scenario.was_stored());
  }
  scenario.check_afterwards();
}

TEST(FailingCalls, AFailedReadLeavesTheEntry) {
  TemporaryFolder folder;
  Warnings warnings;
  FileCache cache({.directory = folder.path() / "cache", .on_warning = warnings.handler()});
  cache.store("a", payload_of(1, 1000));
  for (int call = 0;; ++call) {
    const FailingCalls failing({.call = call, .error = EIO});
    const auto bytes = cache.load("a");
    if (failing.failed_name().empty()) {
      EXPECT_EQ(bytes, payload_of(1, 1000));
      EXPECT_GE(call, 4);
      break;
    }
    EXPECT_TRUE(!bytes || bytes == payload_of(1, 1000));
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "cache" / entry_file_name("a"))) << failing.failed_name();
  }
}

TEST(FailingCalls, WhatOtherProcessesCauseIsNotReported) {
  for (const int error : {ENOENT, ESTALE}) {
    for (int call = 0;; ++call) {
      TemporaryFolder folder;
      Warnings warnings;
      FileCache cache({.directory = folder.path() / "cache", .on_warning = warnings.handler()});
      cache.store("a", payload_of(1, 1000));
      const FailingCalls failing({.call = call, .error = error});
      cache.load("a");
      cache.store("a", payload_of(1, 1000));
      EXPECT_EQ(warnings.text(), "") << failing.failed_name();
      if (failing.failed_name().empty()) {
        break;
      }
    }
  }
}

TEST(FailingCalls, AFailedStoreLeavesNoTemporaryFile) {
  for (int call = 0;; ++call) {
    TemporaryFolder folder;
    Warnings warnings;
    FileCache cache({.directory = folder.path() / "cache", .on_warning = warnings.handler()});
    std::string name;
    {
      const FailingCalls failing({.call = call, .error = ENOSPC});
      cache.store("a", payload_of(1, 1000));
      name = failing.failed_name();
    }
    for (const std::string& file : file_names(folder.path() / "cache")) {
      EXPECT_FALSE(is_temporary_file_name(file)) << name;
    }
    if (name.empty()) {
      EXPECT_GE(call, 8);
      break;
    }
  }
}

TEST(FailingCalls, AFileWhoseCloseFailsIsNotPublished) {
  // A network file system reports there that the data did not arrive.
  for (int call = 0;; ++call) {
    TemporaryFolder folder;
    Warnings warnings;
    FileCache cache({.directory = folder.path() / "cache", .on_warning = warnings.handler()});
    const FailingCalls failing({.call = call, .error = EDQUOT});
    const bool is_stored = cache.store("a", payload_of(1, 1000));
    if (failing.failed_name() == "close") {
      EXPECT_FALSE(is_stored);
      EXPECT_FALSE(std::filesystem::exists(folder.path() / "cache" / entry_file_name("a")));
      EXPECT_EQ(warnings.count(), 1U);
      break;
    }
    ASSERT_NE(failing.failed_name(), "") << "nothing was closed";
  }
}

TEST(FailingCalls, TheCommandsReportOrSucceed) {
  for (const int error : {EIO, EACCES, ENOENT}) {
    for (int call = 0;; ++call) {
      const std::size_t before = open_descriptors();
      TemporaryFolder folder;
      const CacheOptions options{.directory = folder.path() / "cache"};
      FileCache(options).store("a", payload_of(1, 1000));
      std::string name;
      {
        const FailingCalls failing({.call = call, .error = error});
        try {
          inspect_cache(options);
          repair_cache(options);
          clear_cache(options);
        } catch (const ConfigError&) {
        }
        name = failing.failed_name();
      }
      EXPECT_EQ(open_descriptors(), before) << name;
      if (name.empty()) {
        break;
      }
    }
  }
}

}  // namespace
}  // namespace cppstencils::support
