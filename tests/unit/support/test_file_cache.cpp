#include "support/file_cache.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/cache_folder.hpp"
#include "support/cache_testing.hpp"

namespace cppstencils::support {
namespace {

using testing::entry_bytes;
using testing::file_names;
using testing::open_descriptors;
using testing::payload_of;
using testing::run_in_child;
using testing::set_age;
using testing::TemporaryFolder;
using testing::Warnings;
using testing::write_bytes;

class FileCacheTest : public ::testing::Test {
 protected:
  CacheOptions options() { return {.directory = folder_.path() / "cache", .on_warning = warnings_.handler()}; }
  CacheOptions options(CacheMode mode) {
    CacheOptions result = options();
    result.mode = mode;
    return result;
  }
  std::filesystem::path file_of(std::string_view key) { return folder_.path() / "cache" / entry_file_name(key); }

  TemporaryFolder folder_;
  Warnings warnings_;
};

TEST_F(FileCacheTest, LoadsWhatWasStored) {
  FileCache cache(options());
  EXPECT_EQ(cache.load("a"), std::nullopt);
  EXPECT_TRUE(cache.store("a", payload_of(1, 40000)));
  EXPECT_TRUE(cache.store("b", payload_of(2, 10)));
  EXPECT_EQ(cache.load("a"), payload_of(1, 40000));
  EXPECT_EQ(cache.load("b"), payload_of(2, 10));
  EXPECT_EQ(cache.load("c"), std::nullopt);
  EXPECT_EQ(warnings_.text(), "");
}

TEST_F(FileCacheTest, AnotherObjectLoadsIt) {
  FileCache(options()).store("a", payload_of(1, 100));
  EXPECT_EQ(FileCache(options()).load("a"), payload_of(1, 100));
  EXPECT_EQ(FileCache(options(CacheMode::read_only)).load("a"), payload_of(1, 100));
}

TEST_F(FileCacheTest, KeepsUnusualKeysAndPayloads) {
  FileCache cache(options());
  const std::string with_zero("a\0b\n", 4);
  EXPECT_TRUE(cache.store("", {}));
  EXPECT_TRUE(cache.store(with_zero, payload_of(3, 3)));
  EXPECT_TRUE(cache.store(std::string(100000, 'k'), payload_of(4, 4)));
  EXPECT_EQ(cache.load(""), Bytes());
  EXPECT_EQ(cache.load(with_zero), payload_of(3, 3));
  EXPECT_EQ(cache.load("a"), std::nullopt);
  EXPECT_EQ(cache.load(std::string(100000, 'k')), payload_of(4, 4));
}

TEST_F(FileCacheTest, StoringAgainReplaces) {
  FileCache cache(options());
  cache.store("a", payload_of(1, 100));
  EXPECT_TRUE(cache.store("a", payload_of(2, 50)));
  EXPECT_EQ(cache.load("a"), payload_of(2, 50));
}

TEST_F(FileCacheTest, FilesArePrivate) {
  FileCache cache(options());
  cache.store("a", payload_of(1, 100));
  const auto lock = cache.lock("a");
  struct stat facts = {};
  ASSERT_EQ(::stat((folder_.path() / "cache").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0700U);
  for (const std::string& name : file_names(cache.directory())) {
    ASSERT_EQ(::stat((cache.directory() / name).c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0600U) << name;
  }
}

TEST_F(FileCacheTest, CreatesMissingFoldersForTheUserOnly) {
  CacheOptions deep = options();
  deep.directory = folder_.path() / "a" / "b" / "c";
  FileCache cache(deep);
  EXPECT_EQ(cache.directory(), deep.directory);
  EXPECT_TRUE(cache.store("a", payload_of(1, 1)));
  struct stat facts = {};
  ASSERT_EQ(::stat((folder_.path() / "a").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0700U);
}

TEST_F(FileCacheTest, FollowsSymbolicLinksAboveTheFolder) {
  std::filesystem::create_directory(folder_.path() / "real");
  std::filesystem::create_directory_symlink("real", folder_.path() / "relative");
  std::filesystem::create_directory_symlink(folder_.path() / "relative" / ".." / "real", folder_.path() / "absolute");
  CacheOptions linked = options();
  linked.directory = folder_.path() / "absolute" / "." / "cache" / "";
  FileCache cache(linked);
  EXPECT_TRUE(cache.store("a", payload_of(1, 1)));
  EXPECT_EQ(warnings_.text(), "");
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "real" / "cache" / entry_file_name("a")));
}

TEST_F(FileCacheTest, OffDoesNothing) {
  FileCache cache(options(CacheMode::off));
  EXPECT_FALSE(cache.store("a", payload_of(1, 1)));
  EXPECT_EQ(cache.load("a"), std::nullopt);
  EXPECT_FALSE(cache.lock("a").holds());
  EXPECT_EQ(cache.directory(), "");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "cache"));
  EXPECT_EQ(warnings_.text(), "");
}

TEST_F(FileCacheTest, ReadOnlyWritesNothing) {
  {
    FileCache cache(options(CacheMode::read_only));
    EXPECT_EQ(cache.load("a"), std::nullopt);
    EXPECT_FALSE(cache.store("a", payload_of(1, 1)));
    EXPECT_EQ(cache.directory(), "");
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "cache"));
  }
  FileCache(options()).store("a", payload_of(1, 100));
  set_age(file_of("a"), 5 * 3600);
  write_bytes(file_of("b"), payload_of(9, 90));
  const auto before = std::filesystem::last_write_time(file_of("a"));
  const auto names = file_names(folder_.path() / "cache");
  FileCache cache(options(CacheMode::read_only));
  EXPECT_EQ(cache.load("a"), payload_of(1, 100));
  EXPECT_EQ(warnings_.text(), "");
  EXPECT_EQ(cache.load("b"), std::nullopt);
  EXPECT_FALSE(cache.store("c", payload_of(1, 1)));
  EXPECT_FALSE(cache.lock("c").holds());
  EXPECT_EQ(std::filesystem::last_write_time(file_of("a")), before);
  EXPECT_EQ(file_names(folder_.path() / "cache"), names);
  EXPECT_EQ(warnings_.count(), 1U) << warnings_.text();
}

TEST_F(FileCacheTest, ADamagedEntryIsRemovedAndReportedOnce) {
  FileCache cache(options());
  for (const char* key : {"a", "b"}) {
    cache.store(key, payload_of(1, 100));
    write_bytes(file_of(key), payload_of(2, 100));
    EXPECT_EQ(cache.load(key), std::nullopt);
    EXPECT_FALSE(std::filesystem::exists(file_of(key)));
  }
  EXPECT_EQ(warnings_.count(), 1U);
  EXPECT_NE(warnings_.text().find("was damaged"), std::string::npos) << warnings_.text();
  EXPECT_TRUE(cache.store("a", payload_of(3, 100)));
  EXPECT_EQ(cache.load("a"), payload_of(3, 100));
}

TEST_F(FileCacheTest, AnEntryThatWasReplacedMeanwhileIsNotRemoved) {
  FileCache cache(options());
  const FileDescriptor folder(::open(cache.directory().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::string name = entry_file_name("a");
  cache.store("a", payload_of(1, 100));
  const ReadFile old = read_file(folder.get(), name);  // stays open, so its number is not used again
  cache.store("a", payload_of(2, 100));
  EXPECT_EQ(remove_same_file(folder.get(), name, old.facts), ENOENT);
  EXPECT_EQ(cache.load("a"), payload_of(2, 100));
  EXPECT_EQ(remove_same_file(folder.get(), name, read_file(folder.get(), name).facts), 0);
  EXPECT_EQ(cache.load("a"), std::nullopt);
}

TEST_F(FileCacheTest, AWarningHandlerThatThrowsDoesNoHarm) {
  CacheOptions throwing = options();
  throwing.on_warning = [](std::string_view) { throw std::runtime_error("no"); };
  FileCache cache(throwing);
  write_bytes(file_of("a"), payload_of(2, 100));
  EXPECT_EQ(cache.load("a"), std::nullopt);
}

TEST_F(FileCacheTest, WarnsOnStandardErrorByDefault) {
  CacheOptions plain = options();
  plain.on_warning = {};
  FileCache cache(plain);
  write_bytes(file_of("a"), payload_of(2, 100));
  ::testing::internal::CaptureStderr();
  cache.load("a");
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.starts_with("cppstencils: ")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

TEST_F(FileCacheTest, AWarningIsOneLineWhateverTheFolderIsCalled) {
  CacheOptions odd = options();
  odd.directory = folder_.path() / "a\nb\x1b[31m";
  FileCache cache(odd);
  write_bytes(odd.directory / entry_file_name("a"), payload_of(2, 100));
  cache.load("a");
  ASSERT_EQ(warnings_.count(), 1U);
  const std::string text = warnings_.text();
  EXPECT_EQ(text.find_first_of("\n\x1b"), text.size() - 1);
}

TEST_F(FileCacheTest, AnEntryThatIsUsedIsTouchedAtMostHourly) {
  FileCache cache(options());
  cache.store("a", payload_of(1, 100));
  set_age(file_of("a"), 1800);
  const auto recent = std::filesystem::last_write_time(file_of("a"));
  cache.load("a");
  EXPECT_EQ(std::filesystem::last_write_time(file_of("a")), recent);
  set_age(file_of("a"), 2 * 3600);
  cache.load("a");
  EXPECT_GE(std::filesystem::last_write_time(file_of("a")), recent);
}

TEST_F(FileCacheTest, TheLeastRecentlyUsedGoFirst) {
  CacheOptions small = options();
  small.max_bytes = 20 * 1100;
  FileCache cache(small);
  for (int i = 0; i < 15; ++i) {
    const std::string key = "key" + std::to_string(i);
    cache.store(key, payload_of(i, 1000));
    set_age(file_of(key), 10 * 3600 - 60 * i);
  }
  EXPECT_TRUE(cache.load("key0"));  // used again, so key1 is the oldest now
  for (int i = 0; i < 8; ++i) {
    cache.store("new" + std::to_string(i), payload_of(i, 1000));
  }
  EXPECT_TRUE(cache.load("key0"));
  EXPECT_FALSE(cache.load("key1"));
  EXPECT_FALSE(cache.load("key2"));
  bool is_kept = false;
  for (int i = 1; i < 15; ++i) {
    const bool is_here = cache.load("key" + std::to_string(i)).has_value();
    EXPECT_TRUE(is_here || !is_kept) << "key" << i << " was removed before an older one";
    is_kept = is_here;
  }
  EXPECT_TRUE(is_kept);
  EXPECT_LE(entry_bytes(cache.directory()), small.max_bytes);
}

TEST_F(FileCacheTest, AnEntryThatCannotFitIsNotStored) {
  CacheOptions tiny = options();
  tiny.max_bytes = 1000;
  FileCache cache(tiny);
  EXPECT_TRUE(cache.store("a", payload_of(1, 500)));
  EXPECT_FALSE(cache.store("b", payload_of(1, 1000)));
  EXPECT_EQ(cache.load("a"), payload_of(1, 500));
  EXPECT_LE(entry_bytes(cache.directory()), 1000U);
  CacheOptions none = options();
  none.max_bytes = 0;
  EXPECT_FALSE(FileCache(none).store("c", payload_of(1, 1)));
}

TEST_F(FileCacheTest, ASweepRemovesStaleTemporaryFilesAndNothingForeign) {
  const std::filesystem::path cache_folder = folder_.path() / "cache";
  FileCache cache(options());
  const std::filesystem::path stale = cache_folder / new_temporary_file_name();
  const std::filesystem::path fresh = cache_folder / new_temporary_file_name();
  const std::filesystem::path foreign = cache_folder / "thesis.txt";
  for (const auto& path : {stale, fresh, foreign}) {
    write_bytes(path, payload_of(1, 10));
  }
  set_age(stale, 2 * 3600);
  set_age(foreign, 1000 * 3600);
  cache.store("a", payload_of(1, 10));  // the first store in a folder sweeps
  EXPECT_FALSE(std::filesystem::exists(stale));
  EXPECT_TRUE(std::filesystem::exists(fresh));
  EXPECT_TRUE(std::filesystem::exists(foreign));
}

TEST_F(FileCacheTest, SweepsAgainAfterAnHourOnly) {
  FileCache(options()).store("a", payload_of(1, 10));
  const std::filesystem::path stale = folder_.path() / "cache" / new_temporary_file_name();
  write_bytes(stale, payload_of(1, 10));
  set_age(stale, 2 * 3600);
  FileCache(options()).store("b", payload_of(1, 10));
  EXPECT_TRUE(std::filesystem::exists(stale));
  set_age(folder_.path() / "cache" / lock_file_name, 2 * 3600);
  FileCache(options()).store("c", payload_of(1, 10));
  EXPECT_FALSE(std::filesystem::exists(stale));
  write_bytes(stale, payload_of(1, 10));
  set_age(stale, 2 * 3600);
  FileCache(options()).store("d", payload_of(1, 10));
  EXPECT_TRUE(std::filesystem::exists(stale)) << "the sweep was not noted";
}

TEST_F(FileCacheTest, ALockExcludesThreadsAndProcessesForTheSameKeyOnly) {
  FileCache cache(options());
  std::optional<FileCache::KeyLock> lock = cache.lock("a");
  EXPECT_TRUE(lock->holds());
  EXPECT_FALSE(cache.lock("a", std::chrono::milliseconds(5)).holds());
  EXPECT_TRUE(cache.lock("b").holds());
  const auto in_child = [&] { return FileCache(options()).lock("a", std::chrono::milliseconds(5)).holds() ? 1 : 0; };
  EXPECT_EQ(run_in_child(in_child), 0) << "the child got the lock";
  lock.reset();
  EXPECT_EQ(run_in_child(in_child), 1) << "the child did not get the lock";
  EXPECT_TRUE(cache.lock("a").holds());
}

TEST_F(FileCacheTest, ALockThatIsWaitedForArrives) {
  FileCache cache(options());
  std::optional<FileCache::KeyLock> lock = cache.lock("a");
  std::jthread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    lock.reset();
  });
  EXPECT_TRUE(cache.lock("a", std::chrono::seconds(20)).holds());
}

TEST_F(FileCacheTest, ALockDiesWithItsProcess) {
  EXPECT_EQ(run_in_child([&] {
              FileCache cache(options());
              const auto lock = cache.lock("a");
              return ::raise(SIGKILL);
            }),
            128 + SIGKILL);
  EXPECT_TRUE(FileCache(options()).lock("a", std::chrono::milliseconds(0)).holds());
}

TEST_F(FileCacheTest, AForkedChildNeitherKeepsNorReleasesTheLockOfItsParent) {
  FileCache cache(options());
  std::optional<FileCache::KeyLock> lock = cache.lock("a");
  EXPECT_EQ(run_in_child([&] {
              lock.reset();
              return 0;
            }),
            0);
  EXPECT_FALSE(cache.lock("a", std::chrono::milliseconds(5)).holds());
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();  // holds a copy of the open lock file until it ends
  if (child == 0) {
    char byte = 0;
    ::close(ends[1]);
    [[maybe_unused]] const auto count = ::read(ends[0], &byte, 1);
    ::_exit(0);
  }
  lock.reset();
  EXPECT_TRUE(cache.lock("a", std::chrono::milliseconds(0)).holds());
  ::close(ends[0]);
  ::close(ends[1]);
  ::waitpid(child, nullptr, 0);
}

TEST_F(FileCacheTest, AMovedLockIsHeldOnce) {
  FileCache cache(options());
  std::optional<FileCache::KeyLock> first = cache.lock("a");
  std::optional<FileCache::KeyLock> second = std::move(*first);
  first.reset();
  EXPECT_FALSE(cache.lock("a", std::chrono::milliseconds(0)).holds());
  *second = cache.lock("b");
  EXPECT_TRUE(cache.lock("a", std::chrono::milliseconds(0)).holds());
  EXPECT_FALSE(cache.lock("b", std::chrono::milliseconds(0)).holds());
}

TEST_F(FileCacheTest, WorksInAForkedChild) {
  FileCache cache(options());
  cache.store("a", payload_of(1, 100));
  EXPECT_EQ(run_in_child([&] {
              EXPECT_EQ(cache.load("a"), payload_of(1, 100));
              EXPECT_TRUE(cache.store("b", payload_of(2, 100)));
              return 0;
            }),
            0);
  EXPECT_EQ(cache.load("b"), payload_of(2, 100));
}

TEST_F(FileCacheTest, RecoversWhenTheFolderIsRemoved) {
  FileCache cache(options());
  cache.store("a", payload_of(1, 100));
  std::filesystem::remove_all(folder_.path() / "cache");
  EXPECT_EQ(cache.load("a"), std::nullopt);
  EXPECT_TRUE(cache.store("a", payload_of(2, 100)));
  EXPECT_EQ(cache.load("a"), payload_of(2, 100));
  EXPECT_TRUE(std::filesystem::exists(file_of("a")));
  EXPECT_EQ(warnings_.text(), "");
}

TEST_F(FileCacheTest, LeavesNoOpenFiles) {
  const std::size_t before = open_descriptors();
  {
    FileCache cache(options());
    for (int i = 0; i < 10; ++i) {
      cache.store("a", payload_of(i, 100));
      cache.load("a");
      cache.load("b");
      const auto lock = cache.lock("a");
    }
    EXPECT_EQ(open_descriptors(), before + 1);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(FileCacheTest, ThreadsMayShareACache) {
  CacheOptions small = options();
  small.max_bytes = 60000;
  FileCache cache(small);
  std::atomic<int> wrong = 0;
  std::atomic<int> hits = 0;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 200; ++i) {
        const int number = (thread + i) % 20;
        const std::string key = "key" + std::to_string(number);
        if (const auto bytes = cache.load(key)) {
          wrong += *bytes != payload_of(number, 3000) ? 1 : 0;
          ++hits;
        } else {
          const auto lock = cache.lock(key, std::chrono::milliseconds(1));
          cache.store(key, payload_of(number, 3000));
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(hits, 0);
  EXPECT_EQ(warnings_.text(), "");
}

}  // namespace
}  // namespace cppstencils::support
