#include "jit/host/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <thread>

#include "support/file_descriptor.hpp"

namespace cppstencils::jit {
namespace {

using Clock = std::chrono::steady_clock;
using support::FileDescriptor;

constexpr std::size_t max_output = 64 * 1024;

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

class SpawnAttributes {
 public:
  SpawnAttributes() { posix_spawnattr_init(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  posix_spawnattr_t* get() { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

/// A descriptor that is none of the standard ones, which a program may have closed.
FileDescriptor above_standard(FileDescriptor file) {
  if (!file || file.get() > STDERR_FILENO) return file;
  return FileDescriptor(fcntl(file.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

std::optional<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  Pipe pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  pipe.read = above_standard(std::move(pipe.read));
  pipe.write = above_standard(std::move(pipe.write));
  if (!pipe.read || !pipe.write) return {};
  fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

/// Starts the child; returns 0 or the error number.
int start(const ChildCommand& command, const Pipe& pipe, pid_t& child) {
  FileActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), pipe.write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(actions.get(), pipe.write.get(), STDERR_FILENO);
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
  posix_spawn_file_actions_addclosefrom_np(actions.get(), STDERR_FILENO + 1);
#endif
#if __GLIBC_PREREQ(2, 29)
  posix_spawn_file_actions_addchdir_np(actions.get(), command.directory.c_str());
#endif
#endif
  SpawnAttributes attributes;
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setflags(attributes.get(), POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(attributes.get(), 0);
  posix_spawnattr_setsigmask(attributes.get(), &none);
  posix_spawnattr_setsigdefault(attributes.get(), &all);
  return posix_spawn(&child, command.arguments.front().c_str(), actions.get(), attributes.get(),
                     pointers(command.arguments).data(), pointers(command.environment).data());
}

enum class PipeState : std::uint8_t { open, closed };

/// Takes what is in the pipe and forgets what exceeds the limit, so that the child never blocks.
PipeState drain(int pipe, std::string& output) {
  char buffer[4096];
  for (;;) {
    const ssize_t size = support::retry_interrupted([&] { return read(pipe, buffer, sizeof buffer); });
    if (size < 0) return PipeState::open;
    if (size == 0) return PipeState::closed;
    output.append(buffer, std::min(static_cast<std::size_t>(size), max_output - output.size()));
  }
}

ChildResult ending_of(int status) {
  if (WIFSIGNALED(status)) return {ChildResult::Ending::signalled, WTERMSIG(status), {}};
  return {ChildResult::Ending::exited, WEXITSTATUS(status), {}};
}

/// The ending of the child, or nothing while it runs.
std::optional<ChildResult> poll_child(pid_t child, int flags) {
  int status = 0;
  const pid_t waited = support::retry_interrupted([&] { return waitpid(child, &status, flags); });
  if (waited == 0) return {};
  // The program ignores SIGCHLD or reaps children by itself, so the status is lost. What the child left behind tells
  // whether it succeeded.
  if (waited < 0) return ChildResult{ChildResult::Ending::exited, 0, {}};
  return ending_of(status);
}

}  // namespace

ChildResult run_child(const ChildCommand& command) {
  using std::chrono::milliseconds;
  std::optional<Pipe> pipe = make_pipe();
  if (!pipe) return {ChildResult::Ending::not_started, errno, {}};
  pid_t child = 0;
  if (const int error = start(command, *pipe, child)) return {ChildResult::Ending::not_started, error, {}};
  pipe->write.close();

  const Clock::time_point deadline = Clock::now() + command.time_limit;
  std::string output;
  PipeState state = PipeState::open;
  for (;;) {
    if (std::optional<ChildResult> result = poll_child(child, WNOHANG)) {
      // A left-over grandchild may hold the pipe open: take what is there and do not wait for more.
      if (state == PipeState::open) drain(pipe->read.get(), output);
      result->output = std::move(output);
      return *std::move(result);
    }
    if (Clock::now() >= deadline) {
      kill(-child, SIGKILL);
      poll_child(child, 0);
      drain(pipe->read.get(), output);
      return {ChildResult::Ending::timed_out, 0, std::move(output)};
    }
    if (state == PipeState::closed) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      continue;
    }
    pollfd waiting{pipe->read.get(), POLLIN, 0};
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    poll(&waiting, 1, static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 20)));
    state = drain(pipe->read.get(), output);
  }
}

}  // namespace cppstencils::jit
