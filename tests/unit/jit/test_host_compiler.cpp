#include "jit/host/host_compiler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cppstencils/support/error.hpp"
#include "jit/host/compiler_flags.hpp"
#include "jit/host/compiler_lookup.hpp"
#include "jit/host/processor.hpp"
#include "jit/host/temporary_directory.hpp"
#include "support/host_testing.hpp"

namespace cppstencils::testing {
namespace {

using jit::CompilerCommand;
using jit::find_compiler;

jit::HostCompilerOptions options_for(const std::string& compiler) {
  return {.compiler = compiler,
          .flags = {},
          .optimization = "-O1",
          .time_limit = std::chrono::seconds(60),
          .work_folders = jit::temporary_parents({})};
}

class Lookup : public ::testing::Test {
 protected:
  std::string fake(const std::string& name) { return write_compiler(folder.path(), name, "exit 1"); }
  std::string path() const { return folder.path().string(); }

  TemporaryFolder folder;
  ScopedVariable no_cxx{"CXX", std::nullopt};
};

TEST_F(Lookup, OptionGoesFirst) {
  const std::string mine = fake("mine");
  const ScopedVariable cxx("CXX", "/bin/false");
  EXPECT_EQ(find_compiler(mine).programs, std::vector<std::string>{mine});
}

TEST_F(Lookup, OptionIsOneWordEvenWithSpaces) {
  const std::string spaced = fake("my compiler");
  EXPECT_EQ(find_compiler(spaced).programs, std::vector<std::string>{spaced});
}

TEST_F(Lookup, NamesAreFoundInPath) {
  const std::string mine = fake("mine");
  const ScopedVariable search("PATH", "/nonexistent:" + path() + ":/usr/bin");
  EXPECT_EQ(find_compiler("mine").compiler(), mine);
}

TEST_F(Lookup, RelativeFoldersOfPathAreSkipped) {
  fake("c++");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const char* search : {".", "", ":", "./"}) {
    SCOPED_TRACE(search);
    const ScopedVariable variable("PATH", search);
    EXPECT_THROW(find_compiler(""), CompileError);
    EXPECT_THROW(find_compiler("c++"), CompileError);
  }
  std::filesystem::current_path(before);
}

TEST_F(Lookup, UsualNamesInTheirOrder) {
  const ScopedVariable search("PATH", path());
  EXPECT_THROW(find_compiler(""), CompileError);
  const std::string third = fake("clang++");
  EXPECT_EQ(find_compiler("").compiler(), third);
  const std::string second = fake("g++");
  EXPECT_EQ(find_compiler("").compiler(), second);
  const std::string first = fake("c++");
  EXPECT_EQ(find_compiler("").compiler(), first);
}

TEST_F(Lookup, FilesThatAreNoProgramsAreSkipped) {
  const ScopedVariable search("PATH", path());
  std::filesystem::create_directory(folder.path() / "c++");
  const std::string plain = fake("g++");
  ::chmod(plain.c_str(), 0644);
  EXPECT_THROW(find_compiler(""), CompileError);
  EXPECT_THROW(find_compiler(plain), CompileError);
}

TEST_F(Lookup, CxxMayNameAWrapperAndFlags) {
  const std::string wrapper = fake("wrapper");
  const std::string compiler = fake("compiler");
  const ScopedVariable search("PATH", path());
  const ScopedVariable cxx("CXX", "  wrapper\t" + compiler + " -g -funroll-loops ");
  const CompilerCommand command = find_compiler("");
  EXPECT_EQ(command.programs, (std::vector<std::string>{wrapper, compiler}));
  EXPECT_EQ(command.flags, (std::vector<std::string>{"-g", "-funroll-loops"}));
  EXPECT_EQ(command.compiler(), compiler);
}

TEST_F(Lookup, CxxMayBeAPathWithSpaces) {
  const std::string spaced = fake("my compiler");
  const ScopedVariable cxx("CXX", spaced);
  EXPECT_EQ(find_compiler("").programs, std::vector<std::string>{spaced});
}

TEST_F(Lookup, EmptyCxxIsNone) {
  const std::string first = fake("c++");
  const ScopedVariable search("PATH", path());
  for (const char* value : {"", "  ", "\t\n"}) {
    const ScopedVariable cxx("CXX", value);
    EXPECT_EQ(find_compiler("").compiler(), first);
  }
}

TEST_F(Lookup, HostileCxxRunsNothing) {
  const std::string witness = (folder.path() / "witness").string();
  const std::string good = fake("good");
  const ScopedVariable search("PATH", path() + ":/usr/bin:/bin");
  const std::vector<std::string> values{good + "; touch " + witness,
                                        good + " && touch " + witness,
                                        "$(touch " + witness + ")",
                                        "`touch " + witness + "`",
                                        good + " | touch",
                                        good + " -fplugin=" + witness + ".so",
                                        good + " @" + witness,
                                        good + " -o " + witness,
                                        "-v",
                                        "/bin/sh -c 'touch " + witness + "'",
                                        good + " > " + witness,
                                        good + "\ntouch " + witness,
                                        "/nonexistent/g++",
                                        "../../bin/nothing",
                                        std::string(100000, 'x'),
                                        "\x01\x02\xff",
                                        "-fplugin=x g++"};
  for (const std::string& value : values) {
    SCOPED_TRACE(value.substr(0, 200));
    const ScopedVariable cxx("CXX", value);
    jit::HostCompiler compiler(options_for(""));
    EXPECT_THROW(
        {
          compiler.identity();
          compiler.compile("int x;", "native");
        },
        Error);
    EXPECT_FALSE(std::filesystem::exists(witness));
  }
}

TEST(CompilerEnvironment, IsSmall) {
  const ScopedVariable path("PATH", "/usr/bin:/bin");
  const ScopedVariable home("HOME", "/home/someone");
  const ScopedVariable libraries("LD_LIBRARY_PATH", std::nullopt);
  const ScopedVariable ccache("CCACHE_DIR", std::nullopt);
  std::vector<std::string> environment = jit::compiler_environment("/tmp/work");
  std::sort(environment.begin(), environment.end());
  EXPECT_EQ(environment, (std::vector<std::string>{"HOME=/home/someone", "LANG=C", "LC_ALL=C", "PATH=/usr/bin:/bin",
                                                   "TMPDIR=/tmp/work"}));
}

TEST(CompilerEnvironment, VariablesThatChangeACompilerDoNotReachIt) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "seen").string();
  const std::string fake = write_script(folder.path(), "fake", "/usr/bin/env > " + out + "; exit 1");
  const ScopedVariable a("CPATH", "/evil");
  const ScopedVariable b("GCC_EXEC_PREFIX", "/evil");
  const ScopedVariable c("CCC_OVERRIDE_OPTIONS", "+-evil");
  const ScopedVariable d("COMPILER_PATH", "/evil");
  const ScopedVariable e("LIBRARY_PATH", "/evil");
  const ScopedVariable f("DEPENDENCIES_OUTPUT", "/evil");
  const ScopedVariable g("LC_MESSAGES", "evil");
  jit::HostCompiler compiler(options_for(fake));
  EXPECT_THROW(compiler.compile("int x;", "native"), CompileError);
  const support::Bytes bytes = read_bytes(out);
  const std::string seen(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  EXPECT_NE(seen.find("LC_ALL=C"), std::string::npos);
  EXPECT_EQ(seen.find("evil"), std::string::npos) << seen;
}

TEST(CompilerFlags, HarmlessOnesAreAccepted) {
  for (const char* flag : {"-march=x86-64-v3", "-mtune=native", "-mno-avx512f", "-mavx2", "-mprefer-vector-width=512",
                           "-g", "-Wall", "-Wno-unused", "-funroll-loops", "-fno-tree-vectorize",
                           "-fvect-cost-model=dynamic", "--param=max-unroll-times=4", "-fno-omit-frame-pointer", "-O2",
                           "-w", "-pipe", "-fno-vectorize", "-falign-loops=32"}) {
    EXPECT_NO_THROW(jit::check_flag(flag, "a test")) << flag;
  }
}

TEST(CompilerFlags, HarmfulOnesAreRefused) {
  const std::vector<std::string> flags{
      // run code
      "-fplugin=x.so", "-fplugin-arg-x-y", "-fpass-plugin=x", "-B.", "-B", "-specs=x", "--specs=x", "-wrapper",
      "-wrapper=x", "-Xclang", "-mllvm", "-Xlinker", "-Wl,-rpath,x", "-Wa,x", "-Wp,x", "-fuse-ld=x", "-flto",
      // other files
      "@file", "-include", "-includex", "-I.", "-isystem", "-iquote.", "-L.", "-lfoo", "-o", "-ox", "-MD", "-MFx",
      "-save-temps", "--save-temps", "-fdump-tree-all", "-fprofile-use=x", "-fprofile-generate", "--sysroot=x",
      "--config=x", "-T", "-dumpdir", "x.cpp", "/etc/passwd",
      // numbers
      "-ffast-math", "-Ofast", "-funsafe-math-optimizations", "-ffinite-math-only", "-fassociative-math",
      "-freciprocal-math", "-fno-signed-zeros", "-ffp-contract=fast", "-ffp-model=fast", "-fexcess-precision=fast",
      "-frounding-math", "-mfpmath=387", "-mrecip", "-mveclibabi=svml", "-fveclib=SVML", "-fsingle-precision-constant",
      "-fno-trapping-math", "-fbuiltin", "-fdenormal-fp-math=preserve-sign", "-fapprox-func",
      // the process, the interface
      "-mdaz-ftz", "-mpc32", "-m32", "-mx32", "-mregparm=3", "-mno-sse", "-msoft-float", "-static", "-static-libgcc",
      "-fsanitize=address", "-fopenmp", "-pg", "-p", "--target=arm",
      // ours
      "-x", "-xc", "-std=c++11", "-shared", "-c", "-S", "-E", "-fPIC", "-nostdlib", "-Dint=float", "-Uint",
      // unknown or strange
      "-fmade-up", "-mmade-up", "--made-up", "-O9", "-Onone", "-", "--", "", " ", "-g -fplugin=x", "-g\n", "-march=a b",
      std::string("-g\0x", 4), "-g\x80"};
  for (const std::string& flag : flags) {
    SCOPED_TRACE(flag);
    try {
      jit::check_flag(flag, "a test");
      ADD_FAILURE() << "accepted";
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.code(), ErrorCode::compiler_option);
      EXPECT_EQ(error.notes().size(), 1U);
      EXPECT_FALSE(error.notes().front().empty());
    }
  }
}

TEST(CompilerFlags, OptimizationIsOneOfTheLevels) {
  for (const char* level : {"-O0", "-O1", "-O2", "-O3", "-Os", "-Og", "-Oz"}) {
    EXPECT_NO_THROW(jit::check_optimization(level, "a test"));
  }
  for (const char* level : {"-Ofast", "-O4", "", "O3", "-O3 -ffast-math", "-g"}) {
    EXPECT_THROW(jit::check_optimization(level, "a test"), ConfigError) << level;
  }
}

TEST(CompilerFlags, ProcessorsAreNames) {
#if defined(__x86_64__)
  EXPECT_EQ(jit::processor_flag("native"), "-march=native");
#endif
  for (const char* name : {"", "native -fplugin=x", "x86;y", "a\nb", "@file"}) {
    EXPECT_THROW(jit::processor_flag(name), ConfigError) << name;
  }
}

TEST(HostCompiler, RefusesFlagsAtOnce) {
  jit::HostCompilerOptions options = options_for("");
  options.flags = {"-ffast-math"};
  EXPECT_THROW(jit::HostCompiler{options}, ConfigError);
  options.flags = {};
  options.optimization = "-Ofast";
  EXPECT_THROW(jit::HostCompiler{options}, ConfigError);
}

TEST(HostCompiler, OurFlagsFollowThoseOfTheUser) {
  jit::HostCompilerOptions options = options_for("/bin/true");
  options.flags = {"-g"};
  jit::HostCompiler compiler(options);
  const std::vector<std::string> flags = compiler.flags("x86-64-v3");
  const auto at = [&](const char* flag) { return std::find(flags.begin(), flags.end(), flag) - flags.begin(); };
  EXPECT_LT(at("-g"), at("-fno-fast-math"));
  EXPECT_LT(at("-fno-fast-math"), at("-ffp-contract=off"));
  EXPECT_LT(at("-ffp-contract=off"), static_cast<std::ptrdiff_t>(flags.size()));
  EXPECT_LT(at("-fno-builtin"), static_cast<std::ptrdiff_t>(flags.size()));
}

TEST(HostCompiler, IdentityFollowsTheCompiler) {
  const TemporaryFolder folder;
  const std::string path = write_compiler(folder.path(), "fake", "exit 1");
  jit::HostCompiler compiler(options_for(path));
  const std::string first = compiler.identity();
  EXPECT_NE(first.find("fake compiler 1.0"), std::string::npos) << first;
  EXPECT_NE(first.find(path), std::string::npos) << first;
  EXPECT_EQ(compiler.identity(), first);
  write_script(folder.path(), "fake", "echo \"fake compiler 2.0\"");
  const std::string second = compiler.identity();
  EXPECT_NE(second.find("fake compiler 2.0"), std::string::npos) << second;
  set_age(path, 1000);
  EXPECT_NE(compiler.identity(), second);
  // A second object sees the same.
  EXPECT_EQ(jit::HostCompiler(options_for(path)).identity(), compiler.identity());
}

TEST(HostCompiler, IdentityOfTheRealCompilerIsStable) {
  jit::HostCompiler one(options_for(""));
  jit::HostCompiler two(options_for(""));
  EXPECT_EQ(one.identity(), two.identity());
  EXPECT_NE(one.identity().find("version"), std::string::npos);
}

TEST(HostCompiler, LeavesNothingBehind) {
  const TemporaryFolder folder;
  jit::HostCompilerOptions options = options_for("");
  options.work_folders = {folder.path()};
  jit::HostCompiler compiler(options);
  EXPECT_FALSE(compiler.compile("extern \"C\" __attribute__((visibility(\"default\"))) int f() { return 1; }", "native")
                   .empty());
  EXPECT_THROW(compiler.compile("syntax error", "native"), CompileError);
  EXPECT_TRUE(file_names(folder.path()).empty());
}

TEST(HostCompiler, TakesTheNextFolderWhereOneCannotBeUsed) {
  const TemporaryFolder folder;
  jit::HostCompilerOptions options = options_for("");
  options.work_folders = {"/proc/nonexistent", "/proc", folder.path()};
  EXPECT_FALSE(jit::HostCompiler(options).compile("int x;", "native").empty());
  options.work_folders = {"/proc/nonexistent", "/proc"};
  EXPECT_THROW(jit::HostCompiler(options).compile("int x;", "native"), CompileError);
}

TEST(HostCompiler, TemporaryFoldersComeFromTmpdirFirst) {
  {
    const ScopedVariable variable("TMPDIR", "/somewhere");
    EXPECT_EQ(jit::temporary_parents("/cache"), (std::vector<std::filesystem::path>{"/somewhere", "/tmp", "/cache"}));
  }
  const ScopedVariable variable("TMPDIR", "relative");
  EXPECT_EQ(jit::temporary_parents({}), (std::vector<std::filesystem::path>{"/tmp"}));
}

TEST(Processor, IdentityIsTheSameEveryTime) {
  const std::string identity = jit::processor_identity();
  EXPECT_FALSE(identity.empty());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(jit::processor_identity(), identity);
}

}  // namespace
}  // namespace cppstencils::testing
