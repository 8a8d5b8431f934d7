#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "cppstencils/runtime/executor.hpp"

namespace cppstencils::runtime {

/// Threads that wait for parts of calls. Part 0 runs on the calling thread, the others on one worker each, and the same
/// worker every time. What a worker has not begun when the caller is done, the caller takes back: no call waits for a
/// thread that sleeps, is descheduled or could not be started. One call at a time uses the workers; another one that
/// comes meanwhile runs its parts on its own thread.
///
/// Workers are started when a call first has work for them, block all signals, and end with the process. Nothing waits
/// for them, neither at exit nor in a child of fork(), which starts with a pool of its own.
class ThreadPool final : public Executor {
 public:
  /// The pool of this process. Never destroyed: static objects may run kernels while the process ends.
  static ThreadPool& shared();

  void run(std::size_t count, const std::function<void(std::size_t)>& part) override;
  /// Number of workers so far, for a caller that knows that no call runs.
  std::size_t workers() const { return workers_.size(); }

 private:
  struct Worker;

  explicit ThreadPool(const ThreadPool* of_parent_process);
  ~ThreadPool() override;
  void start_workers(std::size_t count);

  pid_t process_;
  /// Kept only so that no leak is reported.
  const ThreadPool* of_parent_process_;
  std::atomic<bool> busy_ = false;
  /// Belongs to the call that has set `busy_`.
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace cppstencils::runtime
