#include "jit/cuda/gpu_executable.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "cppstencils/kernel/create_kernel.hpp"
#include "cppstencils/support/error.hpp"
#include "ir/thread_axes.hpp"

namespace cppstencils::jit {
namespace {

/// The launches of one call, each with its parameters where the driver wants them.
class GpuLaunchPlan final : public LaunchPlan {
 public:
  GpuLaunchPlan(std::string kernel_name, std::shared_ptr<GpuModule> module)
      : kernel_name_(std::move(kernel_name)), module_(std::move(module)) {}

  void add(const LaunchConfiguration& configuration, std::vector<std::uint64_t> values) {
    launches_.push_back({configuration, std::move(values), {}});
    One& launch = launches_.back();
    for (std::uint64_t& value : launch.values) launch.parameters.push_back(&value);
  }

  void launch(Stream stream) const override {
    const DeviceContext& context = *module_->context();
    const DeviceContext::Use use(context);
    for (const One& one : launches_) {
      const auto& [grid, block] = one.configuration;
      const int status = context.driver()->launch(
          module_->function(), static_cast<unsigned>(grid[0]), static_cast<unsigned>(grid[1]),
          static_cast<unsigned>(grid[2]), static_cast<unsigned>(block[0]), static_cast<unsigned>(block[1]),
          static_cast<unsigned>(block[2]), 0, static_cast<DriverStream>(stream.handle),
          const_cast<void**>(one.parameters.data()), nullptr);
      if (status != driver_success) fail(context.driver(), status);
    }
  }

 private:
  /// The values stay where they are when the object is moved, since vectors keep their memory.
  struct One {
    LaunchConfiguration configuration;
    std::vector<std::uint64_t> values;
    std::vector<void*> parameters;
  };

  [[noreturn]] void fail(const Driver& driver, int status) const {
    throw LaunchError(
        {.code = ErrorCode::launch_failed,
         .message = fmt::format("The GPU driver could not start kernel '{}'.", kernel_name_),
         .notes = {driver.describe(status), "An error of earlier work on the GPU is reported by later calls."}});
  }

  std::string kernel_name_;
  std::shared_ptr<GpuModule> module_;
  std::vector<One> launches_;
};

void require_target(const KernelFunction& kernel) {
  const CreateKernelConfig& config = kernel.config();
  if (config.target != Target::cuda) {
    throw UnsupportedError(
        {.code = ErrorCode::unsupported,
         .message = fmt::format("Kernel '{}' is for the target '{}', but this JIT compiles for 'cuda'.", kernel.name(),
                                to_string(config.target)),
         .hints = {"Set 'target' to cuda when you create the kernel."}});
  }
  switch (config.gpu.launch_grid) {
    case LaunchGrid::automatic:
      return;
    case LaunchGrid::manual:
      throw UnsupportedError(
          {.code = ErrorCode::unsupported,
           .message =
               fmt::format("Kernel '{}' asks for a grid with each call, which calls cannot take yet.", kernel.name()),
           .hints = {"Set 'gpu.launch_grid' to automatic, or launch the text of source() yourself."}});
  }
}

/// The bytes of a value of this size in the form of a parameter.
std::uint64_t bytes_of(const void* value, std::size_t size) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, value, size);
  return bytes;
}

}  // namespace

emit::DeviceText gpu_text(const KernelFunction& kernel, const GpuVariant& variant) {
  require_target(kernel);
  return emit::ir_to_device(kernel.kernel_ir(), {.dialect = emit::Dialect::cuda,
                                                 .mapping = kernel.launch_configuration().mapping(),
                                                 .inner_stride = variant.inner_stride,
                                                 .index_width = variant.index_width,
                                                 .sharing = variant.sharing});
}

GpuExecutable::GpuExecutable(std::shared_ptr<GpuEngine> engine, KernelFunction kernel)
    : engine_(std::move(engine)),
      kernel_((require_target(kernel), std::move(kernel))),
      rule_(kernel_.launch_configuration()),
      context_(engine_->context()) {
  const ir::Kernel& ir = kernel_.kernel_ir();
  std::size_t strides = 0;
  for (const ir::Buffer& buffer : ir.buffers) {
    first_strides_.push_back(strides);
    strides += static_cast<std::size_t>(buffer.axes());
    reaches_.emplace_back(static_cast<std::size_t>(ir.rank), 0);
  }
  for (const ir::AccessPattern& access : ir::access_patterns(ir)) {
    std::vector<std::int64_t>& reach = reaches_[access.buffer.value];
    for (std::size_t d = 0; d < reach.size(); ++d) reach[d] = std::max(reach[d], access.offsets[d]);
  }
  innermost_ = ir::loop_nest(ir).back()->dimension;
  (void)code({});
}

int GpuExecutable::device() const { return context_->ordinal(); }

bool GpuExecutable::can_address(const void* memory) const {
  const Driver& driver = context_->driver();
  const DeviceContext::Use use(*context_);
  const auto address = reinterpret_cast<DeviceAddress>(memory);
  unsigned type = 0;
  if (driver->pointer_attribute(&type, pointer_memory_type, address) != driver_success) return false;
  if (type == memory_type_host) return true;  // of the host, but registered with the driver
  unsigned is_managed = 0;
  if (driver->pointer_attribute(&is_managed, pointer_is_managed, address) == driver_success && is_managed != 0) {
    return true;
  }
  int ordinal = -1;
  return driver->pointer_attribute(&ordinal, pointer_device_ordinal, address) == driver_success &&
         ordinal == context_->ordinal();
}

std::shared_ptr<const GpuExecutable::Code> GpuExecutable::code(const GpuVariant& variant) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = codes_.find(variant); found != codes_.end()) return found->second;
  }
  // Not under the lock: it may compile. Threads that meet here get the same module.
  emit::DeviceText text = gpu_text(kernel_, variant);
  auto made = std::make_shared<Code>();
  made->module = engine_->load({kernel_.name(), text.function_name, std::move(text.text)});
  made->parameters = std::move(text.parameters);
  const std::lock_guard lock(mutex_);
  return codes_.emplace(variant, std::move(made)).first->second;
}

// The parts of the arrays up to the last element that a cell touches, which are arrays too.
bool GpuExecutable::fits_narrow_index(const CppstencilsKernelArguments& arguments, const std::int64_t* end) const {
  const std::vector<ir::Buffer>& buffers = kernel_.kernel_ir().buffers;
  std::vector<std::vector<std::int64_t>> extents;
  std::vector<emit::ArrayShape> shapes;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    std::vector<std::int64_t>& all = extents.emplace_back(reaches_[i]);
    for (std::size_t d = 0; d < all.size(); ++d) all[d] += end[d];
    all.insert(all.end(), buffers[i].index_shape.begin(), buffers[i].index_shape.end());
  }
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    shapes.push_back({extents[i], std::span(arguments.strides + first_strides_[i], extents[i].size())});
  }
  return emit::fits_narrow_index(kernel_.kernel_ir(), rule_.mapping(), shapes);
}

GpuVariant GpuExecutable::variant_for(const CppstencilsKernelArguments& arguments, const std::int64_t* end) const {
  const std::vector<ir::Buffer>& buffers = kernel_.kernel_ir().buffers;
  GpuVariant variant;
  if (!fits_narrow_index(arguments, end)) variant.index_width = emit::IndexWidth::bits64;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    if (arguments.strides[first_strides_[i] + static_cast<std::size_t>(innermost_)] != 1) {
      variant.inner_stride = InnerStride::any;
    }
    if (buffers[i].access == ir::BufferAccess::read) continue;
    for (std::size_t j = 0; j < buffers.size(); ++j) {
      if (j != i && arguments.data[i] == arguments.data[j]) variant.sharing = emit::ArraySharing::possible;
    }
  }
  return variant;
}

std::unique_ptr<LaunchPlan> GpuExecutable::plan(const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
                                                const std::int64_t* end) const {
  const std::shared_ptr<const Code> code = this->code(variant_for(arguments, end));
  auto plan = std::make_unique<GpuLaunchPlan>(kernel_.name(), code->module);
  std::vector<CellRange> box;
  for (int d = 0; d < kernel_.kernel_ir().rank; ++d) box.push_back({begin[d], end[d]});
  for (const Launch& launch : rule_.launches(box)) {
    std::vector<std::uint64_t> values;
    for (const emit::DeviceParameter& parameter : code->parameters) {
      using Kind = emit::DeviceParameter::Kind;
      switch (parameter.kind) {
        case Kind::data:
          values.push_back(reinterpret_cast<std::uint64_t>(arguments.data[parameter.id]));
          break;
        case Kind::stride:
          values.push_back(static_cast<std::uint64_t>(
              arguments.strides[first_strides_[parameter.id] + static_cast<std::size_t>(parameter.axis)]));
          break;
        case Kind::scalar:
          values.push_back(bytes_of(arguments.scalars[parameter.id], emit::size_of(parameter)));
          break;
        case Kind::begin:
          values.push_back(static_cast<std::uint64_t>(launch.box[parameter.id].begin));
          break;
        case Kind::end:
          values.push_back(static_cast<std::uint64_t>(launch.box[parameter.id].end));
          break;
      }
    }
    plan->add(launch.configuration, std::move(values));
  }
  return plan;
}

std::string GpuExecutable::assembly() const {
  emit::DeviceText text = gpu_text(kernel_, {});
  const std::string architecture = fmt::format("compute_{}", context_->generation());
  const std::vector<std::byte> ptx =
      engine_->code({kernel_.name(), text.function_name, std::move(text.text)}, architecture);
  return {reinterpret_cast<const char*>(ptx.data()), ptx.size()};
}

}  // namespace cppstencils::jit
