// What users read when the host's compiler is missing, misused or fails.

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "cppstencils/cppstencils.hpp"
#include "jit/host/host_engine.hpp"
#include "support/expect_error.hpp"
#include "support/host_testing.hpp"

namespace cppstencils::testing {
namespace {

KernelFunction copy_kernel(const std::string& processor = "native") {
  const Field u("u", 1);
  const Field v("v", 1);
  CreateKernelConfig config;
  config.function_name = "copy";
  config.cpu.processor = processor;
  return create_kernel(assign(v(0), u(0)), config);
}

class HostErrors : public ::testing::Test {
 protected:
  LegacyCpuJitOptions options(const std::string& compiler) {
    LegacyCpuJitOptions result;
    result.compiler = compiler;
    result.cache = CacheOptions::off();
    return result;
  }
  /// A compiler that answers -v and otherwise runs a script, by the name 'fake'.
  LegacyCpuJitOptions fake(const std::string& body) { return options(write_compiler(folder.path(), "fake", body)); }

  /// The rendered error of compiling the small source text, with FOLDER, WORK and TEXT for what differs.
  std::string failure(const LegacyCpuJitOptions& chosen) {
    try {
      jit::HostEngine(chosen).build("copy", "first line\nsecond line\n", "native");
    } catch (const CompileError& error) {
      EXPECT_EQ(error.code(), ErrorCode::compile_failed);
      std::string text = std::regex_replace(error.what(), std::regex(folder.path().string()), "FOLDER");
      text = std::regex_replace(text, std::regex("/tmp/cppstencils-[A-Za-z0-9]{6}"), "WORK");
      return std::regex_replace(text, std::regex("-x c\\+\\+ .* WORK/kernel.cpp"), "FLAGS WORK/kernel.cpp");
    }
    ADD_FAILURE() << "No error.";
    return {};
  }

  TemporaryFolder folder;
  ScopedVariable no_temporary{"TMPDIR", std::nullopt};
};

TEST_F(HostErrors, TheNamedCompilerIsMissing) {
  const ScopedVariable path("PATH", "/nonexistent");
  LegacyCpuJit jit(options("g++-99"));
  expect_error<CompileError>(
      ErrorCode::compiler_not_found, [&] { jit.build(copy_kernel()); },
      "error[compiler-not-found]: The C++ compiler 'g++-99' was not found or is not a program.\n"
      "  note: PATH is '/nonexistent'.\n"
      "  note: While compiling kernel 'copy'.\n"
      "  hint: Install a C++ compiler; on Debian: apt-get install g++.\n"
      "  hint: Or name one in option 'compiler' of LegacyCpuJit or in the environment variable CXX.\n");
}

TEST_F(HostErrors, NoCompilerAtAll) {
  const ScopedVariable path("PATH", std::string());
  const ScopedVariable cxx("CXX", std::nullopt);
  LegacyCpuJit jit(options(""));
  expect_error<CompileError>(
      ErrorCode::compiler_not_found, [&] { jit.compiler(); },
      "error[compiler-not-found]: No C++ compiler was found: there is none of c++, g++, clang++ in PATH.\n"
      "  note: PATH is ''.\n"
      "  hint: Install a C++ compiler; on Debian: apt-get install g++.\n"
      "  hint: Or name one in option 'compiler' of LegacyCpuJit or in the environment variable CXX.\n");
}

TEST_F(HostErrors, CxxNamesNoCompiler) {
  const ScopedVariable path("PATH", "/nonexistent");
  const ScopedVariable cxx("CXX", "g++; rm -rf /");
  LegacyCpuJit jit(options(""));
  expect_error<CompileError>(
      ErrorCode::compiler_not_found, [&] { jit.compiler(); },
      "error[compiler-not-found]: 'g++;' in the environment variable CXX was not found or is not a program.\n"
      "  note: PATH is '/nonexistent'.\n"
      "  hint: Install a C++ compiler; on Debian: apt-get install g++.\n"
      "  hint: Or name one in option 'compiler' of LegacyCpuJit or in the environment variable CXX.\n");
}

TEST_F(HostErrors, CxxHasAFlagThatIsRefused) {
  const ScopedVariable cxx("CXX", write_compiler(folder.path(), "fake", "exit 1") + " -fplugin=evil.so");
  LegacyCpuJit jit(options(""));
  expect_error<ConfigError>(
      ErrorCode::compiler_option, [&] { jit.compiler(); },
      "error[compiler-option]: The compiler flag '-fplugin=evil.so' in the environment variable CXX is refused.\n"
      "  note: It can run programs or load plug-ins.\n"
      "  hint: Remove the flag.\n");
}

TEST_F(HostErrors, AFlagIsRefused) {
  LegacyCpuJitOptions chosen = options("");
  chosen.flags = {"-g", "-ffast-math"};
  expect_error<ConfigError>(
      ErrorCode::compiler_option, [&] { LegacyCpuJit jit(chosen); },
      "error[compiler-option]: The compiler flag '-ffast-math' in option 'flags' of LegacyCpuJit is refused.\n"
      "  note: It changes the results of floating-point operations.\n"
      "  hint: Remove the flag.\n");
  chosen.flags = {"-fmade-up"};
  expect_error<ConfigError>(
      ErrorCode::compiler_option, [&] { LegacyCpuJit jit(chosen); },
      "error[compiler-option]: The compiler flag '-fmade-up' in option 'flags' of LegacyCpuJit is refused.\n"
      "  note: It is not one of the flags that are known to leave results and other files alone.\n"
      "  hint: Remove the flag.\n");
}

TEST_F(HostErrors, AnOptimizationIsRefused) {
  LegacyCpuJitOptions chosen = options("");
  chosen.optimization = "-Ofast";
  expect_error<ConfigError>(
      ErrorCode::compiler_option, [&] { LegacyCpuJit jit(chosen); },
      "error[compiler-option]: The compiler flag '-Ofast' in option 'optimization' of LegacyCpuJit is refused.\n"
      "  note: It changes the results of floating-point operations.\n"
      "  hint: Remove the flag.\n");
}

TEST_F(HostErrors, AProcessorIsNoName) {
  jit::HostEngine engine(fake("exit 1"));
  expect_error<ConfigError>(
      ErrorCode::compiler_option, [&] { engine.build("copy", "", "x86 -fplugin=x"); },
      "error[compiler-option]: 'x86 -fplugin=x' is not the name of a processor.\n"
      "  hint: Set CpuOptions::processor to \"native\" or to a name like \"x86-64-v3\".\n");
}

TEST_F(HostErrors, TheCompilerFails) {
  EXPECT_EQ(failure(fake("echo 'kernel.cpp:1: error: no'; echo 'really' >&2; exit 3")),
            "error[compile-failed]: The C++ compiler 'FOLDER/fake' failed with exit status 3.\n"
            "  note: Command: FOLDER/fake FLAGS WORK/kernel.cpp -o WORK/kernel.so -Wl,-z,noseparate-code "
            "-Wl,--as-needed -lm -lc\n"
            "  note: Output:\n"
            "        kernel.cpp:1: error: no\n"
            "        really\n"
            "  note: Source text:\n"
            "        first line\n"
            "        second line\n"
            "  hint: Check the flags and the processor name; if they are right, try another compiler or LlvmJit.\n");
}

TEST_F(HostErrors, TheCompilerCrashes) {
  EXPECT_EQ(failure(fake("kill -SEGV $$")),
            "error[compile-failed]: The C++ compiler 'FOLDER/fake' was killed by signal 11 (Segmentation fault).\n"
            "  note: Command: FOLDER/fake FLAGS WORK/kernel.cpp -o WORK/kernel.so -Wl,-z,noseparate-code "
            "-Wl,--as-needed -lm -lc\n"
            "  note: Source text:\n"
            "        first line\n"
            "        second line\n"
            "  hint: Check the flags and the processor name; if they are right, try another compiler or LlvmJit.\n");
}

TEST_F(HostErrors, TheCompilerHangs) {
  LegacyCpuJitOptions chosen = fake("echo working; sleep 60");
  chosen.time_limit = std::chrono::seconds(1);
  EXPECT_EQ(failure(chosen),
            "error[compile-failed]: The C++ compiler 'FOLDER/fake' was stopped at its time limit of 1 s.\n"
            "  note: Command: FOLDER/fake FLAGS WORK/kernel.cpp -o WORK/kernel.so -Wl,-z,noseparate-code "
            "-Wl,--as-needed -lm -lc\n"
            "  note: Output:\n"
            "        working\n"
            "  note: Source text:\n"
            "        first line\n"
            "        second line\n"
            "  hint: Raise option 'time_limit' of LegacyCpuJit, or set 'optimization' to \"-O1\".\n");
}

TEST_F(HostErrors, TheCompilerMakesNothing) {
  EXPECT_EQ(failure(fake("exit 0")),
            "error[compile-failed]: The C++ compiler 'FOLDER/fake' made no output file.\n"
            "  note: Command: FOLDER/fake FLAGS WORK/kernel.cpp -o WORK/kernel.so -Wl,-z,noseparate-code "
            "-Wl,--as-needed -lm -lc\n"
            "  note: Source text:\n"
            "        first line\n"
            "        second line\n"
            "  hint: Check the flags and the processor name; if they are right, try another compiler or LlvmJit.\n");
}

TEST_F(HostErrors, TheCompilerIsNoProgram) {
  const std::string path = write_script(folder.path(), "fake", "");
  {
    std::ofstream file(path);
    file << "\x7f"
            "ELF and nothing more";
  }
  EXPECT_EQ(failure(options(path)),
            "error[compile-failed]: The C++ compiler 'FOLDER/fake' could not be started: Exec format error.\n"
            "  note: Command: FOLDER/fake -v\n"
            "  hint: Check that the compiler can be run.\n");
}

TEST_F(HostErrors, TheOutputIsNoSharedObject) {
  EXPECT_EQ(failure(fake("while [ \"$1\" != -o ]; do shift; done; echo text > \"$2\"")),
            "error[compile-failed]: The compiled kernel cannot be loaded.\n"
            "  note: From memory: file too short.\n"
            "  note: From a file: file too short.\n"
            "  hint: Set TMPDIR to a folder from which programs may be run, or use LlvmJit.\n");
}

TEST_F(HostErrors, LongOutputIsCut) {
  const std::string text = failure(fake("seq 1 100; exit 1"));
  EXPECT_NE(text.find("        30\n        [211 more bytes]\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("\n        31\n"), std::string::npos) << text;
}

TEST_F(HostErrors, TheKernelIsNamed) {
  LegacyCpuJit jit(fake("exit 1"));
  try {
    jit.build(copy_kernel());
    FAIL();
  } catch (const CompileError& error) {
    EXPECT_EQ(error.notes().back(), "While compiling kernel 'copy'.");
    EXPECT_NE(std::string(error.what()).find("cs_copy_unit"), std::string::npos) << "The source text is missing.";
  }
}

TEST_F(HostErrors, TheProcessorIsUnknown) {
  LegacyCpuJit jit(options("g++"));
  try {
    jit.build(copy_kernel("pentium-99"));
    FAIL();
  } catch (const CompileError& error) {
    EXPECT_EQ(error.code(), ErrorCode::compile_failed);
    EXPECT_NE(std::string(error.what()).find("pentium-99"), std::string::npos) << error.what();
  }
}

TEST_F(HostErrors, NoFolderForTheCompiler) {
  jit::HostCompiler compiler({.compiler = "/bin/true",
                              .flags = {},
                              .optimization = "-O1",
                              .time_limit = std::chrono::seconds(10),
                              .work_folders = {"/proc/nonexistent"}});
  expect_error<CompileError>(
      ErrorCode::compile_failed, [&] { compiler.compile("", "native"); },
      "error[compile-failed]: There is no folder for the compiler's files.\n"
      "  note: No folder can be made in '/proc/nonexistent': No such file or directory.\n"
      "  hint: Set the environment variable TMPDIR to a folder that can be written.\n");
}

}  // namespace
}  // namespace cppstencils::testing
