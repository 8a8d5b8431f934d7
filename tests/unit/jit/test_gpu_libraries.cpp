// How NVRTC and the driver are found, and what is said where they are not.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cppstencils/support/error.hpp"
#include "jit/cuda/gpu_engine.hpp"
#include "support/expect_error.hpp"
#include "support/standin.hpp"

namespace cppstencils::testing {
namespace {

using GpuLibraries = StandInTest;

constexpr const char* twice_text =
    "extern \"C\" __global__ void __launch_bounds__(64) twice(double* data, long long count) {\n"
    "  const long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;\n"
    "  if (i < count) data[i] = 2.0 * data[i];\n"
    "}\n";

jit::GpuRequest twice(const std::string& text = twice_text) {
  return {"twice", text, [text] { return emit::DeviceText{text, "twice", {}, 16}; }};
}

LegacyGpuJitOptions uncached() { return {.cache = CacheOptions::off()}; }

template <class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST_F(GpuLibraries, ChosenByTheEnvironment) {
  const auto nvrtc = jit::Nvrtc::open({});
  EXPECT_EQ(nvrtc->path(), standin_library("standin_nvrtc"));
  EXPECT_EQ(nvrtc->version(), (jit::LibraryVersion{13, 0}));
  EXPECT_EQ(nvrtc->generations(), (std::vector<int>{75, 80, 90, 100}));
  const auto driver = jit::Driver::open();
  EXPECT_EQ(driver->path(), standin_library("standin_cuda"));
  EXPECT_EQ(driver->version(), (jit::LibraryVersion{13, 0}));
  EXPECT_EQ(driver->device_count(), 1);
}

TEST_F(GpuLibraries, NvrtcIsFoundInTheGivenDirectories) {
  environment_.set("CPPSTENCILS_NVRTC", "");
  const TemporaryFolder folder;
  // A name that only a search by directory finds; where a real one is installed, that one comes first.
  std::filesystem::copy_file(standin_library("standin_nvrtc"), folder.path() / "libnvrtc.so.13");
  const auto nvrtc = jit::Nvrtc::open({"/nowhere", folder.path()});
  EXPECT_NE(nvrtc->path().find("libnvrtc"), std::string::npos);
}

TEST_F(GpuLibraries, ABadChoiceIsAnError) {
  environment_.set("CPPSTENCILS_NVRTC", "/nowhere/libnvrtc.so");
  EXPECT_NE(message_of([] { jit::Nvrtc::open({}); })
                .find("error[compiler-not-found]: The environment variable CPPSTENCILS_NVRTC names "
                      "'/nowhere/libnvrtc.so', which cannot be opened."),
            std::string::npos);
  environment_.set("CPPSTENCILS_CUDA_DRIVER", "/nowhere/libcuda.so.1");
  EXPECT_NE(message_of([] { jit::Driver::open(); })
                .find("error[unsupported]: The environment variable CPPSTENCILS_CUDA_DRIVER names "
                      "'/nowhere/libcuda.so.1', which cannot be opened."),
            std::string::npos);
}

TEST_F(GpuLibraries, OldLibrariesSayWhatTheyLack) {
  environment_.set("CPPSTENCILS_NVRTC", standin_library("standin_nvrtc_old"));
  expect_error<CompileError>(
      ErrorCode::compiler_not_found, [] { jit::Nvrtc::open({}); },
      "error[compiler-not-found]: The NVRTC library '" + standin_library("standin_nvrtc_old") +
          "' is too old.\n"
          "  note: It has no function 'nvrtcGetNumSupportedArchs'.\n"
          "  hint: Install NVRTC of CUDA 11.2 or newer.\n");
  environment_.set("CPPSTENCILS_CUDA_DRIVER", standin_library("standin_cuda_old"));
  expect_error<UnsupportedError>(
      ErrorCode::unsupported, [] { jit::Driver::open(); },
      "error[unsupported]: The CUDA driver '" + standin_library("standin_cuda_old") +
          "' is too old.\n"
          "  note: It has no function 'cuDriverGetVersion'.\n"
          "  hint: Install a driver for CUDA 11.2 or newer.\n");
}

TEST_F(GpuLibraries, EveryWayToHaveNoGpuHasItsReason) {
  configure("init=34");
  EXPECT_NE(message_of([] { jit::Driver::open(); }).find("is the stub of the CUDA toolkit and no driver."),
            std::string::npos);
  configure("init=100");
  EXPECT_NE(message_of([] { jit::Driver::open(); }).find("The CUDA driver finds no GPU.\n  note: CUDA_ERROR_NO_DEVICE"),
            std::string::npos);
  configure("init=999");
  EXPECT_NE(
      message_of([] { jit::Driver::open(); }).find("The CUDA driver does not start.\n  note: CUDA_ERROR_UNKNOWN (999)"),
      std::string::npos);
  configure("devices=2");
  EXPECT_NE(
      message_of([] { GpuDevice::open(2); }).find("There is no GPU 2.\n  hint: The GPUs of this machine are 0 to 1."),
      std::string::npos);
  EXPECT_EQ(GpuDevice::open(1).name(), "Stand-in GPU 1");
}

TEST_F(GpuLibraries, ContextsAreGivenBack) {
  const long before = ask("standin_references", 0);  // the default JIT of the process lives on
  {
    const GpuDevice device = GpuDevice::open();
    const GpuStream stream = device.create_stream();
    stream.synchronize();
    EXPECT_EQ(ask("standin_references", 0), before + 1);
    EXPECT_EQ(device.architecture(), "sm_90");
  }
  EXPECT_EQ(ask("standin_references", 0), before);
}

TEST_F(GpuLibraries, ArchitectureFollowsTheDevice) {
  const auto nvrtc = jit::Nvrtc::open({});
  EXPECT_EQ(nvrtc->architecture_for(90).name(), "sm_90");
  EXPECT_EQ(nvrtc->architecture_for(86).name(), "sm_80");
  EXPECT_EQ(nvrtc->architecture_for(103).name(), "sm_100");
  EXPECT_EQ(nvrtc->architecture_for(120).name(), "compute_100");
  EXPECT_EQ(nvrtc->architecture_for(76).name(), "sm_75");
  EXPECT_NE(message_of([&] { (void)nvrtc->architecture_for(70); }).find("makes no code for a GPU of generation sm_70."),
            std::string::npos);
}

TEST_F(GpuLibraries, OptionsAreTheNumericContract) {
  const jit::Nvrtc::Job job{"twice", twice_text, {jit::GpuArchitecture::Code::cubin, "90"}, false};
  EXPECT_EQ(jit::Nvrtc::options(job),
            (std::vector<std::string>{"-arch=sm_90", "-minimal", "-no-cache", "-std=c++17", "-fmad=false", "-ftz=false",
                                      "-prec-div=true", "-prec-sqrt=true"}));
}

TEST_F(GpuLibraries, OldNvrtcIsAskedAgainWithoutWhatItDoesNotKnow) {
  configure("nvrtc=1200");
  jit::GpuEngine engine(uncached());
  EXPECT_FALSE(engine.code(twice(), "sm_90").code.empty());
  EXPECT_FALSE(engine.code(twice(), "sm_80").code.empty());
}

TEST_F(GpuLibraries, CompileErrorsShowTheLine) {
  jit::GpuEngine engine(uncached());
  std::string broken = twice_text;
  broken.replace(broken.find("2.0 *"), 5, "factor *");
  const std::string message = message_of([&] { engine.code(twice(broken), "sm_90"); });
  EXPECT_NE(
      message.find(
          "error[compile-failed]: NVRTC cannot compile kernel 'twice' for sm_90.\n"
          "  note: NVRTC 13.0 with -arch=sm_90 -minimal -no-cache -std=c++17 -fmad=false -ftz=false -prec-div=true "
          "-prec-sqrt=true says: twice.cu"),
      std::string::npos)
      << message;
  EXPECT_NE(message.find("    3 |   if (i < count) data[i] = factor * data[i];"), std::string::npos) << message;
}

TEST_F(GpuLibraries, UnknownArchitectures) {
  expect_error<ConfigError>(
      ErrorCode::invalid_config, [] { jit::GpuEngine({.architecture = "hopper"}); },
      "error[invalid-config]: 'hopper' is no architecture of a GPU.\n"
      "  hint: Write 'sm_90' for machine code, or 'compute_90' for PTX.\n");
  jit::GpuEngine engine(uncached());
  EXPECT_NE(message_of([&] { engine.code(twice(), "sm_99"); }).find("NVRTC_ERROR_INVALID_OPTION"), std::string::npos);
  // That the compiler refused an architecture does not make it an old one.
  EXPECT_FALSE(engine.code(twice(), "sm_100").code.empty());
}

TEST_F(GpuLibraries, CodeComesFromTheCacheAndDamageIsSeen) {
  const TemporaryFolder folder;
  const LegacyGpuJitOptions options{.cache = {.directory = folder.path()}};
  const auto made = jit::GpuEngine(options).code(twice(), "sm_90").code;
  configure("compile=6");  // nobody can compile any more
  EXPECT_EQ(jit::GpuEngine(options).code(twice(), "sm_90").code, made);
  EXPECT_THROW(jit::GpuEngine(options).code(twice(), "sm_80"), CompileError);
  environment_.set("NVRTC_APPEND_FLAGS", "-G");
  EXPECT_THROW(jit::GpuEngine(options).code(twice(), "sm_90"), CompileError);
  environment_.set("NVRTC_APPEND_FLAGS", "");
  EXPECT_EQ(jit::GpuEngine(options).code(twice(), "sm_90").code, made);
  configure("compile=6,nvrtc=1301");
  EXPECT_THROW(jit::GpuEngine(options).code(twice(), "sm_90"), CompileError);
}

TEST_F(GpuLibraries, ACacheHitWritesNoText) {
  const TemporaryFolder folder;
  jit::GpuEngine engine({.cache = {.directory = folder.path()}});
  jit::GpuRequest request = twice();
  const auto first = engine.code(request, "sm_90");
  request.write = []() -> emit::DeviceText { throw std::logic_error("written again"); };
  EXPECT_EQ(engine.code(request, "sm_90").code, first.code);
  EXPECT_EQ(engine.load(request)->module.most_threads(), 1024);
  request.description += " ";
  EXPECT_THROW(engine.code(request, "sm_90"), std::logic_error);
}

TEST_F(GpuLibraries, EntriesOfTheCacheAreReadAsTheyWereWritten) {
  using Kind = emit::DeviceParameter::Kind;
  const jit::GpuCode code{"cs_twice",
                          {{Kind::data, 3, 0, DType::float32, "u"},
                           {Kind::stride, 3, 2, DType::int64, "u_stride2"},
                           {Kind::scalar, 0, 0, DType::boolean, "flag"},
                           {Kind::begin, 1, 0, DType::int64, "begin1"},
                           {Kind::end, 1, 0, DType::int64, "end1"}},
                          "cs_twice_combine",
                          {{Kind::result, 1, 0, DType::int8, "result1"}, {Kind::tiles, 0, 0, DType::int64, "tiles"}},
                          {std::byte{0x7F}, std::byte{'\n'}, std::byte{0}}};
  const std::vector<std::byte> bytes = jit::to_bytes(code);
  const std::optional<jit::GpuCode> again = jit::gpu_code_of(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->function, code.function);
  EXPECT_EQ(again->parameters, code.parameters);
  EXPECT_EQ(again->combine_function, code.combine_function);
  EXPECT_EQ(again->combine_parameters, code.combine_parameters);
  EXPECT_EQ(again->code, code.code);
  // Cut anywhere before the code it is no entry.
  for (std::size_t size = 0; size <= bytes.size() - code.code.size(); ++size) {
    EXPECT_FALSE(jit::gpu_code_of(std::span(bytes).first(size))) << size;
  }
  for (const std::string wrong : {"1\nf\n-1\nx", "1\nf\n1\n10 0 0 int64 a\nx", "1\nf\n1\n0 0 0 int65 a\nx",
                                  "1\nf\n1\n0 0 int64 a\nx", "0\nf\n0\nx", "3\nf\n0\nx", "2\nf\n0\nx"}) {
    EXPECT_FALSE(jit::gpu_code_of(std::as_bytes(std::span(wrong)))) << wrong;
  }
}

TEST_F(GpuLibraries, AnEntryThatDoesNotLoadIsCompiledAnew) {
  const TemporaryFolder folder;
  const LegacyGpuJitOptions options{.cache = {.directory = folder.path()}};
  // For another device; its driver refuses it.
  configure("generation=80");
  jit::GpuEngine other({.architecture = "sm_90", .cache = {.directory = folder.path()}});
  EXPECT_NE(message_of([&] { other.load(twice()); }).find("The GPU driver cannot load the code of the kernel."),
            std::string::npos);
  configure("generation=90");
  const auto loaded = jit::GpuEngine(options).load(twice());
  EXPECT_NE(loaded->module.function(), nullptr);
  EXPECT_EQ(loaded->module.most_threads(), 1024);
}

TEST_F(GpuLibraries, PtxForADeviceThatIsNewerThanTheCompiler) {
  configure("generation=120");
  jit::GpuEngine engine(uncached());
  EXPECT_NE(engine.load(twice())->module.function(), nullptr);
  EXPECT_EQ(ask("standin_modules"), 0) << "A module that nobody uses is unloaded.";
}

}  // namespace
}  // namespace cppstencils::testing
