#include "support/cache_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace cppstencils::support {

namespace {

constexpr int max_symbolic_links = 40;

bool is_trusted_owner(uid_t owner) { return owner == ::geteuid() || owner == 0; }

bool others_can_write(const struct stat& facts) { return (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0; }

/// Walks down a path from the root, and checks every folder on the way.
class FolderWalk {
 public:
  FolderWalk(const std::filesystem::path& path, MissingFolder missing) : missing_(missing) {
    result_.path = path;
    push(path.native());
  }

  CacheFolder run() && {
    if (!enter_root()) {
      return std::move(result_);
    }
    while (!pending_.empty()) {
      const std::string name = std::move(pending_.back());
      pending_.pop_back();
      if (!enter(name)) {
        return std::move(result_);
      }
    }
    // The walk holds the folder by O_PATH; "." of it cannot be anything else.
    result_.descriptor = FileDescriptor(
        retry_interrupted([&] { return ::openat(here_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!result_.descriptor) {
      fail_errno("the folder '{}' cannot be opened", errno);
      return std::move(result_);
    }
    result_.status = CacheFolder::Status::ready;
    return std::move(result_);
  }

 private:
  void push(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
      const std::size_t end = std::min(path.find('/'), path.size());
      if (end > 0 && path.substr(0, end) != ".") {
        parts.emplace_back(path.substr(0, end));
      }
      path.remove_prefix(std::min(end + 1, path.size()));
    }
    pending_.insert(pending_.end(), parts.rbegin(), parts.rend());
  }

  bool enter_root() {
    shown_ = "/";
    here_ = FileDescriptor(retry_interrupted([] { return ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC); }));
    struct stat facts = {};
    if (!here_ || ::fstat(here_.get(), &facts) != 0) {
      return fail_errno("the folder '{}' cannot be opened", errno);
    }
    return check_folder(facts);
  }

  FileDescriptor open_entry(const std::string& name) const {
    return FileDescriptor(
        retry_interrupted([&] { return ::openat(here_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC); }));
  }

  bool enter(const std::string& name) {
    const std::string before = shown_;
    shown_ += (shown_.back() == '/' ? "" : "/") + name;
    FileDescriptor entry = open_entry(name);
    if (!entry && errno == ENOENT) {
      if (missing_ == MissingFolder::report) {
        result_.status = CacheFolder::Status::missing;
        return fail("the folder '{}' does not exist", "Create it, or choose another folder.");
      }
      if (::mkdirat(here_.get(), name.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return fail_errno("the folder '{}' cannot be created", errno);
      }
      entry = open_entry(name);
    }
    struct stat facts = {};
    if (!entry || ::fstat(entry.get(), &facts) != 0) {
      return fail_errno("the folder '{}' cannot be opened", errno);
    }
    if (S_ISLNK(facts.st_mode)) {
      return follow(entry, facts, before);
    }
    here_ = std::move(entry);
    return check_folder(facts);
  }

  bool follow(const FileDescriptor& link, const struct stat& facts, const std::string& before) {
    if (pending_.empty()) {
      return fail("'{}' is a symbolic link", "Name the folder itself.");
    }
    if (!is_trusted_owner(facts.st_uid)) {
      return fail("the symbolic link '{}' belongs to another user", own_folder_advice);
    }
    if (++links_ > max_symbolic_links) {
      return fail_errno("the folder '{}' cannot be opened", ELOOP);
    }
    std::array<char, 4096> target;
    const ssize_t size = ::readlinkat(link.get(), "", target.data(), target.size());
    if (size <= 0 || static_cast<std::size_t>(size) == target.size()) {
      return fail_errno("the symbolic link '{}' cannot be read", size < 0 ? errno : ENAMETOOLONG);
    }
    const std::string_view text(target.data(), static_cast<std::size_t>(size));
    push(text);
    shown_ = before;
    return text.front() != '/' || enter_root();
  }

  bool check_folder(const struct stat& facts) {
    const bool is_last = pending_.empty();
    if (!S_ISDIR(facts.st_mode)) {
      return fail("'{}' is not a folder", "Remove it, or choose another folder.");
    }
    if (!is_trusted_owner(facts.st_uid)) {
      return fail("the folder '{}' belongs to another user", own_folder_advice);
    }
    // In a folder with the sticky bit, such as /tmp, nobody can replace what is not his own.
    if (others_can_write(facts) && (is_last || (facts.st_mode & S_ISVTX) == 0)) {
      // Advice to narrow a folder like /tmp would be a trap.
      const bool is_own = facts.st_uid == ::geteuid() && (facts.st_mode & S_ISVTX) == 0;
      const std::string advice =
          is_own ? fmt::format("Run 'chmod go-w {}', or set CPPSTENCILS_CACHE_DIR to a folder of your own.", shown_)
                 : std::string(own_folder_advice);
      return fail("other users can write to the folder '{}'", advice);
    }
    return true;
  }

  bool fail(std::string_view reason, std::string_view advice) {
    result_.reason = fmt::format(fmt::runtime(reason), shown_);
    result_.advice = advice;
    return false;
  }

  bool fail_errno(std::string_view reason, int error) {
    fail(reason, own_folder_advice);
    result_.reason += fmt::format(" ({})", error_text(error));
    return false;
  }

  static constexpr std::string_view own_folder_advice = "Set CPPSTENCILS_CACHE_DIR to a folder of your own.";

  MissingFolder missing_;
  CacheFolder result_;
  FileDescriptor here_;
  std::string shown_;
  std::vector<std::string> pending_;  // the next one is last
  int links_ = 0;
};

}  // namespace

CacheFolder open_cache_folder(const std::filesystem::path& path, MissingFolder missing) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error || path.empty()) {
    return {.path = path,
            .reason = fmt::format("the folder '{}' has no absolute path", path.native()),
            .advice = "Set CPPSTENCILS_CACHE_DIR to a folder of your own."};
  }
  return FolderWalk(absolute, missing).run();
}

bool is_private_folder(const struct stat& facts) {
  return S_ISDIR(facts.st_mode) && is_trusted_owner(facts.st_uid) && !others_can_write(facts);
}

ReadFile read_file(int folder, const std::string& name) {
  ReadFile file;
  // O_NONBLOCK: a FIFO in place of an entry must not make us wait.
  file.descriptor = FileDescriptor(retry_interrupted(
      [&] { return ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); }));
  if (!file.descriptor) {
    file.error = errno;
    // ELOOP: a symbolic link. ENXIO: a socket or a device without a driver.
    file.status = file.error == ENOENT                         ? ReadFile::Status::missing
                  : file.error == ELOOP || file.error == ENXIO ? ReadFile::Status::untrusted
                                                               : ReadFile::Status::failed;
    return file;
  }
  if (::fstat(file.descriptor.get(), &file.facts) != 0) {
    file.error = errno;
    return file;
  }
  // No link is left when another process has just replaced the entry; what we hold open is still whole.
  if (!S_ISREG(file.facts.st_mode) || !is_trusted_owner(file.facts.st_uid) || others_can_write(file.facts) ||
      file.facts.st_nlink > 1) {
    file.status = ReadFile::Status::untrusted;
    return file;
  }
  if (file.facts.st_size <= 0 || static_cast<std::uint64_t>(file.facts.st_size) > max_entry_bytes) {
    file.status = ReadFile::Status::damaged;
    return file;
  }
  file.bytes.resize(static_cast<std::size_t>(file.facts.st_size));
  std::size_t done = 0;
  while (done < file.bytes.size()) {
    const ssize_t count = retry_interrupted(
        [&] { return ::read(file.descriptor.get(), file.bytes.data() + done, file.bytes.size() - done); });
    if (count < 0) {
      file.error = errno;
      return file;
    }
    if (count == 0) {
      file.status = ReadFile::Status::damaged;
      return file;
    }
    done += static_cast<std::size_t>(count);
  }
  file.status = ReadFile::Status::read;
  return file;
}

int publish_file(int folder, const std::string& name, std::span<const std::byte> bytes) {
  constexpr int attempts = 8;
  std::string temporary;
  FileDescriptor file;
  for (int attempt = 0; attempt < attempts && !file; ++attempt) {
    temporary = new_temporary_file_name();
    file = FileDescriptor(retry_interrupted([&] {
      return ::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                      S_IRUSR | S_IWUSR);
    }));
    if (!file && errno != EEXIST) {
      return errno;
    }
  }
  if (!file) {
    return EEXIST;
  }
  // No fsync: the checksum finds an entry that a power failure has cut, and fsync costs more than a compile saves.
  int error = write_all(file.get(), bytes);
  const int close_error = file.close();
  if (error == 0) {
    error = close_error;
  }
  if (error == 0 && ::renameat(folder, temporary.c_str(), folder, name.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    ::unlinkat(folder, temporary.c_str(), 0);
  }
  return error;
}

int remove_same_file(int folder, const std::string& name, const struct stat& facts) {
  struct stat now = {};
  if (::fstatat(folder, name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno;
  }
  if (now.st_dev != facts.st_dev || now.st_ino != facts.st_ino) {
    return ENOENT;
  }
  return ::unlinkat(folder, name.c_str(), 0) == 0 ? 0 : errno;
}

int write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = retry_interrupted([&] { return ::write(descriptor, bytes.data(), bytes.size()); });
    if (count < 0) {
      return errno;
    }
    if (count == 0) {
      return ENOSPC;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

int list_folder(int folder, std::vector<std::string>& names) {
  // Opened anew: the position in the folder belongs to the open file, which threads and forked processes share.
  FileDescriptor own(retry_interrupted([&] { return ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!own) {
    return errno;
  }
  const auto close_stream = [](DIR* stream) { ::closedir(stream); };
  const std::unique_ptr<DIR, decltype(close_stream)> stream(::fdopendir(own.get()));
  if (!stream) {
    return errno;
  }
  own.release();
  int error = 0;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      error = errno;
      break;
    }
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") {
      names.emplace_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return error;
}

FileDescriptor open_own_file(int folder, const char* name, int flags) {
  FileDescriptor file(retry_interrupted([&] {
    return ::openat(folder, name, flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, S_IRUSR | S_IWUSR);
  }));
  struct stat facts = {};
  if (file && (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_nlink > 1)) {
    return FileDescriptor();
  }
  return file;
}

std::string error_text(int error) {
  const char* text = ::strerrordesc_np(error);
  return text != nullptr ? text : fmt::format("error {}", error);
}

}  // namespace cppstencils::support
