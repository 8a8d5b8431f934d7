#include "jit/cuda/gpu_executable.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cppstencils/kernel/create_kernel.hpp"
#include "cppstencils/support/error.hpp"
#include "ir/thread_axes.hpp"
#include "kernel/gpu_options.hpp"

namespace cppstencils::jit {
namespace {

/// The launches of one call, each with its parameters where the driver wants them.
class GpuLaunchPlan final : public LaunchPlan {
 public:
  GpuLaunchPlan(std::string kernel_name, std::shared_ptr<const LoadedGpuCode> code)
      : kernel_name_(std::move(kernel_name)), code_(std::move(code)) {}

  void add(const LaunchConfiguration& configuration, std::vector<std::uint64_t> values) {
    launches_.push_back({configuration, std::move(values), {}});
    One& launch = launches_.back();
    for (std::uint64_t& value : launch.values) launch.parameters.push_back(&value);
  }

  void launch(Stream stream) const override {
    const DeviceContext& context = *code_->module.context();
    const DeviceContext::Use use(context);
    for (const One& one : launches_) {
      const auto& [grid, block] = one.configuration;
      const int status = context.driver()->launch(
          code_->module.function(), static_cast<unsigned>(grid[0]), static_cast<unsigned>(grid[1]),
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
  std::shared_ptr<const LoadedGpuCode> code_;
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
}

/// The mapping of a kernel with the block of a call. Throws ArgumentError for one that no GPU launches.
ThreadMapping mapping_of(const KernelFunction& kernel, const std::optional<std::array<int, 3>>& block) {
  if (!block) return kernel.launch_configuration().mapping();
  GpuOptions options = kernel.config().gpu;
  options.block_size = block;
  try {
    kernel::check_gpu_options(options);
    return kernel::thread_mapping(kernel.kernel_ir(), options);
  } catch (const ConfigError& error) {
    throw ArgumentError({.code = ErrorCode::argument_size,
                         .message = fmt::format("The block given to kernel '{}' is not possible.", kernel.name()),
                         .notes = {error.message()},
                         .hints = {"Use sizes such as 64 x 4 x 1, or give none."}});
  }
}

/// The bytes of a value of this size in the form of a parameter.
std::uint64_t bytes_of(const void* value, std::size_t size) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, value, size);
  return bytes;
}

}  // namespace

GpuRequest gpu_request(const KernelFunction& kernel, const GpuVariant& variant) {
  require_target(kernel);
  const emit::DeviceTextOptions options{.dialect = emit::Dialect::cuda,
                                        .mapping = mapping_of(kernel, variant.block),
                                        .inner_stride = variant.inner_stride,
                                        .index_width = variant.index_width,
                                        .sharing = variant.sharing};
  const ThreadMapping& mapping = options.mapping;
  std::string description = fmt::format(
      "{} block={} cells={}x{} {}-stride {} {}\n{}", ir::to_string(mapping.scheme), fmt::join(mapping.block, "x"),
      mapping.cells.outer, mapping.cells.inner, options.inner_stride == InnerStride::unit ? "unit" : "any",
      options.index_width == emit::IndexWidth::bits32 ? "32-bit" : "64-bit",
      options.sharing == emit::ArraySharing::none ? "unshared" : "shared", ir::to_string(kernel.kernel_ir()));
  return {kernel.name(), std::move(description),
          [&kernel, options] { return emit::ir_to_device(kernel.kernel_ir(), options); }};
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
  // What most calls need.
  const bool is_manual = kernel_.config().gpu.launch_grid == LaunchGrid::manual;
  (void)code({.index_width = is_manual ? emit::IndexWidth::bits64 : emit::IndexWidth::bits32});
}

int GpuExecutable::device() const { return context_->ordinal(); }

bool GpuExecutable::can_address(const void* memory) const {
  const Driver& driver = context_->driver();
  const DeviceContext::Use use(*context_);
  unsigned type = 0;  // stays so for memory that the driver does not know
  int is_managed = 0;
  int ordinal = -1;
  std::array<int, 3> attributes{pointer_memory_type, pointer_is_managed, pointer_device_ordinal};
  std::array<void*, 3> values{&type, &is_managed, &ordinal};
  const int status = driver->pointer_attributes(static_cast<unsigned>(attributes.size()), attributes.data(),
                                                values.data(), reinterpret_cast<DeviceAddress>(memory));
  if (status != driver_success || type == 0) return false;
  if (type == memory_type_host) return true;  // of the host, but registered with the driver
  return is_managed != 0 || ordinal == context_->ordinal();
}

std::shared_ptr<const GpuExecutable::Code> GpuExecutable::code(const GpuVariant& variant) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = codes_.find(variant); found != codes_.end()) return found->second;
  }
  // Not under the lock: it may compile. Threads that meet here get the same module.
  auto made = std::make_shared<const Code>(
      Code{engine_->load(gpu_request(kernel_, variant)), {kernel_.kernel_ir(), mapping_of(kernel_, variant.block)}});
  const std::lock_guard lock(mutex_);
  return codes_.emplace(variant, std::move(made)).first->second;
}

// The parts of the arrays up to the last element that a cell touches, which are arrays too.
bool GpuExecutable::fits_narrow_index(const CppstencilsKernelArguments& arguments, const std::int64_t* end,
                                      const ThreadMapping& mapping) const {
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
  return emit::fits_narrow_index(kernel_.kernel_ir(), mapping, shapes);
}

GpuVariant GpuExecutable::variant_for(const CppstencilsKernelArguments& arguments, const std::int64_t* end,
                                      const LaunchChoice& choice) const {
  const std::vector<ir::Buffer>& buffers = kernel_.kernel_ir().buffers;
  GpuVariant variant;
  ThreadMapping mapping = rule_.mapping();
  if (choice.block && *choice.block != mapping.block) {
    variant.block = choice.block;
    mapping.block = *choice.block;
  }
  // A grid of the caller's may reach far beyond the cells.
  if (choice.grid || !fits_narrow_index(arguments, end, mapping)) variant.index_width = emit::IndexWidth::bits64;
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

std::vector<Launch> GpuExecutable::launches(const std::vector<CellRange>& box, const LaunchRule& rule,
                                            const LaunchChoice& choice) const {
  if (choice.grid) return {{box, rule.with_grid(box, *choice.grid)}};
  switch (kernel_.config().gpu.launch_grid) {
    case LaunchGrid::automatic:
      break;
    case LaunchGrid::manual:
      throw UnknownName(
          {.code = ErrorCode::missing_argument,
           .message = fmt::format("Kernel '{}' asks for a grid with each call, and none was given.", kernel_.name()),
           .hints = {fmt::format("Give a grid of at least {} blocks, or set 'gpu.launch_grid' to automatic.",
                                 fmt::join(rule.configuration(box).grid, " x "))}});
  }
  return rule.launches(box);
}

std::unique_ptr<LaunchPlan> GpuExecutable::plan(const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
                                                const std::int64_t* end, const LaunchChoice& choice) const {
  const std::shared_ptr<const Code> code = this->code(variant_for(arguments, end, choice));
  auto plan = std::make_unique<GpuLaunchPlan>(kernel_.name(), code->loaded);
  std::vector<CellRange> box;
  for (int d = 0; d < kernel_.kernel_ir().rank; ++d) box.push_back({begin[d], end[d]});
  for (const Launch& launch : launches(box, code->rule, choice)) {
    std::vector<std::uint64_t> values;
    for (const emit::DeviceParameter& parameter : code->loaded->parameters) {
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
  const std::string architecture = fmt::format("compute_{}", context_->generation());
  const std::vector<std::byte> ptx = engine_->code(gpu_request(kernel_, {}), architecture).code;
  return {reinterpret_cast<const char*>(ptx.data()), ptx.size()};
}

}  // namespace cppstencils::jit
