#include <array>

#include <gtest/gtest.h>

#include "cppstencils/support/dtype.hpp"
#include "cppstencils/support/version.hpp"

namespace cppstencils {
namespace {

struct Facts {
  DType dtype;
  const char* name;
  std::size_t size;
  bool is_float;
  bool is_signed;
  bool is_unsigned;
};

constexpr std::array<Facts, 11> all_types{{
    {DType::boolean, "bool", 1, false, false, false},
    {DType::int8, "int8", 1, false, true, false},
    {DType::int16, "int16", 2, false, true, false},
    {DType::int32, "int32", 4, false, true, false},
    {DType::int64, "int64", 8, false, true, false},
    {DType::uint8, "uint8", 1, false, false, true},
    {DType::uint16, "uint16", 2, false, false, true},
    {DType::uint32, "uint32", 4, false, false, true},
    {DType::uint64, "uint64", 8, false, false, true},
    {DType::float32, "float32", 4, true, false, false},
    {DType::float64, "float64", 8, true, false, false},
}};

TEST(DType, Facts) {
  for (const Facts& facts : all_types) {
    SCOPED_TRACE(facts.name);
    EXPECT_EQ(to_string(facts.dtype), facts.name);
    EXPECT_EQ(parse_dtype(facts.name), facts.dtype);
    EXPECT_EQ(size_of(facts.dtype), facts.size);
    EXPECT_EQ(is_float(facts.dtype), facts.is_float);
    EXPECT_EQ(is_signed_integer(facts.dtype), facts.is_signed);
    EXPECT_EQ(is_unsigned_integer(facts.dtype), facts.is_unsigned);
    EXPECT_EQ(is_integer(facts.dtype), facts.is_signed || facts.is_unsigned);
    EXPECT_EQ(is_numeric(facts.dtype), facts.dtype != DType::boolean);
  }
}

TEST(DType, OtherSpellings) {
  const std::pair<const char*, DType> spellings[] = {
      {"double", DType::float64},  {"float", DType::float32},   {"single", DType::float32},
      {"int", DType::int64},       {"uint", DType::uint64},     {"int8_t", DType::int8},
      {"int16_t", DType::int16},   {"int32_t", DType::int32},   {"int64_t", DType::int64},
      {"uint8_t", DType::uint8},   {"uint16_t", DType::uint16}, {"uint32_t", DType::uint32},
      {"uint64_t", DType::uint64}, {"boolean", DType::boolean},
  };
  for (const auto& [name, dtype] : spellings) EXPECT_EQ(parse_dtype(name), dtype) << name;
  for (const char* name : {"", "Double", "double ", " int", "float16", "int128", "complex", "doubles", "f8"}) {
    EXPECT_EQ(parse_dtype(name), std::nullopt) << name;
  }
}

template <class T>
constexpr bool is_element = Element<T>;

TEST(DType, OfCppTypes) {
  EXPECT_EQ(dtype_of<bool>(), DType::boolean);
  EXPECT_EQ(dtype_of<float>(), DType::float32);
  EXPECT_EQ(dtype_of<double>(), DType::float64);
  EXPECT_EQ(dtype_of<std::int8_t>(), DType::int8);
  EXPECT_EQ(dtype_of<std::int16_t>(), DType::int16);
  EXPECT_EQ(dtype_of<std::int32_t>(), DType::int32);
  EXPECT_EQ(dtype_of<std::int64_t>(), DType::int64);
  EXPECT_EQ(dtype_of<long long>(), DType::int64);
  EXPECT_EQ(dtype_of<std::uint8_t>(), DType::uint8);
  EXPECT_EQ(dtype_of<std::uint16_t>(), DType::uint16);
  EXPECT_EQ(dtype_of<std::uint32_t>(), DType::uint32);
  EXPECT_EQ(dtype_of<std::size_t>(), DType::uint64);
  EXPECT_FALSE(is_element<long double>);
  EXPECT_FALSE(is_element<const double>);
  EXPECT_FALSE(is_element<void*>);
}

TEST(Version, IsThatOfTheHeader) {
  EXPECT_EQ(version(), std::to_string(CPPSTENCILS_VERSION_MAJOR) + "." + std::to_string(CPPSTENCILS_VERSION_MINOR) +
                           "." + std::to_string(CPPSTENCILS_VERSION_PATCH));
}

}  // namespace
}  // namespace cppstencils
