#include "suite/case.hpp"

#include <cmath>
#include <cstring>
#include <numbers>
#include <stdexcept>

#include <fmt/format.h>

namespace bench {

namespace {

/// Calls `row(first element, count)` for all rows along the first, fastest dimension.
template <class ArrayOrConst, class Function>
void for_rows(ArrayOrConst& array, Function row) {
  const std::vector<std::int64_t>& extents = array.extents();
  std::vector<std::int64_t> at(extents.size(), 0);
  const std::vector<std::int64_t> strides = array.strides();
  for (;;) {
    std::int64_t position = 0;
    for (std::size_t d = 1; d < at.size(); ++d) position += at[d] * strides[d];
    row(array.data() + position, position, extents[0]);
    std::size_t d = 1;
    while (d < at.size() && ++at[d] == extents[d]) at[d++] = 0;
    if (d == at.size()) return;
  }
}

}  // namespace

template <>
hand_written::Loops<float> loops_of<float>(const Model& model) {
  return hand_written::float_loops(model.loops);
}
template <>
hand_written::Loops<double> loops_of<double>(const Model& model) {
  return hand_written::double_loops(model.loops);
}

template <class T>
cs::Array<T> Case<T>::array(const Model& model, const Shape& shape) {
  std::vector<std::int64_t> extents;
  for (const std::int64_t cells : shape) extents.push_back(cells + 2 * model.reach);
  if (model.directions > 0) extents.push_back(model.directions);
  return cs::Array<T>(
      extents, {.layout = cs::Layout::soa(), .index_rank = model.directions > 0 ? 1 : 0, .ghost_layers = model.reach});
}

template <class T>
void Case<T>::fill(cs::Array<T>& array, double scale) {
  // Numbers that differ from cell to cell and repeat after a prime number of cells.
  static const std::vector<double> wave = [] {
    std::vector<double> values(10007);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = 1 + 0.01 * std::sin(0.37 * static_cast<double>(i));
    return values;
  }();
  std::size_t next = 0;
  for_rows(array, [&](T* row, std::int64_t, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      row[i] = static_cast<T>(scale * wave[next]);
      next = next + 1 == wave.size() ? 0 : next + 1;
    }
  });
}

template <class T>
Case<T>::Case(const Model& model, const Shape& shape)
    : model_(model), shape_(shape), first_(array(model, shape)), second_(array(model, shape)) {
  for (std::size_t i = 0; i < model.inputs.size(); ++i) {
    inputs_.push_back(array(model, shape));
    fill(inputs_.back(), model.directions > 0 ? 1.0 / model.directions : 0.7);
  }
  fill(first_, 0);
  fill(second_, 0);
}

template <class T>
double Case<T>::cells() const {
  double result = 1;
  for (const std::int64_t cells : shape_) result *= static_cast<double>(cells);
  return result;
}

template <class T>
cs::BoundKernel Case<T>::bind(const cs::CompiledKernel& kernel, const std::vector<cs::Array<T>*>& arrays) {
  std::vector<cs::Argument> arguments;
  for (std::size_t i = 0; i < inputs_.size(); ++i) arguments.emplace_back(model_.inputs[i], *arrays[i]);
  arguments.emplace_back("z", *arrays.back());
  for (const auto& [name, value] : model_.scalars) arguments.emplace_back(name, static_cast<T>(value));
  return kernel.bind(arguments);
}

template <class T>
cs::BoundKernel Case<T>::bind(const cs::CompiledKernel& kernel, Result result) {
  std::vector<cs::Array<T>*> arrays;
  for (cs::Array<T>& array : inputs_) arrays.push_back(&array);
  arrays.push_back(result == Result::first ? &first_ : &second_);
  return bind(kernel, arrays);
}

template <class T>
std::vector<cs::BoundKernel> Case<T>::bind_in_turn(const cs::CompiledKernel& kernel) {
  std::vector<cs::Array<T>*> arrays;
  for (cs::Array<T>& array : inputs_) arrays.push_back(&array);
  arrays.push_back(&first_);
  std::vector<cs::BoundKernel> calls;
  calls.push_back(bind(kernel, arrays));
  std::rotate(arrays.begin(), arrays.begin() + 1, arrays.end());
  calls.push_back(bind(kernel, arrays));
  return calls;
}

template <class T>
double Case<T>::difference() const {
  double largest = 0;
  double apart = 0;
  bool same = true;
  for_rows(first_, [&](const T* row, std::int64_t position, std::int64_t count) {
    const T* other = second_.data() + position;
    if (std::memcmp(row, other, static_cast<std::size_t>(count) * sizeof(T)) == 0) {
      largest = std::max(largest, static_cast<double>(std::abs(row[count / 2])));
      return;
    }
    same = false;
    for (std::int64_t i = 0; i < count; ++i) {
      largest = std::max(largest, static_cast<double>(std::abs(row[i])));
      const double difference = std::abs(static_cast<double>(row[i]) - static_cast<double>(other[i]));
      apart = difference <= apart ? apart : difference;  // NaN counts
    }
  });
  if (same) return 0;
  return std::max(apart / largest, std::numeric_limits<double>::min());
}

template class Case<float>;
template class Case<double>;

template <class T>
cs::CompiledKernel by_hand(const Model& model, hand_written::Loop<T> loop, int threads) {
  constexpr cs::DType dtype = sizeof(T) == 8 ? cs::DType::float64 : cs::DType::float32;
  const cs::KernelFunction kernel = cs::create_kernel(model.build(dtype), config_for(dtype, {.threads = threads}));
  return cs::CompiledKernel(kernel, std::make_shared<HandWritten<T>>(kernel, loop));
}

template cs::CompiledKernel by_hand(const Model&, hand_written::Loop<float>, int);
template cs::CompiledKernel by_hand(const Model&, hand_written::Loop<double>, int);

void require(double difference, double allowed, const std::string& what) {
  if (!(difference <= allowed)) {
    throw std::runtime_error(fmt::format("{} differs by {:.3g}, allowed is {:.3g}.", what, difference, allowed));
  }
}

Shape shape_for(const Model& model, cs::DType dtype, std::int64_t bytes) {
  const double numbers = static_cast<double>(bytes) / static_cast<double>(size_of(dtype));
  const double arrays = static_cast<double>(model.inputs.size() + 1) * std::max(model.directions, 1);
  const double cells = numbers / arrays;
  const auto multiple_of_8 = [](double n) { return std::max<std::int64_t>(8, static_cast<std::int64_t>(n) / 8 * 8); };
  const double side = std::pow(cells, 1.0 / model.rank);
  // Small cubes have rows of a few vectors only; nobody would choose them.
  const std::int64_t row = multiple_of_8(std::max(side, model.directions > 0 ? 32.0 : 64.0));
  const double rest = std::max(1.0, cells / static_cast<double>(row));
  if (model.rank == 2) return {row, std::max<std::int64_t>(1, static_cast<std::int64_t>(rest))};
  const auto other = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::sqrt(rest)));
  return {row, other, other};
}

std::string to_string(const Shape& shape) { return fmt::format("{}", fmt::join(shape, " x ")); }

}  // namespace bench
