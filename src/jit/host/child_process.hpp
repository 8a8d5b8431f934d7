#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cppstencils::jit {

/// A program to run, without any shell.
struct ChildCommand {
  /// The first one is the absolute path of the program.
  std::vector<std::string> arguments;
  /// The whole environment of the child, "NAME=value".
  std::vector<std::string> environment;
  /// The child's working folder, where the system can set it.
  std::filesystem::path directory;
  std::chrono::milliseconds time_limit;
};

struct ChildResult {
  enum class Ending : std::uint8_t { exited, signalled, timed_out, not_started };
  Ending ending = Ending::not_started;
  /// Exit status, signal number, or error number of the start.
  int code = 0;
  /// The start of what the child wrote to its standard output and error.
  std::string output;
};

/// Runs a program and waits for it. Its standard input is empty, it inherits no other file, no signal mask and no
/// ignored signal, and leads a process group of its own. The whole group is killed when the time is over.
ChildResult run_child(const ChildCommand& command);

}  // namespace cppstencils::jit
