#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "cppstencils/runtime/array.hpp"

namespace cppstencils {

/// A scalar as the caller wrote it.
using ScalarValue = std::variant<bool, std::int64_t, std::uint64_t, double>;

/// One argument of a kernel call: the name of a field or symbol and an array or a scalar. Neither the name nor the
/// array is copied; both must live until the call or `bind` returns, the array's memory as long as the bound call.
class Argument {
 public:
  template <class T>
  requires(Element<std::remove_cvref_t<T>>) Argument(std::string_view name, T scalar)
      : name_(name), value_(scalar_value(scalar)) {}
  template <class A>
  requires(!Element<std::remove_cvref_t<A>> && std::convertible_to<A&&, ArrayRef>)
      Argument(std::string_view name, A&& array)
      : name_(name), value_(std::in_place_type<ArrayRef>, std::forward<A>(array)) {}

  std::string_view name() const noexcept { return name_; }
  const ArrayRef* array() const noexcept { return std::get_if<ArrayRef>(&value_); }
  const ScalarValue* scalar() const noexcept { return std::get_if<ScalarValue>(&value_); }

 private:
  template <Element T>
  static ScalarValue scalar_value(T value) {
    if constexpr (std::same_as<T, bool>) {
      return value;
    } else if constexpr (std::floating_point<T>) {
      return static_cast<double>(value);
    } else if constexpr (std::is_signed_v<T>) {
      return static_cast<std::int64_t>(value);
    } else {
      return static_cast<std::uint64_t>(value);
    }
  }

  std::string_view name_;
  std::variant<ArrayRef, ScalarValue> value_;
};

/// The arguments of one call, by name: `{{"u", a}, {"v", b}, {"h", 0.25}}`.
using Arguments = std::span<const Argument>;

}  // namespace cppstencils
