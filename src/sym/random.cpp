#include "cppstencils/sym/random.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/calculus.hpp"
#include "sym/number.hpp"
#include "sym/to_string.hpp"

namespace cppstencils {

namespace {

constexpr std::size_t max_dimensions = 3;
constexpr std::int64_t largest_word = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

struct Parameter {
  std::string_view name;
  std::int64_t least;
  std::int64_t most;
};
constexpr Parameter offset{"offset", -largest - 1, largest};
constexpr Parameter period{"period", 0, largest};
// In the order of the arguments of a random number.
constexpr std::array<Parameter, 9> all_parameters{Parameter{"counter", 0, largest_word},
                                                  Parameter{"seed", 0, largest_word},
                                                  Parameter{"stream", 0, largest_word},
                                                  offset,
                                                  offset,
                                                  offset,
                                                  period,
                                                  period,
                                                  period};
constexpr std::size_t seed_at = 1;
constexpr std::size_t offsets_at = 3;

void check(const Parameter& parameter, const Expr& value) {
  const sym::Number* const number = sym::exact(value);
  if (number == nullptr && get_if<sym::Float>(value) == nullptr && get_if<sym::Boolean>(value) == nullptr) return;
  if (number != nullptr && sym::is_integer(*number) && number->numerator >= parameter.least &&
      number->numerator <= parameter.most) {
    return;
  }
  throw ExpressionError(
      {.code = ErrorCode::invalid_expression,
       .message = fmt::format("Random numbers cannot have the {} '{}'.", parameter.name, sym::short_text(value)),
       .hints = {fmt::format("Give an integer from {} to {}, or a symbol with an integer type.", parameter.least,
                             parameter.most)}});
}

void check_dtype(DType dtype) {
  if (dtype == DType::float32 || dtype == DType::float64 || dtype == DType::uint32) return;
  throw TypeMismatch({.code = ErrorCode::unsupported_type,
                      .message = fmt::format("There are no random numbers of type {}.", to_string(dtype)),
                      .hints = {"Choose float64, float32, or uint32 for raw bits."}});
}

int size_of_draw(DType dtype) { return dtype == DType::float64 ? 2 : 4; }

void add_per_dimension(std::vector<Expr>& parameters, const std::vector<Expr>& values, std::string_view what) {
  if (values.size() > max_dimensions) {
    throw ExpressionError({.code = ErrorCode::invalid_expression,
                           .message = fmt::format("Random numbers were given {} {}.", values.size(), what),
                           .hints = {fmt::format("Give at most {}, one per dimension.", max_dimensions)}});
  }
  parameters.insert(parameters.end(), values.begin(), values.end());
  parameters.resize(parameters.size() + max_dimensions - values.size());
}

}  // namespace

namespace sym {

Expr random_number(DType dtype, int position, std::vector<Expr> arguments) {
  check_dtype(dtype);
  CPPSTENCILS_CHECK(position >= 0 && position < size_of_draw(dtype) && arguments.size() == all_parameters.size(),
                    "A random number has a place in its draw and nine arguments.");
  for (std::size_t i = 0; i < arguments.size(); ++i) check(all_parameters[i], arguments[i]);
  return Expr(Node{RandomNumber{dtype, position, std::move(arguments)}});
}

}  // namespace sym

Philox::Philox(DType dtype, const Expr& seed) : Philox(dtype, seed, Options()) {}

Philox::Philox(DType dtype, const Expr& seed, const Options& options) : dtype_(dtype), parameters_{seed} {
  check_dtype(dtype);
  add_per_dimension(parameters_, options.offsets, "offsets");
  add_per_dimension(parameters_, options.periods, "periods");
  check(all_parameters[seed_at], seed);
  for (std::size_t i = offsets_at; i < all_parameters.size(); ++i) {
    check(all_parameters[i], parameters_[i + 1 - offsets_at]);
  }
}

int Philox::size() const noexcept { return size_of_draw(dtype_); }

std::vector<Expr> Philox::uniform(const Expr& counter, const Expr& stream) const {
  std::vector<Expr> arguments{counter, parameters_.front(), stream};
  arguments.insert(arguments.end(), parameters_.begin() + 1, parameters_.end());
  std::vector<Expr> values;
  for (int position = 0; position < size(); ++position) {
    values.push_back(sym::random_number(dtype_, position, arguments));
  }
  return values;
}

std::vector<Expr> Philox::normal(const Expr& counter, const Expr& stream) const {
  if (dtype_ == DType::uint32) {
    throw TypeMismatch({.code = ErrorCode::unsupported_type,
                        .message = "There are no normally distributed numbers of type uint32.",
                        .hints = {"Choose float64 or float32."}});
  }
  constexpr double two_pi = 6.283185307179586;
  const std::vector<Expr> uniforms = uniform(counter, stream);
  std::vector<Expr> values;
  for (std::size_t i = 0; i < uniforms.size(); i += 2) {
    const Expr radius = sqrt(-2 * log(uniforms[i]));
    const Expr angle = two_pi * uniforms[i + 1];
    values.push_back(radius * cos(angle));
    values.push_back(radius * sin(angle));
  }
  return values;
}

}  // namespace cppstencils
