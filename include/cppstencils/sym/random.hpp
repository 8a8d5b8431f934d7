#pragma once

#include <vector>

#include "cppstencils/sym/expr.hpp"

namespace cppstencils {

/// Random numbers that a cell computes from its place and a counter, such as the time step: Philox 4x32-10 (Salmon et
/// al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). There is no state: the same seed, stream, counter and
/// place give the same numbers, on every processor, for any number of threads and any division of the domain.
///
/// A draw has 2 values of float64, or 4 of float32 or uint32. `docs/guide.md` and
/// `docs/design/0014-random-numbers.md` say more.
class CPPSTENCILS_EXPORT Philox {
 public:
  struct Options {
    /// What is added to the coordinates of a cell, up to 3: the place of the block in the whole domain.
    std::vector<Expr> offsets = {};
    /// The numbers repeat after so many cells, up to 3; 0 where they do not.
    std::vector<Expr> periods = {};
  };

  /// Every parameter is an integer constant, or an expression of symbols with an integer type, such as an argument of
  /// the call. Constant seeds have 32 bits; of other values, and of coordinates, the lowest 32 bits count. Throws
  /// TypeMismatch (unsupported-type) unless `dtype` is float32, float64 or uint32, and ExpressionError
  /// (invalid-expression) for constants out of range and for more than 3 offsets or periods.
  Philox(DType dtype, const Expr& seed);
  Philox(DType dtype, const Expr& seed, const Options& options);

  DType dtype() const noexcept { return dtype_; }
  /// Values per draw.
  int size() const noexcept;
  /// The values of one draw, independent and uniformly distributed: floats strictly between 0 and 1, or all 32 bits.
  /// `counter` and `stream` are like the seed; draws that differ in one of them are independent. The same arguments
  /// give the same values.
  std::vector<Expr> uniform(const Expr& counter, const Expr& stream = 0) const;
  /// The values of one draw, independent and normally distributed with mean 0 and variance 1 (Box and Muller). Throws
  /// TypeMismatch (unsupported-type) for uint32.
  std::vector<Expr> normal(const Expr& counter, const Expr& stream = 0) const;

 private:
  DType dtype_;
  std::vector<Expr> parameters_;  // the seed, three offsets, three periods
};

namespace sym {
/// A value of a draw from its parts, for code that translates expressions. Throws as `Philox` does.
CPPSTENCILS_EXPORT Expr random_number(DType dtype, int position, std::vector<Expr> arguments);
}  // namespace sym

}  // namespace cppstencils
