#include "runtime/thread_use.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"
#include "ir/traverse.hpp"
#include "runtime/processors.hpp"

namespace cppstencils::runtime {

namespace {

/// Less work than this is not worth a thread, in nanoseconds. A worker that sleeps needs about as long to begin.
constexpr double least_part_time = 20'000;

/// The executor is asked for no more, so that a call needs no memory from the heap.
constexpr std::int64_t most_parts = 1024;

double cost(ir::UnaryOp operation) {
  switch (operation) {
    case ir::UnaryOp::square_root:
      return 8;
    case ir::UnaryOp::negate:
    case ir::UnaryOp::logical_not:
    case ir::UnaryOp::absolute:
    case ir::UnaryOp::floor:
    case ir::UnaryOp::ceil:
    case ir::UnaryOp::rarely:
      return 1;
  }
  return 1;
}

double cost(const ir::Binary& operation) {
  if (operation.op != ir::BinaryOp::divide) return 1;
  // Unsigned numbers are shifted by dividing them.
  const std::optional<std::uint64_t> divisor = ir::constant_bits(operation.right);
  const bool is_shift = divisor && is_unsigned_integer(operation.right.type()) && std::has_single_bit(*divisor);
  return is_shift ? 1 : 8;
}

/// In vector operations of the simplest kind.
double cost(const ir::Expr& expr) {
  return ir::match(
      expr, [](const ir::Constant&) { return 0.0; }, [](const ir::Variable&) { return 0.0; },
      [](const ir::ScalarParameter&) { return 0.0; }, [](const ir::LoopIndex&) { return 0.0; },
      [](const ir::Stride&) { return 0.0; }, [](const ir::Load&) { return 1.0; },
      [](const ir::ElementLoad&) { return 1.0; }, [](const ir::Unary& unary) { return cost(unary.op); },
      [](const ir::Binary& binary) { return cost(binary); }, [](const ir::FusedMultiplyAdd&) { return 1.0; },
      [](const ir::Compare&) { return 1.0; }, [](const ir::Select&) { return 1.0; },
      [](const ir::Call&) { return 100.0; }, [](const ir::Cast&) { return 1.0; },
      [](const ir::Reinterpret&) { return 0.0; });
}

}  // namespace

int thread_limit() {
  const char* const text = std::getenv("CPPSTENCILS_THREADS");
  if (text == nullptr) return std::numeric_limits<int>::max();
  const std::string_view number = text;
  int limit = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), limit);
  if (error != std::errc() || end != number.data() + number.size() || limit < 1) {
    throw ConfigError(
        {.code = ErrorCode::invalid_config,
         .message = fmt::format("The environment variable CPPSTENCILS_THREADS is '{}', which is no number of threads.",
                                number),
         .hints = {"Set it to 1 or more, or unset it to use all processors."}});
  }
  return limit;
}

double cell_time(const ir::Kernel& kernel) {
  constexpr double operation_time = 0.03;
  double operations = 0;
  ir::ExprVisitor visit([&](const ir::Expr& expr) { operations += cost(expr); });
  for (const ir::Stmt& stmt : ir::cell_block(kernel)) {
    const bool is_let = std::holds_alternative<ir::Let>(stmt.kind);
    if (!is_let) operations += 1;
    for (const ir::Expr& expr : ir::expressions(stmt)) visit(expr);
  }
  return operation_time * operations;
}

ThreadUse::ThreadUse(const ir::Kernel& kernel, const PreparedKernel& prepared, const CpuOptions& options)
    : executor(options.executor),
      threads(options.threads),
      limit(thread_limit()),
      rank(prepared.ranges.size()),
      loop_order(prepared.loop_order) {
  if (kernel.order == ir::IterationOrder::sequential) limit = 1;
  double volume_per_cell = 1;
  for (const IterationRange& range : prepared.ranges) {
    steps.push_back(range.step);
    volume_per_cell *= static_cast<double>(range.step);
  }
  least_part_volume = least_part_time / cell_time(kernel) * volume_per_cell;
  constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
  const bool is_alone = std::min(limit, threads.value_or(limit)) == 1;
  least_volume = is_alone || 2 * least_part_volume >= static_cast<double>(never)
                     ? never
                     : static_cast<std::int64_t>(2 * least_part_volume);
}

Partition ThreadUse::partition(const CallFrame& frame) const {
  double volume = 1;
  for (std::size_t d = 0; d < rank; ++d) volume *= static_cast<double>(frame.end()[d] - frame.begin()[d]);
  const std::int64_t most = std::min<std::int64_t>({threads ? *threads : available_processors(), limit, most_parts});
  const double worth = std::max(volume / least_part_volume, 1.0);
  return split(frame.begin(), frame.end(), steps, loop_order,
               worth < static_cast<double>(most) ? static_cast<std::int64_t>(worth) : most);
}

}  // namespace cppstencils::runtime
