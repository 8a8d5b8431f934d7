#include "jit/host/host_compiler.hpp"

#include <fmt/format.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "jit/host/compiler_flags.hpp"
#include "jit/host/temporary_directory.hpp"

namespace cppstencils::jit {
namespace {

constexpr std::string_view source_name = "kernel.cpp";
constexpr std::string_view object_name = "kernel.so";

void append(std::vector<std::string>& list, std::vector<std::string> more) {
  list.insert(list.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// The first lines of a text, with a last line that says what is missing.
std::string first_lines(std::string_view text, std::size_t max_lines) {
  std::size_t lines = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\n' || ++lines < max_lines || i + 1 == text.size()) continue;
    return fmt::format("{}\n[{} more bytes]", text.substr(0, i), text.size() - i - 1);
  }
  while (text.ends_with('\n')) text.remove_suffix(1);
  return std::string(text);
}

/// What happened to the compiler, as the end of a sentence; nothing if it succeeded.
std::optional<std::string> failure_text(const ChildResult& result, std::chrono::milliseconds time_limit) {
  switch (result.ending) {
    case ChildResult::Ending::exited:
      if (result.code == 0) return {};
      return fmt::format("failed with exit status {}", result.code);
    case ChildResult::Ending::signalled:
      return fmt::format("was killed by signal {} ({})", result.code, strsignal(result.code));
    case ChildResult::Ending::timed_out:
      return fmt::format("was stopped at its time limit of {} s", static_cast<double>(time_limit.count()) / 1000);
    case ChildResult::Ending::not_started:
      return fmt::format("could not be started: {}", std::generic_category().message(result.code));
  }
  return {};
}

std::string hint_text(ChildResult::Ending ending) {
  switch (ending) {
    case ChildResult::Ending::timed_out:
      return "Raise option 'time_limit' of LegacyCpuJit, or set 'optimization' to \"-O1\".";
    case ChildResult::Ending::not_started:
      return "Check that the compiler can be run.";
    case ChildResult::Ending::exited:
    case ChildResult::Ending::signalled:
      break;
  }
  return "Check the flags and the processor name; if they are right, try another compiler or LlvmJit.";
}

[[noreturn]] void fail(const CompilerCommand& command, const std::vector<std::string>& arguments,
                       const ChildResult& result, std::string_view failure, std::string_view source) {
  constexpr std::size_t max_log_lines = 30;
  constexpr std::size_t max_source_lines = 400;
  std::vector<std::string> notes{fmt::format("Command: {}", fmt::join(arguments, " "))};
  if (!result.output.empty()) notes.push_back(fmt::format("Output:\n{}", first_lines(result.output, max_log_lines)));
  if (!source.empty()) notes.push_back(fmt::format("Source text:\n{}", first_lines(source, max_source_lines)));
  throw CompileError({.code = ErrorCode::compile_failed,
                      .message = fmt::format("The C++ compiler '{}' {}.", command.compiler(), failure),
                      .notes = std::move(notes),
                      .hints = {hint_text(result.ending)}});
}

std::vector<std::byte> read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

}  // namespace

HostCompiler::HostCompiler(HostCompilerOptions options) : options_(std::move(options)) {
  check_optimization(options_.optimization, "option 'optimization' of LegacyCpuJit");
  for (const std::string& flag : options_.flags) check_flag(flag, "option 'flags' of LegacyCpuJit");
}

HostCompiler::~HostCompiler() {
  for (const Findings* findings = findings_.load(); findings != nullptr;) {
    delete std::exchange(findings, findings->older);
  }
}

const HostCompiler::Findings& HostCompiler::add(Findings findings) {
  auto* entry = new Findings(std::move(findings));
  entry->older = findings_.load();
  while (!findings_.compare_exchange_weak(entry->older, entry)) {
  }
  return *entry;
}

CompilerCommand HostCompiler::command() {
  const Findings* known = findings_.load();
  return known != nullptr ? known->command : add({.command = find_compiler(options_.compiler)}).command;
}

std::string HostCompiler::identity() {
  const CompilerCommand current = command();
  std::string files = file_identity(current);
  const Findings* known = findings_.load();
  if (files != known->files) {  // first use, or the compiler has been replaced
    std::string version = version_text(current);
    known = &add({.command = current, .files = std::move(files), .version = std::move(version)});
  }
  return known->files + known->version;
}

std::string HostCompiler::version_text(const CompilerCommand& command) const {
  std::vector<std::string> arguments = command.programs;
  arguments.emplace_back("-v");
  const TemporaryDirectory directory(options_.work_folders, source_name, "");
  const std::string folder = directory.path().string();
  const ChildResult result = run_child({arguments, compiler_environment(folder), folder, options_.time_limit});
  const std::optional<std::string> failure = failure_text(result, options_.time_limit);
  // A compiler that has no version is still one, but one that hangs would only hang again.
  if (failure && result.ending != ChildResult::Ending::exited) fail(command, arguments, result, *failure, "");
  std::string text = first_lines(result.output, 40);
  for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
    text.replace(at, folder.size(), "TMPDIR");  // the same in every process
  }
  return text + "\n";
}

std::vector<std::string> HostCompiler::flags(std::string_view processor) {
  std::vector<std::string> all = command().flags;
  append(all, leading_flags());
  all.push_back(options_.optimization);
  all.push_back(processor_flag(processor));
  append(all, options_.flags);
  append(all, contract_flags());
  return all;
}

std::vector<std::byte> HostCompiler::compile(std::string_view source, std::string_view processor) {
  return make(source, processor, link_flags());
}

std::string HostCompiler::assembly(std::string_view source, std::string_view processor) {
  const std::vector<std::byte> text = make(source, processor, {"-S"});
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

std::vector<std::byte> HostCompiler::make(std::string_view source, std::string_view processor,
                                          const std::vector<std::string>& last_flags) {
  const CompilerCommand current = command();
  const TemporaryDirectory directory(options_.work_folders, source_name, source);
  const std::string folder = directory.path().string();
  const std::string object = (directory.path() / object_name).string();
  std::vector<std::string> arguments = current.programs;
  append(arguments, flags(processor));
  append(arguments, {(directory.path() / source_name).string(), "-o", object});
  append(arguments, last_flags);
  const ChildResult result = run_child({arguments, compiler_environment(folder), folder, options_.time_limit});
  if (const std::optional<std::string> failure = failure_text(result, options_.time_limit)) {
    fail(current, arguments, result, *failure, source);
  }
  std::vector<std::byte> bytes = read_file(object);
  if (bytes.empty()) fail(current, arguments, result, "made no output file", source);
  return bytes;
}

}  // namespace cppstencils::jit
