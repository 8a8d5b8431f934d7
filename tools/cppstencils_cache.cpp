/// The command `cppstencils-cache`: shows, checks, repairs and clears the folder of compiled kernels.
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/support/cache_directory.hpp"
#include "cppstencils/support/version.hpp"

namespace {

using cppstencils::CacheEntry;
using cppstencils::CacheOptions;
using cppstencils::CacheReport;

constexpr std::string_view usage =
    "usage: cppstencils-cache COMMAND [--dir DIR] [--max-bytes N]\n"
    "\n"
    "  info     show the folder, its size and how many entries are damaged\n"
    "  list     show every entry\n"
    "  verify   check every entry; the exit status is 1 if one is damaged\n"
    "  repair   remove damaged entries and left-over temporary files, and the least\n"
    "           recently used entries while the size is above the limit\n"
    "  clear    remove every entry; other files stay\n"
    "\n"
    "  --dir DIR        the folder; without it $CPPSTENCILS_CACHE_DIR, else\n"
    "                   $XDG_CACHE_HOME/cppstencils, else ~/.cache/cppstencils\n"
    "  --max-bytes N    the limit, such as 500000, 64K, 256M or 2G; without it 1G\n"
    "  --help           show this text\n"
    "  --version        show the version\n";

constexpr int failed = 1;
constexpr int misused = 2;

std::string readable_size(std::uint64_t bytes) {
  constexpr const char* units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  double value = static_cast<double>(bytes);
  while (value >= 1024 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

std::size_t count_damaged(const CacheReport& report) {
  std::size_t count = 0;
  for (const CacheEntry& entry : report.entries) {
    count += entry.valid ? 0 : 1;
  }
  return count;
}

int info(const CacheOptions& options) {
  const CacheReport report = inspect_cache(options);
  fmt::print("folder           {}\n", report.directory.native());
  fmt::print("entries          {}\n", report.entries.size());
  fmt::print("size             {} of at most {}\n", readable_size(report.bytes), readable_size(report.max_bytes));
  fmt::print("damaged          {}\n", count_damaged(report));
  fmt::print("temporary files  {}\n", report.temporary_files);
  return 0;
}

int list(const CacheOptions& options) {
  for (const CacheEntry& entry : inspect_cache(options).entries) {
    fmt::print("{}  {:>10}  {}\n", entry.path.filename().native(), entry.bytes,
               entry.valid ? entry.title : "(damaged)");
  }
  return 0;
}

int verify(const CacheOptions& options) {
  const CacheReport report = inspect_cache(options);
  const std::size_t damaged = count_damaged(report);
  for (const CacheEntry& entry : report.entries) {
    if (!entry.valid) {
      fmt::print("damaged: {}\n", entry.path.native());
    }
  }
  fmt::print("{} of {} entries are damaged.\n", damaged, report.entries.size());
  if (damaged > 0) {
    fmt::print("Run 'cppstencils-cache repair' to remove them.\n");
  }
  return damaged == 0 ? 0 : failed;
}

int repair(const CacheOptions& options) {
  fmt::print("{} files removed.\n", repair_cache(options));
  return 0;
}

int clear(const CacheOptions& options) {
  fmt::print("{} entries removed.\n", clear_cache(options));
  return 0;
}

struct Command {
  std::string_view name;
  int (*run)(const CacheOptions&);
};
constexpr Command commands[] = {
    {"info", info}, {"list", list}, {"verify", verify}, {"repair", repair}, {"clear", clear}};

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const std::optional<int> shift = unit.empty()  ? std::optional(0)
                                   : unit == "K" ? std::optional(10)
                                   : unit == "M" ? std::optional(20)
                                   : unit == "G" ? std::optional(30)
                                                 : std::nullopt;
  if (error != std::errc() || !shift || number > std::numeric_limits<std::uint64_t>::max() >> *shift) {
    return std::nullopt;
  }
  return number << *shift;
}

int misuse(std::string_view problem) {
  fmt::print(stderr, "cppstencils-cache: {}\nRun 'cppstencils-cache --help' to see what there is.\n", problem);
  return misused;
}

int run(const std::vector<std::string_view>& words) {
  const Command* command = nullptr;
  CacheOptions options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--help" || word == "-h") {
      fmt::print("{}", usage);
      return 0;
    }
    if (word == "--version") {
      fmt::print("cppstencils-cache {}\n", cppstencils::version());
      return 0;
    }
    if (word == "--dir" || word == "--max-bytes") {
      if (i + 1 == words.size() || words[i + 1].empty()) {
        return misuse(fmt::format("The option '{}' needs a value.", word));
      }
      const std::string_view value = words[++i];
      if (word == "--dir") {
        options.directory = value;
      } else if (const std::optional<std::uint64_t> size = parse_size(value)) {
        options.max_bytes = *size;
      } else {
        return misuse(fmt::format("'{}' is not a size such as 500000, 64K, 256M or 2G.", value));
      }
      continue;
    }
    if (command != nullptr) {
      return misuse(fmt::format("Only one command can be run, '{}' is too much.", word));
    }
    for (const Command& candidate : commands) {
      command = candidate.name == word ? &candidate : command;
    }
    if (command == nullptr) {
      return misuse(fmt::format("The {} '{}' is not known.", word.starts_with('-') ? "option" : "command", word));
    }
  }
  if (command == nullptr) {
    fmt::print(stderr, "{}", usage);
    return misused;
  }
  return command->run(options);
}

}  // namespace

int main(int count, char** words) {
  try {
    return run({words + 1, words + count});
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return failed;
  }
}
