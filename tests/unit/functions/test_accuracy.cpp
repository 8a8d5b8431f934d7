// The errors of the math functions, in units in the last place. The bounds are those of the documentation.

#include <gtest/gtest.h>

#include <algorithm>
#include <cfloat>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "evaluate.hpp"
#include "support/random.hpp"

namespace cppstencils::testing {
namespace {

using ir::MathFunction;

/// Largest error that the documentation states.
constexpr double bound = 1;

struct Function {
  MathFunction function;
  std::function<long double(long double)> exact;
  /// Where the interesting places are.
  double low;
  double high;
};

std::vector<Function> functions() {
  using L = long double;
  return {
      {MathFunction::exp, [](L x) { return std::exp(x); }, -750, 715},
      {MathFunction::log, [](L x) { return std::log(x); }, 0, 4},
      {MathFunction::sin, [](L x) { return std::sin(x); }, -100, 100},
      {MathFunction::cos, [](L x) { return std::cos(x); }, -100, 100},
      {MathFunction::sinh, [](L x) { return std::sinh(x); }, -715, 715},
      {MathFunction::cosh, [](L x) { return std::cosh(x); }, -715, 715},
      {MathFunction::tanh, [](L x) { return std::tanh(x); }, -25, 25},
  };
}

// Every table entry counts on its own, so a table that cannot be read is a failure.
TEST(FunctionAccuracy, CorrectlyRoundedValues) {
  const std::map<std::string, MathFunction> names{
      {"exp", MathFunction::exp},   {"log", MathFunction::log},   {"sin", MathFunction::sin},
      {"cos", MathFunction::cos},   {"sinh", MathFunction::sinh}, {"cosh", MathFunction::cosh},
      {"tanh", MathFunction::tanh}, {"pow", MathFunction::pow},
  };
  std::ifstream file(CPPSTENCILS_TEST_DIR "/unit/functions/correct_values.txt");
  std::size_t checked = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::string type;
    words >> name >> type >> std::hex;
    std::vector<std::uint64_t> bits;
    for (std::string word; words >> word;) bits.push_back(std::stoull(word, nullptr, 16));
    const auto function = names.find(name);
    SCOPED_TRACE(line);
    ASSERT_NE(function, names.end());
    ++checked;
    const auto check = [&]<class T, class Bits>(T, Bits) {
      const auto value = [&](std::size_t i) { return std::bit_cast<T>(static_cast<Bits>(bits[i])); };
      const T actual = bits.size() == 2 ? evaluate_at<T>(function->second, value(0))
                                        : evaluate_at<T>(function->second, value(0), value(1));
      // Neighbours have neighbouring bits.
      const auto distance =
          static_cast<std::int64_t>(std::bit_cast<Bits>(actual)) - static_cast<std::int64_t>(bits.back());
      EXPECT_LE(std::abs(distance), 1) << fmt::format("{} instead of {}", actual, value(bits.size() - 1));
    };
    if (type == "float32") {
      check(float{}, std::uint32_t{});
    } else {
      check(double{}, std::uint64_t{});
    }
  }
  EXPECT_GE(checked, 40 * names.size());
}

// The C library's long double has 11 bits more than float64, which is enough to judge by.
#if LDBL_MANT_DIG >= 64

template <class T>
struct Worst {
  double error = 0;
  T x = 0;
  T y = 0;
};

template <class T>
class RandomPlaces {
 public:
  explicit RandomPlaces(std::uint64_t seed) : random_(seed) {}

  T between(double low, double high) { return static_cast<T>(low + (high - low) * random_.fraction()); }
  /// All magnitudes around one, both signs.
  T logarithmic(double largest_exponent) {
    const double size = std::exp2(largest_exponent * (2 * random_.fraction() - 1));
    return static_cast<T>(random_.chance(50) ? size : -size);
  }
  T any_bits() {
    if constexpr (sizeof(T) == 8) {
      return std::bit_cast<double>(random_.bits());
    } else {
      return std::bit_cast<float>(static_cast<std::uint32_t>(random_.bits()));
    }
  }

 private:
  Random random_;
};

template <class T>
Worst<T> worst_error(const Function& function, const std::vector<T>& x) {
  const std::vector<T> results = evaluate<T>(function.function, x);
  Worst<T> worst;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error = error_in_ulp(results[i], function.exact(x[i]));
    if (error >= worst.error) worst = {error, x[i]};
  }
  return worst;
}

template <class T>
void check_functions() {
  const std::uint64_t rounds = fuzz_rounds(20'000);
  for (const Function& function : functions()) {
    RandomPlaces<T> places(1);
    std::vector<T> x;
    for (std::uint64_t i = 0; i < rounds; ++i) {
      x.push_back(places.between(function.low, function.high));
      x.push_back(places.logarithmic(30));
      x.push_back(places.any_bits());
    }
    const Worst<T> worst = worst_error(function, x);
    EXPECT_LE(worst.error, bound) << fmt::format("{}({})", to_string(function.function), worst.x);
    ::testing::Test::RecordProperty(fmt::format("{}_float{}", to_string(function.function), 8 * sizeof(T)),
                                    fmt::format("{:.3f}", worst.error));
  }
}

template <class T>
void check_pow() {
  RandomPlaces<T> places(2);
  std::vector<T> x;
  std::vector<T> y;
  const auto add = [&](T base, T exponent) {
    x.push_back(base);
    y.push_back(exponent);
  };
  const double largest = std::numeric_limits<T>::max_exponent;
  for (std::uint64_t i = 0; i < fuzz_rounds(20'000); ++i) {
    add(places.any_bits(), places.any_bits());
    add(places.between(0, 10), places.between(-20, 20));
    add(places.logarithmic(30), std::round(places.logarithmic(5)));
    // Results of all magnitudes, from bases far from one and close to it. The largest need most of the logarithm.
    const T far = std::fabs(places.logarithmic(largest));
    add(far, static_cast<T>(places.between(-1.1, 1.1) * largest / std::log2(far)));
    const T medium = places.between(0.7, 1.43);
    add(medium, static_cast<T>(places.between(0.95, 1) * largest / std::log2(medium)));
    add(medium, static_cast<T>(places.between(-1, -0.95) * largest / std::log2(medium)));
    const T close = 1 + places.logarithmic(20) * std::numeric_limits<T>::epsilon();
    add(close, static_cast<T>(places.between(-1.1, 1.1) * largest / std::log2(static_cast<long double>(close))));
  }
  const std::vector<T> results = evaluate<T>(MathFunction::pow, x, y);
  Worst<T> worst;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error =
        error_in_ulp(results[i], std::pow(static_cast<long double>(x[i]), static_cast<long double>(y[i])));
    if (error >= worst.error) worst = {error, x[i], y[i]};
  }
  EXPECT_LE(worst.error, bound) << fmt::format("pow({}, {})", worst.x, worst.y);
}

TEST(FunctionAccuracy, PowFloat64) { check_pow<double>(); }
TEST(FunctionAccuracy, PowFloat32) { check_pow<float>(); }

TEST(FunctionAccuracy, RandomFloat64) { check_functions<double>(); }
TEST(FunctionAccuracy, RandomFloat32) { check_functions<float>(); }

#endif

}  // namespace
}  // namespace cppstencils::testing
