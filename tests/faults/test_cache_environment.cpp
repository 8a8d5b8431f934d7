// Homes that are missing, read-only or full: kernels must work, with at most one warning per cache.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/cache_testing.hpp"
#include "support/file_cache.hpp"

namespace cppstencils::support {
namespace {

using testing::file_names;
using testing::open_descriptors;
using testing::payload_of;
using testing::run_in_child;
using testing::skipped_exit_code;
using testing::TemporaryFolder;
using testing::Warnings;

/// A cache that cannot store: it says so once, and nothing else happens.
void expect_useless(CacheOptions options) {
  Warnings warnings;
  options.on_warning = warnings.handler();
  {
    FileCache cache(options);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(cache.load("a"), std::nullopt);
      cache.lock("a");
      EXPECT_FALSE(cache.store("a", payload_of(1, 40000)));
    }
  }
  EXPECT_EQ(warnings.count(), 1U) << warnings.text();
}

TEST(CacheEnvironment, WithoutAHomeThereIsNoCache) {
  EXPECT_EQ(run_in_child([] {
              for (const char* name : {"HOME", "XDG_CACHE_HOME", "CPPSTENCILS_CACHE_DIR"}) {
                ::unsetenv(name);
              }
              expect_useless({});
              ::setenv("HOME", "", 1);
              expect_useless({});
              ::setenv("HOME", "/nonexistent-home/x", 1);
              if (::geteuid() != 0) {  // root would create it
                expect_useless({});
              }
              return 0;
            }),
            0);
}

TEST(CacheEnvironment, AHomeThatIsNoFolder) {
  expect_useless({.directory = "/dev/null/.cache/cppstencils"});
  expect_useless({.directory = "/proc/self/nothing/cache"});
  expect_useless({.directory = "/etc/passwd/x"});
}

TEST(CacheEnvironment, ARelativeFolderInAFolderThatIsGone) {
  EXPECT_EQ(run_in_child([] {
              {
                const TemporaryFolder folder;
                std::filesystem::current_path(folder.path());
              }
              expect_useless({.directory = "cache"});
              return 0;
            }),
            0);
}

TEST(CacheEnvironment, TooLongNames) { expect_useless({.directory = "/tmp/" + std::string(300, 'x')}); }

TEST(CacheEnvironment, NoDescriptorsLeft) {
  TemporaryFolder folder;
  const CacheOptions options{.directory = folder.path() / "cache"};
  FileCache(options).store("b", payload_of(2, 100));
  EXPECT_EQ(run_in_child([&] {
              Warnings warnings;
              CacheOptions mine = options;
              mine.on_warning = warnings.handler();
              FileCache cache(mine);
              const rlimit none = {.rlim_cur = 3, .rlim_max = 3};
              if (::setrlimit(RLIMIT_NOFILE, &none) != 0) {
                return 1;
              }
              EXPECT_EQ(cache.load("b"), std::nullopt);
              EXPECT_FALSE(cache.store("a", payload_of(1, 100)));
              EXPECT_EQ(warnings.count(), 1U) << warnings.text();
              FileCache late(mine);
              EXPECT_EQ(late.directory(), "");
              EXPECT_EQ(warnings.count(), 2U) << warnings.text();
              return 0;
            }),
            0);
  EXPECT_EQ(FileCache(options).load("b"), payload_of(2, 100));
}

TEST(CacheEnvironment, AFileSizeLimitIsAFullDisk) {
  TemporaryFolder folder;
  EXPECT_EQ(run_in_child([&] {
              ::signal(SIGXFSZ, SIG_IGN);
              const rlimit small = {.rlim_cur = 8192, .rlim_max = 8192};
              if (::setrlimit(RLIMIT_FSIZE, &small) != 0) {
                return 1;
              }
              expect_useless({.directory = folder.path() / "cache"});
              return 0;
            }),
            0);
  for (const std::string& name : file_names(folder.path() / "cache")) {
    EXPECT_EQ(name, lock_file_name);
  }
}

/// Runs `body` in a process whose root folder is a tmpfs with these options. Needs root or user namespaces.
int run_in_small_file_system(const std::string& mount_options,
                             const std::function<void(const std::filesystem::path&)>& body) {
  TemporaryFolder mount_point;
  return run_in_child([&] {
    const uid_t id = ::geteuid();
    const gid_t group = ::getegid();
    if (::unshare(CLONE_NEWNS) != 0) {
      if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        return skipped_exit_code;
      }
      std::ofstream("/proc/self/setgroups") << "deny";
      std::ofstream("/proc/self/uid_map") << fmt::format("0 {} 1", id);
      std::ofstream("/proc/self/gid_map") << fmt::format("0 {} 1", group);
    }
    const std::filesystem::path& root = mount_point.path();
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", root.c_str(), "tmpfs", 0, (mount_options + ",mode=0700").c_str()) != 0 ||
        ::chroot(root.c_str()) != 0 || ::chdir("/") != 0) {
      return skipped_exit_code;
    }
    body("/");
    return 0;
  });
}

#define SKIP_IF_NOT_ALLOWED(code)                                                                             \
  if ((code) == skipped_exit_code) {                                                                          \
    GTEST_SKIP() << "SKIPPED: mounting a tmpfs needs root or user namespaces, and this machine has neither."; \
  }

TEST(CacheEnvironment, ADiskThatGetsFull) {
  const int code = run_in_small_file_system("size=24k", [](const std::filesystem::path& root) {
    const CacheOptions options{.directory = root / "home" / ".cache"};
    expect_useless(options);  // 40 kB never fit
    Warnings warnings;
    CacheOptions mine = options;
    mine.on_warning = warnings.handler();
    FileCache cache(mine);
    int stored = 0;
    for (int i = 0; i < 20; ++i) {
      stored += cache.store(fmt::format("key {}", i), payload_of(i, 3000)) ? 1 : 0;
    }
    EXPECT_GT(stored, 0);
    EXPECT_LT(stored, 20);
    int hits = 0;
    for (int i = 0; i < 20; ++i) {
      if (const auto bytes = cache.load(fmt::format("key {}", i))) {
        EXPECT_EQ(*bytes, payload_of(i, 3000));
        ++hits;
      }
    }
    EXPECT_EQ(hits, stored);
    EXPECT_EQ(warnings.count(), 1U) << warnings.text();
    EXPECT_NE(warnings.text().find("No space left"), std::string::npos) << warnings.text();
    for (const std::string& name : file_names(options.directory)) {
      EXPECT_FALSE(is_temporary_file_name(name)) << "left behind on a full disk: " << name;
    }
  });
  SKIP_IF_NOT_ALLOWED(code);
  EXPECT_EQ(code, 0);
}

TEST(CacheEnvironment, ADiskWithoutRoomForAnotherFile) {
  const int code = run_in_small_file_system("size=1m,nr_inodes=3", [](const std::filesystem::path& root) {
    expect_useless({.directory = root / "home" / "cache"});
    expect_useless({.directory = root / "home" / "cache"});
  });
  SKIP_IF_NOT_ALLOWED(code);
  EXPECT_EQ(code, 0);
}

TEST(CacheEnvironment, AReadOnlyDisk) {
  const int code = run_in_small_file_system("size=1m", [](const std::filesystem::path& root) {
    const CacheOptions options{.directory = root / "home" / "cache"};
    EXPECT_TRUE(FileCache(options).store("b", payload_of(2, 100)));
    EXPECT_TRUE(FileCache(options).store("damaged", payload_of(3, 100)));
    std::filesystem::resize_file(options.directory / entry_file_name("damaged"), 20);
    testing::set_age(options.directory / entry_file_name("b"), 5 * 3600);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
    expect_useless(options);
    expect_useless({.directory = root / "other"});
    Warnings warnings;
    CacheOptions mine = options;
    mine.on_warning = warnings.handler();
    FileCache cache(mine);
    EXPECT_EQ(cache.load("b"), payload_of(2, 100)) << "what is there can still be used";
    EXPECT_EQ(cache.load("damaged"), std::nullopt);
    EXPECT_EQ(cache.load("damaged"), std::nullopt);
    EXPECT_FALSE(cache.store("c", payload_of(2, 100)));
    EXPECT_EQ(warnings.count(), 1U) << warnings.text();
  });
  SKIP_IF_NOT_ALLOWED(code);
  EXPECT_EQ(code, 0);
}

TEST(CacheEnvironment, AFolderWithoutRights) {
  TemporaryFolder folder;
  const std::filesystem::path closed = folder.path() / "closed";
  std::filesystem::create_directory(closed);
  ::chmod(closed.c_str(), 0500);
  const int code = run_in_child([&] {
    // Root may write everywhere, so another user has to try.
    if (::geteuid() == 0 &&
        (::chown(folder.path().c_str(), 23456, 23456) != 0 || ::chown(closed.c_str(), 23456, 23456) != 0 ||
         ::setgid(23456) != 0 || ::setuid(23456) != 0)) {
      return skipped_exit_code;
    }
    expect_useless({.directory = closed / "cache"});
    expect_useless({.directory = closed});
    return 0;
  });
  if (code == skipped_exit_code) {
    GTEST_SKIP() << "SKIPPED: this root cannot become another user.";
  }
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace cppstencils::support
