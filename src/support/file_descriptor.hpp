#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace cppstencils::support {

/// Owns an open file descriptor, or none (-1).
class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor = -1) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      close();
      descriptor_ = other.release();
    }
    return *this;
  }
  ~FileDescriptor() { close(); }

  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }
  /// Gives the descriptor away without closing it.
  int release() { return std::exchange(descriptor_, -1); }

  /// Closes and returns 0 or the error. The caller's errno is kept.
  int close() {
    if (descriptor_ < 0) {
      return 0;
    }
    const int before = errno;
    // Never repeated after EINTR: Linux has released the number by then, and another thread may own it.
    const int failed = ::close(release()) == 0 || errno == EINTR ? 0 : errno;
    errno = before;
    return failed;
  }

 private:
  int descriptor_ = -1;
};

/// Repeats a system call that a signal interrupted.
template <class Call>
auto retry_interrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) {
    result = call();
  }
  return result;
}

}  // namespace cppstencils::support
