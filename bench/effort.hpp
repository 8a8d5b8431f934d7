#pragma once

#include <cstdint>

namespace bench {

/// How long a run takes, and how much it says.
struct Effort {
  enum class Name : std::uint8_t {
    /// The figures of docs/performance.md: some minutes on a quiet machine.
    full,
    /// Every program once, in less than a minute; the figures are rough.
    quick,
    /// Only that everything runs and is right: sizes that say nothing about speed.
    smoke,
  };
  Name name = Name::full;
  int rounds = 9;
  /// Seconds that a sample in cache takes at least.
  double sample = 0.012;
  /// Bytes that all arrays of a call take: what fits into one core's L2, into the shared cache, and into neither.
  std::int64_t l2_bytes = std::int64_t{1} << 20;
  std::int64_t l3_bytes = std::int64_t{12} << 20;
  std::int64_t memory_bytes = std::int64_t{768} << 20;
  /// Repetitions of what takes microseconds, and of compilations.
  int calls = 20000;
  int compilations = 15;

  bool full() const { return name == Name::full; }

  static Effort of(Name name) {
    switch (name) {
      case Name::full:
        break;
      case Name::quick:
        return {.name = name,
                .rounds = 3,
                .sample = 0.002,
                .memory_bytes = std::int64_t{192} << 20,
                .calls = 2000,
                .compilations = 3};
      case Name::smoke:
        return {.name = name,
                .rounds = 1,
                .sample = 0,
                .l2_bytes = 1 << 16,
                .l3_bytes = 1 << 16,
                .memory_bytes = 1 << 17,
                .calls = 3,
                .compilations = 1};
    }
    return {};
  }
};

}  // namespace bench
