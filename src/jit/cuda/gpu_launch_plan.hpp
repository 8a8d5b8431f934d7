#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cppstencils/jit/device_executable.hpp"
#include "cppstencils/kernel/launch_configuration.hpp"
#include "jit/cuda/gpu_engine.hpp"

namespace cppstencils::jit {

/// The launches of one call, each with its parameters where the driver wants them. They follow each other in the order
/// of their stream.
class GpuLaunchPlan final : public LaunchPlan {
 public:
  GpuLaunchPlan(std::string kernel_name, std::shared_ptr<const LoadedGpuCode> code);
  ~GpuLaunchPlan() override;

  /// Parameters at the given places are distances into the scratch memory; the plan adds its address.
  void add(DriverFunction function, const LaunchConfiguration& configuration, std::vector<std::uint64_t> values,
           const std::vector<std::size_t>& scratch_places);
  /// Memory that the launches share with each other and with nobody else.
  void want_scratch(std::size_t bytes) { scratch_bytes_ = bytes; }

  /// Allocates the scratch memory, which then is that of the plan: `launch` allocates nothing and can be captured.
  /// Throws LaunchError.
  void keep_scratch();
  void launch(Stream stream) const override;
  /// Launches with scratch memory that is allocated and freed in the order of the stream, so that the plan may go
  /// before the work is done. Waits only for drivers that have no such memory.
  void launch_once(Stream stream);

 private:
  /// The values stay where they are when the object is moved, since vectors keep their memory.
  struct One {
    DriverFunction function = nullptr;
    LaunchConfiguration configuration;
    std::vector<std::uint64_t> values;
    std::vector<void*> parameters;
    std::vector<std::size_t> scratch_places;
  };

  void place_scratch(DeviceAddress address);
  [[noreturn]] void fail(const Driver& driver, int status) const;

  std::string kernel_name_;
  std::shared_ptr<const LoadedGpuCode> code_;
  std::vector<One> launches_;
  std::size_t scratch_bytes_ = 0;
  /// Null while the plan has none.
  DeviceAddress scratch_ = 0;
};

}  // namespace cppstencils::jit
