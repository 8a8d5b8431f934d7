#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bindings.hpp"
#include "gil_release.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

nb::dlpack::dtype dlpack_type(DType dtype) {
  const auto code = dtype == DType::boolean    ? nb::dlpack::dtype_code::Bool
                    : is_float(dtype)          ? nb::dlpack::dtype_code::Float
                    : is_signed_integer(dtype) ? nb::dlpack::dtype_code::Int
                                               : nb::dlpack::dtype_code::UInt;
  return {static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(8 * size_of(dtype)), 1};
}

nb::ndarray<nb::numpy> create_array(const std::vector<std::int64_t>& shape, const std::string& dtype_name,
                                    std::vector<int> layout, int index_dimensions, bool is_padded,
                                    std::int64_t ghost_layers, std::optional<int> threads) {
  const std::optional<DType> dtype = parse_dtype(dtype_name);
  CPPSTENCILS_CHECK(dtype.has_value(), "The types of the Python package are those of the engine.");
  const ArrayOptions options{.layout = Layout(std::move(layout)),
                             .index_rank = index_dimensions,
                             .padding = is_padded ? Padding::automatic : Padding::none,
                             .ghost_layers = ghost_layers,
                             .threads = threads};
  const detail::ArrayPlan plan = detail::plan_array(shape, *dtype, options);
  std::shared_ptr<void> memory;
  {
    const GilRelease release;
    memory = detail::allocate_zeroed(plan, *dtype, threads);
  }
  void* const first = memory.get();
  auto owner = std::make_unique<std::shared_ptr<void>>(std::move(memory));
  const nb::capsule capsule(owner.get(),
                            [](void* pointer) noexcept { delete static_cast<std::shared_ptr<void>*>(pointer); });
  (void)owner.release();
  const std::vector<std::size_t> extents(shape.begin(), shape.end());
  return {first, extents.size(), extents.data(), capsule, plan.strides.data(), dlpack_type(*dtype)};
}

}  // namespace

void bind_arrays(nb::module_& module) {
  module.def("create_array", &create_array, nb::arg("shape"), nb::arg("dtype"), nb::arg("layout"),
             nb::arg("index_dimensions"), nb::arg("is_padded"), nb::arg("ghost_layers"), nb::arg("threads").none(),
             "A zeroed NumPy array; use cppstencils.create_array.");
}

}  // namespace cppstencils::python
