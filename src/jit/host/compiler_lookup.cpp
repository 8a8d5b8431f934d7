#include "jit/host/compiler_lookup.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include "cppstencils/support/error.hpp"
#include "jit/host/compiler_flags.hpp"

namespace cppstencils::jit {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view usual_path = "/usr/local/bin:/usr/bin:/bin";
constexpr std::string_view usual_compilers[] = {"c++", "g++", "clang++"};

std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return {};
  return value;
}

std::string search_path() { return environment_variable("PATH").value_or(std::string(usual_path)); }

bool is_program(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && access(path.c_str(), X_OK) == 0;
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find_first_of(separators), text.size());
    if (length > 0) parts.emplace_back(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return parts;
}

/// The absolute path of a program, given by name or path.
std::optional<std::string> find_program(std::string_view name) {
  if (name.empty() || name.find('\0') != std::string_view::npos) return {};
  if (name.find('/') != std::string_view::npos) {
    std::error_code error;
    const std::string path = fs::absolute(fs::path(name), error).string();
    if (error || !is_program(path)) return {};
    return path;
  }
  for (const std::string& folder : split(search_path(), ":")) {
    if (folder.front() != '/') continue;
    std::string path = fmt::format("{}/{}", folder, name);
    if (is_program(path)) return path;
  }
  return {};
}

[[noreturn]] void fail_to_find(std::string message) {
  throw CompileError(
      {.code = ErrorCode::compiler_not_found,
       .message = std::move(message),
       .notes = {fmt::format("PATH is '{}'.", search_path())},
       .hints = {"Install a C++ compiler; on Debian: apt-get install g++.",
                 "Or name one in option 'compiler' of LegacyCpuJit or in the environment variable CXX."}});
}

CompilerCommand from_option(std::string_view option) {
  std::optional<std::string> path = find_program(option);
  if (!path) fail_to_find(fmt::format("The C++ compiler '{}' was not found or is not a program.", option));
  return {{*std::move(path)}, {}};
}

CompilerCommand from_environment(const std::string& value) {
  // A path may contain spaces.
  if (value.find('/') != std::string::npos) {
    if (std::optional<std::string> path = find_program(value)) return {{*std::move(path)}, {}};
  }
  CompilerCommand command;
  for (const std::string& word : split(value, " \t\n")) {
    if (word.front() == '-' && !command.programs.empty()) {
      check_flag(word, "the environment variable CXX");
      command.flags.push_back(word);
      continue;
    }
    std::optional<std::string> path = find_program(word);
    if (!path) {
      fail_to_find(fmt::format("'{}' in the environment variable CXX was not found or is not a program.", word));
    }
    command.programs.push_back(*std::move(path));
  }
  return command;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\n") == std::string_view::npos; }

}  // namespace

CompilerCommand find_compiler(std::string_view option) {
  if (!option.empty()) return from_option(option);
  const std::optional<std::string> variable = environment_variable("CXX");
  if (variable && !is_blank(*variable)) return from_environment(*variable);
  for (const std::string_view name : usual_compilers) {
    if (std::optional<std::string> path = find_program(name)) return {{*std::move(path)}, {}};
  }
  fail_to_find(
      fmt::format("No C++ compiler was found: there is none of {} in PATH.", fmt::join(usual_compilers, ", ")));
}

std::string file_identity(const CompilerCommand& command) {
  std::string text;
  for (const std::string& program : command.programs) {
    std::error_code ignored;
    struct stat status = {};
    stat(program.c_str(), &status);
    text +=
        fmt::format("{} is {}, {} bytes, modified {}.{:09}\n", program, fs::weakly_canonical(program, ignored).string(),
                    status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  return text;
}

std::vector<std::string> compiler_environment(const std::string& temporary) {
  std::vector<std::string> environment{fmt::format("TMPDIR={}", temporary), "LC_ALL=C", "LANG=C"};
  // The compiler looks for the assembler and the linker in PATH.
  const std::string path = search_path();
  environment.push_back(fmt::format("PATH={}", path.empty() ? usual_path : std::string_view(path)));
  // LD_LIBRARY_PATH: compilers from environment modules live on it. CCACHE_DIR: the wrapper that people use.
  for (const char* name : {"HOME", "LD_LIBRARY_PATH", "CCACHE_DIR"}) {
    if (const std::optional<std::string> value = environment_variable(name)) {
      environment.push_back(fmt::format("{}={}", name, *value));
    }
  }
  return environment;
}

}  // namespace cppstencils::jit
