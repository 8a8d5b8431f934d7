#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "cppstencils/support/error.hpp"

namespace cppstencils::testing {

/// Runs `action` and expects an error of class `ErrorClass` with this code and this whole rendered text.
template <class ErrorClass, class Action>
void expect_error(ErrorCode code, Action&& action, std::string_view text) {
  try {
    action();
    ADD_FAILURE() << "No error; expected:\n" << text;
  } catch (const ErrorClass& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_EQ(std::string_view(error.what()), text);
  } catch (const Error& error) {
    ADD_FAILURE() << "An error of another class:\n" << error.what();
  }
}

}  // namespace cppstencils::testing
