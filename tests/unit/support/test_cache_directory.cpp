#include "cppstencils/support/cache_directory.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "cppstencils/support/error.hpp"
#include "support/cache_testing.hpp"

namespace cppstencils {
namespace {

using support::entry_file_name;
using support::FileCache;
using support::new_temporary_file_name;
using testing::file_names;
using testing::payload_of;
using testing::set_age;
using testing::TemporaryFolder;
using testing::write_bytes;

/// Sets or removes a variable until the end of the scope.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) {
      old_ = old;
    }
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() { old_ ? ::setenv(name_, old_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

TEST(DefaultCacheDirectory, FollowsTheEnvironment) {
  const ScopedVariable home("HOME", "/h");
  const ScopedVariable caches("XDG_CACHE_HOME", "/x");
  const ScopedVariable own("CPPSTENCILS_CACHE_DIR", "/c/d");
  EXPECT_EQ(default_cache_directory(), "/c/d");
  ::setenv("CPPSTENCILS_CACHE_DIR", "", 1);
  EXPECT_EQ(default_cache_directory(), "/x/cppstencils");
  ::setenv("XDG_CACHE_HOME", "relative/is/invalid", 1);
  EXPECT_EQ(default_cache_directory(), "/h/.cache/cppstencils");
  ::setenv("HOME", "", 1);
  EXPECT_EQ(default_cache_directory(), "");
  ::unsetenv("HOME");
  EXPECT_EQ(default_cache_directory(), "");
}

TEST(DefaultCacheDirectory, TheCommandsSayThatNoneIsKnown) {
  const ScopedVariable home("HOME", nullptr);
  const ScopedVariable caches("XDG_CACHE_HOME", nullptr);
  const ScopedVariable own("CPPSTENCILS_CACHE_DIR", nullptr);
  EXPECT_THROW(inspect_cache(), ConfigError);
  EXPECT_THROW(repair_cache(), ConfigError);
  EXPECT_THROW(clear_cache(), ConfigError);
}

class CacheDirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    FileCache cache(options_);
    cache.store("llvm kernel 'heat'\nall the rest", payload_of(1, 100));
    cache.store("host kernel 'wave'", payload_of(2, 200));
  }
  std::filesystem::path path_of(std::string_view key) const { return options_.directory / entry_file_name(key); }

  TemporaryFolder folder_;
  CacheOptions options_ = {.directory = folder_.path() / "cache"};
};

TEST_F(CacheDirectoryTest, InspectListsTheEntries) {
  write_bytes(options_.directory / new_temporary_file_name(), payload_of(3, 5));
  write_bytes(options_.directory / "thesis.txt", payload_of(3, 5));
  const CacheReport report = inspect_cache(options_);
  EXPECT_EQ(report.directory, options_.directory);
  EXPECT_EQ(report.max_bytes, options_.max_bytes);
  EXPECT_EQ(report.temporary_files, 1U);
  ASSERT_EQ(report.entries.size(), 2U);
  EXPECT_LT(report.entries[0].path, report.entries[1].path);
  EXPECT_EQ(report.bytes, report.entries[0].bytes + report.entries[1].bytes);
  for (const CacheEntry& entry : report.entries) {
    EXPECT_TRUE(entry.valid);
    EXPECT_EQ(entry.bytes, std::filesystem::file_size(entry.path));
    EXPECT_EQ(entry.title, entry.path == path_of("host kernel 'wave'") ? "host kernel 'wave'" : "llvm kernel 'heat'");
  }
}

TEST_F(CacheDirectoryTest, AMissingFolderIsEmpty) {
  const CacheOptions missing{.directory = folder_.path() / "none"};
  EXPECT_TRUE(inspect_cache(missing).entries.empty());
  EXPECT_EQ(repair_cache(missing), 0U);
  EXPECT_EQ(clear_cache(missing), 0U);
  EXPECT_FALSE(std::filesystem::exists(missing.directory));
}

TEST_F(CacheDirectoryTest, AFolderThatOthersCanWriteIsRefused) {
  ::chmod(options_.directory.c_str(), 0770);
  EXPECT_THROW(inspect_cache(options_), ConfigError);
  EXPECT_THROW(repair_cache(options_), ConfigError);
  EXPECT_THROW(clear_cache(options_), ConfigError);
  EXPECT_EQ(std::filesystem::status(options_.directory).permissions(), std::filesystem::perms(0770));
  try {
    inspect_cache(options_);
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.message(), "The kernel cache cannot be read: other users can write to the folder '" +
                                   options_.directory.string() + "'.");
    ASSERT_EQ(error.hints().size(), 1U);
    EXPECT_NE(error.hints()[0].find("chmod go-w"), std::string::npos);
  }
}

TEST_F(CacheDirectoryTest, DamagedEntriesAreShownAndRepaired) {
  const std::filesystem::path damaged = path_of("host kernel 'wave'");
  std::filesystem::resize_file(damaged, 50);
  // A whole entry under the name of another key.
  const std::filesystem::path misplaced = path_of("somebody else");
  std::filesystem::copy_file(path_of("llvm kernel 'heat'\nall the rest"), misplaced);
  const std::filesystem::path link = path_of("a link");
  std::filesystem::create_symlink("/etc/passwd", link);
  const std::filesystem::path left_over = options_.directory / new_temporary_file_name();
  const std::filesystem::path in_progress = options_.directory / new_temporary_file_name();
  write_bytes(left_over, payload_of(3, 5));
  write_bytes(in_progress, payload_of(3, 5));
  set_age(left_over, 120);

  const CacheReport report = inspect_cache(options_);
  ASSERT_EQ(report.entries.size(), 4U);
  for (const CacheEntry& entry : report.entries) {
    const bool is_whole = entry.path == path_of("llvm kernel 'heat'\nall the rest");
    EXPECT_EQ(entry.valid, is_whole) << entry.path;
    EXPECT_EQ(entry.title.empty(), !is_whole) << entry.path;
  }
  EXPECT_EQ(repair_cache(options_), 4U);
  EXPECT_FALSE(std::filesystem::exists(damaged));
  EXPECT_FALSE(std::filesystem::exists(misplaced));
  EXPECT_FALSE(std::filesystem::is_symlink(link));
  EXPECT_TRUE(std::filesystem::exists("/etc/passwd"));
  EXPECT_FALSE(std::filesystem::exists(left_over));
  EXPECT_TRUE(std::filesystem::exists(in_progress));
  EXPECT_EQ(repair_cache(options_), 0U);
  EXPECT_EQ(inspect_cache(options_).entries.size(), 1U);
}

TEST_F(CacheDirectoryTest, ATitleCannotControlTheTerminal) {
  FileCache(options_).store("evil\x1b[2J\ttitle\nrest", payload_of(1, 1));
  bool is_found = false;
  for (const CacheEntry& entry : inspect_cache(options_).entries) {
    is_found = is_found || entry.title == "evil?[2J?title";
  }
  EXPECT_TRUE(is_found);
}

TEST_F(CacheDirectoryTest, ClearRemovesWhatIsOursAndNothingElse) {
  write_bytes(options_.directory / "thesis.txt", payload_of(3, 5));
  write_bytes(options_.directory / "thesis.csk", payload_of(3, 5));
  write_bytes(options_.directory / new_temporary_file_name(), payload_of(3, 5));
  std::filesystem::resize_file(path_of("host kernel 'wave'"), 50);
  std::filesystem::create_directory(path_of("a folder"));
  EXPECT_EQ(clear_cache(options_), 2U);
  EXPECT_EQ(file_names(options_.directory),
            (std::vector<std::string>{path_of("a folder").filename(), "thesis.csk", "thesis.txt"}));
  FileCache cache(options_);
  EXPECT_TRUE(cache.store("again", payload_of(1, 10)));
  EXPECT_EQ(cache.load("again"), payload_of(1, 10));
}

}  // namespace
}  // namespace cppstencils
