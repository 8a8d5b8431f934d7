#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace cppstencils::testing {

/// Random numbers that are the same with every standard library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  /// 0 ... count - 1.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  /// first ... last.
  std::int64_t between(std::int64_t first, std::int64_t last) {
    return first + static_cast<std::int64_t>(below(static_cast<std::size_t>(last - first + 1)));
  }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  /// In [0, 1).
  double fraction() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  template <class T>
  const T& pick(const std::vector<T>& values) {
    return values[below(values.size())];
  }
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::mt19937_64 engine_;
};

/// Number of rounds of a random test: the environment variable CPPSTENCILS_FUZZ_ROUNDS, or `rounds`.
inline std::uint64_t fuzz_rounds(std::uint64_t rounds) {
  const char* text = std::getenv("CPPSTENCILS_FUZZ_ROUNDS");
  return text == nullptr ? rounds : std::stoull(text);
}

}  // namespace cppstencils::testing
