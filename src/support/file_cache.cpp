#include "support/file_cache.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <ctime>
#include <exception>
#include <string>
#include <thread>
#include <utility>

#include "cppstencils/support/cache_directory.hpp"
#include "support/cache_folder.hpp"
#include "support/cache_sweep.hpp"

namespace cppstencils::support {

namespace {

/// An entry that is used is touched at most this often.
constexpr std::int64_t touch_period_seconds = 3600;

/// Other processes remove and replace entries at any time; that is no trouble worth a word.
bool is_expected(int error) { return error == 0 || error == ENOENT || error == ESTALE; }

void print_warning(std::string_view line) {
  const std::string text = fmt::format("cppstencils: {}\n", line);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

}  // namespace

// Atomics only: a mutex that another thread holds during fork() would stay locked in the child for ever.
struct FileCache::State {
  CacheOptions options;
  std::filesystem::path directory;
  /// The number stays the same while the cache is alive; reopen() puts another folder behind it.
  FileDescriptor folder;
  std::atomic<bool> has_warned = false;
  std::atomic<std::int64_t> next_period_check = 0;
  /// In case that the usage file cannot be written.
  std::atomic<std::uint64_t> stored_since_sweep = 0;

  bool can_write() const { return options.mode == CacheMode::read_write; }

  void warn(std::string_view reason, std::string_view advice) noexcept {
    if (has_warned.exchange(true)) {
      return;
    }
    try {
      const std::string line = one_line(
          fmt::format("Kernel cache: {}. {} Kernels work all the same, but may be compiled again.", reason, advice));
      if (options.on_warning) {
        options.on_warning(line);
      } else {
        print_warning(line);
      }
    } catch (...) {
      // The cache must not hurt, not even by the way in which it complains.
    }
  }

  void warn_errno(std::string_view what, int error) {
    if (!is_expected(error)) {
      warn(fmt::format("{} in '{}' ({})", what, directory.native(), error_text(error)),
           "Check the folder, or set CPPSTENCILS_CACHE_DIR to another one.");
    }
  }

  void open() {
    const std::filesystem::path wanted = options.directory.empty() ? default_cache_directory() : options.directory;
    if (wanted.empty()) {
      warn("no folder is known for it, as HOME is not set", "Set CPPSTENCILS_CACHE_DIR to a folder of your own.");
      return;
    }
    CacheFolder opened = open_cache_folder(wanted, can_write() ? MissingFolder::create : MissingFolder::report);
    switch (opened.status) {
      case CacheFolder::Status::ready:
        folder = std::move(opened.descriptor);
        directory = std::move(opened.path);
        break;
      case CacheFolder::Status::missing:
        break;
      case CacheFolder::Status::refused:
        warn(opened.reason, opened.advice);
        break;
    }
  }

  /// False if there is no folder, or one that others can write to by now.
  bool is_usable() {
    if (!folder) {
      return false;
    }
    struct stat facts = {};
    if (::fstat(folder.get(), &facts) != 0) {
      warn_errno("the folder cannot be read", errno);
      return false;
    }
    if (!is_private_folder(facts)) {
      warn(fmt::format("other users can write to the folder '{}' by now", directory.native()),
           "Run 'chmod go-w' on it, or set CPPSTENCILS_CACHE_DIR to a folder of your own.");
      return false;
    }
    return facts.st_nlink > 0 || reopen();
  }

  /// Somebody has removed the folder. dup3() swaps it under all threads at once.
  bool reopen() {
    if (!can_write()) {
      return false;
    }
    const CacheFolder opened = open_cache_folder(directory, MissingFolder::create);
    if (opened.status != CacheFolder::Status::ready) {
      warn(opened.reason, opened.advice);
      return false;
    }
    return retry_interrupted([&] { return ::dup3(opened.descriptor.get(), folder.get(), O_CLOEXEC); }) >= 0;
  }

  void discard(const std::string& name, const struct stat& facts) {
    if (can_write()) {
      warn(fmt::format("the entry '{}' in '{}' was damaged", name, directory.native()), "It has been removed.");
      remove_same_file(folder.get(), name, facts);
    } else {
      warn(fmt::format("the entry '{}' in '{}' is damaged", name, directory.native()),
           "Run 'cppstencils-cache repair'.");
    }
  }

  /// The time of last use decides which entries go first. Best effort.
  void touch(const ReadFile& file) {
    const std::int64_t age = std::time(nullptr) - file.facts.st_mtim.tv_sec;
    if (can_write() && (age > touch_period_seconds || age < -touch_period_seconds)) {
      ::futimens(file.descriptor.get(), nullptr);
    }
  }

  std::optional<Bytes> load(std::string_view key) {
    const std::string name = entry_file_name(key);
    ReadFile file = read_file(folder.get(), name);
    switch (file.status) {
      case ReadFile::Status::read:
        break;
      case ReadFile::Status::missing:
        return std::nullopt;
      case ReadFile::Status::untrusted:
        // Left in place: it is not ours. A later store replaces it, as rename() does not look at what is there.
        warn(fmt::format("'{}' in '{}' is not a plain file of this user", name, directory.native()), "Remove it.");
        return std::nullopt;
      case ReadFile::Status::damaged:
        discard(name, file.facts);
        return std::nullopt;
      case ReadFile::Status::failed:
        // Says nothing about the content, so the entry stays.
        warn_errno("an entry cannot be read", file.error);
        return std::nullopt;
    }
    const std::optional<DecodedEntry> entry = decode_entry(file.bytes);
    if (!entry || (entry->key != key && entry_file_name(entry->key) != name)) {
      discard(name, file.facts);
      return std::nullopt;
    }
    if (entry->key != key) {
      return std::nullopt;
    }
    touch(file);
    const auto first = file.bytes.begin() + (entry->payload.data() - file.bytes.data());
    const std::size_t size = entry->payload.size();
    file.bytes.erase(file.bytes.begin(), first);
    file.bytes.resize(size);
    return std::move(file.bytes);
  }

  bool store(std::string_view key, std::span<const std::byte> payload) {
    const Bytes bytes = encode_entry(key, payload);
    if (bytes.size() > std::min(max_entry_bytes, sweep_target(options.max_bytes))) {
      return false;
    }
    if (const int error = publish_file(folder.get(), entry_file_name(key), bytes)) {
      warn_errno("an entry cannot be stored", error);
      return false;
    }
    sweep_if_due(bytes.size());
    return true;
  }

  void sweep_if_due(std::uint64_t stored) {
    const std::uint64_t own = stored_since_sweep += stored;
    const std::uint64_t usage = add_usage(folder.get(), stored);
    const bool is_full = std::max(own, usage) > sweep_threshold(options.max_bytes);
    if (!is_full && !is_period_over()) {
      return;
    }
    stored_since_sweep = 0;
    if (const int error = sweep_folder(folder.get(), options.max_bytes, usage)) {
      warn_errno("old entries cannot be removed", error);
    }
  }

  bool is_period_over() {
    const std::int64_t now = std::time(nullptr);
    if (now < next_period_check) {
      return false;
    }
    next_period_check = now + sweep_period_seconds;
    return is_periodic_sweep_due(folder.get());
  }
};

FileCache::FileCache(CacheOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  if (state_->options.mode != CacheMode::off) {
    state_->open();
  }
}

FileCache::~FileCache() = default;

std::optional<Bytes> FileCache::load(std::string_view key) {
  try {
    return state_->is_usable() ? state_->load(key) : std::nullopt;
  } catch (const std::exception& error) {  // no memory
    state_->warn(error.what(), "Free some memory.");
    return std::nullopt;
  }
}

bool FileCache::store(std::string_view key, std::span<const std::byte> payload) {
  try {
    return state_->can_write() && state_->is_usable() && state_->store(key, payload);
  } catch (const std::exception& error) {  // no memory
    state_->warn(error.what(), "Free some memory.");
    return false;
  }
}

FileCache::KeyLock FileCache::lock(std::string_view key, std::chrono::milliseconds limit) {
  if (!state_->can_write() || !state_->is_usable()) {
    return KeyLock(FileDescriptor());
  }
  FileDescriptor file = open_own_file(state_->folder.get(), lock_file_name, O_RDWR);
  if (!file) {
    return KeyLock(FileDescriptor());
  }
  const auto position = static_cast<std::int64_t>(key_number(key) % sweep_lock_position);
  const auto end = std::chrono::steady_clock::now() + limit;
  std::chrono::milliseconds pause(1);
  constexpr std::chrono::milliseconds longest_pause(16);
  int error = try_lock_range(file.get(), position);
  while (error == EAGAIN && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, longest_pause);
    error = try_lock_range(file.get(), position);
  }
  return error == 0 ? KeyLock(std::move(file)) : KeyLock(FileDescriptor());
}

const std::filesystem::path& FileCache::directory() const { return state_->directory; }

FileCache::KeyLock::KeyLock(FileDescriptor file) : file_(std::move(file)), owner_(file_ ? ::getpid() : 0) {}

FileCache::KeyLock& FileCache::KeyLock::operator=(KeyLock&& other) noexcept {
  if (this != &other) {
    unlock();
    file_ = std::move(other.file_);
    owner_ = other.owner_;
  }
  return *this;
}

FileCache::KeyLock::~KeyLock() { unlock(); }

void FileCache::KeyLock::unlock() {
  // A child made by fork() shares the open file: closing alone would keep the lock until the child ends, and the child
  // must not give away the lock of its parent.
  if (file_ && owner_ == ::getpid()) {
    unlock_all(file_.get());
  }
  file_.close();
}

}  // namespace cppstencils::support
