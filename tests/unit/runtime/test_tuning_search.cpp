// How the search for a better choice decides, by a clock that the tests set.

#include "runtime/tuning_search.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include <fmt/format.h>

#include "support/random.hpp"

namespace cppstencils::testing {
namespace {

using runtime::TuningClock;
using runtime::TuningResult;
using runtime::TuningSpace;

/// Time passes only while something is measured.
class TestClock final : public TuningClock {
 public:
  explicit TestClock(std::function<double(const TuningChoice&)> cost, double seconds = 1e9)
      : cost_(std::move(cost)), seconds_(seconds) {}

  bool differ(const TuningChoice& one, const TuningChoice& other) override { return is_different(one, other); }
  double sample(const TuningChoice& choice) override {
    ++samples;
    const double time = cost_(choice);
    now += time;
    return time;
  }
  double seconds_left() const override { return seconds_ - now; }

  std::function<bool(const TuningChoice&, const TuningChoice&)> is_different =
      [](const TuningChoice& one, const TuningChoice& other) { return one != other; };
  double now = 0;
  int samples = 0;

 private:
  std::function<double(const TuningChoice&)> cost_;
  double seconds_;
};

TEST(TuningSearch, TakesTheFastestValueOfEachMember) {
  TestClock clock([](const TuningChoice& choice) {
    double time = 1;
    if (choice.streaming_stores == StreamingStores::where_possible) time *= 0.7;
    if (choice.block_rows == 8) time *= 0.9;
    if (choice.block_rows == 32) time *= 0.8;
    if (choice.unroll) time *= 1.1;
    return time;
  });
  const TuningResult result = runtime::search(
      {.streaming_stores = {StreamingStores::where_possible}, .block_rows = {8, 32}, .unroll = {2, 4}}, clock, 0.03);
  EXPECT_EQ(result.chosen, (TuningChoice{.streaming_stores = StreamingStores::where_possible, .block_rows = 32}));
  EXPECT_NEAR(result.gain, 1 / (0.7 * 0.8), 1e-12);
  EXPECT_TRUE(result.notes.empty());
  // Own, streaming, two blocks, two unrolls, and the comparison at the end.
  ASSERT_EQ(result.candidates.size(), 7U);
  EXPECT_EQ(result.candidates.front().choice, TuningChoice());
  EXPECT_EQ(result.candidates.front().relative_time, 1);
  EXPECT_NEAR(result.candidates[1].relative_time, 0.7, 1e-12);
  EXPECT_NEAR(result.candidates[2].median_seconds, 0.7 * 0.9, 1e-12);
  EXPECT_EQ(result.candidates.back().choice, result.chosen);
}

TEST(TuningSearch, ASmallGainIsNoGain) {
  TestClock clock([](const TuningChoice& choice) { return choice.unroll ? 0.98 : 1.0; });
  const TuningResult result = runtime::search({.unroll = {2}}, clock, 0.03);
  EXPECT_EQ(result.chosen, TuningChoice());
  EXPECT_EQ(result.gain, 1);
  TestClock again([](const TuningChoice& choice) { return choice.unroll ? 0.98 : 1.0; });
  EXPECT_EQ(runtime::search({.unroll = {2}}, again, 0.01).chosen, TuningChoice{.unroll = 2});
}

TEST(TuningSearch, NoiseDoesNotWin) {
  int changed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    TestClock clock([&](const TuningChoice&) { return 1 + 0.2 * random.fraction(); });
    changed += runtime::search({.block_rows = {8, 32}, .unroll = {2, 4}}, clock, 0.03).gain != 1 ? 1 : 0;
  }
  EXPECT_LE(changed, 4) << "of 200";
}

TEST(TuningSearch, AGainIsFoundOnAMachineThatOthersSlowDown) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Random random(seed);
    double slow = 1;
    int left = 0;
    TestClock clock([&](const TuningChoice& choice) {
      if (left-- <= 0) {
        left = static_cast<int>(random.between(1, 20));
        slow = random.chance(50) ? 1 : 3;
      }
      return slow * (choice.unroll == 4 ? 0.8 : 1.0) * (1 + 0.05 * random.fraction());
    });
    const TuningResult result = runtime::search({.unroll = {2, 4}}, clock, 0.03);
    found += result.chosen.unroll == 4 ? 1 : 0;
    EXPECT_NE(result.chosen.unroll, 2) << "seed " << seed;
  }
  EXPECT_GE(found, 75) << "of 100";
}

TEST(TuningSearch, WhoIsMuchSlowerIsOutAfterTwoRounds) {
  TestClock clock([](const TuningChoice& choice) { return choice.unroll == 2 ? 2.0 : 1.0; });
  const TuningResult result = runtime::search({.unroll = {2, 4}}, clock, 0.03);
  ASSERT_EQ(result.candidates.size(), 3U);
  EXPECT_EQ(result.candidates[1].rounds, 2);
  EXPECT_GT(result.candidates[2].rounds, 2);
}

TEST(TuningSearch, TheSameCodeIsNotMeasured) {
  TestClock clock([](const TuningChoice&) { return 1.0; });
  clock.is_different = [](const TuningChoice&, const TuningChoice&) { return false; };
  const TuningResult result = runtime::search({.block_rows = {8, 32}, .unroll = {2, 4}}, clock, 0.03);
  EXPECT_EQ(clock.samples, 0);
  EXPECT_TRUE(result.candidates.empty());
  EXPECT_EQ(result.gain, 1);
}

TEST(TuningSearch, TheTimeIsKept) {
  const TuningSpace space{.streaming_stores = {StreamingStores::never}, .block_rows = {8}, .unroll = {2, 4}};
  for (const double seconds : {0.0, 1.0, 5.0, 10.0, 20.0, 50.0, 1000.0}) {
    SCOPED_TRACE(seconds);
    TestClock clock([](const TuningChoice& choice) { return choice.unroll == 4 ? 0.9 : 1.0; }, seconds);
    const TuningResult result = runtime::search(space, clock, 0.03);
    // The first round of a comparison shows how long the others will take.
    EXPECT_LE(clock.now, seconds + 3);
    for (const TuningCandidate& candidate : result.candidates) EXPECT_GE(candidate.rounds, 2);
    if (seconds < 1) {
      EXPECT_EQ(result.chosen, TuningChoice());
      ASSERT_FALSE(result.notes.empty());
      EXPECT_EQ(result.notes.front(), "There was no time to compare streaming_stores.");
    }
    if (seconds > 100) {
      EXPECT_EQ(result.chosen.unroll, 4);
      EXPECT_TRUE(result.notes.empty());
    }
  }
}

TEST(TuningSearch, TheResultMustHoldOnceMore) {
  int samples = 0;
  TestClock clock([&](const TuningChoice& choice) {
    ++samples;
    return choice.unroll == 2 && samples <= 20 ? 0.5 : 1.0;
  });
  const TuningResult result = runtime::search({.unroll = {2}, .threads = {1}}, clock, 0.03);
  EXPECT_EQ(result.chosen, TuningChoice());
  EXPECT_EQ(result.gain, 1);
  ASSERT_EQ(result.notes.size(), 1U);
  EXPECT_EQ(result.notes.front(), "'unroll = 2' was not faster in the last comparison.");
}

}  // namespace
}  // namespace cppstencils::testing
