#include "support/random_kernel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "ir/builder.hpp"
#include "ir/traverse.hpp"
#include "support/random.hpp"

namespace cppstencils::testing {
namespace {

using ir::BufferId;
using ir::Expr;
using ir::ScalarId;
using ir::VarId;

class Generator {
 public:
  Generator(std::uint64_t seed, const RandomKernelOptions& options) : random_(seed), options_(options) {}

  ir::Kernel kernel() {
    kernel_.name = "random";
    kernel_.rank = options_.rank != 0 ? options_.rank : static_cast<int>(random_.between(1, 3));
    kernel_.fp_mode = options_.fp_mode;
    kernel_.order = options_.order;
    make_tables();
    ir::Block block = make_lets();
    make_reductions();
    add_stores(block);
    set_accesses(block);
    kernel_.body = make_loops(std::move(block));
    return std::move(kernel_);
  }

 private:
  DType any_type() { return random_.pick(options_.dtypes); }

  void make_tables() {
    const std::size_t sources = 1 + random_.below(3);
    const std::size_t targets = 1 + random_.below(2);
    for (std::size_t i = 0; i < sources + targets; ++i) {
      ir::Buffer buffer;
      buffer.name = i < sources ? fmt::format("source_{}", i) : fmt::format("target_{}", i - sources);
      buffer.dtype = any_type();
      buffer.rank = kernel_.rank;
      if (random_.chance(40)) buffer.index_shape.push_back(random_.between(1, 4));
      if (!buffer.index_shape.empty() && random_.chance(25)) buffer.index_shape.push_back(random_.between(1, 3));
      kernel_.buffers.push_back(std::move(buffer));
    }
    first_target_ = static_cast<std::uint32_t>(sources);
    const std::size_t scalars = random_.below(4);
    for (std::size_t i = 0; i < scalars; ++i) kernel_.scalars.push_back({fmt::format("scalar_{}", i), any_type()});
  }

  ir::Block make_lets() {
    ir::Block block;
    const std::int64_t count = random_.between(0, options_.lets);
    for (std::int64_t i = 0; i < count; ++i) {
      const DType type = random_.chance(10) ? DType::boolean : any_type();
      Expr value = expression(type, options_.depth);
      // Names may be empty and may repeat.
      const VarId id = new_variable(random_.chance(10) ? "" : fmt::format("value_{}", random_.below(4)), type);
      block.push_back({ir::Let{id, std::move(value)}});
    }
    return block;
  }

  std::vector<std::int64_t> any_index(const ir::Buffer& buffer) {
    std::vector<std::int64_t> index;
    for (const std::int64_t extent : buffer.index_shape) index.push_back(random_.between(0, extent - 1));
    return index;
  }

  std::vector<std::int64_t> any_offsets() {
    std::vector<std::int64_t> offsets;
    for (int d = 0; d < kernel_.rank; ++d) {
      offsets.push_back(random_.chance(50) ? 0
                                           : random_.between(-random_kernel_ghost_layers, random_kernel_ghost_layers));
    }
    return offsets;
  }

  bool is_sequential() const { return kernel_.order == ir::IterationOrder::sequential; }
  std::vector<std::int64_t> no_offsets() const {
    return std::vector<std::int64_t>(static_cast<std::size_t>(kernel_.rank), 0);
  }

  static bool has_load(const Expr& expr) {
    bool found = false;
    ir::ExprVisitor visit([&](const Expr& e) { found = found || ir::get_if<ir::Load>(e) != nullptr; });
    visit(expr);
    return found;
  }

  VarId new_variable(const std::string& name, DType type) {
    kernel_.variables.push_back({name, type});
    return VarId{static_cast<std::uint32_t>(kernel_.variables.size() - 1)};
  }

  void make_reductions() {
    if (options_.reductions == 0) return;
    using enum ReductionOp;
    const std::int64_t count = random_.between(1, options_.reductions);
    for (std::int64_t i = 0; i < count; ++i) {
      DType type = any_type();
      while (!is_numeric(type)) type = any_type();
      const auto op = random_.pick(std::vector{add, subtract, multiply, minimum, maximum});
      kernel_.reductions.push_back({fmt::format("reduction_{}", i), type, op});
      reduces_.push_back({ir::ReductionId{static_cast<std::uint32_t>(i)}, expression(type, options_.depth)});
    }
  }

  void add_stores(ir::Block& block) {
    std::vector<ir::Stmt> stores;
    std::set<std::tuple<std::uint32_t, std::vector<std::int64_t>, std::vector<std::int64_t>>> written;
    const std::int64_t count = random_.between(1, options_.stores);
    for (std::int64_t i = 0; i < count; ++i) {
      const BufferId id{static_cast<std::uint32_t>(
          random_.between(first_target_, static_cast<std::int64_t>(kernel_.buffers.size()) - 1))};
      std::vector<std::int64_t> index = any_index(kernel_.buffer(id));
      std::vector<std::int64_t> offsets = is_sequential() && random_.chance(30) ? any_offsets() : no_offsets();
      if (!written.emplace(id.value, offsets, index).second) continue;
      const DType type = kernel_.buffer(id).dtype;
      Expr value = expression(type, options_.depth);
      // No load may follow a store.
      if (random_.chance(30) || (!stores.empty() && has_load(value))) {
        const VarId stored = new_variable("stored", type);
        block.push_back({ir::Let{stored, std::move(value)}});
        value = ir::variable(stored, type);
      }
      stores.push_back({ir::Store{id, std::move(offsets), std::move(index), std::move(value)}});
    }
    for (ir::Reduce& reduce : reduces_) block.push_back({std::move(reduce)});
    for (ir::Stmt& store : stores) block.push_back(std::move(store));
  }

  void set_accesses(const ir::Block& block) {
    std::set<BufferId> read;
    std::set<BufferId> written;
    ir::ExprVisitor visit([&](const Expr& e) {
      if (const ir::Load* load = ir::get_if<ir::Load>(e)) read.insert(load->buffer);
    });
    for (const ir::Stmt& stmt : block) {
      for (const Expr& e : ir::expressions(stmt)) visit(e);
      if (const ir::Store* store = std::get_if<ir::Store>(&stmt.kind)) written.insert(store->buffer);
    }
    for (std::uint32_t i = 0; i < kernel_.buffers.size(); ++i) {
      const bool is_read = read.contains(BufferId{i});
      if (!written.contains(BufferId{i})) continue;
      kernel_.buffers[i].access = is_read ? ir::BufferAccess::read_write : ir::BufferAccess::write;
    }
  }

  ir::Block make_loops(ir::Block block) {
    std::vector<int> order;
    for (int d = kernel_.rank - 1; d >= 0; --d) order.push_back(d);
    if (random_.chance(25)) random_.shuffle(order);
    for (const int dimension : order) {
      const std::int64_t step = random_.chance(15) ? random_.between(2, 3) : 1;
      ir::Block outer;
      outer.push_back({ir::Loop{dimension, step, std::move(block)}});
      block = std::move(outer);
    }
    return block;
  }

  Expr expression(DType type, int depth) {
    std::vector<Expr>& earlier = earlier_[type];
    if (!earlier.empty() && random_.chance(15)) return random_.pick(earlier);
    if (depth <= 1 || random_.chance(15)) return leaf(type);
    Expr result = type == DType::boolean ? condition(depth) : number(type, depth);
    earlier.push_back(result);
    return result;
  }

  Expr constant(DType type) {
    if (type == DType::boolean) return ir::bool_constant(random_.chance(50));
    if (is_float(type)) {
      const std::vector<double> usual{0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 0.25, 3.0, 0.1, -1.7};
      return ir::float_constant(type, random_.chance(70) ? random_.pick(usual) : 10 * random_.fraction() - 5);
    }
    if (random_.chance(10)) {  // any bits
      const std::uint64_t unused = 64 - 8 * size_of(type);
      return ir::constant_from_bits(type, random_.bits() << unused >> unused);
    }
    return ir::int_constant(type, random_.between(is_signed_integer(type) ? -3 : 0, 5));
  }

  Expr load_from(BufferId id) {
    const ir::Buffer& buffer = kernel_.buffer(id);
    const bool any_place = id.value < first_target_ || is_sequential();
    return ir::load(id, buffer.dtype, any_place ? any_offsets() : no_offsets(), any_index(buffer));
  }

  /// A leaf of the type, or a conversion of one.
  Expr leaf(DType type) {
    if (random_.chance(20)) return constant(type);
    std::vector<Expr> all;
    const auto offer = [&](Expr e, int weight) {
      for (int i = 0; i < weight; ++i) all.push_back(e);
    };
    // A fitting type is preferred, so that not everything is a conversion.
    const auto weight = [&](DType other) { return other == type ? 12 : 1; };
    for (std::uint32_t i = 0; i < kernel_.variables.size(); ++i) {
      offer(ir::variable(VarId{i}, kernel_.variables[i].dtype), 2 * weight(kernel_.variables[i].dtype));
    }
    for (std::uint32_t i = 0; i < kernel_.scalars.size(); ++i) {
      offer(ir::scalar_parameter(ScalarId{i}, kernel_.scalars[i].dtype), weight(kernel_.scalars[i].dtype));
    }
    for (std::uint32_t i = 0; i < kernel_.buffers.size(); ++i) {
      offer(load_from(BufferId{i}), 3 * weight(kernel_.buffers[i].dtype));
    }
    if (std::find(options_.dtypes.begin(), options_.dtypes.end(), DType::int64) != options_.dtypes.end()) {
      offer(ir::loop_index(static_cast<int>(random_.below(static_cast<std::size_t>(kernel_.rank)))), 1);
    }
    return ir::cast(type, random_.pick(all));
  }

  Expr number(DType type, int depth) {
    const auto operand = [&] { return expression(type, depth - 1); };
    const std::size_t choice = random_.below(100);
    if (choice < 45) {
      using enum ir::BinaryOp;
      const std::vector ops{add, add, subtract, multiply, multiply, divide};
      Expr left = operand();
      return ir::binary(random_.pick(ops), std::move(left), operand());
    }
    if (choice < 52) {
      const auto op = random_.chance(50) ? ir::BinaryOp::minimum : ir::BinaryOp::maximum;
      Expr left = operand();
      return ir::binary(op, std::move(left), operand());
    }
    if (choice < 62) return ir::unary(random_.chance(60) ? ir::UnaryOp::negate : ir::UnaryOp::absolute, operand());
    if (choice < 72) {
      Expr chosen = expression(DType::boolean, depth - 1);
      if (random_.chance(30)) chosen = ir::unary(ir::UnaryOp::rarely, std::move(chosen));
      Expr if_true = operand();
      return ir::select(std::move(chosen), std::move(if_true), operand());
    }
    if (choice < 78) return ir::cast(type, expression(any_type(), depth - 1));
    if (choice < 80) return bits(type, depth);
    if (!is_float(type)) {
      if (type == DType::boolean || choice >= 90) return leaf(type);
      Expr left = operand();
      return ir::binary(random_.chance(50) ? ir::BinaryOp::bit_and : ir::BinaryOp::bit_xor, std::move(left), operand());
    }
    if (choice < 88) {
      Expr a = operand();
      Expr b = operand();
      return ir::fused_multiply_add(std::move(a), std::move(b), operand());
    }
    if (choice < 94 || options_.math_functions == MathFunctions::excluded) {
      using enum ir::UnaryOp;
      return ir::unary(random_.pick(std::vector{square_root, floor, ceil}), operand());
    }
    return math_call(type, depth);
  }

  /// The bits of an expression of the same size, if one of the two types is a float.
  Expr bits(DType type, int depth) {
    std::vector<DType> partners;
    for (const DType other : options_.dtypes) {
      if (size_of(other) == size_of(type) && is_numeric(other) && is_float(other) != is_float(type)) {
        partners.push_back(other);
      }
    }
    if (partners.empty()) return leaf(type);
    const Expr operand = expression(random_.pick(partners), depth - 1);
    const Expr result = ir::reinterpret(type, operand);
    if (is_float(type)) return result;
    // The bits of a NaN are left open.
    return ir::select(ir::compare(ir::CompareOp::equal, operand, operand), result, constant(type));
  }

  Expr math_call(DType type, int depth) {
    using enum ir::MathFunction;
    const auto function =
        random_.pick(std::vector{exp, log, sin, cos, tan, sinh, cosh, tanh, asin, acos, atan, atan2, pow});
    std::vector<Expr> arguments{expression(type, depth - 1)};
    if (function == atan2 || function == pow) arguments.push_back(expression(type, depth - 1));
    return ir::call(function, std::move(arguments));
  }

  Expr condition(int depth) {
    const std::size_t choice = random_.below(100);
    if (choice < 55) {
      using enum ir::CompareOp;
      const DType type = any_type();
      const auto op = type == DType::boolean ? random_.pick(std::vector{equal, not_equal})
                                             : random_.pick(std::vector{equal, not_equal, less, less_equal});
      Expr left = expression(type, depth - 1);
      return ir::compare(op, std::move(left), expression(type, depth - 1));
    }
    if (choice < 75) {
      const auto op = random_.chance(50) ? ir::BinaryOp::logical_and : ir::BinaryOp::logical_or;
      Expr left = expression(DType::boolean, depth - 1);
      return ir::binary(op, std::move(left), expression(DType::boolean, depth - 1));
    }
    if (choice < 85) {
      const auto op = random_.chance(50) ? ir::UnaryOp::logical_not : ir::UnaryOp::rarely;
      return ir::unary(op, expression(DType::boolean, depth - 1));
    }
    if (choice < 92) return ir::cast(DType::boolean, expression(any_type(), depth - 1));
    Expr chosen = expression(DType::boolean, depth - 1);
    Expr if_true = expression(DType::boolean, depth - 1);
    return ir::select(std::move(chosen), std::move(if_true), expression(DType::boolean, depth - 1));
  }

  Random random_;
  const RandomKernelOptions& options_;
  ir::Kernel kernel_;
  std::uint32_t first_target_ = 0;
  std::vector<ir::Reduce> reduces_;
  std::map<DType, std::vector<Expr>> earlier_;
};

}  // namespace

ir::Kernel random_kernel(std::uint64_t seed, const RandomKernelOptions& options) {
  return Generator(seed, options).kernel();
}

}  // namespace cppstencils::testing
