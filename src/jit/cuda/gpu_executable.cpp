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
#include "ir/tiles.hpp"
#include "jit/cuda/gpu_launch_plan.hpp"
#include "kernel/gpu_options.hpp"

namespace cppstencils::jit {
namespace {

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

constexpr std::size_t number_bytes = 8;

/// The places of the parameters that point into scratch memory.
std::vector<std::size_t> scratch_parameters(const std::vector<emit::DeviceParameter>& parameters) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].kind == emit::DeviceParameter::Kind::numbers) places.push_back(i);
  }
  return places;
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
  const bool is_wide = !ir.reductions.empty() || kernel_.config().gpu.launch_grid == LaunchGrid::manual;
  (void)code({.index_width = is_wide ? emit::IndexWidth::bits64 : emit::IndexWidth::bits32});
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

std::vector<std::uint64_t> GpuExecutable::values(const std::vector<emit::DeviceParameter>& parameters,
                                                 const CppstencilsKernelArguments& arguments,
                                                 const std::vector<CellRange>& box, const ir::Tiles* tiles) const {
  const std::size_t buffers = kernel_.kernel_ir().buffers.size();
  std::vector<std::uint64_t> values;
  for (const emit::DeviceParameter& parameter : parameters) {
    const auto d = static_cast<int>(parameter.id);
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
        values.push_back(static_cast<std::uint64_t>(box[parameter.id].begin));
        break;
      case Kind::end:
        values.push_back(static_cast<std::uint64_t>(box[parameter.id].end));
        break;
      case Kind::tile_extent:
        values.push_back(static_cast<std::uint64_t>(tiles->extent_along(d)));
        break;
      case Kind::tile_count:
        values.push_back(static_cast<std::uint64_t>(tiles->count_along(d)));
        break;
      case Kind::numbers:  // from the beginning of the scratch memory
        values.push_back(parameter.id * static_cast<std::uint64_t>(tiles->count()) * number_bytes);
        break;
      case Kind::result:
        values.push_back(reinterpret_cast<std::uint64_t>(arguments.data[buffers + parameter.id]));
        break;
      case Kind::tiles:
        values.push_back(static_cast<std::uint64_t>(tiles->count()));
        break;
    }
  }
  return values;
}

std::unique_ptr<GpuLaunchPlan> GpuExecutable::make_plan(const CppstencilsKernelArguments& arguments,
                                                        const std::int64_t* begin, const std::int64_t* end,
                                                        const LaunchChoice& choice) const {
  const std::shared_ptr<const Code> code = this->code(variant_for(arguments, end, choice));
  const LoadedGpuCode& loaded = *code->loaded;
  auto plan = std::make_unique<GpuLaunchPlan>(kernel_.name(), code->loaded);
  std::vector<CellRange> box;
  for (int d = 0; d < kernel_.kernel_ir().rank; ++d) box.push_back({begin[d], end[d]});
  const std::vector<Launch> all = launches(box, code->rule, choice);
  if (kernel_.kernel_ir().reductions.empty()) {
    for (const Launch& one : all) {
      plan->add(loaded.module.function(), one.configuration, values(loaded.parameters, arguments, one.box, nullptr),
                {});
    }
    return plan;
  }
  const std::vector<ir::TileLoop> loops = ir::tile_loops(kernel_.kernel_ir());
  const ir::Tiles tiles(loops, begin, end);
  const auto reductions = static_cast<std::int64_t>(kernel_.kernel_ir().reductions.size());
  plan->want_scratch(static_cast<std::size_t>(reductions * tiles.count()) * number_bytes);
  plan->add(loaded.module.function(), all.front().configuration, values(loaded.parameters, arguments, box, &tiles),
            scratch_parameters(loaded.parameters));
  plan->add(loaded.module.second_function(), {{reductions, 1, 1}, {emit::combine_threads, 1, 1}},
            values(loaded.combine_parameters, arguments, box, &tiles), scratch_parameters(loaded.combine_parameters));
  return plan;
}

std::unique_ptr<LaunchPlan> GpuExecutable::plan(const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
                                                const std::int64_t* end, const LaunchChoice& choice) const {
  std::unique_ptr<GpuLaunchPlan> plan = make_plan(arguments, begin, end, choice);
  plan->keep_scratch();
  return plan;
}

void GpuExecutable::launch(const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
                           const std::int64_t* end, const LaunchChoice& choice, Stream stream) const {
  make_plan(arguments, begin, end, choice)->launch_once(stream);
}

std::string GpuExecutable::assembly() const {
  const std::string architecture = fmt::format("compute_{}", context_->generation());
  const std::vector<std::byte> ptx = engine_->code(gpu_request(kernel_, {}), architecture).code;
  return {reinterpret_cast<const char*>(ptx.data()), ptx.size()};
}

}  // namespace cppstencils::jit
