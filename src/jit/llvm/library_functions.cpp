#include "jit/llvm/library_functions.hpp"

#include <cmath>

#include "emit/ir_to_llvm.hpp"

namespace cppstencils::jit {
namespace {

template <class T>
using Unary = T (*)(T);
template <class T>
using Binary = T (*)(T, T);
template <class T>
using Ternary = T (*)(T, T, T);

template <class F>
void* address(F function) {
  return reinterpret_cast<void*>(function);
}

/// The functions that std::exp and so on of these types are.
template <class T>
void* math_function(ir::MathFunction function);

#define CPPSTENCILS_MATH_FUNCTIONS(Type, suffix)         \
  template <>                                            \
  void* math_function<Type>(ir::MathFunction function) { \
    switch (function) {                                  \
      case ir::MathFunction::exp:                        \
        return address<Unary<Type>>(::exp##suffix);      \
      case ir::MathFunction::log:                        \
        return address<Unary<Type>>(::log##suffix);      \
      case ir::MathFunction::sin:                        \
        return address<Unary<Type>>(::sin##suffix);      \
      case ir::MathFunction::cos:                        \
        return address<Unary<Type>>(::cos##suffix);      \
      case ir::MathFunction::tan:                        \
        return address<Unary<Type>>(::tan##suffix);      \
      case ir::MathFunction::sinh:                       \
        return address<Unary<Type>>(::sinh##suffix);     \
      case ir::MathFunction::cosh:                       \
        return address<Unary<Type>>(::cosh##suffix);     \
      case ir::MathFunction::tanh:                       \
        return address<Unary<Type>>(::tanh##suffix);     \
      case ir::MathFunction::asin:                       \
        return address<Unary<Type>>(::asin##suffix);     \
      case ir::MathFunction::acos:                       \
        return address<Unary<Type>>(::acos##suffix);     \
      case ir::MathFunction::atan:                       \
        return address<Unary<Type>>(::atan##suffix);     \
      case ir::MathFunction::atan2:                      \
        return address<Binary<Type>>(::atan2##suffix);   \
      case ir::MathFunction::pow:                        \
        return address<Binary<Type>>(::pow##suffix);     \
    }                                                    \
    return nullptr;                                      \
  }
CPPSTENCILS_MATH_FUNCTIONS(double, )
CPPSTENCILS_MATH_FUNCTIONS(float, f)
#undef CPPSTENCILS_MATH_FUNCTIONS

constexpr ir::MathFunction all_math_functions[] = {
    ir::MathFunction::exp,  ir::MathFunction::log,  ir::MathFunction::sin,  ir::MathFunction::cos,
    ir::MathFunction::tan,  ir::MathFunction::sinh, ir::MathFunction::cosh, ir::MathFunction::tanh,
    ir::MathFunction::asin, ir::MathFunction::acos, ir::MathFunction::atan, ir::MathFunction::atan2,
    ir::MathFunction::pow,
};

}  // namespace

std::vector<LibraryFunction> library_functions() {
  std::vector<LibraryFunction> functions = {
      {"fma", address<Ternary<double>>(::fma)},   {"fmaf", address<Ternary<float>>(::fmaf)},
      {"floor", address<Unary<double>>(::floor)}, {"floorf", address<Unary<float>>(::floorf)},
      {"ceil", address<Unary<double>>(::ceil)},   {"ceilf", address<Unary<float>>(::ceilf)},
  };
  for (const ir::MathFunction function : all_math_functions) {
    functions.push_back({emit::llvm_math_symbol(function, DType::float64), math_function<double>(function)});
    functions.push_back({emit::llvm_math_symbol(function, DType::float32), math_function<float>(function)});
  }
  return functions;
}

}  // namespace cppstencils::jit
