#include <gtest/gtest.h>

#include "cppstencils/field/field.hpp"
#include "cppstencils/support/error.hpp"

namespace cppstencils {
namespace {

using Shape = std::vector<std::int64_t>;

// One field as text: name, type, rank, index shape, shape.
std::string summary(const Field& field) {
  std::string text = field.name() + " " + std::string(to_string(field.dtype())) + " " + std::to_string(field.rank());
  for (const std::int64_t extent : field.index_shape()) text += " i" + std::to_string(extent);
  for (const std::int64_t extent : field.shape().value_or(Shape{})) text += " s" + std::to_string(extent);
  return text;
}

std::string summary(std::string_view description) {
  std::string text;
  for (const Field& field : fields(description)) text += (text.empty() ? "" : "; ") + summary(field);
  return text;
}

TEST(FieldDescription, Valid) {
  EXPECT_EQ(summary("u"), "u float64 2");
  EXPECT_EQ(summary("u, v: double[2D]"), "u float64 2; v float64 2");
  EXPECT_EQ(summary("f(9): float[3D]"), "f float32 3 i9");
  EXPECT_EQ(summary("tensor(3,3): float32[2D]"), "tensor float32 2 i3 i3");
  EXPECT_EQ(summary("g: double[20,30]"), "g float64 2 s20 s30");
  EXPECT_EQ(summary("g: int32[7]"), "g int32 1 s7");
  EXPECT_EQ(summary("a:bool[1d]"), "a bool 1");
  EXPECT_EQ(summary("a, b(2), c(3, 4): uint8[4D]"), "a uint8 4; b uint8 4 i2; c uint8 4 i3 i4");
  EXPECT_EQ(summary("f(9)"), "f float64 2 i9");
  EXPECT_EQ(summary("u: [3D]"), "u float64 3");
  EXPECT_EQ(summary("  _a1 ,\tB ( 2 , 3 ) :\n int64 [ 20 , 30 , 40 ]  "),
            "_a1 int64 3 s20 s30 s40; B int64 3 i2 i3 s20 s30 s40");
}

TEST(FieldDescription, LayoutHoldsForAll) {
  const std::vector<Field> list = fields("u, f(3): double[3D]", "fzyx");
  EXPECT_EQ(list[0].layout(), (std::vector<int>{2, 1, 0}));
  EXPECT_EQ(list[1].layout(), (std::vector<int>{3, 2, 1, 0}));
}

TEST(FieldDescription, KnownNumberOfFields) {
  const auto [u, v] = fields<2>("u, v: float32[3D]");
  EXPECT_EQ(summary(u), "u float32 3");
  EXPECT_EQ(summary(v), "v float32 3");
  EXPECT_THROW(fields<3>("u, v"), FieldError);
}

struct Fault {
  const char* description;
  const char* message;
  std::size_t place;
};

TEST(FieldDescription, FaultsNameTheirPlace) {
  const Fault faults[] = {
      {"", "a field name is expected", 0},
      {"   ", "a field name is expected", 3},
      {",u", "a field name is expected", 0},
      {"u,", "a field name is expected", 2},
      {"u, : double[2D]", "a field name is expected", 3},
      {"u v", "more text than a description has", 2},
      {"u-v: double[2D]", "more text than a description has", 1},
      {"u, v, u: double[2D]", "the name 'u' comes a second time", 6},
      {"u: dubl[2D]", "'dubl' is no type", 3},
      {"u: double", "'[' is expected", 9},
      {"u: double(2D)", "'[' is expected", 9},
      {"u: double[]", "a size such as 2D or 20,30 is expected", 10},
      {"u: double[D]", "a size such as 2D or 20,30 is expected", 10},
      {"u: double[0D]", "an extent is 1 or more", 10},
      {"u: double[5D]", "1 to 4 dimensions are expected", 10},
      {"u: double[ 5 D]", "1 to 4 dimensions are expected", 11},
      {"u: double[2D", "']' is expected", 12},
      {"u: double[2,]", "an extent is expected", 12},
      {"u: double[2,-3]", "an extent is 1 or more", 12},
      {"u: double[1,2,3,4,5]", "1 to 4 extents are expected", 10},
      {"u: double[2D] x", "more text than a description has", 14},
      {"u(: double[2D]", "an index extent is expected", 2},
      {"u(): double[2D]", "an index extent is expected", 2},
      {"u(0): double[2D]", "an extent is 1 or more", 2},
      {"u(3: double[2D]", "')' is expected", 3},
      {"u(99999999999999999999)", "the number does not fit into 64 bits", 2},
  };
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.description);
    try {
      fields(fault.description);
      ADD_FAILURE() << "No error.";
    } catch (const FieldError& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_description);
      EXPECT_EQ(error.message(), std::string("The field description cannot be read: ") + fault.message + ".");
      const std::string mark = "\n" + std::string(std::string("description  ").size() + fault.place, ' ') + "^";
      EXPECT_EQ(error.where(), "description  " + std::string(fault.description) + mark);
    }
  }
}

TEST(FieldDescription, NamesAreIdentifiers) {
  try {
    fields("2u: double[2D]");
    FAIL() << "No error.";
  } catch (const FieldError& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_name);
  }
}

}  // namespace
}  // namespace cppstencils
