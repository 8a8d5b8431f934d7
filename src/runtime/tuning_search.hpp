#pragma once

#include <cstdint>
#include <vector>

#include "cppstencils/runtime/tuning.hpp"

namespace cppstencils::runtime {

/// What there is to choose from besides the library's own choice, member by member.
struct TuningSpace {
  std::vector<StreamingStores> streaming_stores = {};
  std::vector<std::int64_t> block_rows = {};
  std::vector<int> vector_bytes = {};
  std::vector<int> unroll = {};
  std::vector<int> threads = {};
};

/// Runs calls as chosen and looks at the clock.
class TuningClock {
 public:
  virtual ~TuningClock() = default;
  /// Whether two choices lead to different code or to another way to run it. May compile.
  virtual bool differ(const TuningChoice& one, const TuningChoice& other) = 0;
  /// How long a call takes now, in seconds.
  virtual double sample(const TuningChoice& choice) = 0;
  /// Until the time for tuning is over.
  virtual double seconds_left() const = 0;
};

/// What a search has found; the members are those of `TuningReport`.
struct TuningResult {
  std::vector<TuningCandidate> candidates;
  TuningChoice chosen;
  double gain = 1;
  std::vector<std::string> notes;
};

/// Improves the choice member by member: the values of a member and the best choice so far run in turns, so that what
/// slows the machine down for a while hits all of them. A value is taken when the median of its quotients is better by
/// `least_gain` and when it was faster in three of four turns. At the end the result must hold once more against the
/// library's own choice, which is kept in case of doubt.
TuningResult search(const TuningSpace& space, TuningClock& clock, double least_gain);

}  // namespace cppstencils::runtime
