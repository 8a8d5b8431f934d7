#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "suite/models.hpp"

namespace bench {

/// Inner cells per dimension, x first.
using Shape = std::vector<std::int64_t>;

/// The loops by hand behind the call path and the threads of the library, so that only the code differs.
template <class T>
class HandWritten final : public cs::Executable {
 public:
  HandWritten(const cs::KernelFunction& kernel, hand_written::Loop<T> loop) : loop_(loop) {
    for (const cs::Parameter& parameter : kernel.parameters()) {
      if (parameter.role == cs::Parameter::Role::scalar) {
        ++scalars_;
        continue;
      }
      ++arrays_;
      rank_ = static_cast<std::size_t>(parameter.field->rank);
      axes_ = rank_ + parameter.field->index_shape.size();
    }
  }
  cs::EntryPoint entry_point(cs::Variant) override { return {&HandWritten::run, this}; }

 private:
  static std::int32_t run(const cs::CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                          const std::int64_t* end) {
    const auto& self = *static_cast<const HandWritten*>(arguments->context);
    hand_written::Arrays<T> arrays;
    for (std::size_t i = 0; i < self.arrays_; ++i) arrays.data[i] = static_cast<T*>(arguments->data[i]);
    arrays.y = arguments->strides[1];
    if (self.rank_ == 3) arrays.z = arguments->strides[2];
    if (self.axes_ > self.rank_) arrays.q = arguments->strides[self.rank_];
    for (std::size_t i = 0; i < self.scalars_; ++i) {
      arrays.scalars[i] = *static_cast<const T*>(arguments->scalars[i]);
    }
    self.loop_(arrays, begin, end);
    return 0;
  }

  hand_written::Loop<T> loop_;
  std::size_t arrays_ = 0, scalars_ = 0, rank_ = 0, axes_ = 0;
};

template <class T>
hand_written::Loops<T> loops_of(const Model& model);

/// The arrays of a model, with smooth numbers in all that are read, and a second array for results to compare.
template <class T>
class Case {
 public:
  Case(const Model& model, const Shape& shape);

  const Model& model() const { return model_; }
  double cells() const;
  enum class Result : std::uint8_t { first, second };
  /// Binds a kernel of this model's to the arrays.
  cs::BoundKernel bind(const cs::CompiledKernel& kernel, Result result);
  /// Two calls, the second one with the arrays in turn: the result of the first call is what it reads last.
  std::vector<cs::BoundKernel> bind_in_turn(const cs::CompiledKernel& kernel);
  /// The largest difference of the two results relative to the largest number; 0 only if they have the same bits.
  double difference() const;
  /// Forgets what the second result was.
  void clear_second() { fill(second_, 0); }
  cs::Array<T>& input(std::size_t i) { return inputs_[i]; }
  cs::Array<T>& result() { return first_; }

 private:
  static cs::Array<T> array(const Model& model, const Shape& shape);
  void fill(cs::Array<T>& array, double scale);
  cs::BoundKernel bind(const cs::CompiledKernel& kernel, const std::vector<cs::Array<T>*>& arrays);

  const Model& model_;
  Shape shape_;
  std::vector<cs::Array<T>> inputs_;
  cs::Array<T> first_, second_;
};

extern template class Case<float>;
extern template class Case<double>;

/// The loops by hand with as many threads.
template <class T>
cs::CompiledKernel by_hand(const Model& model, hand_written::Loop<T> loop, int threads);

/// How far results by hand may be away: they are computed in another order.
template <class T>
constexpr double tolerance = sizeof(T) == 8 ? 1e-12 : 2e-5;

/// Throws std::runtime_error if `difference` is more than `allowed`.
void require(double difference, double allowed, const std::string& what);

/// The inner cells of a box whose arrays take about that many bytes; rows are long enough for vectors.
Shape shape_for(const Model& model, cs::DType dtype, std::int64_t bytes);
std::string to_string(const Shape& shape);

}  // namespace bench
