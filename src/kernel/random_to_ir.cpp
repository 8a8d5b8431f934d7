#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"
#include "kernel/diagnostics.hpp"
#include "kernel/expr_to_ir.hpp"

// Random numbers become arithmetic here and not in a pass: the values of one draw share its words, and no pass has to
// know them. All of it is exact, or rounded once, so that every mode computes the same bits.

namespace cppstencils::kernel {

namespace {

constexpr int dimensions = 3;
// Places in the arguments of a random number.
constexpr std::size_t counter_at = 0;
constexpr std::size_t seed_at = 1;
constexpr std::size_t stream_at = 2;
constexpr std::size_t offsets_at = 3;
constexpr std::size_t periods_at = 6;

bool is_zero(const Expr& argument) { return argument == Expr(0); }

ir::Expr low_word(const ir::Expr& value) {
  return ir::binary(ir::BinaryOp::bit_and, ir::cast(DType::uint64, value),
                    ir::constant_from_bits(DType::uint64, 0xffffffffU));
}

/// From 0 to period - 1. x / 0 is 0, so a period of 0 changes nothing that is not negative.
ir::Expr wrapped(const ir::Expr& x, const ir::Expr& period) {
  using ir::BinaryOp;
  const ir::Expr whole = ir::binary(BinaryOp::multiply, ir::binary(BinaryOp::divide, x, period), period);
  const ir::Expr rest = ir::binary(BinaryOp::subtract, x, whole);
  const ir::Expr is_negative = ir::compare(ir::CompareOp::less, rest, ir::index_constant(0));
  return ir::select(is_negative, ir::binary(BinaryOp::add, rest, period), rest);
}

}  // namespace

ir::Expr ExprToIr::integer_argument(const Expr& expr, const Expr& argument, DType dtype) {
  const std::optional<KnownType> known = types_.first_known(argument);
  const DType own = known ? known->dtype : DType::int64;
  if (!is_integer(own)) {
    throw TypeMismatch({.code = ErrorCode::type_mismatch,
                        .message = fmt::format("'{}' has type {}, but '{}' counts with integers.",
                                               short_text(known->source), to_string(own), short_text(expr)),
                        .hints = {"Give the symbol an integer type, as in Symbol(\"step\", DType::uint32) in C++ or "
                                  "TypedSymbol(\"step\", \"uint32\") in Python."}});
  }
  const Expr outer = std::exchange(reason_, known ? known->source : expr);
  ir::Expr value = ir::cast(dtype, lower(argument, own));
  reason_ = outer;
  return value;
}

ir::functions::PhiloxWords ExprToIr::random_words(const Expr& expr, const std::vector<Expr>& arguments) {
  for (const auto& [known, words] : draws_) {
    if (known == arguments) return words;
  }
  if (leaves_.rank > dimensions) {
    throw ExpressionError(
        {.code = ErrorCode::field_rank,
         .message = fmt::format("'{}' is used in a kernel with {} dimensions.", short_text(expr), leaves_.rank),
         .hints = {"Random numbers know three coordinates: use them in kernels with 1 to 3 dimensions."}});
  }
  const auto word = [&](std::size_t i) { return low_word(integer_argument(expr, arguments[i], DType::uint64)); };
  ir::functions::PhiloxWords counter{word(counter_at), low_word(ir::index_constant(0)), low_word(ir::index_constant(0)),
                                     low_word(ir::index_constant(0))};
  for (int d = 0; d < dimensions; ++d) {
    const auto i = static_cast<std::size_t>(d);
    const Expr& offset = arguments[offsets_at + i];
    const Expr& period = arguments[periods_at + i];
    if (d >= leaves_.rank) {
      if (is_zero(offset) && is_zero(period)) continue;
      throw ExpressionError({.code = ErrorCode::field_rank,
                             .message = fmt::format("'{}' has an offset or a period in dimension {}, but the kernel "
                                                    "has {} dimensions.",
                                                    short_text(expr), d, leaves_.rank),
                             .hints = {"Give offsets and periods for the dimensions of the kernel only."}});
    }
    ir::Expr place = ir::loop_index(d);
    if (!is_zero(offset)) {
      place = ir::binary(ir::BinaryOp::add, place, integer_argument(expr, offset, DType::int64));
    }
    if (!is_zero(period)) place = wrapped(place, integer_argument(expr, period, DType::int64));
    counter[i + 1] = low_word(place);
  }
  const ir::functions::PhiloxWords words = ir::functions::philox(counter, {word(seed_at), word(stream_at)});
  draws_.emplace_back(arguments, words);
  return words;
}

ir::Expr ExprToIr::random(const Expr& expr, const sym::RandomNumber& number) {
  const ir::functions::PhiloxWords words = random_words(expr, number.arguments);
  const auto i = static_cast<std::size_t>(number.position);
  if (number.dtype == DType::float64) return ir::functions::uniform_float64(words[2 * i], words[2 * i + 1]);
  if (number.dtype == DType::float32) return ir::functions::uniform_float32(words[i]);
  return ir::cast(DType::uint32, words[i]);
}

}  // namespace cppstencils::kernel
