#pragma once

#include <functional>

#include "suite/models.hpp"
#include "suite/stream_loops.hpp"

namespace bench {

/// Three arrays and what STREAM does with them, on the threads of the library.
class Stream {
 public:
  /// The arrays of a copy take that many bytes.
  explicit Stream(std::int64_t bytes);

  enum class Kind : std::uint8_t { copy, triad };
  /// Useful bytes of one call: each array once.
  double bytes(Kind kind) const;
  /// A loop by hand.
  std::function<void()> by_hand(Kind kind, StreamLoop loop, int threads);
  /// The kernel z = a, or z = a + s*b, of the library.
  std::function<void()> kernel(Kind kind, cs::StreamingStores stores, int threads);
  /// Throws unless the last call has computed what it should; forgets the result.
  void check(Kind kind);

 private:
  std::function<void()> bound(Kind kind, const cs::CompiledKernel& kernel);

  std::int64_t rows_;
  cs::Array<double> a_, b_, z_;
};

}  // namespace bench
