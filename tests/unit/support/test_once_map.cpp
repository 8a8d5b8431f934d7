#include "support/once_map.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cppstencils::support {
namespace {

using Map = OnceMap<std::string, int>;

TEST(OnceMap, MakesAValueOnceAndReturnsTheSame) {
  Map map;
  int made = 0;
  const auto maker = [&] { return ++made, std::make_shared<int>(7); };
  const auto first = map.get_or_make("a", maker);
  const auto second = map.get_or_make("a", maker);
  EXPECT_EQ(first, second);
  EXPECT_EQ(*first, 7);
  EXPECT_EQ(made, 1);
}

TEST(OnceMap, KeysAreApart) {
  Map map;
  const auto a = map.get_or_make("a", [] { return std::make_shared<int>(1); });
  const auto b = map.get_or_make("b", [] { return std::make_shared<int>(2); });
  EXPECT_EQ(*a, 1);
  EXPECT_EQ(*b, 2);
}

TEST(OnceMap, KeepsNothingAlive) {
  Map map;
  int made = 0;
  const auto maker = [&] { return ++made, std::make_shared<int>(made); };
  std::weak_ptr<int> watched = map.get_or_make("a", maker);
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(*map.get_or_make("a", maker), 2);
}

TEST(OnceMap, AMakerMayAskForAnotherKey) {
  Map map;
  const auto outer = map.get_or_make("outer", [&] {
    const auto inner = map.get_or_make("inner", [] { return std::make_shared<int>(20); });
    return std::make_shared<int>(*inner + 1);
  });
  EXPECT_EQ(*outer, 21);
}

TEST(OnceMap, AMakerThatAsksForItsOwnKeyIsAnError) {
  Map map;
  EXPECT_THROW(map.get_or_make("a", [&] { return map.get_or_make("a", [] { return std::make_shared<int>(1); }); }),
               InternalError);
  EXPECT_EQ(*map.get_or_make("a", [] { return std::make_shared<int>(2); }), 2);
}

TEST(OnceMap, AFailedMakerIsRetried) {
  Map map;
  EXPECT_THROW(map.get_or_make("a", []() -> std::shared_ptr<int> { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_EQ(*map.get_or_make("a", [] { return std::make_shared<int>(3); }), 3);
}

TEST(OnceMap, ManyThreadsMakeOneValue) {
  constexpr int threads = 16;
  for (int round = 0; round < 50; ++round) {
    Map map;
    std::atomic<int> made = 0;
    std::latch start(threads);
    std::vector<std::shared_ptr<int>> values(threads);
    std::vector<std::jthread> workers;
    for (int i = 0; i < threads; ++i) {
      workers.emplace_back([&, i] {
        start.arrive_and_wait();
        values[i] = map.get_or_make("a", [&] {
          ++made;
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
          return std::make_shared<int>(5);
        });
      });
    }
    workers.clear();
    EXPECT_EQ(made, 1);
    for (const auto& value : values) {
      EXPECT_EQ(value, values[0]);
    }
  }
}

TEST(OnceMap, DifferentKeysAreMadeInParallel) {
  Map map;
  std::latch both_run(2);
  // Each maker waits for the other: this ends only if no lock is held while they run.
  const auto maker = [&] {
    both_run.arrive_and_wait();
    return std::make_shared<int>(1);
  };
  std::jthread other([&] { map.get_or_make("a", maker); });
  map.get_or_make("b", maker);
}

TEST(OnceMap, EveryWaiterGetsItsOwnCopyOfAnError) {
  constexpr int threads = 8;
  Map map;
  std::atomic<int> made = 0;
  std::atomic<int> asked = 0;
  std::vector<std::string> texts(threads);
  std::vector<std::jthread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&, i] {
      ++asked;
      try {
        map.get_or_make("a", [&]() -> std::shared_ptr<int> {
          ++made;
          while (asked < threads) {
            std::this_thread::yield();
          }
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
          throw CompileError({.code = ErrorCode::compile_failed, .message = "No luck."});
        });
      } catch (CompileError& error) {
        error.add_note("Note of thread " + std::to_string(i) + ".");
        texts[i] = error.what();
        EXPECT_EQ(error.notes().size(), 1U);
      }
    });
  }
  workers.clear();
  EXPECT_EQ(made, 1);
  for (int i = 0; i < threads; ++i) {
    EXPECT_NE(texts[i].find("No luck."), std::string::npos);
    EXPECT_NE(texts[i].find("Note of thread " + std::to_string(i) + "."), std::string::npos);
  }
}

TEST(OnceMap, DeadKeysDoNotPileUp) {
  OnceMap<int, int> map;
  const auto kept = map.get_or_make(-1, [] { return std::make_shared<int>(9); });
  for (int i = 0; i < 10000; ++i) {
    map.get_or_make(i, [] { return std::make_shared<int>(0); });
  }
  EXPECT_LE(map.size(), 64U);
  int made = 0;
  EXPECT_EQ(map.get_or_make(-1, [&] { return ++made, std::make_shared<int>(8); }), kept);
  EXPECT_EQ(made, 0);
}

TEST(OnceMap, AForkedChildDoesNotWaitForMakersOfItsParent) {
  Map map;
  std::latch is_running(1);
  std::latch may_end(1);
  std::jthread maker([&] {
    map.get_or_make("a", [&] {
      is_running.count_down();
      may_end.wait();
      return std::make_shared<int>(1);
    });
  });
  is_running.wait();
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(10);
    const auto value = map.get_or_make("a", [] { return std::make_shared<int>(2); });
    ::_exit(*value == 2 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  may_end.count_down();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace cppstencils::support
