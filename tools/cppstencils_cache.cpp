/// The command `cppstencils-cache`: shows, verifies, repairs and clears the folder of compiled kernels.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "cppstencils/support/cache_directory.hpp"
#include "cppstencils/support/version.hpp"

namespace {

constexpr std::string_view usage =
    "usage: cppstencils-cache [show|verify|repair|clear] [--directory FOLDER]\n"
    "\n"
    "  show     list the entries (default)\n"
    "  verify   fail if an entry is damaged\n"
    "  repair   remove damaged entries and left-over temporary files\n"
    "  clear    remove all entries\n"
    "\n"
    "Without --directory: $CPPSTENCILS_CACHE_DIR, else $XDG_CACHE_HOME/cppstencils, else ~/.cache/cppstencils.\n";

enum class Command { show, verify, repair, clear, help, version };

struct Request {
  Command command = Command::show;
  cppstencils::CacheOptions cache = {};
};

std::optional<Command> parse_command(std::string_view word) {
  if (word == "show") return Command::show;
  if (word == "verify") return Command::verify;
  if (word == "repair") return Command::repair;
  if (word == "clear") return Command::clear;
  if (word == "help" || word == "--help" || word == "-h") return Command::help;
  if (word == "--version") return Command::version;
  return std::nullopt;
}

std::optional<Request> parse(int count, char** words) {
  Request request;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--directory" && i + 1 < count) {
      request.cache.directory = words[++i];
    } else if (const std::optional<Command> command = parse_command(word)) {
      request.command = *command;
    } else {
      return std::nullopt;
    }
  }
  return request;
}

int show(const cppstencils::CacheOptions& cache) {
  const cppstencils::CacheReport report = cppstencils::inspect_cache(cache);
  fmt::print("{}: {} entries, {} KiB of at most {} MiB\n", report.directory.string(), report.entries.size(),
             report.bytes / 1024, report.max_bytes / (1024 * 1024));
  for (const cppstencils::CacheEntry& entry : report.entries) {
    fmt::print("  {:>8} bytes  {}  {}\n", entry.bytes, entry.path.filename().string(),
               entry.valid ? entry.title : "DAMAGED");
  }
  return 0;
}

int verify(const cppstencils::CacheOptions& cache) {
  const cppstencils::CacheReport report = cppstencils::inspect_cache(cache);
  std::size_t damaged = 0;
  for (const cppstencils::CacheEntry& entry : report.entries) {
    if (entry.valid) continue;
    ++damaged;
    fmt::print("damaged: {}\n", entry.path.string());
  }
  fmt::print("{}: {} entries, {} damaged\n", report.directory.string(), report.entries.size(), damaged);
  return damaged == 0 ? 0 : 1;
}

int run(const Request& request) {
  switch (request.command) {
    case Command::show:
      return show(request.cache);
    case Command::verify:
      return verify(request.cache);
    case Command::repair:
      fmt::print("{} damaged or left-over files removed\n", cppstencils::repair_cache(request.cache));
      return 0;
    case Command::clear:
      fmt::print("{} entries removed\n", cppstencils::clear_cache(request.cache));
      return 0;
    case Command::help:
      fmt::print("{}", usage);
      return 0;
    case Command::version:
      fmt::print("cppstencils-cache {}\n", cppstencils::version());
      return 0;
  }
  return 2;
}

}  // namespace

int main(int count, char** words) {
  const std::optional<Request> request = parse(count, words);
  if (!request) {
    fmt::print(stderr, "{}", usage);
    return 2;
  }
  try {
    return run(*request);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
