#include <gtest/gtest.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/support/match.hpp"

namespace cppstencils {
namespace {

TEST(Error, CodesAreWordsWithHyphens) {
  EXPECT_EQ(to_string(ErrorCode::field_rank), "field-rank");
  EXPECT_EQ(to_string(ErrorCode::not_single_assignment), "not-single-assignment");
  EXPECT_EQ(to_string(ErrorCode::internal), "internal");
}

TEST(Error, RendersMessagePlaceNotesAndHints) {
  EXPECT_EQ(render({.code = ErrorCode::unsupported, .message = "This is not possible."}),
            "error[unsupported]: This is not possible.\n");
  EXPECT_EQ(render({.code = ErrorCode::field_rank,
                    .message = "Field 'src' has 2 spatial dimensions.",
                    .where = "assignment  dst[0] = src[1]",
                    .notes = {"First note.", "Second note."},
                    .hints = {"Do this.", "Or that."}}),
            "error[field-rank]: Field 'src' has 2 spatial dimensions.\n"
            "  in assignment  dst[0] = src[1]\n"
            "  note: First note.\n"
            "  note: Second note.\n"
            "  hint: Do this.\n"
            "  hint: Or that.\n");
}

TEST(Error, FurtherLinesAreIndented) {
  EXPECT_EQ(render({.code = ErrorCode::unsupported, .message = "No.", .where = "a\nb", .notes = {"c\nd\ne"}}),
            "error[unsupported]: No.\n"
            "  in a\n"
            "     b\n"
            "  note: c\n"
            "        d\n"
            "        e\n");
}

TEST(Error, KeepsItsFactsAndGathersNotesOnTheWay) {
  try {
    try {
      throw TypeMismatch({.code = ErrorCode::type_mismatch, .message = "Two types.", .hints = {"Choose one."}});
    } catch (Error& error) {
      error.add_note("While doing something.");
      error.set_where("this place");
      throw;
    }
  } catch (const UserError& error) {
    EXPECT_NE(dynamic_cast<const TypeMismatch*>(&error), nullptr);
    EXPECT_EQ(error.code(), ErrorCode::type_mismatch);
    EXPECT_EQ(error.message(), "Two types.");
    EXPECT_EQ(error.where(), "this place");
    EXPECT_EQ(error.notes(), std::vector<std::string>{"While doing something."});
    EXPECT_EQ(error.hints(), std::vector<std::string>{"Choose one."});
    const std::exception& base = error;
    EXPECT_STREQ(base.what(),
                 "error[type-mismatch]: Two types.\n"
                 "  in this place\n"
                 "  note: While doing something.\n"
                 "  hint: Choose one.\n");
  }
}

TEST(Error, ClassesAreOrdered) {
  EXPECT_TRUE((std::is_base_of_v<UserError, ArgumentError>));
  EXPECT_TRUE((std::is_base_of_v<UserError, ConfigError>));
  EXPECT_TRUE((std::is_base_of_v<Error, CompileError>));
  EXPECT_FALSE((std::is_base_of_v<UserError, CompileError>));
  EXPECT_FALSE((std::is_base_of_v<UserError, InternalError>));
  EXPECT_FALSE((std::is_base_of_v<UserError, UnsupportedError>));
}

TEST(Error, FailedCheckIsAnInternalError) {
  EXPECT_NO_THROW(CPPSTENCILS_CHECK(1 + 1 == 2, "Arithmetic works."));
  try {
    CPPSTENCILS_CHECK(1 + 1 == 3, "Arithmetic does not work.");
    FAIL() << "No error.";
  } catch (const InternalError& error) {
    EXPECT_EQ(error.code(), ErrorCode::internal);
    EXPECT_EQ(error.message(), "Arithmetic does not work.");
    ASSERT_EQ(error.notes().size(), 1u);
    EXPECT_EQ(error.notes()[0].find("The check '1 + 1 == 3' failed at test_error.cpp:"), 0u) << error.notes()[0];
    EXPECT_EQ(error.hints().size(), 1u);
  }
}

TEST(Match, CallsTheHandlerOfTheKind) {
  using Kind = std::variant<int, std::string>;
  const auto name = [](const Kind& kind) {
    return match_kind(
        kind, [](int) { return "number"; }, [](const std::string&) { return "text"; });
  };
  EXPECT_STREQ(name(3), "number");
  EXPECT_STREQ(name("three"), "text");
}

}  // namespace
}  // namespace cppstencils
