#include "runtime/thread_pool.hpp"

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <system_error>
#include <thread>

namespace cppstencils::runtime {

namespace {

/// How long a thread looks for a change before it sleeps. Longer than it takes to sleep and be woken, so that the calls
/// of a time loop find everybody awake.
constexpr std::chrono::microseconds spin_time{50};

/// More would only be a mistake.
constexpr std::size_t most_workers = 1023;

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");
#endif
}

/// Returns when `state` is no longer `old`.
void wait_for_change(const std::atomic<std::uint32_t>& state, std::uint32_t old) {
  for (int i = 0; i < 64; ++i) {
    if (state.load(std::memory_order_acquire) != old) return;
    relax();
  }
  // The thread that is waited for may want this very processor.
  const auto begin = std::chrono::steady_clock::now();
  do {
    if (state.load(std::memory_order_acquire) != old) return;
    std::this_thread::yield();
  } while (std::chrono::steady_clock::now() - begin < spin_time);
  state.wait(old);
}

/// Workers run code of this library until the process ends, so it must not be unloaded.
void keep_library_loaded() {
  Dl_info here;
  if (::dladdr(reinterpret_cast<const void*>(&keep_library_loaded), &here) != 0 && here.dli_fname != nullptr) {
    ::dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  }
}

/// Keeps the handlers of the process away from threads that are started while it lives.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

/// A worker and its mailbox. The caller writes `part` and `number` while the worker has nothing, then posts them; who
/// moves the state on from `posted` runs the part. A worker that comes too late for one part stays awake for the next,
/// which is why it waits for `posts` and not for the state.
struct alignas(64) ThreadPool::Worker {
  enum State : std::uint32_t { nothing, posted, running };
  std::atomic<std::uint32_t> state = nothing;
  std::atomic<std::uint32_t> posts = 0;
  const std::function<void(std::size_t)>* part = nullptr;
  std::size_t number = 0;

  bool move_on(std::uint32_t to) {
    std::uint32_t expected = posted;
    return state.compare_exchange_strong(expected, to);
  }
  // Changes are sequentially consistent: between one and the look at who sleeps nothing may be reordered.
  void post() {
    state.store(posted);
    posts.fetch_add(1);
    posts.notify_one();
  }
  [[noreturn]] void work() {
    for (std::uint32_t seen = 0;;) {
      wait_for_change(posts, seen);
      seen = posts.load();
      if (!move_on(running)) continue;
      (*part)(number);
      state.store(nothing);
      state.notify_one();
    }
  }
};

ThreadPool::ThreadPool(const ThreadPool* of_parent_process)
    : process_(::getpid()), of_parent_process_(of_parent_process) {}
ThreadPool::~ThreadPool() = default;

ThreadPool& ThreadPool::shared() {
  static std::atomic<ThreadPool*> current = nullptr;
  ThreadPool* pool = current.load(std::memory_order_acquire);
  if (pool != nullptr && pool->process_ == ::getpid()) return *pool;
  // The first call of this process. The pool of a parent process is left alone: its workers are not here.
  auto* const fresh = new ThreadPool(pool);
  if (current.compare_exchange_strong(pool, fresh)) return *fresh;
  delete fresh;
  return *pool;
}

void ThreadPool::start_workers(std::size_t count) {
  if (workers_.size() >= count) return;
  if (workers_.empty()) keep_library_loaded();
  const BlockedSignals blocked;
  while (workers_.size() < count) {
    workers_.push_back(std::make_unique<Worker>());
    try {
      std::thread thread([self = workers_.back().get()] { self->work(); });
      ::pthread_setname_np(thread.native_handle(), "cppstencils");
      thread.detach();
    } catch (const std::system_error&) {
      workers_.pop_back();
      return;  // no more threads: the caller runs what is left
    }
  }
}

void ThreadPool::run(std::size_t count, const std::function<void(std::size_t)>& part) {
  if (count <= 1 || busy_.exchange(true, std::memory_order_acquire)) {
    for (std::size_t number = 0; number < count; ++number) part(number);
    return;
  }
  start_workers(std::min(count - 1, most_workers));
  const std::size_t helpers = std::min(count - 1, workers_.size());
  for (std::size_t i = 0; i < helpers; ++i) {
    Worker& worker = *workers_[i];
    worker.part = &part;
    worker.number = i + 1;
    worker.post();
  }
  part(0);
  for (std::size_t number = helpers + 1; number < count; ++number) part(number);
  for (std::size_t i = 0; i < helpers; ++i) {
    if (workers_[i]->move_on(Worker::nothing)) part(i + 1);
  }
  for (std::size_t i = 0; i < helpers; ++i) wait_for_change(workers_[i]->state, Worker::running);
  busy_.store(false, std::memory_order_release);
}

}  // namespace cppstencils::runtime
