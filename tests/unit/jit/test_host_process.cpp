#include "jit/host/child_process.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/host_testing.hpp"

namespace cppstencils::testing {
namespace {

using jit::ChildResult;
using jit::run_child;
using std::chrono::milliseconds;

ChildResult run_script(const std::string& script, milliseconds limit = std::chrono::seconds(30)) {
  return run_child({.arguments = {"/bin/sh", "-c", script},
                    .environment = {"PATH=/usr/bin:/bin", "GREETING=hello"},
                    .directory = "/",
                    .time_limit = limit});
}

TEST(ChildProcess, GivesExitStatusAndAllOutput) {
  const ChildResult result = run_script("echo out; echo err >&2; exit 3");
  EXPECT_EQ(result.ending, ChildResult::Ending::exited);
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(result.output, "out\nerr\n");
}

TEST(ChildProcess, ArgumentsAreNotInterpreted) {
  const std::string strange = "a b; echo evil $(echo evil) `echo evil` 'x' \"y\" * \\ \n|&<>";
  const ChildResult result = run_child({.arguments = {"/bin/echo", "-n", strange},
                                        .environment = {},
                                        .directory = "/",
                                        .time_limit = std::chrono::seconds(30)});
  EXPECT_EQ(result.output, strange);
}

TEST(ChildProcess, SeesOnlyTheGivenEnvironment) {
  const ScopedVariable secret("CPPSTENCILS_TEST_SECRET", "leak");
  const ChildResult result = run_child({.arguments = {"/usr/bin/env"},
                                        .environment = {"GREETING=hello"},
                                        .directory = "/",
                                        .time_limit = std::chrono::seconds(30)});
  EXPECT_EQ(result.output, "GREETING=hello\n");
}

TEST(ChildProcess, HasAnEmptyInputAndItsOwnFolder) {
  const TemporaryFolder folder;
  const ChildResult result = run_child({.arguments = {"/bin/sh", "-c", "cat; pwd"},
                                        .environment = {"PATH=/usr/bin:/bin"},
                                        .directory = folder.path(),
                                        .time_limit = std::chrono::seconds(30)});
  EXPECT_EQ(result.output, std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST(ChildProcess, InheritsNoOtherFile) {
  const int leak = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  ASSERT_GE(leak, 0);
  const ChildResult result = run_script("ls /proc/self/fd | wc -l");
  ::close(leak);
  // Three standard files and the folder that ls reads.
  EXPECT_EQ(std::stoi(result.output), 4);
}

TEST(ChildProcess, StartsWithoutBlockedOrIgnoredSignals) {
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto ignored = std::signal(SIGUSR1, SIG_IGN);
  const ChildResult result = run_script("grep -E '^Sig(Blk|Ign)' /proc/self/status");
  std::signal(SIGUSR1, ignored);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::istringstream lines(result.output);
  std::string name;
  std::uint64_t signals = 0;
  int count = 0;
  // Signals 32 and 33 belong to the C library.
  for (; lines >> name >> std::hex >> signals; ++count) EXPECT_EQ(signals & 0x7fffffff, 0U) << name;
  EXPECT_EQ(count, 2);
}

TEST(ChildProcess, TellsWhichSignalKilledIt) {
  const ChildResult result = run_script("kill -SEGV $$");
  EXPECT_EQ(result.ending, ChildResult::Ending::signalled);
  EXPECT_EQ(result.code, SIGSEGV);
}

TEST(ChildProcess, IsKilledWithItsChildrenWhenTheTimeIsOver) {
  const TemporaryFolder folder;
  const std::string pid_file = (folder.path() / "pid").string();
  const auto start = std::chrono::steady_clock::now();
  const ChildResult result = run_script("echo before; sleep 60 & echo $! > " + pid_file + "; wait", milliseconds(300));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_EQ(result.ending, ChildResult::Ending::timed_out);
  EXPECT_EQ(result.output, "before\n");
  std::ifstream file(pid_file);
  pid_t grandchild = 0;
  ASSERT_TRUE(file >> grandchild);
  // It is dead, perhaps not yet buried: nobody needs to have waited for an orphan.
  const std::string status = "/proc/" + std::to_string(grandchild) + "/stat";
  bool is_alive = true;
  for (int i = 0; i < 200 && is_alive; ++i) {
    std::ifstream stat(status);
    std::string id, name, state;
    is_alive = static_cast<bool>(stat >> id >> name >> state) && state != "Z" && name == "(sleep)";
    if (is_alive) std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_FALSE(is_alive);
}

TEST(ChildProcess, IsNotHeldUpByWhatItLeavesBehind) {
  const auto start = std::chrono::steady_clock::now();
  const ChildResult result = run_script("echo done; sleep 5 &");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
  EXPECT_EQ(result.ending, ChildResult::Ending::exited);
  EXPECT_EQ(result.output, "done\n");
}

TEST(ChildProcess, LongOutputIsCutAndDoesNotBlock) {
  const ChildResult result = run_script("head -c 10000000 /dev/zero | tr '\\0' x; exit 4");
  EXPECT_EQ(result.code, 4);
  EXPECT_EQ(result.output.size(), 64U * 1024);
}

TEST(ChildProcess, ClosedOutputIsNoEnd) {
  const ChildResult result = run_script("exec >&- 2>&-; sleep 0.2; exit 5");
  EXPECT_EQ(result.code, 5);
}

TEST(ChildProcess, AProgramThatCannotBeStarted) {
  const ChildResult result = run_child({.arguments = {"/nonexistent/program"},
                                        .environment = {},
                                        .directory = "/",
                                        .time_limit = std::chrono::seconds(30)});
  EXPECT_EQ(result.ending, ChildResult::Ending::not_started);
  EXPECT_EQ(result.code, ENOENT);
}

TEST(ChildProcess, WorksWhereTheProgramReapsItsChildrenItself) {
  EXPECT_EQ(run_in_child([] {
              std::signal(SIGCHLD, SIG_IGN);
              const ChildResult result = run_script("echo out");
              EXPECT_EQ(result.ending, ChildResult::Ending::exited);
              EXPECT_EQ(result.output, "out\n");
              return 0;
            }),
            0);
}

TEST(ChildProcess, WorksWithoutStandardFiles) {
  EXPECT_EQ(run_in_child([] {
              ::close(0);
              ::close(1);
              ::close(2);
              const ChildResult result = run_script("echo out; echo err >&2");
              return result.output == "out\nerr\n" ? 0 : 1;
            }),
            0);
}

TEST(ChildProcess, LeavesNoFilesOpen) {
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 5; ++i) run_script("exit 0");
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace cppstencils::testing
