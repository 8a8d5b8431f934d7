#include "faults/fail_once.hpp"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <string_view>
#include <utility>

namespace cppstencils::testing {
namespace {

struct Control {
  bool is_armed = false;
  bool locks_do_nothing = false;
  FailurePlan plan;
  int count = 0;
  const char* failed_name = nullptr;
};
thread_local Control control;

enum class Fate { normal, fail, fail_afterwards, one_byte };

Fate next_fate(const char* name) {
  if (!control.is_armed) {
    return Fate::normal;
  }
  const int number = control.count++;
  if (number == control.plan.call) {
    control.failed_name = name;
    switch (control.plan.failure) {
      case Failure::instead:
      case Failure::from_then_on:
        return Fate::fail;
      case Failure::afterwards:
        return Fate::fail_afterwards;
      case Failure::one_byte:
        return Fate::one_byte;
    }
  }
  const bool is_broken = control.plan.failure == Failure::from_then_on && control.failed_name != nullptr &&
                         std::string_view(control.failed_name) == name;
  return is_broken ? Fate::fail : Fate::normal;
}

/// The function of that name behind ours. Found on the first call, as calls start before main().
template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

template <class Result, class Call>
Result decide(const char* name, Result failed, Call call) {
  const Fate fate = next_fate(name);
  if (fate == Fate::fail) {
    errno = control.plan.error;
    return failed;
  }
  const Result result = call();
  if (fate == Fate::fail_afterwards && result != failed) {
    errno = control.plan.error;
    return failed;
  }
  return result;
}

/// For calls that return something to be closed: an error with an open descriptor does not exist.
template <class Result, class Call, class Undo>
Result decide(const char* name, Result failed, Call call, Undo undo) {
  const Fate fate = next_fate(name);
  if (fate == Fate::fail) {
    errno = control.plan.error;
    return failed;
  }
  const Result result = call();
  if (fate == Fate::fail_afterwards && result != failed) {
    undo(result);
    errno = control.plan.error;
    return failed;
  }
  return result;
}

std::size_t shortened(const char* name, std::size_t size, Fate& fate) {
  fate = next_fate(name);
  return fate == Fate::one_byte && size > 1 ? 1 : size;
}

}  // namespace

FailingCalls::FailingCalls(FailurePlan plan) {
  control.plan = plan;
  control.count = 0;
  control.failed_name = nullptr;
  control.is_armed = true;
}

FailingCalls::~FailingCalls() { control.is_armed = false; }

int FailingCalls::count() const { return control.count; }

std::string FailingCalls::failed_name() const { return control.failed_name != nullptr ? control.failed_name : ""; }

CallsAsUsual::CallsAsUsual() : was_armed_(std::exchange(control.is_armed, false)) {}
CallsAsUsual::~CallsAsUsual() { control.is_armed = was_armed_; }

LocksThatDoNothing::LocksThatDoNothing() { control.locks_do_nothing = true; }
LocksThatDoNothing::~LocksThatDoNothing() { control.locks_do_nothing = false; }

}  // namespace cppstencils::testing

using namespace cppstencils::testing;  // NOLINT: the definitions below must have libc's names

namespace {

void really_close(int descriptor) { real<int (*)(int)>("close")(descriptor); }

mode_t mode_argument(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_argument(flags, arguments);
  va_end(arguments);
  return decide(
      "open", -1, [&] { return real<int (*)(const char*, int, ...)>("open")(path, flags, mode); }, really_close);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_argument(flags, arguments);
  va_end(arguments);
  return decide(
      "openat", -1, [&] { return real<int (*)(int, const char*, int, ...)>("openat")(folder, path, flags, mode); },
      really_close);
}

int close(int descriptor) {
  // A close that fails has closed all the same.
  const Fate fate = next_fate("close");
  const int result = real<int (*)(int)>("close")(descriptor);
  if (fate == Fate::fail || fate == Fate::fail_afterwards) {
    errno = control.plan.error;
    return -1;
  }
  return result;
}

ssize_t read(int descriptor, void* bytes, size_t size) {
  Fate fate = Fate::normal;
  const std::size_t count = shortened("read", size, fate);
  const ssize_t result =
      fate == Fate::fail ? -1 : real<ssize_t (*)(int, void*, size_t)>("read")(descriptor, bytes, count);
  if (fate == Fate::fail || fate == Fate::fail_afterwards) {
    errno = control.plan.error;
    return -1;
  }
  return result;
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  Fate fate = Fate::normal;
  const std::size_t count = shortened("write", size, fate);
  const ssize_t result =
      fate == Fate::fail ? -1 : real<ssize_t (*)(int, const void*, size_t)>("write")(descriptor, bytes, count);
  if (fate == Fate::fail || fate == Fate::fail_afterwards) {
    errno = control.plan.error;
    return -1;
  }
  return result;
}

int fstat(int descriptor, struct stat* facts) noexcept {
  return decide("fstat", -1, [&] { return real<int (*)(int, struct stat*)>("fstat")(descriptor, facts); });
}

int fstatat(int folder, const char* path, struct stat* facts, int flags) noexcept {
  return decide("fstatat", -1, [&] {
    return real<int (*)(int, const char*, struct stat*, int)>("fstatat")(folder, path, facts, flags);
  });
}

int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  return decide("mkdirat", -1, [&] { return real<int (*)(int, const char*, mode_t)>("mkdirat")(folder, path, mode); });
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  return decide("renameat", -1, [&] {
    return real<int (*)(int, const char*, int, const char*)>("renameat")(from_folder, from, to_folder, to);
  });
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  return decide("unlinkat", -1, [&] { return real<int (*)(int, const char*, int)>("unlinkat")(folder, path, flags); });
}

ssize_t readlinkat(int folder, const char* path, char* target, size_t size) noexcept {
  return decide("readlinkat", ssize_t{-1}, [&] {
    return real<ssize_t (*)(int, const char*, char*, size_t)>("readlinkat")(folder, path, target, size);
  });
}

int futimens(int descriptor, const timespec times[2]) noexcept {
  return decide("futimens", -1, [&] { return real<int (*)(int, const timespec*)>("futimens")(descriptor, times); });
}

int dup3(int from, int to, int flags) noexcept {
  return decide("dup3", -1, [&] { return real<int (*)(int, int, int)>("dup3")(from, to, flags); });
}

ssize_t getrandom(void* bytes, size_t size, unsigned flags) {
  return decide("getrandom", ssize_t{-1},
                [&] { return real<ssize_t (*)(void*, size_t, unsigned)>("getrandom")(bytes, size, flags); });
}

int fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  if (control.locks_do_nothing && command == F_OFD_SETLK) {
    return 0;
  }
  return decide("fcntl", -1, [&] { return real<int (*)(int, int, ...)>("fcntl")(descriptor, command, argument); });
}

DIR* fdopendir(int descriptor) {
  // Done and failed at once would leave it open to whom the descriptor belongs, so both are the same here.
  const Fate fate = next_fate("fdopendir");
  if (fate == Fate::fail || fate == Fate::fail_afterwards) {
    errno = control.plan.error;
    return nullptr;
  }
  return real<DIR* (*)(int)>("fdopendir")(descriptor);
}

dirent* readdir(DIR* stream) {
  return decide("readdir", static_cast<dirent*>(nullptr), [&] { return real<dirent* (*)(DIR*)>("readdir")(stream); });
}

}  // extern "C"
