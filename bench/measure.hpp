#pragma once

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

namespace bench {

/// Seconds that one call of `action` takes.
template <class Action>
double seconds(Action&& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The same in time of the processor, which other programs do not lengthen. For actions on the calling thread.
template <class Action>
double processor_seconds(Action&& action) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  action();
  return now() - start;
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// What a series of samples says: its median and its extremes.
struct Summary {
  double median = 0;
  double least = 0;
  double most = 0;
};

inline Summary summary(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {median(values), *least, *most};
}

inline double geometric_mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return values.empty() ? 0 : std::exp(sum / static_cast<double>(values.size()));
}

/// Times several actions in turns, A B C A B C ..., so that all of them see the same machine. The first round is not
/// counted. Each sample repeats its action for at least `sample` seconds; `times[i][r]` is the time of one call of
/// action i in round r.
inline std::vector<std::vector<double>> interleave(const std::vector<std::function<void()>>& actions, int rounds,
                                                   double sample = 0) {
  std::vector<std::vector<double>> times(actions.size());
  std::vector<int> repeats;
  for (const std::function<void()>& action : actions) {
    if (sample == 0) {
      repeats.push_back(1);
      continue;
    }
    action();
    // A single call can meet an interruption, and some are shorter than the clock can tell.
    double least = 1;
    for (int i = 0; i < 3; ++i) least = std::min(least, seconds(action));
    repeats.push_back(std::clamp(static_cast<int>(sample / std::max(least, 1e-8)), 1, 1'000'000));
  }
  for (int round = 0; round <= rounds; ++round) {
    for (std::size_t i = 0; i < actions.size(); ++i) {
      const double time = seconds([&] {
        for (int call = 0; call < repeats[i]; ++call) actions[i]();
      });
      if (round > 0) times[i].push_back(time / repeats[i]);
    }
  }
  return times;
}

/// Ratios numerator/denominator round by round.
inline std::vector<double> ratios(const std::vector<double>& numerator, const std::vector<double>& denominator) {
  std::vector<double> result;
  for (std::size_t i = 0; i < numerator.size(); ++i) result.push_back(numerator[i] / denominator[i]);
  return result;
}

}  // namespace bench
