#pragma once

#include <string>

/// Makes system calls of this thread fail on purpose. fail_once.cpp defines open(), read() and so on for the whole
/// program, so whatever calls them through libc's names gets these.
namespace cppstencils::testing {

enum class Failure {
  /// The call does nothing and returns the error.
  instead,
  /// The call is done, but returns the error: a network file system that loses the answer.
  afterwards,
  /// As `instead`, and so do all calls of the same name from then on: a full disk, a dead server.
  from_then_on,
  /// read() and write() move one byte only; nothing fails.
  one_byte,
};

struct FailurePlan {
  /// Which call fails, from 0.
  int call = 0;
  int error = 0;
  Failure failure = Failure::instead;
};

/// While alive, counts the calls of this thread and lets those of the plan fail.
class FailingCalls {
 public:
  explicit FailingCalls(FailurePlan plan);
  FailingCalls(const FailingCalls&) = delete;
  FailingCalls& operator=(const FailingCalls&) = delete;
  ~FailingCalls();

  /// Number of calls so far.
  int count() const;
  /// Name of the call that failed; empty if there were not that many.
  std::string failed_name() const;
};

/// While alive, calls are neither counted nor fail.
class CallsAsUsual {
 public:
  CallsAsUsual();
  CallsAsUsual(const CallsAsUsual&) = delete;
  CallsAsUsual& operator=(const CallsAsUsual&) = delete;
  ~CallsAsUsual();

 private:
  bool was_armed_;
};

/// Makes every lock request succeed without locking anything, as on some network file systems.
class LocksThatDoNothing {
 public:
  LocksThatDoNothing();
  LocksThatDoNothing(const LocksThatDoNothing&) = delete;
  LocksThatDoNothing& operator=(const LocksThatDoNothing&) = delete;
  ~LocksThatDoNothing();
};

}  // namespace cppstencils::testing
