#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cppstencils/kernel/kernel_function.hpp"
#include "ir/builder.hpp"
#include "kernel/kernel_function_data.hpp"

namespace cppstencils::testing {

/// One access of a kernel under test.
struct Touch {
  std::size_t buffer = 0;
  ir::BufferAccess access = ir::BufferAccess::read;
  std::vector<std::int64_t> offsets;
  std::vector<std::int64_t> index = {};
};

/// A kernel that makes exactly these accesses: it loads all that is read, then stores a constant to all that is
/// written. The `access` of the buffers is set from them.
inline ir::Kernel access_kernel(std::vector<ir::Buffer> buffers, const std::vector<Touch>& touches,
                                const std::vector<std::int64_t>& steps) {
  ir::Kernel kernel;
  kernel.name = "touch";
  kernel.rank = static_cast<int>(steps.size());
  kernel.buffers = std::move(buffers);
  std::vector<bool> read(kernel.buffers.size());
  std::vector<bool> written(kernel.buffers.size());
  ir::Block loads;
  ir::Block stores;
  for (const Touch& touch : touches) {
    const ir::BufferId buffer{static_cast<std::uint32_t>(touch.buffer)};
    const DType dtype = kernel.buffers[touch.buffer].dtype;
    if (touch.access == ir::BufferAccess::read) {
      read[touch.buffer] = true;
      const ir::VarId variable{static_cast<std::uint32_t>(kernel.variables.size())};
      kernel.variables.push_back({"x", dtype});
      loads.push_back({ir::Let{variable, ir::load(buffer, dtype, touch.offsets, touch.index)}});
    } else {
      written[touch.buffer] = true;
      stores.push_back({ir::Store{buffer, touch.offsets, touch.index, ir::constant_from_bits(dtype, 1)}});
    }
  }
  for (std::size_t i = 0; i < kernel.buffers.size(); ++i) {
    kernel.buffers[i].access = !written[i] ? ir::BufferAccess::read
                               : read[i]   ? ir::BufferAccess::read_write
                                           : ir::BufferAccess::write;
  }
  ir::Block body = std::move(loads);
  for (ir::Stmt& store : stores) body.push_back(std::move(store));
  for (int dimension = kernel.rank; dimension-- > 0;) {
    ir::Loop loop{dimension, steps[static_cast<std::size_t>(dimension)], std::move(body)};
    body = {ir::Stmt{std::move(loop)}};
  }
  kernel.body = std::move(body);
  return kernel;
}

/// The parameters of any kernel, as create_kernel would list them.
inline std::vector<Parameter> parameters_of(const ir::Kernel& kernel) {
  std::vector<Parameter> parameters;
  for (const ir::Buffer& buffer : kernel.buffers) {
    const auto field = std::make_shared<sym::FieldInfo>();
    field->name = buffer.name;
    field->dtype = buffer.dtype;
    field->rank = buffer.rank;
    field->index_shape = buffer.index_shape;
    parameters.push_back({buffer.name, buffer.dtype, Parameter::Role::field, field, buffer.access});
  }
  for (const ir::Scalar& scalar : kernel.scalars) {
    parameters.push_back({scalar.name, scalar.dtype, Parameter::Role::scalar, nullptr, ir::BufferAccess::read});
  }
  return parameters;
}

/// A kernel function around any kernel.
inline KernelFunction function_of(const ir::Kernel& kernel, std::vector<IterationRange> ranges,
                                  const CpuOptions& options = {}) {
  KernelFunction::Data data;
  data.config.cpu = options;
  data.config.function_name = kernel.name;
  data.parameters = parameters_of(kernel);
  data.iteration_ranges = std::move(ranges);
  data.kernel = kernel;
  return KernelFunction(std::make_shared<const KernelFunction::Data>(std::move(data)));
}

}  // namespace cppstencils::testing
