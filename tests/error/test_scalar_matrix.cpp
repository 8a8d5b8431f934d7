// Every kind of number for a scalar of every type: what arrives is the same number, or the call is refused.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cppstencils/runtime/compiled_kernel.hpp"
#include "cppstencils/support/error.hpp"
#include "support/access_kernel.hpp"
#include "support/recording_executable.hpp"

namespace cppstencils {
namespace {

template <class T>
class ScalarMatrix : public ::testing::Test {
 protected:
  ScalarMatrix() {
    ir::Kernel kernel = testing::access_kernel({{"u", DType::float64, ir::BufferAccess::read, 1, {}}},
                                               {{0, ir::BufferAccess::write, {0}}}, {1});
    kernel.scalars = {{"s", dtype_of<T>()}};
    executable_ = std::make_shared<testing::RecordingExecutable>(kernel);
    compiled_.emplace(testing::function_of(kernel, {{0, std::nullopt, 1}}), executable_);
  }

  /// The bytes that arrive, or the code of the error.
  template <class Value>
  std::variant<T, ErrorCode> pass(Value value) {
    executable_->calls.clear();
    Array<double> u({4});
    try {
      (*compiled_)({{"u", u}, {"s", value}});
    } catch (const UserError& error) {
      EXPECT_TRUE(executable_->calls.empty());
      EXPECT_NE(error.message().find("'s'"), std::string::npos) << error.message();
      return error.code();
    }
    T arrived;
    std::memcpy(&arrived, &executable_->calls.at(0).scalars.at(0), sizeof(T));
    return arrived;
  }

  template <class Value>
  void expect_value(Value value) {
    SCOPED_TRACE(fmt::format("{} for {}", value, to_string(dtype_of<T>())));
    const auto result = pass(value);
    ASSERT_TRUE(std::holds_alternative<T>(result)) << to_string(std::get<ErrorCode>(result));
    EXPECT_EQ(std::get<T>(result), static_cast<T>(value));
  }
  template <class Value>
  void expect_code(ErrorCode code, Value value) {
    SCOPED_TRACE(fmt::format("{} for {}", value, to_string(dtype_of<T>())));
    const auto result = pass(value);
    ASSERT_TRUE(std::holds_alternative<ErrorCode>(result)) << "Accepted.";
    EXPECT_EQ(to_string(std::get<ErrorCode>(result)), to_string(code));
  }

  template <class Value>
  void check_integer(Value value) {
    if constexpr (std::is_same_v<T, bool>) {
      expect_code(ErrorCode::argument_dtype, value);
    } else if constexpr (std::is_floating_point_v<T>) {
      // 80-bit numbers hold every 64-bit integer.
      static_assert(std::numeric_limits<long double>::digits >= 64);
      const bool exact = static_cast<long double>(static_cast<T>(value)) == static_cast<long double>(value);
      exact ? expect_value(value) : expect_code(ErrorCode::scalar_out_of_range, value);
    } else {
      const auto wide = static_cast<__int128>(value);
      const bool fits = wide >= std::numeric_limits<T>::min() && wide <= std::numeric_limits<T>::max();
      fits ? expect_value(value) : expect_code(ErrorCode::scalar_out_of_range, value);
    }
  }

  std::shared_ptr<testing::RecordingExecutable> executable_;
  std::optional<CompiledKernel> compiled_;
};

using Types = ::testing::Types<bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                               std::uint32_t, std::uint64_t, float, double>;
TYPED_TEST_SUITE(ScalarMatrix, Types);

TYPED_TEST(ScalarMatrix, TruthValues) {
  for (const bool value : {false, true}) {
    if (std::is_same_v<TypeParam, bool>) {
      this->expect_value(value);
    } else {
      this->expect_code(ErrorCode::argument_dtype, value);
    }
  }
}

TYPED_TEST(ScalarMatrix, Integers) {
  for (const int bits : {0, 7, 8, 15, 16, 23, 24, 25, 31, 32, 52, 53, 54, 62, 63}) {
    const std::uint64_t power = std::uint64_t{1} << bits;
    for (const std::uint64_t value : {power - 1, power, power + 1}) {
      this->check_integer(value);
      this->check_integer(static_cast<std::int64_t>(value));
      this->check_integer(static_cast<std::int64_t>(~value + 1));
      this->check_integer(static_cast<std::int32_t>(value));
      this->check_integer(static_cast<std::uint16_t>(value));
      this->check_integer(static_cast<signed char>(value));
    }
  }
  this->check_integer(std::numeric_limits<std::int64_t>::min());
  this->check_integer(std::numeric_limits<std::int64_t>::max());
  this->check_integer(std::numeric_limits<std::uint64_t>::max());
}

TYPED_TEST(ScalarMatrix, FloatingPoint) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr double largest_float = std::numeric_limits<float>::max();
  for (const double value :
       {0.0, 1.0, -2.5, 0.1, 1e-320, 1e-50, 16777217.0, largest_float, -largest_float, infinity, -infinity}) {
    if constexpr (std::is_floating_point_v<TypeParam>) {
      this->expect_value(value);
    } else {
      this->expect_code(ErrorCode::argument_dtype, value);
    }
  }
  // Rounds to the largest float, not to infinity.
  const double just_fits = largest_float * (1 + 0x1p-26);
  for (const double value : {1e39, -1e39, 1.7e308, largest_float * (1 + 0x1p-24)}) {
    if constexpr (std::is_same_v<TypeParam, float>) {
      this->expect_code(ErrorCode::scalar_out_of_range, value);
      this->expect_value(just_fits);
    } else if constexpr (std::is_same_v<TypeParam, double>) {
      this->expect_value(value);
    } else {
      this->expect_code(ErrorCode::argument_dtype, value);
    }
  }
  if constexpr (std::is_floating_point_v<TypeParam>) {
    const auto result = this->pass(std::numeric_limits<double>::quiet_NaN());
    ASSERT_TRUE(std::holds_alternative<TypeParam>(result));
    EXPECT_TRUE(std::isnan(std::get<TypeParam>(result)));
    const auto negative_zero = this->pass(-0.0);
    EXPECT_TRUE(std::signbit(std::get<TypeParam>(negative_zero)));
    this->expect_value(0.1f);
  }
}

}  // namespace
}  // namespace cppstencils
