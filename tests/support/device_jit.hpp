#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "cppstencils/jit/jit_base.hpp"
#include "support/device_library.hpp"

namespace cppstencils::testing {

/// Runs kernels as device code on the host, behind the checked call path of the CPU.
class DeviceJit : public ExecutableJit {
 public:
  /// How to write the code of a kernel for arrays of a kind.
  using Choice = emit::DeviceTextOptions (*)(const ir::Kernel& kernel, Variant variant);
  explicit DeviceJit(Choice choice) : choice_(choice) {}

  std::shared_ptr<Executable> build(const KernelFunction& kernel) override {
    std::vector<DeviceCase> cases;
    for (const InnerStride stride : {InnerStride::any, InnerStride::unit}) {
      ir::Kernel renamed = kernel.kernel_ir();
      renamed.name += stride == InnerStride::unit ? "_unit" : "_any";
      const emit::DeviceTextOptions options = choice_(renamed, {stride});
      cases.emplace_back(std::move(renamed), options);
    }
    return std::make_shared<Code>(std::move(cases));
  }

 private:
  class Code : public Executable {
   public:
    explicit Code(std::vector<DeviceCase> cases) : cases_(std::move(cases)), library_(cases_, "-O1") {
      for (const DeviceCase& one : cases_) contexts_.push_back({&one, &library_});
    }
    EntryPoint entry_point(Variant variant) override {
      return {run, &contexts_[variant.inner_stride == InnerStride::unit ? 1 : 0]};
    }

   private:
    struct Context {
      const DeviceCase* code;
      const DeviceLibrary* library;
    };
    static std::int32_t run(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                            const std::int64_t* end) {
      const auto& context = *static_cast<const Context*>(arguments->context);
      context.library->run(*context.code, *arguments, begin, end, static_cast<std::uint64_t>(begin[0]));
      return 0;
    }

    std::vector<DeviceCase> cases_;
    DeviceLibrary library_;
    std::vector<Context> contexts_;
  };

  Choice choice_;
};

}  // namespace cppstencils::testing
