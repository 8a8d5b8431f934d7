// Some hundred calls with one argument changed, each with the error that it must give. A refused call runs no code and
// changes no memory; an accepted one runs the code once.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cppstencils/runtime/compiled_kernel.hpp"
#include "cppstencils/support/error.hpp"
#include "support/access_kernel.hpp"
#include "support/recording_executable.hpp"

namespace cppstencils {
namespace {

using testing::RecordingExecutable;
using testing::Touch;

constexpr DType all_dtypes[] = {DType::boolean, DType::int8,    DType::int16,  DType::int32,
                                DType::int64,   DType::uint8,   DType::uint16, DType::uint32,
                                DType::uint64,  DType::float32, DType::float64};

constexpr std::int64_t big = std::numeric_limits<std::int64_t>::max();

enum class Outcome { accepted, nothing_to_do };
using Expected = std::variant<ErrorCode, Outcome>;

struct Given {
  std::string name;
  std::variant<ArrayRef, ScalarValue> value;
};

// Four fields with what fields can have, on arrays of 6 x 5 cells, and two scalars:
//   field   type     access      axes
//   in      float64  read        2, offsets -1 to 1
//   mask    uint8    read        2
//   out     float64  write       2
//   state   float32  read_write  2 and an index dimension of extent 3
class ArgumentMatrix : public ::testing::Test {
 protected:
  ArgumentMatrix() {
    std::vector<ir::Buffer> buffers = {{"in", DType::float64, ir::BufferAccess::read, 2, {}},
                                       {"mask", DType::uint8, ir::BufferAccess::read, 2, {}},
                                       {"out", DType::float64, ir::BufferAccess::read, 2, {}},
                                       {"state", DType::float32, ir::BufferAccess::read, 2, {3}}};
    const std::vector<Touch> touches = {
        {0, ir::BufferAccess::read, {-1, 0}},     {0, ir::BufferAccess::read, {0, 1}},
        {1, ir::BufferAccess::read, {0, 0}},      {2, ir::BufferAccess::write, {0, 0}},
        {3, ir::BufferAccess::read, {0, 0}, {1}}, {3, ir::BufferAccess::write, {0, 0}, {1}}};
    ir::Kernel kernel = testing::access_kernel(buffers, touches, {1, 1});
    kernel.scalars = {{"count", DType::int32}, {"h", DType::float64}};
    executable_ = std::make_shared<RecordingExecutable>(kernel);
    compiled_.emplace(testing::function_of(kernel, {{1, -1, 1}, {1, -1, 1}}), executable_);
    for (std::size_t i = 0; i < sizeof(memory_); ++i) memory_[i] = static_cast<unsigned char>(i * 37);
    kernel_ = kernel;
    valid_ = {{"in", dense("in", 0)},
              {"mask", dense("mask", 1)},
              {"out", dense("out", 2)},
              {"state", dense("state", 3)},
              {"count", ScalarValue(std::int64_t{7})},
              {"h", ScalarValue(0.5)}};
  }

  const ir::Buffer& buffer(const std::string& name) const {
    for (const ir::Buffer& candidate : kernel_.buffers) {
      if (candidate.name == name) return candidate;
    }
    throw std::out_of_range(name);
  }

  std::byte* place(std::size_t slot) { return reinterpret_cast<std::byte*>(memory_) + 4096 * slot + 2048; }

  static std::int64_t valid_extent(std::size_t axis) { return axis == 0 ? 6 : 5; }

  ArrayRef dense(const std::string& name, std::size_t slot) {
    const ir::Buffer& facts = buffer(name);
    ArrayRef array{.data = place(slot), .dtype = facts.dtype, .rank = facts.axes(), .extents = {6, 5, 3}};
    if (facts.axes() == 2) array.extents[2] = 0;
    make_dense(array);
    return array;
  }
  static void make_dense(ArrayRef& array) {
    auto stride = static_cast<std::int64_t>(size_of(array.dtype));
    for (int axis = array.rank; axis-- > 0;) {
      array.byte_strides[static_cast<std::size_t>(axis)] = stride;
      stride *= array.extents[static_cast<std::size_t>(axis)];
    }
  }

  void expect(const std::string& what, const Expected& expected, const std::vector<Given>& given) {
    ++cases_;
    SCOPED_TRACE(what);
    std::vector<Argument> arguments;
    for (const Given& one : given) {
      if (const auto* array = std::get_if<ArrayRef>(&one.value)) {
        arguments.emplace_back(one.name, *array);
      } else {
        std::visit([&](auto scalar) { arguments.emplace_back(one.name, scalar); }, std::get<ScalarValue>(one.value));
      }
    }
    std::vector<unsigned char> before(std::begin(memory_), std::end(memory_));
    executable_->calls.clear();
    std::optional<ErrorCode> code;
    try {
      (*compiled_)(arguments);
    } catch (const UserError& error) {
      code = error.code();
      // The message names the argument, and reads like a sentence.
      EXPECT_TRUE(error.message().ends_with(".")) << error.message();
      EXPECT_NE(error.message().find('\''), std::string::npos) << error.message();
    }
    std::optional<ErrorCode> bind_code;
    try {
      (void)compiled_->bind(arguments);
    } catch (const UserError& error) {
      bind_code = error.code();
    }
    EXPECT_EQ(code, bind_code) << "The call and bind differ.";
    EXPECT_TRUE(std::equal(before.begin(), before.end(), memory_)) << "The memory has changed.";
    if (const auto* outcome = std::get_if<Outcome>(&expected)) {
      EXPECT_FALSE(code.has_value()) << to_string(*code);
      EXPECT_EQ(executable_->calls.size(), *outcome == Outcome::accepted ? 1u : 0u);
    } else {
      EXPECT_TRUE(code.has_value()) << "No error.";
      if (code) {
        EXPECT_EQ(to_string(*code), to_string(std::get<ErrorCode>(expected)));
      }
      EXPECT_TRUE(executable_->calls.empty()) << "The code has run.";
    }
  }

  // The valid call with one array changed.
  template <class Change>
  void with_array(const std::string& what, const Expected& expected, const std::string& name, Change&& change) {
    std::vector<Given> given = valid_;
    for (Given& one : given) {
      if (one.name == name) change(std::get<ArrayRef>(one.value));
    }
    expect(fmt::format("{}: {}", name, what), expected, given);
  }
  // The valid call with all arrays changed.
  template <class Change>
  void with_arrays(const std::string& what, const Expected& expected, Change&& change) {
    std::vector<Given> given = valid_;
    for (Given& one : given) {
      if (auto* array = std::get_if<ArrayRef>(&one.value)) change(one.name, *array);
    }
    expect(what, expected, given);
  }

  ir::Kernel kernel_;
  std::shared_ptr<RecordingExecutable> executable_;
  std::optional<CompiledKernel> compiled_;
  std::vector<Given> valid_;
  alignas(64) unsigned char memory_[4096 * 6];

  /// Nothing in the tables is to shrink unseen.
  static void TearDownTestSuite() {
    if (::testing::GTEST_FLAG(filter) == "*") {
      EXPECT_GE(cases_, 300);
    }
  }
  static inline int cases_ = 0;
};

const std::vector<std::string> field_names = {"in", "mask", "out", "state"};

bool is_written(const std::string& name) { return name == "out" || name == "state"; }

TEST_F(ArgumentMatrix, ValidCall) {
  expect("valid", Outcome::accepted, valid_);
  std::vector<Given> reversed(valid_.rbegin(), valid_.rend());
  expect("another order", Outcome::accepted, reversed);
}

TEST_F(ArgumentMatrix, Names) {
  for (std::size_t i = 0; i < valid_.size(); ++i) {
    std::vector<Given> given = valid_;
    given.erase(given.begin() + static_cast<std::ptrdiff_t>(i));
    expect("without " + valid_[i].name, ErrorCode::missing_argument, given);
    given = valid_;
    given[i].name += "x";
    expect("misspelt " + valid_[i].name, ErrorCode::missing_argument, given);
    given = valid_;
    given[i].name = "";
    expect("empty for " + valid_[i].name, ErrorCode::missing_argument, given);
    given = valid_;
    given.push_back({valid_[i].name + "2", valid_[i].value});
    expect("also " + given.back().name, ErrorCode::unknown_argument, given);
    given = valid_;
    given.push_back(valid_[i]);
    expect("twice " + valid_[i].name, ErrorCode::duplicate_argument, given);
    given = valid_;
    given[i] = given[(i + 1) % given.size()];
    expect("twice instead of " + valid_[i].name, ErrorCode::missing_argument, given);
  }
  expect("nothing", ErrorCode::missing_argument, {});
}

TEST_F(ArgumentMatrix, Kinds) {
  for (std::size_t i = 0; i < valid_.size(); ++i) {
    std::vector<Given> given = valid_;
    if (std::holds_alternative<ArrayRef>(valid_[i].value)) {
      for (const ScalarValue& scalar :
           {ScalarValue(true), ScalarValue(std::int64_t{1}), ScalarValue(std::uint64_t{1}), ScalarValue(1.0)}) {
        given[i].value = scalar;
        expect("number for " + valid_[i].name, ErrorCode::argument_kind, given);
      }
    } else {
      given[i].value = valid_[0].value;
      expect("array for " + valid_[i].name, ErrorCode::argument_kind, given);
    }
  }
}

TEST_F(ArgumentMatrix, ElementTypes) {
  for (const std::string& name : field_names) {
    for (const DType dtype : all_dtypes) {
      const Expected expected =
          dtype == buffer(name).dtype ? Expected(Outcome::accepted) : Expected(ErrorCode::argument_dtype);
      with_array(fmt::format("elements of {}", to_string(dtype)), expected, name,
                 [&](ArrayRef& array) { array.dtype = dtype; });
    }
  }
}

TEST_F(ArgumentMatrix, ByteOrder) {
  for (const std::string& name : field_names) {
    // A single byte has no order.
    const Expected expected = name == "mask" ? Expected(Outcome::accepted) : Expected(ErrorCode::argument_byte_order);
    with_array("swapped bytes", expected, name, [](ArrayRef& array) { array.byte_order = ByteOrder::swapped; });
  }
}

TEST_F(ArgumentMatrix, ReadOnly) {
  for (const std::string& name : field_names) {
    const Expected expected = is_written(name) ? Expected(ErrorCode::argument_read_only) : Expected(Outcome::accepted);
    with_array("read-only", expected, name, [](ArrayRef& array) { array.mutability = Mutability::read_only; });
  }
}

TEST_F(ArgumentMatrix, Rank) {
  for (const std::string& name : field_names) {
    for (const int rank : {-1, 0, 1, 2, 3, 4, 8, 9, 1000}) {
      const Expected expected =
          rank == buffer(name).axes() ? Expected(Outcome::accepted) : Expected(ErrorCode::argument_rank);
      with_array(fmt::format("rank {}", rank), expected, name, [&](ArrayRef& array) { array.rank = rank; });
    }
  }
}

TEST_F(ArgumentMatrix, Extents) {
  for (const std::string& name : field_names) {
    for (const std::size_t axis : {0u, 1u}) {
      for (const std::int64_t change : {-5, -1, 1, 1'000'000}) {
        const auto changed = [&](ArrayRef& array) { array.extents[axis] += change; };
        if (valid_extent(axis) + change < 0) continue;
        with_array(fmt::format("axis {} by {}", axis, change), ErrorCode::argument_extent, name, changed);
      }
      for (const std::int64_t extent : {std::int64_t{-1}, std::int64_t{-6}, -big - 1}) {
        with_array(fmt::format("extent {} of axis {}", extent, axis), ErrorCode::argument_size, name,
                   [&](ArrayRef& array) { array.extents[axis] = extent; });
      }
    }
  }
  for (const std::int64_t extent : {0, 1, 2, 4, 100}) {
    with_array(fmt::format("index extent {}", extent), ErrorCode::argument_extent, "state",
               [&](ArrayRef& array) { array.extents[2] = extent; });
  }
  with_array("index extent -3", ErrorCode::argument_size, "state", [&](ArrayRef& array) { array.extents[2] = -3; });
  with_array("index first", ErrorCode::argument_extent, "state", [](ArrayRef& array) { array.extents = {3, 6, 5}; });
}

TEST_F(ArgumentMatrix, NothingToDo) {
  for (const auto& [rows, columns] : {std::pair{0, 0}, {0, 5}, {6, 0}, {1, 5}, {2, 5}, {6, 2}, {1, 1}, {2, 2}}) {
    const auto shrink = [&](const std::string&, ArrayRef& array) {
      array.extents[0] = rows;
      array.extents[1] = columns;
    };
    with_arrays(fmt::format("{} x {} cells", rows, columns), Outcome::nothing_to_do, shrink);
    with_arrays(fmt::format("{} x {} cells of no memory", rows, columns), Outcome::nothing_to_do,
                [&](const std::string& name, ArrayRef& array) {
                  shrink(name, array);
                  array.data = nullptr;
                });
    // What does not need the memory is checked nevertheless.
    with_arrays(fmt::format("{} x {} cells of another type", rows, columns), ErrorCode::argument_dtype,
                [&](const std::string& name, ArrayRef& array) {
                  shrink(name, array);
                  if (name == "out") array.dtype = DType::int64;
                });
    std::vector<Given> given = valid_;
    for (Given& one : given) {
      if (auto* array = std::get_if<ArrayRef>(&one.value)) shrink(one.name, *array);
      if (one.name == "count") one.value = ScalarValue(0.5);
    }
    expect("no cells and a wrong scalar", ErrorCode::argument_dtype, given);
  }
}

TEST_F(ArgumentMatrix, PointersAndStrides) {
  for (const std::string& name : field_names) {
    const auto size = static_cast<std::int64_t>(size_of(buffer(name).dtype));
    with_array("null", ErrorCode::argument_null, name, [](ArrayRef& array) { array.data = nullptr; });
    for (std::int64_t shift = 1; shift < size; ++shift) {
      with_array(fmt::format("{} bytes off", shift), ErrorCode::argument_alignment, name,
                 [&](ArrayRef& array) { array.data = static_cast<std::byte*>(array.data) + shift; });
      for (int axis = 0; axis < buffer(name).axes(); ++axis) {
        with_array(fmt::format("stride {} bytes off in axis {}", shift, axis), ErrorCode::argument_stride, name,
                   [&](ArrayRef& array) { array.byte_strides[static_cast<std::size_t>(axis)] += shift; });
      }
    }
    for (int axis = 0; axis < buffer(name).axes(); ++axis) {
      const auto i = static_cast<std::size_t>(axis);
      for (const std::int64_t stride : {big / 16 * 8, -big / 16 * 8, big / 8 * 8, -big - 1}) {
        with_array(fmt::format("stride {} in axis {}", stride, axis), ErrorCode::argument_size, name,
                   [&](ArrayRef& array) { array.byte_strides[i] = stride; });
      }
      const Expected expected = is_written(name) ? Expected(ErrorCode::argument_overlap) : Expected(Outcome::accepted);
      with_array(fmt::format("stride 0 in axis {}", axis), expected, name,
                 [&](ArrayRef& array) { array.byte_strides[i] = 0; });
      with_array(fmt::format("axis {} backwards", axis), Outcome::accepted, name, [&](ArrayRef& array) {
        array.data = static_cast<std::byte*>(array.data) + array.byte_strides[i] * (array.extents[i] - 1);
        array.byte_strides[i] = -array.byte_strides[i];
      });
    }
    with_array("transposed", Outcome::accepted, name, [](ArrayRef& array) {
      const std::int64_t element = array.byte_strides[static_cast<std::size_t>(array.rank) - 1];
      array.byte_strides = {element, 6 * element, 30 * element};
    });
    with_array("every second column", Outcome::accepted, name, [](ArrayRef& array) {
      for (int axis = 0; axis < array.rank; ++axis) array.byte_strides[static_cast<std::size_t>(axis)] *= 2;
    });
    const Expected rows = is_written(name) ? Expected(ErrorCode::argument_overlap) : Expected(Outcome::accepted);
    with_array("rows that overlap", rows, name,
               [&](ArrayRef& array) { array.byte_strides[0] = array.byte_strides[1] * 4; });
  }
  with_arrays("more cells than a number counts", ErrorCode::argument_size, [](const std::string&, ArrayRef& array) {
    array.extents[0] = array.extents[1] = std::int64_t{1} << 33;
    array.byte_strides = {};
  });
  with_arrays("more rows than the address space", ErrorCode::argument_size, [](const std::string&, ArrayRef& array) {
    array.extents[0] = big;
    array.byte_strides = {};
  });
}

TEST_F(ArgumentMatrix, Overlap) {
  const auto move = [&](const std::string& to, const std::string& name, std::int64_t shift) {
    return [this, to, name, shift](const std::string& candidate, ArrayRef& array) {
      if (candidate != name) return;
      for (const Given& one : valid_) {
        if (one.name == to) array.data = static_cast<std::byte*>(std::get<ArrayRef>(one.value).data) + shift;
      }
    };
  };
  const std::map<std::string, std::int64_t> bytes = {{"in", 240}, {"mask", 30}, {"out", 240}, {"state", 360}};
  for (const std::string written : {"out", "state"}) {
    for (const std::string& other : field_names) {
      if (other == written) continue;
      with_arrays(written + " at " + other, ErrorCode::argument_overlap, move(other, written, 0));
      with_arrays(written + " just after " + other, Outcome::accepted,
                  move(other, written, (bytes.at(other) + 7) / 8 * 8));
      with_arrays(written + " at the end of " + other, ErrorCode::argument_overlap,
                  move(other, written, (bytes.at(other) - 1) / 8 * 8));
      with_arrays(written + " just before " + other, Outcome::accepted, move(other, written, -bytes.at(written)));
      with_arrays(written + " and the start of " + other, ErrorCode::argument_overlap,
                  move(other, written, -bytes.at(written) + 8));
    }
  }
  with_arrays("two that are read", Outcome::accepted, move("in", "mask", 0));
  with_arrays("every second element each", Outcome::accepted, [&](const std::string& name, ArrayRef& array) {
    if (name != "in" && name != "out") return;
    array.data = place(4) + (name == "out" ? 8 : 0);
    array.byte_strides = {80, 16};
  });
  with_arrays("left and right half", Outcome::accepted, [&](const std::string& name, ArrayRef& array) {
    if (name != "in" && name != "out") return;
    array.data = place(4) + (name == "out" ? 40 : 0);
    array.byte_strides = {80, 8};
  });
  with_arrays("halves with a common column", ErrorCode::argument_overlap,
              [&](const std::string& name, ArrayRef& array) {
                if (name != "in" && name != "out") return;
                array.data = place(4) + (name == "out" ? 32 : 0);
                array.byte_strides = {80, 8};
              });
  with_arrays("the same backwards", ErrorCode::argument_overlap, [&](const std::string& name, ArrayRef& array) {
    if (name != "out") return;
    for (const Given& one : valid_) {
      if (one.name == "in") array = std::get<ArrayRef>(one.value);
    }
    array.data = static_cast<std::byte*>(array.data) + 232;
    array.byte_strides = {-40, -8};
  });
}

}  // namespace
}  // namespace cppstencils
