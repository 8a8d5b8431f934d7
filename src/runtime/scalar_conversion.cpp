#include "runtime/scalar_conversion.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/support/match.hpp"

namespace cppstencils::runtime {

namespace {

struct Place {
  const PreparedKernel& kernel;
  const PreparedScalar& parameter;
};

[[noreturn]] void fail_dtype(const Place& place, std::string_view given, std::string_view hint) {
  throw TypeMismatch(
      {.code = ErrorCode::argument_dtype,
       .message = fmt::format("Argument '{}' of kernel '{}' is {}, but the scalar has type {}.", place.parameter.name,
                              place.kernel.name, given, to_string(place.parameter.dtype)),
       .hints = {std::string(hint)}});
}

[[noreturn]] void fail_range(const Place& place, std::string value, std::string fact) {
  throw ArgumentError(
      {.code = ErrorCode::scalar_out_of_range,
       .message = fmt::format("Argument '{}' of kernel '{}' is {}, which {} cannot hold.", place.parameter.name,
                              place.kernel.name, value, to_string(place.parameter.dtype)),
       .notes = {std::move(fact)}});
}

template <class T>
void put(T value, std::byte* target) {
  std::memcpy(target, &value, sizeof(T));
}

template <class Target, class Source>
void put_integer(const Place& place, Source value, std::byte* target) {
  using Limits = std::numeric_limits<Target>;
  if (!std::in_range<Target>(value)) {
    fail_range(place, fmt::format("{}", value),
               fmt::format("{} holds the integers from {} to {}.", to_string(place.parameter.dtype), +Limits::min(),
                           +Limits::max()));
  }
  put(static_cast<Target>(value), target);
}

template <class Target, class Source>
void put_exact_float(const Place& place, Source value, std::byte* target) {
  const Target rounded = static_cast<Target>(value);
  // The limit itself, a power of two, does not fit back into the integer type.
  constexpr Target limit = static_cast<Target>(std::numeric_limits<Source>::max());
  if (rounded >= limit || static_cast<Source>(rounded) != value) {
    fail_range(place, fmt::format("{}", value),
               fmt::format("The nearest {} is {:.0f}.", to_string(place.parameter.dtype), rounded));
  }
  put(rounded, target);
}

template <class Source>
void convert_integer(const Place& place, Source value, std::byte* target) {
  switch (place.parameter.dtype) {
    case DType::boolean:
      fail_dtype(place, "an integer", "Pass true or false.");
    case DType::int8:
      return put_integer<std::int8_t>(place, value, target);
    case DType::int16:
      return put_integer<std::int16_t>(place, value, target);
    case DType::int32:
      return put_integer<std::int32_t>(place, value, target);
    case DType::int64:
      return put_integer<std::int64_t>(place, value, target);
    case DType::uint8:
      return put_integer<std::uint8_t>(place, value, target);
    case DType::uint16:
      return put_integer<std::uint16_t>(place, value, target);
    case DType::uint32:
      return put_integer<std::uint32_t>(place, value, target);
    case DType::uint64:
      return put_integer<std::uint64_t>(place, value, target);
    case DType::float32:
      return put_exact_float<float>(place, value, target);
    case DType::float64:
      return put_exact_float<double>(place, value, target);
  }
}

void convert_float(const Place& place, double value, std::byte* target) {
  switch (place.parameter.dtype) {
    case DType::boolean:
      fail_dtype(place, "a floating-point number", "Pass true or false.");
    case DType::int8:
    case DType::int16:
    case DType::int32:
    case DType::int64:
    case DType::uint8:
    case DType::uint16:
    case DType::uint32:
    case DType::uint64:
      fail_dtype(place, "a floating-point number", "Pass an integer; nothing is rounded or truncated.");
    case DType::float32: {
      const float rounded = static_cast<float>(value);
      if (std::isinf(rounded) && !std::isinf(value)) {
        fail_range(place, fmt::format("{}", value),
                   fmt::format("The largest finite float32 is {}.", std::numeric_limits<float>::max()));
      }
      return put(rounded, target);
    }
    case DType::float64:
      return put(value, target);
  }
}

void convert_boolean(const Place& place, bool value, std::byte* target) {
  if (place.parameter.dtype != DType::boolean) {
    fail_dtype(place, "a truth value", fmt::format("Pass a number of {}.", to_string(place.parameter.dtype)));
  }
  put(value, target);
}

}  // namespace

void convert_scalar(const PreparedKernel& kernel, const PreparedScalar& parameter, const ScalarValue& value,
                    std::byte* target) {
  const Place place{kernel, parameter};
  match_kind(
      value, [&](bool boolean) { convert_boolean(place, boolean, target); },
      [&](std::int64_t integer) { convert_integer(place, integer, target); },
      [&](std::uint64_t integer) { convert_integer(place, integer, target); },
      [&](double number) { convert_float(place, number, target); });
}

}  // namespace cppstencils::runtime
