#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cppstencils/kernel/create_kernel.hpp"
#include "cppstencils/runtime/compiled_kernel.hpp"

namespace cppstencils {

/// What `BoundKernel::tune` may choose: the members of `CpuOptions` with these names. Absent is the library's own
/// choice. No choice changes a bit of a result.
struct TuningChoice {
  std::optional<StreamingStores> streaming_stores = {};
  std::optional<std::int64_t> block_rows = {};
  std::optional<int> vector_bytes = {};
  std::optional<int> unroll = {};
  std::optional<int> threads = {};
  bool operator==(const TuningChoice&) const = default;
};
/// "streaming_stores = never, unroll = 2", or "the library's own choice".
CPPSTENCILS_EXPORT std::string to_string(const TuningChoice& choice);
/// The options with what was chosen, to be used for kernels of your own.
CPPSTENCILS_EXPORT CpuOptions with_choice(CpuOptions options, const TuningChoice& choice);

struct TuneOptions {
  /// About so long at most. A comparison that there is no time for is left out, and the report says so.
  double seconds = 0.5;
  /// How much less time another choice must take, also beyond the noise, to replace the library's own: 0.03 is 3 %.
  double least_gain = 0.03;
};

/// A choice that was measured.
struct TuningCandidate {
  TuningChoice choice;
  /// Of one call on the measured part.
  double median_seconds = 0;
  /// Against the best choice until then, which ran in turns with it: the median of the quotients. Less than 1 is
  /// faster.
  double relative_time = 1;
  int rounds = 0;
};

/// What `BoundKernel::tune` has measured and chosen.
struct TuningReport {
  std::string kernel;
  /// Of one call, and of the part of it that was measured.
  std::int64_t cells = 0;
  std::int64_t measured_cells = 0;
  /// In the order in which they were measured; the first one is the library's own choice.
  std::vector<TuningCandidate> candidates;
  TuningChoice chosen;
  /// How many times as fast as the library's own choice; 1 where that is kept.
  double gain = 1;
  /// How long it took.
  double seconds = 0;
  /// What was left out, and why.
  std::vector<std::string> notes;
};
/// A table for people.
CPPSTENCILS_EXPORT std::string to_string(const TuningReport& report);

/// What `BoundKernel::tune` returns.
struct TunedKernel {
  /// The call that was tuned, as chosen.
  BoundKernel call;
  /// The kernel, as chosen, for other arrays of about this size.
  CompiledKernel kernel;
  TuningReport report;
};

}  // namespace cppstencils
