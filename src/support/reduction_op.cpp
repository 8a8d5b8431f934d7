#include "cppstencils/support/reduction_op.hpp"

namespace cppstencils {

std::string_view to_string(ReductionOp op) {
  switch (op) {
    case ReductionOp::add:
      return "add";
    case ReductionOp::subtract:
      return "subtract";
    case ReductionOp::multiply:
      return "multiply";
    case ReductionOp::minimum:
      return "minimum";
    case ReductionOp::maximum:
      return "maximum";
  }
  return "unknown";
}

}  // namespace cppstencils
