#include "cppstencils/sym/random.hpp"

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/calculus.hpp"

namespace cppstencils {

namespace {

constexpr std::size_t max_dimensions = 3;

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

Philox::Philox(DType dtype, const Expr& seed) : Philox(dtype, seed, Options()) {}

Philox::Philox(DType dtype, const Expr& seed, const Options& options) : dtype_(dtype), parameters_{seed} {
  if (dtype != DType::float32 && dtype != DType::float64 && dtype != DType::uint32) {
    throw TypeMismatch({.code = ErrorCode::unsupported_type,
                        .message = fmt::format("There are no random numbers of type {}.", to_string(dtype)),
                        .hints = {"Choose float64, float32, or uint32 for raw bits."}});
  }
  add_per_dimension(parameters_, options.offsets, "offsets");
  add_per_dimension(parameters_, options.periods, "periods");
}

int Philox::size() const noexcept { return dtype_ == DType::float64 ? 2 : 4; }

std::vector<Expr> Philox::uniform(const Expr& counter, const Expr& stream) const {
  std::vector<Expr> arguments{counter, parameters_.front(), stream};
  arguments.insert(arguments.end(), parameters_.begin() + 1, parameters_.end());
  std::vector<Expr> values;
  for (int position = 0; position < size(); ++position) {
    values.emplace_back(sym::Node{sym::RandomNumber{dtype_, position, arguments}});
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
