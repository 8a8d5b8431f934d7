#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "cppstencils/support/error.hpp"

namespace cppstencils::support {

/// A map from keys to shared values that makes each value once, however many threads ask for it at the same time.
///
/// Values are held weakly: the map keeps nothing alive, and makes a value again after its last owner has gone. Makers
/// run without any lock, so different keys are made in parallel, and a maker may ask for other keys; threads must not
/// wait for each other's keys in a circle. After fork() the child starts with an empty map.
template <class Key, class Value, class Less = std::less<>>
class OnceMap {
 public:
  OnceMap() : state_(new State) {}
  OnceMap(const OnceMap&) = delete;
  OnceMap& operator=(const OnceMap&) = delete;
  ~OnceMap() { delete state_.load(); }

  /// The living value of the key, or the one that `maker()` returns as a std::shared_ptr<Value>. While one thread makes
  /// the value the others wait for it. What a maker throws reaches everyone who waited for it, as a copy of their own
  /// if it is an Error; the next call tries again.
  template <class Maker>
  std::shared_ptr<Value> get_or_make(const Key& key, Maker&& maker);

  /// Number of keys that are remembered, those of dead values included.
  std::size_t size();

 private:
  using Result = std::shared_ptr<Value>;

  struct Slot {
    std::weak_ptr<Value> value;
    /// Valid while a maker runs.
    std::shared_future<Result> running;
    std::thread::id maker;
  };

  struct State {
    pid_t process = ::getpid();
    std::mutex mutex;
    std::map<Key, Slot, Less> slots;
    /// Removes slots without a value when there are this many: dead keys must not pile up.
    std::size_t next_purge = 64;
    /// That of the parent process.
    State* abandoned = nullptr;
  };

  State& state();
  static void purge(State& state);

  std::atomic<State*> state_;
};

namespace detail {

/// A copy of the exception if its class is one of these, else the same object. What several threads catch is one
/// object; notes are added to an Error on its way up, so each thread needs its own.
template <class... Errors>
std::exception_ptr copy_error_as(const std::exception_ptr& error) {
  std::exception_ptr copy;
  const auto try_one = [&]<class E>(std::type_identity<E>) {
    if (copy) {
      return;
    }
    try {
      std::rethrow_exception(error);
    } catch (const E& original) {
      if (typeid(original) == typeid(E)) {
        copy = std::make_exception_ptr(original);
      }
    } catch (...) {
    }
  };
  (try_one(std::type_identity<Errors>()), ...);
  return copy ? copy : error;
}

inline std::exception_ptr copy_error(const std::exception_ptr& error) {
  return copy_error_as<CompileError, UnsupportedError, InternalError, LaunchError, TypeMismatch, UnknownName,
                       FieldError, ExpressionError, ConstraintError, ConfigError, ArgumentError, UserError, Error>(
      error);
}

}  // namespace detail

template <class Key, class Value, class Less>
template <class Maker>
std::shared_ptr<Value> OnceMap<Key, Value, Less>::get_or_make(const Key& key, Maker&& maker) {
  State& mine = state();
  std::promise<Result> promise;
  std::shared_future<Result> running;
  {
    const std::lock_guard guard(mine.mutex);
    purge(mine);
    Slot& slot = mine.slots[key];
    if (Result value = slot.value.lock()) {
      return value;
    }
    if (slot.running.valid()) {
      CPPSTENCILS_CHECK(slot.maker != std::this_thread::get_id(), "A maker must not ask for its own key.");
      running = slot.running;
    } else {
      slot.running = promise.get_future().share();
      slot.maker = std::this_thread::get_id();
    }
  }
  if (running.valid()) {
    try {
      return running.get();
    } catch (...) {
      std::rethrow_exception(detail::copy_error(std::current_exception()));
    }
  }
  Result value;
  std::exception_ptr failure;
  try {
    value = std::forward<Maker>(maker)();
  } catch (...) {
    failure = std::current_exception();
  }
  {
    const std::lock_guard guard(mine.mutex);
    const auto slot = mine.slots.find(key);
    slot->second.value = value;
    slot->second.running = {};
    if (failure) {
      mine.slots.erase(slot);
    }
  }
  if (failure) {
    promise.set_exception(detail::copy_error(failure));
    std::rethrow_exception(failure);
  }
  promise.set_value(value);
  return value;
}

template <class Key, class Value, class Less>
std::size_t OnceMap<Key, Value, Less>::size() {
  State& mine = state();
  const std::lock_guard guard(mine.mutex);
  return mine.slots.size();
}

template <class Key, class Value, class Less>
typename OnceMap<Key, Value, Less>::State& OnceMap<Key, Value, Less>::state() {
  State* current = state_.load();
  if (current->process == ::getpid()) {
    return *current;
  }
  // In a child of fork() the mutex may be locked, and makers may be running, in threads that do not exist here. The old
  // state is left untouched, and not freed either.
  auto fresh = std::make_unique<State>();
  fresh->abandoned = current;
  if (state_.compare_exchange_strong(current, fresh.get())) {
    return *fresh.release();
  }
  return *current;
}

template <class Key, class Value, class Less>
void OnceMap<Key, Value, Less>::purge(State& state) {
  if (state.slots.size() < state.next_purge) {
    return;
  }
  std::erase_if(state.slots,
                [](const auto& slot) { return slot.second.value.expired() && !slot.second.running.valid(); });
  state.next_purge = std::max<std::size_t>(64, 2 * state.slots.size());
}

}  // namespace cppstencils::support
