// The overlap checks against sets of bytes and elements.

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "cppstencils/runtime/arguments.hpp"
#include "cppstencils/support/error.hpp"
#include "runtime/binding.hpp"
#include "runtime/strided_memory.hpp"
#include "support/access_kernel.hpp"
#include "support/random.hpp"

namespace cppstencils {
namespace {

using runtime::Sharing;
using runtime::StridedMemory;
using testing::Random;
using testing::Touch;

// Calls `visit` with every coordinate of a box from zero.
template <class Visit>
void for_each_coordinate(std::span<const std::int64_t> extents, Visit&& visit) {
  std::vector<std::int64_t> at(extents.size(), 0);
  for (const std::int64_t extent : extents) {
    if (extent <= 0) return;
  }
  for (;;) {
    visit(at);
    std::size_t d = 0;
    while (d < at.size() && ++at[d] == extents[d]) at[d++] = 0;
    if (d == at.size()) return;
  }
}

std::vector<std::int64_t> addresses(const StridedMemory& memory) {
  std::vector<std::int64_t> list;
  for_each_coordinate(std::span(memory.extents).first(static_cast<std::size_t>(memory.axes)),
                      [&](const std::vector<std::int64_t>& at) {
                        auto address = static_cast<std::int64_t>(memory.base);
                        for (std::size_t d = 0; d < at.size(); ++d)
                          address += at[d] == 0 ? 0 : at[d] * memory.byte_strides[d];
                        list.push_back(address);
                      });
  return list;
}

bool share_a_byte(const StridedMemory& one, const StridedMemory& other) {
  std::set<std::int64_t> bytes;
  for (const std::int64_t address : addresses(one)) {
    for (std::int64_t i = 0; i < one.element_size; ++i) bytes.insert(address + i);
  }
  for (const std::int64_t address : addresses(other)) {
    for (std::int64_t i = 0; i < other.element_size; ++i) {
      if (bytes.contains(address + i)) return true;
    }
  }
  return false;
}

bool has_repeated_address(const StridedMemory& memory) {
  const std::vector<std::int64_t> list = addresses(memory);
  return std::set<std::int64_t>(list.begin(), list.end()).size() != list.size();
}

StridedMemory random_memory(Random& random) {
  StridedMemory memory;
  memory.element_size = std::int64_t{1} << random.between(0, 3);
  memory.axes = static_cast<int>(random.between(1, 4));
  memory.base = static_cast<std::uintptr_t>(100'000 + memory.element_size * random.between(0, 40));
  const std::int64_t reach = random.chance(50) ? 6 : 30;
  // Also entries beyond the axes, which do not count.
  for (std::size_t d = 0; d < memory.extents.size(); ++d) {
    memory.extents[d] = random.between(1, 5);
    memory.byte_strides[d] = memory.element_size * random.between(-reach, reach);
    if (memory.extents[d] == 1 && random.chance(20)) memory.byte_strides[d] = std::numeric_limits<std::int64_t>::min();
  }
  return memory;
}

std::string describe(const StridedMemory& memory) {
  std::string text = fmt::format("base {}, element {}:", memory.base, memory.element_size);
  for (std::size_t d = 0; d < static_cast<std::size_t>(memory.axes); ++d) {
    text += fmt::format(" {}x{}", memory.extents[d], memory.byte_strides[d]);
  }
  return text + "\n";
}

TEST(OverlapProperty, CommonBytesAreFound) {
  const std::uint64_t rounds = testing::fuzz_rounds(40'000);
  std::size_t sharing = 0;
  for (std::uint64_t seed = 0; seed < rounds; ++seed) {
    Random random(seed);
    const StridedMemory one = random_memory(random);
    const StridedMemory other = random_memory(random);
    const bool truth = share_a_byte(one, other);
    sharing += truth ? 1 : 0;
    // Small arrays are always decided.
    ASSERT_EQ(runtime::common_bytes(one, other), truth ? Sharing::some : Sharing::none)
        << "seed " << seed << "\n"
        << describe(one) << describe(other);
    ASSERT_EQ(runtime::common_bytes(other, one), truth ? Sharing::some : Sharing::none) << "seed " << seed;
    // Little effort may not know, but is never wrong.
    const Sharing guess = runtime::common_bytes(one, other, 3);
    ASSERT_TRUE(guess == Sharing::unknown || (guess == Sharing::some) == truth) << "seed " << seed;
  }
  EXPECT_GT(sharing * 10, rounds);
  EXPECT_GT((rounds - sharing) * 10, rounds);
}

TEST(OverlapProperty, RepeatedElementsAreFound) {
  const std::uint64_t rounds = testing::fuzz_rounds(40'000);
  std::size_t repeating = 0;
  for (std::uint64_t seed = 0; seed < rounds; ++seed) {
    Random random(seed);
    const StridedMemory memory = random_memory(random);
    const bool truth = has_repeated_address(memory);
    repeating += truth ? 1 : 0;
    ASSERT_EQ(runtime::repeated_elements(memory), truth ? Sharing::some : Sharing::none) << "seed " << seed << "\n"
                                                                                         << describe(memory);
    const Sharing guess = runtime::repeated_elements(memory, 2);
    ASSERT_TRUE(guess == Sharing::unknown || (guess == Sharing::some) == truth) << "seed " << seed;
  }
  EXPECT_GT(repeating * 10, rounds);
  EXPECT_GT((rounds - repeating) * 10, rounds);
}

// What a kernel does to the memory of a call, element by element.
struct Effects {
  // Per element: the cells that write it, each with the number of fields through which it does, and that read it.
  std::map<std::int64_t, std::map<std::int64_t, int>> writers;
  std::map<std::int64_t, std::set<std::int64_t>> readers;
};

// True if the cells can run in any order and no element is written through two fields.
bool is_order_free(const Effects& effects) {
  for (const auto& [element, writers] : effects.writers) {
    if (writers.size() > 1 || writers.begin()->second > 1) return false;
    const auto readers = effects.readers.find(element);
    if (readers == effects.readers.end()) continue;
    for (const std::int64_t reader : readers->second) {
      if (reader != writers.begin()->first) return false;
    }
  }
  return true;
}

// Views of one small block of memory are passed to random kernels: whatever is accepted may run in any order.
TEST(OverlapProperty, AcceptedCallsAreOrderFree) {
  alignas(8) static double block[400];
  const std::uint64_t rounds = testing::fuzz_rounds(40'000);
  std::size_t accepted = 0;
  std::size_t accepted_with_shared_memory = 0;
  std::size_t refused = 0;
  std::size_t refused_without_need = 0;
  for (std::uint64_t seed = 0; seed < rounds; ++seed) {
    Random random(seed);
    const auto rank = static_cast<std::size_t>(random.between(1, 2));
    const auto count = static_cast<std::size_t>(random.between(2, 3));
    const std::int64_t reach = random.chance(60) ? 0 : 1;
    std::vector<ir::Buffer> buffers;
    std::vector<Touch> touches;
    for (std::size_t i = 0; i < count; ++i) {
      ir::Buffer buffer{fmt::format("f{}", i), DType::float64, ir::BufferAccess::read, static_cast<int>(rank), {}};
      if (random.chance(30)) buffer.index_shape = {random.between(1, 2)};
      const bool written = i == 0 || random.chance(30);
      const auto index = [&] {
        std::vector<std::int64_t> chosen;
        if (!buffer.index_shape.empty()) chosen.push_back(random.between(0, buffer.index_shape[0] - 1));
        return chosen;
      };
      // A kernel writes at one offset, as the independence check of create_kernel demands; it reads a written
      // field at that offset only.
      if (written) touches.push_back({i, ir::BufferAccess::write, std::vector<std::int64_t>(rank, 0), index()});
      for (std::int64_t reads = random.between(written ? 0 : 1, 2); reads-- > 0;) {
        Touch touch{i, ir::BufferAccess::read, {}, index()};
        for (std::size_t d = 0; d < rank; ++d) touch.offsets.push_back(written ? 0 : random.between(-reach, reach));
        if (written) touch.index = touches.back().index;
        touches.push_back(touch);
      }
      buffers.push_back(buffer);
    }
    std::vector<IterationRange> ranges(rank, {reach, -reach, random.chance(20) ? 2 : 1});
    if (reach == 0) {
      for (IterationRange& range : ranges) range.stop.reset();
    }
    const ir::Kernel kernel = testing::access_kernel(buffers, touches, std::vector<std::int64_t>(rank, ranges[0].step));
    const runtime::PreparedKernel prepared = runtime::prepare(kernel, testing::parameters_of(kernel), ranges);

    std::vector<std::int64_t> extents;
    for (std::size_t d = 0; d < rank; ++d) extents.push_back(random.between(2 * reach + 1, 4));
    std::vector<ArrayRef> arrays;
    std::vector<Argument> arguments;
    for (std::size_t i = 0; i < count; ++i) {
      ArrayRef array{.data = block + 200 + random.between(0, 20), .rank = kernel.buffers[i].axes()};
      // Often the memory of an earlier array, or a part of it.
      if (i > 0 && random.chance(60)) array.data = arrays[0].data;
      for (std::size_t d = 0; d < static_cast<std::size_t>(array.rank); ++d) {
        array.extents[d] = d < rank ? extents[d] : kernel.buffers[i].index_shape[0];
        array.byte_strides[d] = i > 0 && random.chance(80) ? arrays[0].byte_strides[d] : 8 * random.between(-9, 9);
        if (random.chance(3)) array.byte_strides[d] = 0;
      }
      arrays.push_back(array);
      arguments.emplace_back(kernel.buffers[i].name, array);
    }

    std::vector<std::byte> frame_block(runtime::CallFrame::size(prepared));
    const runtime::CallFrame frame(prepared, frame_block.data());
    bool is_accepted = true;
    try {
      ASSERT_EQ(runtime::bind_arguments(prepared, arguments, frame), runtime::Box::has_cells) << "seed " << seed;
    } catch (const ArgumentError& error) {
      ASSERT_EQ(error.code(), ErrorCode::argument_overlap) << "seed " << seed << "\n" << error.what();
      is_accepted = false;
    }

    Effects effects;
    std::map<std::int64_t, std::set<std::size_t>> arrays_at;
    std::int64_t cell = 0;
    for_each_coordinate(extents, [&](const std::vector<std::int64_t>& at) {
      for (std::size_t d = 0; d < rank; ++d) {
        if (at[d] < frame.begin()[d] || at[d] >= frame.end()[d] || (at[d] - frame.begin()[d]) % ranges[d].step != 0) {
          return;
        }
      }
      ++cell;
      std::map<std::int64_t, std::set<std::size_t>> fields_writing;
      for (const Touch& touch : touches) {
        const ArrayRef& array = arrays[touch.buffer];
        std::int64_t element = (static_cast<double*>(array.data) - block) * 8;
        for (std::size_t d = 0; d < rank; ++d) element += array.byte_strides[d] * (at[d] + touch.offsets[d]);
        if (!touch.index.empty()) element += array.byte_strides[rank] * touch.index[0];
        arrays_at[element].insert(touch.buffer);
        if (touch.access == ir::BufferAccess::read) {
          effects.readers[element].insert(cell);
        } else {
          fields_writing[element].insert(touch.buffer);
        }
      }
      for (const auto& [element, fields] : fields_writing) {
        effects.writers[element][cell] = static_cast<int>(fields.size());
      }
    });
    const bool order_free = is_order_free(effects);
    if (is_accepted) {
      ++accepted;
      ASSERT_TRUE(order_free) << "seed " << seed;
      bool shared = false;
      for (const auto& [element, fields] : arrays_at) shared = shared || fields.size() > 1;
      accepted_with_shared_memory += shared ? 1 : 0;
    } else {
      ++refused;
      refused_without_need += order_free ? 1 : 0;
    }
  }
  // Some refusals are not needed: the elements that are shared may not be accessed.
  RecordProperty("accepted", static_cast<int>(accepted));
  RecordProperty("accepted_with_shared_memory", static_cast<int>(accepted_with_shared_memory));
  RecordProperty("refused", static_cast<int>(refused));
  RecordProperty("refused_without_need", static_cast<int>(refused_without_need));
  if (std::getenv("CPPSTENCILS_VERBOSE") != nullptr) {
    fmt::print("accepted {} (sharing memory {}), refused {} (without need {})\n", accepted, accepted_with_shared_memory,
               refused, refused_without_need);
  }
  EXPECT_GT(accepted * 20, rounds);
  EXPECT_GT(accepted_with_shared_memory * 200, rounds);
  EXPECT_GT(refused * 20, rounds);
}

}  // namespace
}  // namespace cppstencils
