#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/cache_entry.hpp"
#include "support/file_cache.hpp"

namespace cppstencils::testing {

/// A place in memory for tests that write a lot, if the machine has one.
inline std::filesystem::path fast_parent() { return std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp"; }

/// A folder that only this user can enter; removed at the end.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::filesystem::path& parent = "/tmp") {
    std::string name = parent / "cppstencils-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::filesystem::filesystem_error("mkdtemp", name, std::error_code(errno, std::generic_category()));
    }
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Collects the warnings of caches. Outlives them.
class Warnings {
 public:
  std::function<void(std::string_view)> handler() {
    return [this](std::string_view line) {
      const std::lock_guard guard(mutex_);
      lines_.emplace_back(line);
    };
  }
  std::size_t count() const { return lines_.size(); }
  std::string text() const {
    std::string all;
    for (const std::string& line : lines_) {
      all += line + "\n";
    }
    return all;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Bytes that depend on the seed.
inline support::Bytes payload_of(std::uint64_t seed, std::size_t size) {
  support::Bytes bytes(size);
  std::uint64_t state = seed * 0x9E3779B97F4A7C15U + 1;
  for (std::byte& byte : bytes) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    byte = static_cast<std::byte>(state >> 56);
  }
  return bytes;
}

inline support::Bytes read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

/// Rewrites the file in place, with the mode that a cache gives to its files if it is new.
inline void write_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  const bool is_new = !std::filesystem::exists(path);
  {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  if (is_new) {
    ::chmod(path.c_str(), 0600);
  }
}

/// Sets the time of last use to that many seconds ago.
inline void set_age(const std::filesystem::path& path, std::int64_t seconds) {
  const std::int64_t then = std::time(nullptr) - seconds;
  const timespec times[2] = {{.tv_sec = then, .tv_nsec = 0}, {.tv_sec = then, .tv_nsec = 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW), 0) << path;
}

inline std::vector<std::string> file_names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Sum of the sizes of all entries.
inline std::uint64_t entry_bytes(const std::filesystem::path& folder) {
  std::uint64_t total = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::error_code gone;
    const std::uint64_t size = entry.path().extension() == ".csk" ? entry.file_size(gone) : 0;
    total += gone ? 0 : size;
  }
  return total;
}

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

/// What a child process returns if the machine does not allow its experiment.
inline constexpr int skipped_exit_code = 77;

/// Runs `body` in a forked process and returns its exit status: 0, or 1 if an expectation in it failed, or what it
/// returned, or 128 + signal.
inline int run_in_child(const std::function<int()>& body) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    int code = 1;
    try {
      code = body();
    } catch (const std::exception& error) {
      std::printf("exception in child: %s\n", error.what());
    }
    if (code == 0 && ::testing::Test::HasFailure()) {
      code = 1;
    }
    std::fflush(nullptr);
    ::_exit(code);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace cppstencils::testing
