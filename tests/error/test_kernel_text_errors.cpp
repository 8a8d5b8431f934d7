// The full text of the errors of reading a kernel's text form.

#include <gtest/gtest.h>

#include "cppstencils/ir/kernel.hpp"
#include "support/expect_error.hpp"

namespace cppstencils::ir {
namespace {

using cppstencils::testing::expect_error;

TEST(KernelTextErrors, TypesThatDoNotFit) {
  expect_error<UserError>(
      ErrorCode::parse_failed,
      [] {
        parse_kernel(
            "kernel half(rank 1, strict, independent) {\n"
            "  buffer v: float64, rank 1, write\n"
            "  loop i0 step 1 {\n"
            "    store v[0] = 0.5 * i0\n"
            "  }\n"
            "}\n");
      },
      "error[parse-failed]: multiply has operands of float64 and int64.\n"
      "  in line 4, column 22 of the kernel text\n");
}

TEST(KernelTextErrors, AnUnexpectedToken) {
  expect_error<UserError>(
      ErrorCode::parse_failed, [] { parse_kernel("kernel half(rank one, strict, independent) {}"); },
      "error[parse-failed]: Expected a rank, found 'one'.\n"
      "  in line 1, column 18 of the kernel text\n");
}

}  // namespace
}  // namespace cppstencils::ir
