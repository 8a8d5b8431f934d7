#include <limits>
#include <sstream>

#include <gtest/gtest.h>

#include "cppstencils/field/assignment.hpp"
#include "cppstencils/field/field.hpp"
#include "cppstencils/support/error.hpp"

namespace cppstencils {
namespace {

TEST(Field, Defaults) {
  const Field u("u", 3);
  EXPECT_EQ(u.name(), "u");
  EXPECT_EQ(u.rank(), 3);
  EXPECT_EQ(u.dtype(), DType::float64);
  EXPECT_TRUE(u.index_shape().empty());
  EXPECT_EQ(u.shape(), std::nullopt);
  EXPECT_EQ(u.layout(), (std::vector<int>{0, 1, 2}));
}

TEST(Field, EqualityIsByDescription) {
  EXPECT_EQ(Field("u", 2), Field("u", 2));
  EXPECT_FALSE(Field("u", 2) == Field("u", 3));
  EXPECT_FALSE(Field("u", 2) == Field("u", 2, {.dtype = DType::float32}));
  EXPECT_FALSE(Field("u", 2) == Field("u", 2, {.index_shape = {1}}));
  EXPECT_FALSE(Field("u", 2) == Field("u", 2, {.shape = {{3, 4}}}));
  EXPECT_FALSE(Field("u", 2) == Field("u", 2, {.layout = "f"}));
}

TEST(Field, DeclarationsThatCannotWork) {
  EXPECT_THROW(Field("2u", 2), FieldError);
  EXPECT_THROW(Field("", 2), FieldError);
  EXPECT_THROW(Field("u", 0), FieldError);
  EXPECT_THROW(Field("u", 5), FieldError);
  EXPECT_THROW(Field("u", -1), FieldError);
  EXPECT_THROW(Field("u", 2, {.index_shape = {0}}), FieldError);
  EXPECT_THROW(Field("u", 2, {.index_shape = {3, -1}}), FieldError);
  EXPECT_THROW(Field("u", 2, {.shape = {{3, 0}}}), FieldError);
  EXPECT_THROW(Field("u", 2, {.shape = {{3}}}), FieldError);
  EXPECT_THROW(Field("u", 2, {.shape = {{3, 4, 5}}}), FieldError);
  EXPECT_THROW(Field("u", 2, {.layout = Layout(std::vector<int>{0, 1, 2})}), FieldError);
  const std::vector<std::int64_t> most(static_cast<std::size_t>(max_array_rank) - 4, 1);
  EXPECT_NO_THROW(Field("u", 4, {.index_shape = most}));
  EXPECT_NO_THROW(Field("u", 3, {.index_shape = most}));
  std::vector<std::int64_t> too_many = most;
  too_many.push_back(1);
  EXPECT_THROW(Field("u", 4, {.index_shape = too_many}), FieldError);
}

TEST(Field, Accesses) {
  const Field u("u", 2);
  const Expr expr = u(1, -2);
  const auto* access = get_if<sym::Access>(expr);
  ASSERT_NE(access, nullptr);
  EXPECT_EQ(access->field, u.info());
  EXPECT_EQ(access->offsets, (std::vector<std::int64_t>{1, -2}));
  EXPECT_TRUE(access->index.empty());
  EXPECT_EQ(u.at({1, -2}).expr(), u(1, -2).expr());
  EXPECT_EQ(u.center().expr(), u(0, 0).expr());
  EXPECT_EQ(u.neighbor(1, 3).expr(), u(0, 3).expr());
  EXPECT_EQ(u(std::int8_t{1}, 2L).expr(), u(1, 2).expr());
  EXPECT_EQ(to_string(u(1, 0) + u(-1, 0) * 2), "u[1,0] + u[-1,0]*2");
}

TEST(Field, AccessesWithIndex) {
  const Field f("f", 1, {.index_shape = {3, 2}});
  const Expr expr = f(1)(2, 0);
  const auto* access = get_if<sym::Access>(expr);
  ASSERT_NE(access, nullptr);
  EXPECT_EQ(access->index, (std::vector<std::int64_t>{2, 0}));
  // The index of an access can be given again.
  EXPECT_EQ(f(1)(2, 0)(1, 1).expr(), f(1)(1, 1).expr());
}

TEST(Field, AccessesThatCannotWork) {
  const Field u("u", 2);
  const Field f("f", 1, {.index_shape = {3, 2}});
  const auto code_of = [](auto&& action) -> std::optional<ErrorCode> {
    try {
      action();
    } catch (const FieldError& error) {
      return error.code();
    }
    return std::nullopt;
  };
  EXPECT_EQ(code_of([&] { u(1); }), ErrorCode::field_rank);
  EXPECT_EQ(code_of([&] { u(1, 2, 3); }), ErrorCode::field_rank);
  EXPECT_EQ(code_of([&] { u(); }), ErrorCode::field_rank);
  EXPECT_EQ(code_of([&] { u.neighbor(2, 1); }), ErrorCode::field_rank);
  EXPECT_EQ(code_of([&] { u.neighbor(-1, 1); }), ErrorCode::field_rank);
  EXPECT_EQ(code_of([&] { u(0, 0)(1); }), ErrorCode::field_index);
  EXPECT_EQ(code_of([&] { f(0)(1); }), ErrorCode::field_index);
  EXPECT_EQ(code_of([&] { f(0)(3, 0); }), ErrorCode::field_index);
  EXPECT_EQ(code_of([&] { f(0)(0, 2); }), ErrorCode::field_index);
  EXPECT_EQ(code_of([&] { f(0)(-1, 0); }), ErrorCode::field_index);
  EXPECT_EQ(code_of([&] { f(0).expr(); }), ErrorCode::field_index);
  EXPECT_EQ(code_of([&] { u(0, std::numeric_limits<std::int64_t>::min()); }), ErrorCode::field_index);
  EXPECT_EQ(code_of([&] { u(0, 2'147'483'648); }), ErrorCode::field_index);
  EXPECT_EQ(code_of([&] { u(-2'147'483'647, 2'147'483'647); }), std::nullopt);
}

TEST(Assignment, TargetsAreAccessesAndSymbols) {
  const Field u("u", 1);
  const Symbol h("h");
  EXPECT_EQ(to_string(assign(u(0), h / 2)), "u[0] = h/2");
  EXPECT_EQ(to_string(assign(h, 3)), "h = 3");
  EXPECT_THROW(assign(h + 1, 3), ExpressionError);
  EXPECT_THROW(assign(3, 3), ExpressionError);
  EXPECT_THROW(assign(coordinate(0), 3), ExpressionError);
}

TEST(Assignment, KnowsItsPlace) {
  const Field u("u", 1);
  const unsigned line = __LINE__ + 1;
  const Assignment assignment = assign(u(0), 1);
  EXPECT_EQ(assignment.where.line(), line);
  EXPECT_NE(std::string(assignment.where.file_name()).find("test_field.cpp"), std::string::npos);
}

TEST(AssignmentList, KeepsTheOrder) {
  const Field u("u", 1);
  const Field v("v", 1);
  AssignmentList list;
  EXPECT_TRUE(list.empty());
  const Symbol total = list.define("total", u(1) + u(-1));
  list.add(assign(v(0), total / 2)).append({assign(u(0), 0)});
  EXPECT_EQ(list.size(), 3u);
  EXPECT_EQ(list[1].target, v(0).expr());
  const std::string text = "total = u[1] + u[-1]\nv[0] = total/2\nu[0] = 0\n";
  EXPECT_EQ(to_string(list), text);
  std::ostringstream stream;
  stream << list << list[1];
  EXPECT_EQ(stream.str(), text + "v[0] = total/2");
  std::size_t count = 0;
  for (const Assignment& assignment : list) count += assignment.target == u(0).expr() ? 1 : 0;
  EXPECT_EQ(count, 1u);
  list.append(list);
  EXPECT_EQ(list.size(), 6u);
  EXPECT_EQ(to_string(list), text + text);
  EXPECT_THROW(list.define("2x", 1), ExpressionError);
  EXPECT_EQ(AssignmentList(assign(u(0), 1)).size(), 1u);
  EXPECT_EQ(AssignmentList(std::vector{assign(u(0), 1), assign(v(0), 1)}).size(), 2u);
}

}  // namespace
}  // namespace cppstencils
