/// A JIT of your own: it sees every kernel that is compiled through it. This one keeps a log and lets a JIT of the
/// library do the work; it could as well compile the text or the IR itself.
#include <chrono>
#include <cppstencils/cppstencils.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace cs = cppstencils;

namespace {

class LoggingJit : public cs::JitBase {
 public:
  explicit LoggingJit(std::shared_ptr<cs::JitBase> compiler) : compiler_(std::move(compiler)) {}

  cs::CompiledKernel compile(const cs::KernelFunction& kernel) override {
    const auto begin = std::chrono::steady_clock::now();
    cs::CompiledKernel compiled = compiler_->compile(kernel);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
    std::string line = kernel.name() + "(";
    for (const cs::Parameter& parameter : kernel.parameters()) {
      if (line.back() != '(') line += ", ";
      line += std::string(cs::to_string(parameter.dtype)) + " " + parameter.name;
    }
    log_.push_back(line + ")");
    std::cout << log_.back() << " compiled in " << time.count() << " ms\n";
    return compiled;
  }

  const std::vector<std::string>& log() const { return log_; }

 private:
  std::shared_ptr<cs::JitBase> compiler_;
  std::vector<std::string> log_;
};

std::shared_ptr<cs::JitBase> best_jit() {
  if (cs::LlvmJit::unavailable_reason().empty()) return std::make_shared<cs::LlvmJit>();
  return std::make_shared<cs::LegacyCpuJit>();
}

}  // namespace

int main() {
  const auto jit = std::make_shared<LoggingJit>(best_jit());

  auto [u, v] = cs::fields<2>("u, v: float[1D]");
  const cs::Symbol a("a", cs::DType::float32);
  const cs::KernelFunction scale =
      cs::create_kernel(cs::assign(v(0), a * u(0)), {.function_name = "scale", .jit = jit});
  const cs::CompiledKernel hooked_in = scale.compile();
  const cs::CompiledKernel free_standing = jit->compile(scale);

  cs::Array<float> x({4}), y({4}), z({4});
  for (int i = 0; i < 4; ++i) x(i) = static_cast<float>(i);
  hooked_in({{"u", x}, {"v", y}, {"a", 2}});
  free_standing({{"u", x}, {"v", z}, {"a", 2}});

  bool right = jit->log() == std::vector<std::string>(2, "scale(float32 u, float32 v, float32 a)");
  for (int i = 0; i < 4; ++i) right = right && y(i) == 2.0F * x(i) && z(i) == y(i);
  if (!right) std::cerr << "The result is wrong.\n";
  return right ? 0 : 1;
}
