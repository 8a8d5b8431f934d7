#include "ir/arithmetic.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "cppstencils/support/error.hpp"

namespace cppstencils::ir {
namespace {

template <class T>
T read(std::uint64_t bits) {
  if constexpr (std::is_same_v<T, bool>) {
    return bits != 0;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(bits);
  } else if constexpr (sizeof(T) == 4) {
    return std::bit_cast<T>(static_cast<std::uint32_t>(bits));
  } else {
    return std::bit_cast<T>(bits);
  }
}

template <class T>
std::uint64_t write(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? 1 : 0;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<std::make_unsigned_t<T>>(value);
  } else if constexpr (sizeof(T) == 4) {
    return std::bit_cast<std::uint32_t>(value);
  } else {
    return std::bit_cast<std::uint64_t>(value);
  }
}

template <class T>
struct Tag {
  using type = T;
};

/// Calls `f` with the tag of the C++ type of a number.
template <class F>
std::uint64_t with_number(DType type, F&& f) {
  switch (type) {
    case DType::boolean:
      break;
    case DType::int8:
      return f(Tag<std::int8_t>());
    case DType::int16:
      return f(Tag<std::int16_t>());
    case DType::int32:
      return f(Tag<std::int32_t>());
    case DType::int64:
      return f(Tag<std::int64_t>());
    case DType::uint8:
      return f(Tag<std::uint8_t>());
    case DType::uint16:
      return f(Tag<std::uint16_t>());
    case DType::uint32:
      return f(Tag<std::uint32_t>());
    case DType::uint64:
      return f(Tag<std::uint64_t>());
    case DType::float32:
      return f(Tag<float>());
    case DType::float64:
      return f(Tag<double>());
  }
  CPPSTENCILS_CHECK(false, "An arithmetic operator has a boolean operand.");
  return 0;
}

template <class F>
std::uint64_t with_float(DType type, F&& f) {
  CPPSTENCILS_CHECK(is_float(type), "An operator on floating-point numbers has another operand.");
  return type == DType::float32 ? f(Tag<float>()) : f(Tag<double>());
}

// Integers of all widths are computed modulo 2^64 and cut, which wraps at every width and never overflows.
template <class T>
T wrap(std::uint64_t value) {
  return static_cast<T>(value);
}

template <class T>
T negate(T a) {
  if constexpr (std::is_floating_point_v<T>) {
    return -a;
  } else {
    return wrap<T>(-static_cast<std::uint64_t>(a));
  }
}

template <class T>
T absolute(T a) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fabs(a);
  } else {
    return a < 0 ? negate(a) : a;
  }
}

template <class T>
T divide(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a / b;
  } else if constexpr (std::is_signed_v<T>) {
    return b == 0 ? T{0} : b == -1 ? negate(a) : static_cast<T>(a / b);
  } else {
    return b == 0 ? T{0} : static_cast<T>(a / b);
  }
}

template <class T>
bool is_nan(T a) {
  return a != a;
}

template <class T>
T add(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a + b;
  } else {
    return wrap<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  }
}

template <class T>
T subtract(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a - b;
  } else {
    return wrap<T>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
  }
}

template <class T>
T multiply(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a * b;
  } else {
    return wrap<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  }
}

template <class T>
T bitwise(BinaryOp op, T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(op == BinaryOp::bit_and ? a & b : a ^ b);
  } else {
    CPPSTENCILS_CHECK(false, "An operator on bits has floating-point operands.");
    return a;
  }
}

template <class T>
T arithmetic(BinaryOp op, T a, T b) {
  switch (op) {
    case BinaryOp::add:
      return add(a, b);
    case BinaryOp::subtract:
      return subtract(a, b);
    case BinaryOp::multiply:
      return multiply(a, b);
    case BinaryOp::divide:
      return divide(a, b);
    case BinaryOp::minimum:
      return a < b || is_nan(a) ? a : b;
    case BinaryOp::maximum:
      return a > b || is_nan(a) ? a : b;
    case BinaryOp::bit_and:
    case BinaryOp::bit_xor:
      return bitwise(op, a, b);
    case BinaryOp::logical_and:
    case BinaryOp::logical_or:
      break;
  }
  CPPSTENCILS_CHECK(false, "A logical operator has numbers as operands.");
  return a;
}

template <class T>
bool holds(CompareOp op, T a, T b) {
  switch (op) {
    case CompareOp::equal:
      return a == b;
    case CompareOp::not_equal:
      return a != b;
    case CompareOp::less:
      return a < b;
    case CompareOp::less_equal:
      return a <= b;
  }
  return false;
}

template <class To, class From>
To convert(From a) {
  if constexpr (std::is_same_v<To, bool>) {
    return a != From{0};
  } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    if (is_nan(a)) return 0;
    // Both limits are powers of two (or zero), so that they are exact in every floating-point type.
    constexpr From below = static_cast<From>(std::numeric_limits<To>::min());
    const From above = std::ldexp(From{1}, std::numeric_limits<To>::digits);
    if (a <= below) return std::numeric_limits<To>::min();
    if (a >= above) return std::numeric_limits<To>::max();
    return static_cast<To>(a);
  } else {
    return static_cast<To>(a);
  }
}

}  // namespace

std::uint64_t evaluate(UnaryOp op, DType type, std::uint64_t operand) {
  switch (op) {
    case UnaryOp::negate:
      return with_number(type, [&]<class T>(Tag<T>) { return write(negate(read<T>(operand))); });
    case UnaryOp::absolute:
      return with_number(type, [&]<class T>(Tag<T>) { return write(absolute(read<T>(operand))); });
    case UnaryOp::logical_not:
      return write(!read<bool>(operand));
    case UnaryOp::square_root:
      return with_float(type, [&]<class T>(Tag<T>) { return write(std::sqrt(read<T>(operand))); });
    case UnaryOp::floor:
      return with_float(type, [&]<class T>(Tag<T>) { return write(std::floor(read<T>(operand))); });
    case UnaryOp::ceil:
      return with_float(type, [&]<class T>(Tag<T>) { return write(std::ceil(read<T>(operand))); });
    case UnaryOp::rarely:
      return operand;
  }
  return 0;
}

std::uint64_t evaluate(BinaryOp op, DType type, std::uint64_t left, std::uint64_t right) {
  if (op == BinaryOp::logical_and) return write(read<bool>(left) && read<bool>(right));
  if (op == BinaryOp::logical_or) return write(read<bool>(left) || read<bool>(right));
  return with_number(type, [&]<class T>(Tag<T>) { return write(arithmetic(op, read<T>(left), read<T>(right))); });
}

std::uint64_t evaluate(CompareOp op, DType type, std::uint64_t left, std::uint64_t right) {
  if (type == DType::boolean) return write(holds(op, read<bool>(left), read<bool>(right)));
  return with_number(type, [&]<class T>(Tag<T>) { return write(holds(op, read<T>(left), read<T>(right))); });
}

std::uint64_t evaluate_fused_multiply_add(DType type, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  return with_float(type, [&]<class T>(Tag<T>) { return write(std::fma(read<T>(a), read<T>(b), read<T>(c))); });
}

std::uint64_t evaluate_cast(DType to, DType from, std::uint64_t operand) {
  const auto from_value = [&]<class From>(From value) {
    if (to == DType::boolean) return write(convert<bool>(value));
    return with_number(to, [&]<class To>(Tag<To>) { return write(convert<To>(value)); });
  };
  if (from == DType::boolean) return from_value(read<bool>(operand));
  return with_number(from, [&]<class From>(Tag<From>) { return from_value(read<From>(operand)); });
}

}  // namespace cppstencils::ir
