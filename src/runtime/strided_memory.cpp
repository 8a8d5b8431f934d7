#include "runtime/strided_memory.hpp"

#include <algorithm>
#include <numeric>

namespace cppstencils::runtime {

namespace {

// Sums of a few products of 64-bit numbers.
using Wide = __int128;

// Decides whether a sum of terms x * step with 0 <= x <= most, one x per term, can lie in an interval: depth first over
// the terms from the largest step to the smallest. A branch ends where the remaining terms cannot reach the interval,
// or where no multiple of their steps' greatest common divisor lies in it.
class SumSearch {
 public:
  explicit SumSearch(int effort) : effort_(effort) {}

  void add_term(Wide step, Wide most) {
    if (step == 0 || most == 0) return;
    for (int i = 0; i < count_; ++i) {
      if (terms_[static_cast<std::size_t>(i)].step == step) {
        terms_[static_cast<std::size_t>(i)].most += most;
        return;
      }
    }
    int place = count_++;
    for (; place > 0 && terms_[static_cast<std::size_t>(place - 1)].step < step; --place) {
      terms_[static_cast<std::size_t>(place)] = terms_[static_cast<std::size_t>(place - 1)];
    }
    terms_[static_cast<std::size_t>(place)] = {step, most, 0, 0};
  }

  Sharing reaches(Wide low, Wide high) {
    Wide reach = 0;
    std::int64_t divisor = 0;
    for (int i = count_; i-- > 0;) {
      Term& term = terms_[static_cast<std::size_t>(i)];
      reach += term.step * term.most;
      divisor = std::gcd(divisor, static_cast<std::int64_t>(term.step));
      term.reach = reach;
      term.divisor = divisor;
    }
    return search(0, low, high);
  }

 private:
  struct Term {
    Wide step;
    Wide most;
    Wide reach;    // of this and all later terms
    Wide divisor;  // of this and all later steps
  };
  static constexpr std::size_t max_terms = 2 * max_array_rank;

  Sharing search(int position, Wide low, Wide high) {
    if (effort_-- <= 0) return Sharing::unknown;
    low = std::max<Wide>(low, 0);
    if (position == count_) return low <= 0 && high >= 0 ? Sharing::some : Sharing::none;
    const Term& term = terms_[static_cast<std::size_t>(position)];
    high = std::min(high, term.reach);
    if (low > high) return Sharing::none;
    if (low == 0 || high == term.reach) return Sharing::some;
    const Wide multiple = (low + term.divisor - 1) / term.divisor * term.divisor;
    if (multiple > high) return Sharing::none;
    if (position + 1 == count_) return Sharing::some;
    const Wide rest = terms_[static_cast<std::size_t>(position + 1)].reach;
    const Wide fewest = low <= rest ? 0 : (low - rest + term.step - 1) / term.step;
    const Wide most = std::min(term.most, high / term.step);
    for (Wide x = fewest; x <= most; ++x) {
      const Sharing found = search(position + 1, low - x * term.step, high - x * term.step);
      if (found != Sharing::none) return found;
    }
    return Sharing::none;
  }

  std::array<Term, max_terms> terms_;
  int count_ = 0;
  int effort_;
};

Wide magnitude(std::int64_t number) { return number < 0 ? -static_cast<Wide>(number) : static_cast<Wide>(number); }

// Address of the element with the lowest address.
Wide lowest(const StridedMemory& memory) {
  Wide low = memory.base;
  for (int axis = 0; axis < memory.axes; ++axis) {
    const std::int64_t stride = memory.byte_strides[static_cast<std::size_t>(axis)];
    if (stride < 0) low += static_cast<Wide>(stride) * (memory.extents[static_cast<std::size_t>(axis)] - 1);
  }
  return low;
}

}  // namespace

Sharing common_bytes(const StridedMemory& one, const StridedMemory& other, int effort) {
  // Elements at one.low + sum(a) and other.low + sum(b) share a byte if their distance is less than the size of the one
  // at the lower address: -other.size < other.low + sum(b) - one.low - sum(a) < one.size. With b counted down from its
  // end, all terms are positive.
  SumSearch search(effort);
  Wide end_of_other = 0;
  for (int axis = 0; axis < one.axes; ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    search.add_term(magnitude(one.byte_strides[i]), one.extents[i] - 1);
  }
  for (int axis = 0; axis < other.axes; ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    search.add_term(magnitude(other.byte_strides[i]), other.extents[i] - 1);
    end_of_other += magnitude(other.byte_strides[i]) * (other.extents[i] - 1);
  }
  const Wide distance = lowest(other) + end_of_other - lowest(one);
  return search.reaches(distance - (one.element_size - 1), distance + (other.element_size - 1));
}

Sharing repeated_elements(const StridedMemory& array, int effort) {
  struct Axis {
    std::uint64_t stride;
    std::int64_t most;
  };
  std::array<Axis, max_array_rank> axes;  // from the smallest stride to the largest
  int count = 0;
  for (int axis = array.axes; axis-- > 0;) {
    const auto i = static_cast<std::size_t>(axis);
    if (array.extents[i] <= 1) continue;
    if (array.byte_strides[i] == 0) return Sharing::some;
    const Axis added{static_cast<std::uint64_t>(magnitude(array.byte_strides[i])), array.extents[i] - 1};
    int place = count++;
    for (; place > 0 && axes[static_cast<std::size_t>(place - 1)].stride > added.stride; --place) {
      axes[static_cast<std::size_t>(place)] = axes[static_cast<std::size_t>(place - 1)];
    }
    axes[static_cast<std::size_t>(place)] = added;
  }
  // A stride that is longer than all the smaller ones together reach makes every element new.
  Wide reach = 0;
  bool nested = true;
  for (int i = 0; i < count; ++i) {
    const Axis& axis = axes[static_cast<std::size_t>(i)];
    nested = nested && axis.stride > reach;
    reach += static_cast<Wide>(axis.stride) * axis.most;
  }
  if (nested) return Sharing::none;
  // Two elements at one address differ by d with sum(d * stride) = 0. Let `first` be the first axis with d != 0; d is
  // positive there, since -d is a solution as well. The later ones count from -most to most.
  for (int first = 0; first < count; ++first) {
    SumSearch search(effort);
    const Axis& leading = axes[static_cast<std::size_t>(first)];
    search.add_term(leading.stride, leading.most - 1);
    Wide target = -static_cast<Wide>(leading.stride);
    for (int i = first + 1; i < count; ++i) {
      const Axis& axis = axes[static_cast<std::size_t>(i)];
      search.add_term(axis.stride, 2 * static_cast<Wide>(axis.most));
      target += static_cast<Wide>(axis.stride) * axis.most;
    }
    const Sharing found = search.reaches(target, target);
    if (found != Sharing::none) return found;
  }
  return Sharing::none;
}

}  // namespace cppstencils::runtime
