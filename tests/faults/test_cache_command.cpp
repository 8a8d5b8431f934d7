// The command cppstencils-cache, as a user meets it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/cache_testing.hpp"
#include "support/file_cache.hpp"

namespace cppstencils::support {
namespace {

using testing::payload_of;
using testing::run_in_child;
using testing::skipped_exit_code;
using testing::TemporaryFolder;

struct Outcome {
  int status = -1;
  std::string output = {};
};

/// Runs the command with both outputs in one text.
Outcome run(const std::string& arguments, const std::string& program = CPPSTENCILS_CACHE_COMMAND) {
  Outcome outcome;
  FILE* pipe = ::popen(fmt::format("'{}' {} 2>&1", program, arguments).c_str(), "r");
  std::array<char, 4096> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    outcome.output.append(buffer.data(), count);
  }
  const int status = ::pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

class CacheCommand : public ::testing::Test {
 protected:
  CacheCommand() {
    FileCache cache(options_);
    cache.store("llvm kernel 'heat'\nmore", payload_of(1, 2000));
    cache.store("host kernel 'wave'\nmore", payload_of(2, 3000));
  }
  std::filesystem::path path_of(std::string_view key) const { return options_.directory / entry_file_name(key); }
  std::string with_folder(const std::string& command) const {
    return fmt::format("{} --dir '{}'", command, options_.directory.native());
  }

  TemporaryFolder folder_;
  CacheOptions options_ = {.directory = folder_.path() / "cache"};
};

TEST_F(CacheCommand, InfoShowsTheFolder) {
  const Outcome outcome = run(with_folder("info"));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output, fmt::format("folder           {}\n"
                                        "entries          2\n"
                                        "size             5.0 KiB of at most 1.0 GiB\n"
                                        "damaged          0\n"
                                        "temporary files  0\n",
                                        options_.directory.native()));
}

TEST_F(CacheCommand, TheFolderComesFromTheEnvironment) {
  ::setenv("CPPSTENCILS_CACHE_DIR", options_.directory.c_str(), 1);
  const Outcome outcome = run("info --max-bytes 64K");
  EXPECT_NE(outcome.output.find(options_.directory.native()), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("of at most 64.0 KiB"), std::string::npos) << outcome.output;
}

TEST_F(CacheCommand, ListShowsEveryEntry) {
  std::filesystem::resize_file(path_of("host kernel 'wave'\nmore"), 100);
  const Outcome outcome = run(with_folder("list"));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.output.find("      2071  llvm kernel 'heat'\n"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("       100  (damaged)\n"), std::string::npos) << outcome.output;
}

TEST_F(CacheCommand, VerifyFailsUntilRepaired) {
  EXPECT_EQ(run(with_folder("verify")).output, "0 of 2 entries are damaged.\n");
  const std::filesystem::path damaged = path_of("host kernel 'wave'\nmore");
  std::filesystem::resize_file(damaged, 100);
  const Outcome outcome = run(with_folder("verify"));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.output, fmt::format("damaged: {}\n1 of 2 entries are damaged.\n"
                                        "Run 'cppstencils-cache repair' to remove them.\n",
                                        damaged.native()));
  EXPECT_EQ(run(with_folder("repair")).output, "1 files removed.\n");
  EXPECT_EQ(run(with_folder("verify")).status, 0);
}

TEST_F(CacheCommand, RepairKeepsTheLimit) {
  testing::set_age(path_of("llvm kernel 'heat'\nmore"), 3600);
  EXPECT_EQ(run(with_folder("repair --max-bytes 4000")).output, "1 files removed.\n");
  EXPECT_FALSE(std::filesystem::exists(path_of("llvm kernel 'heat'\nmore")));
  EXPECT_TRUE(std::filesystem::exists(path_of("host kernel 'wave'\nmore")));
}

TEST_F(CacheCommand, ClearRemovesTheEntries) {
  testing::write_bytes(options_.directory / "thesis.txt", payload_of(1, 1));
  EXPECT_EQ(run(with_folder("clear")).output, "2 entries removed.\n");
  EXPECT_EQ(testing::file_names(options_.directory), std::vector<std::string>{"thesis.txt"});
}

TEST_F(CacheCommand, AMissingFolderIsEmpty) {
  EXPECT_EQ(run("verify --dir /nonexistent/folder").output, "0 of 0 entries are damaged.\n");
}

TEST_F(CacheCommand, AFolderThatOthersCanWriteIsRefusedWithAdvice) {
  ::chmod(options_.directory.c_str(), 0777);
  const Outcome outcome = run(with_folder("info"));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.output.find("other users can write to the folder"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("chmod go-w"), std::string::npos) << outcome.output;
}

TEST_F(CacheCommand, MisuseIsExplained) {
  const std::string help = "Run 'cppstencils-cache --help' to see what there is.\n";
  const std::pair<const char*, const char*> cases[] = {
      {"polish", "The command 'polish' is not known."},
      {"--polish", "The option '--polish' is not known."},
      {"info list", "Only one command can be run, 'list' is too much."},
      {"info --dir", "The option '--dir' needs a value."},
      {"info --dir ''", "The option '--dir' needs a value."},
      {"info --max-bytes 4Q", "'4Q' is not a size such as 500000, 64K, 256M or 2G."},
      {"info --max-bytes -1", "'-1' is not a size such as 500000, 64K, 256M or 2G."},
      {"info --max-bytes 99999999999G", "'99999999999G' is not a size such as 500000, 64K, 256M or 2G."},
  };
  for (const auto& [arguments, sentence] : cases) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2) << arguments;
    EXPECT_EQ(outcome.output, fmt::format("cppstencils-cache: {}\n{}", sentence, help));
  }
  EXPECT_EQ(run("").status, 2);
  EXPECT_EQ(run("--help").status, 0);
  EXPECT_EQ(run("").output, run("--help").output);
}

TEST_F(CacheCommand, AProgramWithMoreRightsThanItsCallerIgnoresTheEnvironment) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "SKIPPED: only root can make a program of another user.";
  }
  const std::filesystem::path program = folder_.path() / "cppstencils-cache";
  std::filesystem::copy_file(CPPSTENCILS_CACHE_COMMAND, program);
  ::setenv("CPPSTENCILS_CACHE_DIR", options_.directory.c_str(), 1);
  ASSERT_EQ(run("info", program).status, 0);
  // Root runs a program with the rights of a user: what the environment says is not the user's word.
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chown(program.c_str(), 12345, 12345), 0);
  ASSERT_EQ(::chmod(program.c_str(), 04755), 0);
  const Outcome outcome = run("info", program);
  if (outcome.status == 0) {
    GTEST_SKIP() << "SKIPPED: " << folder_.path() << " is on a file system that does not allow set-user-id programs.";
  }
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.output.find("No folder is known for the kernel cache"), std::string::npos) << outcome.output;
}

}  // namespace
}  // namespace cppstencils::support
