#include "jit/llvm/llvm_use.hpp"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <new>
#include <thread>

#include "cppstencils/support/error.hpp"

namespace cppstencils::jit {
namespace {

using namespace std::chrono_literals;

// pthread_atfork and atexit handlers have no argument, so this is one object per process, and it is never destroyed.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  int users = 0;
  int forks_waiting = 0;
  bool closed = false;

  bool is_open() const { return forks_waiting == 0 && !closed; }
};

thread_local int nesting = 0;

Gate& gate();

void before_fork() {
  Gate& g = gate();
  std::unique_lock lock(g.mutex);
  ++g.forks_waiting;
  const int own = nesting > 0 ? 1 : 0;
  g.changed.wait(lock, [&] { return g.users <= own; });
  lock.release();  // held until the process has forked
}

void after_fork_in_parent() {
  Gate& g = gate();
  --g.forks_waiting;
  g.mutex.unlock();
  g.changed.notify_all();
}

void after_fork_in_child() {
  Gate& g = gate();
  // The threads that waited here do not exist in the child.
  new (&g.changed) std::condition_variable;
  g.forks_waiting = 0;
  g.users = nesting > 0 ? 1 : 0;
  g.mutex.unlock();
}

void at_exit() {
  Gate& g = gate();
  std::unique_lock lock(g.mutex);
  g.closed = true;
  const int own = nesting > 0 ? 1 : 0;
  g.changed.wait_for(lock, 10s, [&] { return g.users <= own; });
}

Gate& gate() {
  static Gate* const the_gate = [] {
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
    std::atexit(at_exit);
    return new Gate;
  }();
  return *the_gate;
}

}  // namespace

LlvmUse::LlvmUse() {
  if (try_enter()) return;
  std::this_thread::sleep_for(2s);
  throw CompileError(
      {.code = ErrorCode::compile_failed, .message = "No kernel can be compiled while the process exits."});
}

LlvmUse::~LlvmUse() { leave(); }

bool LlvmUse::try_enter() noexcept {
  if (nesting == 0) {
    Gate& g = gate();
    std::unique_lock lock(g.mutex);
    g.changed.wait(lock, [&] { return g.is_open() || g.closed; });
    if (g.closed) return false;
    ++g.users;
  }
  ++nesting;
  return true;
}

void LlvmUse::leave() noexcept {
  if (--nesting > 0) return;
  Gate& g = gate();
  {
    const std::lock_guard lock(g.mutex);
    --g.users;
  }
  g.changed.notify_all();
}

void LlvmUse::protect_from_exit() {
  static std::once_flag done;
  std::call_once(done, [] { std::atexit(at_exit); });
}

}  // namespace cppstencils::jit
