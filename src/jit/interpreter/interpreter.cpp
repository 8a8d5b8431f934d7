#include "jit/interpreter/interpreter.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "ir/arithmetic.hpp"
#include "ir/functions/expand_functions.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::jit {
namespace {

/// The math functions of the C library, in the precision of T.
template <class T>
T apply(ir::MathFunction function, T a, T b) {
  switch (function) {
    case ir::MathFunction::exp:
      return std::exp(a);
    case ir::MathFunction::log:
      return std::log(a);
    case ir::MathFunction::sin:
      return std::sin(a);
    case ir::MathFunction::cos:
      return std::cos(a);
    case ir::MathFunction::tan:
      return std::tan(a);
    case ir::MathFunction::sinh:
      return std::sinh(a);
    case ir::MathFunction::cosh:
      return std::cosh(a);
    case ir::MathFunction::tanh:
      return std::tanh(a);
    case ir::MathFunction::asin:
      return std::asin(a);
    case ir::MathFunction::acos:
      return std::acos(a);
    case ir::MathFunction::atan:
      return std::atan(a);
    case ir::MathFunction::atan2:
      return std::atan2(a, b);
    case ir::MathFunction::pow:
      return std::pow(a, b);
  }
  return a;
}

std::uint64_t call_function(ir::MathFunction function, DType type, std::uint64_t a, std::uint64_t b) {
  if (type == DType::float32) {
    const auto value = [](std::uint64_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); };
    return std::bit_cast<std::uint32_t>(apply(function, value(a), value(b)));
  }
  return std::bit_cast<std::uint64_t>(apply(function, std::bit_cast<double>(a), std::bit_cast<double>(b)));
}

/// The element at `address`, zero-extended. A boolean is true if its byte is not zero.
std::uint64_t read_memory(const void* address, DType type) {
  const auto read = [&]<class Bits>(Bits bits) -> std::uint64_t {
    std::memcpy(&bits, address, sizeof bits);
    return bits;
  };
  if (type == DType::boolean) return read(std::uint8_t{}) != 0 ? 1 : 0;
  switch (size_of(type)) {
    case 1:
      return read(std::uint8_t{});
    case 2:
      return read(std::uint16_t{});
    case 4:
      return read(std::uint32_t{});
    default:
      return read(std::uint64_t{});
  }
}

void write_memory(void* address, DType type, std::uint64_t bits) {
  const auto write = [&](auto value) { std::memcpy(address, &value, sizeof value); };
  switch (size_of(type)) {
    case 1:
      return write(static_cast<std::uint8_t>(bits));
    case 2:
      return write(static_cast<std::uint16_t>(bits));
    case 4:
      return write(static_cast<std::uint32_t>(bits));
    default:
      return write(bits);
  }
}

}  // namespace

/// Turns blocks into lists of steps. A node that several expressions of a block share is computed once.
class Interpreter::Flattener {
 public:
  explicit Flattener(std::size_t variables) : variable_slots_(variables, 0) {}

  std::vector<Step> flatten(const ir::Block& block) {
    std::vector<Step> steps;
    std::vector<Step> writes;
    std::unordered_map<const ir::Node*, std::uint32_t> slots;
    // What a block holds is alive as long as the kernel is, so that addresses identify nodes.
    ir::ExprVisitor visit([&](const ir::Expr& expr) {
      if (const auto* variable = ir::get_if<ir::Variable>(expr)) {
        slots[&expr.node()] = variable_slots_[variable->id.value];
        return;
      }
      Compute step{expr, slot_count_++, {}};
      const std::vector<ir::Expr> operands = ir::children(expr);
      CPPSTENCILS_CHECK(operands.size() <= step.operands.size(), "An operator has more than three operands.");
      for (std::size_t i = 0; i < operands.size(); ++i) step.operands[i] = slots.at(&operands[i].node());
      slots[&expr.node()] = step.slot;
      steps.emplace_back(std::move(step));
    });
    const auto slot_of = [&](const ir::Expr& expr) {
      visit(expr);
      return slots.at(&expr.node());
    };
    for (const ir::Stmt& stmt : block) {
      ir::match(
          stmt, [&](const ir::Let& let) { variable_slots_[let.id.value] = slot_of(let.value); },
          [&](const ir::Store& store) {
            writes.emplace_back(WriteCell{store, slot_of(store.value)});
          },
          [&](const ir::ElementStore& store) {
            const std::uint32_t position = slot_of(store.position);
            writes.emplace_back(WriteElement{store.buffer, position, slot_of(store.value)});
          },
          [&](const ir::Reduce& reduce) {
            writes.emplace_back(Accumulate{reduce.id, slot_of(reduce.value)});
          },
          [&](const ir::Loop& loop) {
            steps.emplace_back(Repeat{loop.dimension, loop.step, flatten(loop.body)});
          });
    }
    // A cell reads everything before it writes anything.
    for (Step& write : writes) steps.push_back(std::move(write));
    return steps;
  }

  std::uint32_t slot_count() const { return slot_count_; }

 private:
  std::vector<std::uint32_t> variable_slots_;
  std::uint32_t slot_count_ = 0;
};

/// The state of one run.
class Frame {
 public:
  Frame(const Interpreter& program, const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
        const std::int64_t* end)
      : program_(program),
        arguments_(arguments),
        begin_(begin),
        end_(end),
        cell_(static_cast<std::size_t>(program.kernel_.rank), 0),
        values_(program.slots_, 0) {}

  void run(const std::vector<Interpreter::Step>& steps) {
    for (const Interpreter::Step& step : steps) {
      match_kind(
          step, [&](const Interpreter::Compute& s) { values_[s.slot] = compute(s); },
          [&](const Interpreter::WriteCell& s) {
            write(s.store.buffer, cell_position(s.store.buffer, s.store.offsets, s.store.index), values_[s.value]);
          },
          [&](const Interpreter::WriteElement& s) { write(s.buffer, as_index(values_[s.position]), values_[s.value]); },
          [&](const Interpreter::Accumulate& s) { accumulate(s.id, values_[s.value]); },
          [&](const Interpreter::Repeat& s) { repeat(s); });
    }
  }

 private:
  void repeat(const Interpreter::Repeat& loop) {
    const auto dimension = static_cast<std::size_t>(loop.dimension);
    std::int64_t& i = cell_[dimension];
    for (i = begin_[dimension]; i < end_[dimension];) {
      // When a cell runs, the innermost loop has said this last.
      cell_of_loop_ = (i - begin_[dimension]) / loop.step;
      run(loop.body);
      if (end_[dimension] - i <= loop.step) break;  // i + step might not be representable
      i += loop.step;
    }
  }

  std::uint64_t compute(const Interpreter::Compute& step) const {
    const DType type = step.expr.type();
    const auto operand = [&](std::size_t i) { return values_[step.operands[i]]; };
    return ir::match(
        step.expr, [](const ir::Constant& e) { return e.bits; },
        [](const ir::Variable&) -> std::uint64_t {
          CPPSTENCILS_CHECK(false, "A variable is the value of its definition and is never computed.");
          return 0;
        },
        [&](const ir::ScalarParameter& e) { return read_memory(arguments_.scalars[e.id.value], type); },
        [&](const ir::LoopIndex& e) {
          return static_cast<std::uint64_t>(cell_[static_cast<std::size_t>(e.dimension)]);
        },
        [&](const ir::Stride& e) { return static_cast<std::uint64_t>(strides(e.buffer)[e.axis]); },
        [&](const ir::Load& e) { return read(e.buffer, cell_position(e.buffer, e.offsets, e.index)); },
        [&](const ir::ElementLoad& e) { return read(e.buffer, as_index(operand(0))); },
        [&](const ir::Unary& e) { return ir::evaluate(e.op, type, operand(0)); },
        [&](const ir::Binary& e) { return ir::evaluate(e.op, type, operand(0), operand(1)); },
        [&](const ir::FusedMultiplyAdd&) {
          return ir::evaluate_fused_multiply_add(type, operand(0), operand(1), operand(2));
        },
        [&](const ir::Compare& e) { return ir::evaluate(e.op, e.left.type(), operand(0), operand(1)); },
        [&](const ir::Select&) { return operand(0) != 0 ? operand(1) : operand(2); },
        [&](const ir::Call& e) {
          return call_function(e.function, type, operand(0), e.arguments.size() > 1 ? operand(1) : 0);
        },
        [&](const ir::Cast& e) { return ir::evaluate_cast(type, e.operand.type(), operand(0)); },
        // Values are zero-extended bits.
        [&](const ir::Reinterpret&) { return operand(0); });
  }

  static std::int64_t as_index(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }

  void accumulate(ir::ReductionId id, std::uint64_t value) const {
    const ir::Reduction& reduction = program_.kernel_.reduction(id);
    const auto size = static_cast<std::int64_t>(size_of(reduction.dtype));
    auto* const lanes = static_cast<char*>(arguments_.data[program_.kernel_.buffers.size() + id.value]);
    char* const lane = lanes + cell_of_loop_ % ir::reduction_lanes * size;
    const std::uint64_t before = read_memory(lane, reduction.dtype);
    write_memory(lane, reduction.dtype, ir::evaluate(ir::lane_op(reduction.op), reduction.dtype, before, value));
  }

  const std::int64_t* strides(ir::BufferId buffer) const {
    return arguments_.strides + program_.first_stride_[buffer.value];
  }

  std::int64_t cell_position(ir::BufferId buffer, const std::vector<std::int64_t>& offsets,
                             const std::vector<std::int64_t>& index) const {
    const std::int64_t* stride = strides(buffer);
    std::int64_t position = 0;
    for (std::size_t d = 0; d < offsets.size(); ++d) position += (cell_[d] + offsets[d]) * *stride++;
    for (const std::int64_t component : index) position += component * *stride++;
    return position;
  }

  char* address(ir::BufferId buffer, std::int64_t position) const {
    const auto size = static_cast<std::int64_t>(size_of(program_.kernel_.buffer(buffer).dtype));
    return static_cast<char*>(arguments_.data[buffer.value]) + position * size;
  }
  std::uint64_t read(ir::BufferId buffer, std::int64_t position) const {
    return read_memory(address(buffer, position), program_.kernel_.buffer(buffer).dtype);
  }
  void write(ir::BufferId buffer, std::int64_t position, std::uint64_t bits) const {
    write_memory(address(buffer, position), program_.kernel_.buffer(buffer).dtype, bits);
  }

  const Interpreter& program_;
  const CppstencilsKernelArguments& arguments_;
  const std::int64_t* begin_;
  const std::int64_t* end_;
  std::vector<std::int64_t> cell_;
  std::int64_t cell_of_loop_ = 0;  // number of the cell in its row
  std::vector<std::uint64_t> values_;
};

Interpreter::Interpreter(const ir::Kernel& kernel) : kernel_(ir::expand_functions(kernel)) {
  std::size_t strides = 0;
  for (const ir::Buffer& buffer : kernel_.buffers) {
    first_stride_.push_back(strides);
    strides += static_cast<std::size_t>(buffer.axes());
  }
  Flattener flattener(kernel_.variables.size());
  steps_ = flattener.flatten(kernel_.body);
  slots_ = flattener.slot_count();
}

void Interpreter::run(const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
                      const std::int64_t* end) const {
  Frame(*this, arguments, begin, end).run(steps_);
}

void interpret(const ir::Kernel& kernel, const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
               const std::int64_t* end) {
  Interpreter(kernel).run(*arguments, begin, end);
}

}  // namespace cppstencils::jit
