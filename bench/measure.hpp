#pragma once

#include <algorithm>
#include <chrono>
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

/// Times several actions in turns, A B C A B C ..., so that all of them see the same machine. The first round is not
/// counted. `times[i][r]` is the time of action i in round r.
inline std::vector<std::vector<double>> interleave(const std::vector<std::function<void()>>& actions, int rounds) {
  std::vector<std::vector<double>> times(actions.size());
  for (int round = 0; round <= rounds; ++round) {
    for (std::size_t i = 0; i < actions.size(); ++i) {
      const double time = seconds(actions[i]);
      if (round > 0) times[i].push_back(time);
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
