// Blocks whose threads wait for each other, on the host: a thread runs up to a barrier, then another one does. Included
// by generated texts.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace barriers {

/// The threads of one block.
class Block {
 public:
  /// `run(what)` is what each thread does.
  Block(std::size_t threads, void (*run)(void*), void* what) : run_(run), what_(what), threads_(threads) {}

  /// `order(n)` gives the numbers 0 to n - 1 in some order, and is asked again behind every barrier. `enter(number)`
  /// makes a thread the current one.
  template <class Order, class Enter>
  void run(Order&& order, Enter&& enter) {
    Block* const before = current();
    current() = this;
    for (Thread& thread : threads_) prepare(thread);
    for (bool is_waiting = true; is_waiting;) {
      std::size_t waiting = 0;
      for (const std::size_t number : order(threads_.size())) {
        enter(number);
        running_ = &threads_[number];
        swapcontext(&scheduler_, &running_->context);
        if (!running_->is_done) ++waiting;
      }
      is_waiting = waiting != 0;
      if (is_waiting && waiting != threads_.size()) {
        std::fprintf(stderr, "Some threads of a block wait at a barrier that others never reach.\n");
        std::abort();
      }
    }
    current() = before;
  }

  static void wait() {
    Block& block = *current();
    swapcontext(&block.running_->context, &block.scheduler_);
  }

 private:
  static constexpr std::size_t stack_bytes = 64 * 1024;

  struct Thread {
    ucontext_t context = {};
    std::unique_ptr<char[]> stack;
    bool is_done = false;
  };

  static Block*& current() {
    static thread_local Block* block = nullptr;
    return block;
  }
  static void start() {
    Block& block = *current();
    block.run_(block.what_);
    block.running_->is_done = true;
    swapcontext(&block.running_->context, &block.scheduler_);
  }
  static void prepare(Thread& thread) {
    thread.stack.reset(new char[stack_bytes]);
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.get();
    thread.context.uc_stack.ss_size = stack_bytes;
    thread.context.uc_link = nullptr;
    makecontext(&thread.context, &Block::start, 0);
  }

  void (*run_)(void*);
  void* what_;
  std::vector<Thread> threads_;
  ucontext_t scheduler_ = {};
  Thread* running_ = nullptr;
};

}  // namespace barriers

// Blocks run one after the other.
#define __shared__ static thread_local
static inline void __syncthreads() { barriers::Block::wait(); }
