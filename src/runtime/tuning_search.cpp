#include "runtime/tuning_search.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace cppstencils::runtime {

namespace {

constexpr int least_rounds = 3;
constexpr int most_rounds = 9;
/// Who is that much slower in the first two rounds has lost.
constexpr double hopeless = 1.25;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// One of those that run in turns.
struct Runner {
  TuningChoice choice;
  std::vector<double> times;

  /// In the rounds that it has run.
  std::vector<double> quotients(const Runner& best) const {
    std::vector<double> result;
    for (std::size_t round = 0; round < times.size(); ++round) result.push_back(times[round] / best.times[round]);
    return result;
  }
};

class Search {
 public:
  Search(TuningClock& clock, double least_gain) : clock_(clock), least_gain_(least_gain) {}

  /// One comparison: of the best choice so far with some others. Returns the winner's quotient, 1 if nothing changes.
  double compare(std::string_view name, const std::vector<TuningChoice>& choices, int comparisons_left) {
    std::vector<Runner> runners{{best_, {}}};
    for (const TuningChoice& choice : choices) {
      const auto is_known = [&](const Runner& known) { return !clock_.differ(choice, known.choice); };
      if (std::ranges::none_of(runners, is_known)) runners.push_back({choice, {}});
    }
    if (runners.size() == 1) return 1;
    const double seconds = clock_.seconds_left();
    if (!run(runners, seconds - seconds / (comparisons_left + 1))) {
      result_.notes.push_back(fmt::format("There was no time to compare {}.", name));
      return 1;
    }
    return take_winner(runners);
  }

  TuningResult finish() {
    const TuningChoice own;
    if (best_ == own) return std::move(result_);
    const TuningChoice found = std::exchange(best_, own);
    const double quotient = compare("the result with the library's own choice", {found}, 0);
    if (best_ == own) {
      result_.notes.push_back(fmt::format("'{}' was not faster in the last comparison.", to_string(found)));
    } else {
      result_.chosen = best_;
      result_.gain = 1 / quotient;
    }
    return std::move(result_);
  }

  const TuningChoice& best() const { return best_; }

 private:
  /// False if there was no time for enough rounds. Those who are out run no more.
  bool run(std::vector<Runner>& runners, double until_left) {
    std::vector<bool> is_out(runners.size(), false);
    double round_seconds = 0;
    for (int round = 0; round < most_rounds; ++round) {
      const double before = clock_.seconds_left();
      const double needed = round < least_rounds ? (least_rounds - round) * round_seconds : round_seconds;
      if (before - needed < (round < least_rounds ? 0 : until_left)) return round >= least_rounds;
      for (std::size_t i = 0; i < runners.size(); ++i) {
        const std::size_t turn = (i + static_cast<std::size_t>(round)) % runners.size();
        if (!is_out[turn]) runners[turn].times.push_back(clock_.sample(runners[turn].choice));
      }
      round_seconds = before - clock_.seconds_left();
      if (round != 1) continue;
      for (std::size_t i = 1; i < runners.size(); ++i) {
        is_out[i] = std::ranges::min(runners[i].quotients(runners[0])) > hopeless;
      }
      if (std::ranges::count(is_out, false) == 1) return true;
    }
    return true;
  }

  double take_winner(const std::vector<Runner>& runners) {
    const bool is_first = result_.candidates.empty();
    if (is_first) {
      result_.candidates.push_back({runners[0].choice, median(runners[0].times), 1, rounds(runners[0])});
    }
    double least = 1;
    for (std::size_t i = 1; i < runners.size(); ++i) {
      const std::vector<double> quotients = runners[i].quotients(runners[0]);
      const double quotient = median(quotients);
      result_.candidates.push_back({runners[i].choice, median(runners[i].times), quotient, rounds(runners[i])});
      const auto wins = std::ranges::count_if(quotients, [](double each) { return each < 1; });
      const bool is_better = quotients.size() >= least_rounds && quotient <= 1 - least_gain_ &&
                             4 * wins >= 3 * static_cast<std::ptrdiff_t>(quotients.size());
      if (!is_better || quotient >= least) continue;
      least = quotient;
      best_ = runners[i].choice;
    }
    return least;
  }

  static int rounds(const Runner& runner) { return static_cast<int>(runner.times.size()); }

  TuningClock& clock_;
  double least_gain_;
  TuningChoice best_;
  TuningResult result_;
};

}  // namespace

TuningResult search(const TuningSpace& space, TuningClock& clock, double least_gain) {
  Search result(clock, least_gain);
  // What decides about memory traffic comes first: the rest depends on it.
  int left = 5;
  const auto improve = [&](std::string_view name, const auto& values, auto TuningChoice::*member) {
    --left;
    std::vector<TuningChoice> choices;
    for (const auto& value : values) {
      choices.push_back(result.best());
      choices.back().*member = value;
    }
    result.compare(name, choices, left + 1);
  };
  improve("streaming_stores", space.streaming_stores, &TuningChoice::streaming_stores);
  improve("block_rows", space.block_rows, &TuningChoice::block_rows);
  improve("vector_bytes", space.vector_bytes, &TuningChoice::vector_bytes);
  improve("unroll", space.unroll, &TuningChoice::unroll);
  improve("threads", space.threads, &TuningChoice::threads);
  return result.finish();
}

}  // namespace cppstencils::runtime
