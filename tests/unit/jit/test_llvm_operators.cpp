// Every operator of the IR on every type: LLVM's code against the interpreter, bit by bit, scalar and in vectors.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ir/typing.hpp"
#include "jit/interpreter/interpreter.hpp"
#include "support/kernel_run.hpp"
#include "support/llvm_kernels.hpp"
#include "support/random.hpp"
#include "support/stencil_kernels.hpp"

namespace cppstencils::testing {
namespace {

using ir::BinaryOp;
using ir::CompareOp;
using ir::Expr;
using ir::UnaryOp;

constexpr DType all_types[] = {DType::boolean, DType::int8,    DType::int16,  DType::int32,
                               DType::int64,   DType::uint8,   DType::uint16, DType::uint32,
                               DType::uint64,  DType::float32, DType::float64};

std::int32_t interpret(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                       const std::int64_t* end) {
  static_cast<const jit::Interpreter*>(arguments->context)->run(*arguments, begin, end);
  return 0;
}

/// A row of cells with the operands a, b and c of one type, and one output array per result.
class OperatorKernel {
 public:
  explicit OperatorKernel(DType type) {
    kernel_.name = "operators";
    kernel_.rank = 1;
    for (const char* name : {"a", "b", "c"}) operands_.push_back(read(name, type));
    operands_.push_back(read("flag", DType::boolean));
  }

  const Expr& operand(std::size_t number) const { return operands_[number]; }
  const Expr& flag() const { return operands_[3]; }

  void add(std::string name, const Expr& value) {
    const ir::BufferId buffer{static_cast<std::uint32_t>(kernel_.buffers.size())};
    kernel_.buffers.push_back({std::move(name), value.type(), ir::BufferAccess::write, 1, {}});
    stores_.push_back({ir::Store{buffer, {0}, {}, value}});
  }

  ir::Kernel kernel() const {
    ir::Block cell = lets_;
    cell.insert(cell.end(), stores_.begin(), stores_.end());
    return with_loops(kernel_, std::move(cell));
  }

 private:
  Expr read(const char* name, DType type) {
    const ir::BufferId buffer{static_cast<std::uint32_t>(kernel_.buffers.size())};
    const ir::VarId variable{static_cast<std::uint32_t>(kernel_.variables.size())};
    kernel_.buffers.push_back({name, type, ir::BufferAccess::read, 1, {}});
    kernel_.variables.push_back({name, type});
    lets_.push_back({ir::Let{variable, ir::load(buffer, type, {0}, {})}});
    return ir::variable(variable, type);
  }

  ir::Kernel kernel_;
  std::vector<Expr> operands_;
  ir::Block lets_;
  ir::Block stores_;
};

class LlvmOperators : public ::testing::TestWithParam<std::string> {
 protected:
  // Runs of several lengths, full of infinities, NaNs, subnormals and the ends of integer ranges.
  void check(const ir::Kernel& kernel) {
    const jit::Interpreter interpreter(kernel);
    LlvmCompiler compiler(GetParam());
    const auto unit = compiler.compile(kernel, {ir::InnerStride::unit});
    const auto any = compiler.compile(kernel, {ir::InnerStride::any});
    for (std::uint64_t seed = 1; seed <= fuzz_rounds(40); ++seed) {
      SCOPED_TRACE(fmt::format("seed {}", seed));
      const RunInputs inputs = make_inputs(kernel, seed, StrideMode::contiguous);
      RunInputs expected = inputs;
      run(expected, {interpret, &interpreter});
      for (const auto& code : {unit, any}) {
        RunInputs actual = inputs;
        run(actual, {code->function()});
        ASSERT_TRUE(same_buffers(kernel, expected, actual)) << (code == unit ? "unit" : "any");
      }
    }
  }
};

TEST_P(LlvmOperators, Arithmetic) {
  for (const DType type : all_types) {
    if (type == DType::boolean) continue;
    SCOPED_TRACE(cppstencils::to_string(type));
    OperatorKernel kernel(type);
    const Expr a = kernel.operand(0);
    const Expr b = kernel.operand(1);
    for (const BinaryOp op : {BinaryOp::add, BinaryOp::subtract, BinaryOp::multiply, BinaryOp::divide,
                              BinaryOp::minimum, BinaryOp::maximum}) {
      kernel.add(std::string(ir::to_string(op)), ir::binary(op, a, b));
    }
    for (const UnaryOp op : {UnaryOp::negate, UnaryOp::absolute}) {
      kernel.add(std::string(ir::to_string(op)), ir::unary(op, a));
    }
    kernel.add("select", ir::select(kernel.flag(), a, b));
    check(kernel.kernel());
  }
}

TEST_P(LlvmOperators, FloatingPoint) {
  for (const DType type : {DType::float32, DType::float64}) {
    SCOPED_TRACE(cppstencils::to_string(type));
    OperatorKernel kernel(type);
    const Expr a = kernel.operand(0);
    for (const UnaryOp op : {UnaryOp::square_root, UnaryOp::floor, UnaryOp::ceil}) {
      kernel.add(std::string(ir::to_string(op)), ir::unary(op, a));
    }
    kernel.add("fused", ir::fused_multiply_add(a, kernel.operand(1), kernel.operand(2)));
    check(kernel.kernel());
  }
}

TEST_P(LlvmOperators, DivisionByConstants) {
  for (const DType type : all_types) {
    if (!is_integer(type)) continue;
    SCOPED_TRACE(cppstencils::to_string(type));
    OperatorKernel kernel(type);
    std::vector<std::int64_t> divisors{0, 1, 2, 3, 7, 100};
    if (is_signed_integer(type)) divisors.insert(divisors.end(), {-1, -2, -7});
    for (const std::int64_t divisor : divisors) {
      kernel.add(fmt::format("by {}", divisor), kernel.operand(0) / ir::int_constant(type, divisor));
    }
    check(kernel.kernel());
  }
}

TEST_P(LlvmOperators, ComparisonsAndLogic) {
  for (const DType type : all_types) {
    SCOPED_TRACE(cppstencils::to_string(type));
    OperatorKernel kernel(type);
    const Expr a = kernel.operand(0);
    const Expr b = kernel.operand(1);
    for (const CompareOp op : {CompareOp::equal, CompareOp::not_equal, CompareOp::less, CompareOp::less_equal}) {
      if (type == DType::boolean && (op == CompareOp::less || op == CompareOp::less_equal)) continue;
      kernel.add(std::string(ir::to_string(op)), ir::compare(op, a, b));
      kernel.add("itself", ir::compare(op, a, a));
    }
    if (type == DType::boolean) {
      kernel.add("and", ir::binary(BinaryOp::logical_and, a, b));
      kernel.add("or", ir::binary(BinaryOp::logical_or, a, b));
      kernel.add("not", ir::unary(UnaryOp::logical_not, a));
      kernel.add("rarely", ir::unary(UnaryOp::rarely, a));
      kernel.add("select", ir::select(a, b, kernel.flag()));
    }
    check(kernel.kernel());
  }
}

TEST_P(LlvmOperators, Casts) {
  for (const DType from : all_types) {
    SCOPED_TRACE(cppstencils::to_string(from));
    OperatorKernel kernel(from);
    // Large values, that need saturation and rounding, come from products.
    const Expr a = kernel.operand(0);
    for (const DType to : all_types) {
      kernel.add(std::string(cppstencils::to_string(to)), ir::cast(to, a));
      if (from == DType::boolean) continue;
      kernel.add(fmt::format("{} of product", cppstencils::to_string(to)),
                 ir::cast(to, a * ir::cast(from, ir::float_constant(DType::float64, 1e19)) * kernel.operand(1)));
    }
    check(kernel.kernel());
  }
}

// What only the first value of a selection needs is computed behind a branch, if it is more than a few operations.
TEST_P(LlvmOperators, RareValues) {
  for (const DType type : {DType::float64, DType::float32, DType::int32}) {
    SCOPED_TRACE(cppstencils::to_string(type));
    OperatorKernel kernel(type);
    const Expr a = kernel.operand(0);
    const Expr b = kernel.operand(1);
    Expr rare = a;
    Expr shared = b;
    for (int i = 0; i < 20; ++i) {
      rare = rare * b + a;
      shared = shared * a + b;
    }
    const Expr condition = ir::unary(UnaryOp::rarely, ir::compare(CompareOp::less, a, b));
    const Expr first = ir::select(condition, rare + shared, b);
    kernel.add("one", first);
    kernel.add("another with the same condition", ir::select(condition, rare * shared, a));
    kernel.add("one that needs the first", ir::select(condition, first * first + rare, first));
    kernel.add("what is needed anyway", shared);
    kernel.add("under another condition", ir::select(ir::unary(UnaryOp::rarely, kernel.flag()), rare * rare, first));
    check(kernel.kernel());
  }
}

TEST_P(LlvmOperators, Reinterpretation) {
  for (const DType from : all_types) {
    SCOPED_TRACE(cppstencils::to_string(from));
    OperatorKernel kernel(from);
    // The bits of a NaN are left open.
    const Expr a = kernel.operand(0);
    const Expr number =
        is_float(from) ? ir::select(ir::compare(CompareOp::equal, a, a), a, ir::float_constant(from, 1)) : a;
    bool has_any = false;
    for (const DType to : all_types) {
      if (size_of(to) != size_of(from) || !is_numeric(to) || !is_numeric(from) || is_float(to) == is_float(from))
        continue;
      has_any = true;
      kernel.add(std::string(cppstencils::to_string(to)), ir::reinterpret(to, number));
      kernel.add("there and back", ir::reinterpret(from, ir::reinterpret(to, number)));
    }
    EXPECT_EQ(has_any, is_numeric(from) && size_of(from) >= 4);
    if (has_any) check(kernel.kernel());
  }
}

TEST_P(LlvmOperators, MathFunctions) {
  using ir::MathFunction;
  for (const DType type : {DType::float32, DType::float64}) {
    SCOPED_TRACE(cppstencils::to_string(type));
    OperatorKernel kernel(type);
    const Expr a = kernel.operand(0);
    for (const MathFunction function :
         {MathFunction::exp, MathFunction::log, MathFunction::sin, MathFunction::cos, MathFunction::tan,
          MathFunction::sinh, MathFunction::cosh, MathFunction::tanh, MathFunction::asin, MathFunction::acos,
          MathFunction::atan, MathFunction::atan2, MathFunction::pow}) {
      // No push_back: g++ 12 would warn of an access that does not happen.
      const std::vector<Expr> arguments =
          ir::argument_count(function) == 2 ? std::vector<Expr>{a, kernel.operand(1)} : std::vector<Expr>{a};
      kernel.add(std::string(ir::to_string(function)), ir::call(function, arguments));
    }
    // What a compiler that knows these functions would rewrite or compute itself.
    kernel.add("square", ir::call(MathFunction::pow, {a, ir::float_constant(type, 2)}));
    kernel.add("root", ir::call(MathFunction::pow, {a, ir::float_constant(type, 0.5)}));
    kernel.add("power of two", ir::call(MathFunction::pow, {ir::float_constant(type, 2), a}));
    kernel.add("constant", ir::call(MathFunction::sin, {ir::float_constant(type, 0.7)}) + a);
    kernel.add("tan of atan", ir::call(MathFunction::tan, {ir::call(MathFunction::atan, {a})}));
    kernel.add("log of exp", ir::call(MathFunction::log, {ir::call(MathFunction::exp, {a})}));
    check(kernel.kernel());
  }
}

TEST_P(LlvmOperators, Coordinates) {
  for (const DType type : {DType::float32, DType::float64, DType::int64, DType::uint8}) {
    SCOPED_TRACE(cppstencils::to_string(type));
    OperatorKernel kernel(type);
    kernel.add("x", ir::cast(type, ir::loop_index(0)));
    kernel.add("x*a", ir::cast(type, ir::loop_index(0)) * kernel.operand(0));
    kernel.add("stride", ir::stride({0}, 0) * ir::loop_index(0));
    check(kernel.kernel());
  }
}

INSTANTIATE_TEST_SUITE_P(Processors, LlvmOperators, ::testing::ValuesIn(usable_processors()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace cppstencils::testing
