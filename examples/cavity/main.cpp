/// Lid-driven cavity flow at Re = 100 and Re = 1000, compared with published values.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cavity/cavity.hpp"
#include "cavity/ghia.hpp"
#include "cavity/picture.hpp"
#include "cavity/profile.hpp"

namespace {

using namespace cavity;

struct Case {
  const ghia::Reference& reference;
  /// Largest deviation from the reference that passes, in units of the lid speed.
  double limit;
};
const Case cases[] = {{ghia::re_100, 0.01}, {ghia::re_1000, 0.02}};

struct Request {
  std::filesystem::path output = ".";
  bool help = false;
};

std::optional<Request> parse(int count, char** words) {
  Request request;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--output" && i + 1 < count) {
      request.output = words[++i];
    } else if (word == "--help") {
      request.help = true;
    } else {
      return std::nullopt;
    }
  }
  return request;
}

/// LlvmJit without its disk cache, so that the time shown is that of compiling; in a build without LLVM, the host's
/// compiler.
std::shared_ptr<cs::JitBase> make_jit() {
  if (cs::LlvmJit::unavailable_reason().empty()) {
    return std::make_shared<cs::LlvmJit>(cs::LlvmJitOptions{.cache = cs::CacheOptions::off()});
  }
  return std::make_shared<cs::LegacyCpuJit>(cs::LegacyCpuJitOptions{.cache = cs::CacheOptions::off()});
}

/// One line that is rewritten on a terminal; elsewhere an occasional line.
class Progress {
 public:
  void show(const std::string& text) {
    ++calls_;
    if (terminal_) {
      std::printf("\r  %s\033[K", text.c_str());
    } else if (calls_ % 20 == 0) {
      std::printf("  %s\n", text.c_str());
    }
    std::fflush(stdout);
  }
  void finish(const std::string& text) {
    std::printf(terminal_ ? "\r  %s\033[K\n" : "  %s\n", text.c_str());
    std::fflush(stdout);
  }

 private:
  bool terminal_ = isatty(STDOUT_FILENO) != 0;
  int calls_ = 0;
};

template <class... Values>
std::string format(const char* pattern, Values... values) {
  char text[160];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

/// Runs until the velocity of no cell changes by more than a millionth of the lid speed in a thousand steps.
Velocity run_until_steady(Cavity& simulation) {
  constexpr int block = 1000;
  constexpr int most_steps = 500'000;
  constexpr double steady = 1e-6;
  const double cells = static_cast<double>(simulation.options().cells) * simulation.options().cells;

  Progress progress;
  double seconds = 0;
  Velocity velocity = simulation.velocity();
  for (int step = block; step <= most_steps; step += block) {
    const auto begin = std::chrono::steady_clock::now();
    simulation.run(block);
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double speed = step * cells / seconds / 1e6;

    Velocity next = simulation.velocity();
    const double change = largest_change(velocity, next);
    swap(velocity, next);
    if (change < steady) {
      progress.finish(format("steady after %d steps in %.1f s: %.0f million cell updates per second (MLUP/s)", step,
                             seconds, speed));
      return velocity;
    }
    progress.show(format("step %6d   change in %d steps %.1e   %.0f MLUP/s", step, block, change, speed));
  }
  progress.finish("not steady after the largest number of steps");
  return velocity;
}

void print_comparison(const Profile& u, const Profile& v, const ghia::Reference& reference) {
  std::printf("\n       y        u     Ghia  deviation         x        v     Ghia  deviation\n");
  for (int k = 0; k < ghia::points; ++k) {
    const double here_u = u.at(reference.u.position[k]), there_u = reference.u.velocity[k];
    const double here_v = v.at(reference.v.position[k]), there_v = reference.v.velocity[k];
    std::printf("  %6.4f %8.5f %8.5f   %+8.5f    %6.4f %8.5f %8.5f   %+8.5f\n", reference.u.position[k], here_u,
                there_u, here_u - there_u, reference.v.position[k], here_v, there_v, here_v - there_v);
  }
}

bool run_case(const Kernels& kernels, const Case& experiment, const std::filesystem::path& output) {
  const ghia::Reference& reference = experiment.reference;
  Cavity simulation(kernels, {.cells = 129, .reynolds = static_cast<double>(reference.reynolds), .lid_speed = 0.1});
  std::printf("\nRe = %d\n", reference.reynolds);
  const Velocity velocity = run_until_steady(simulation);

  const Profile u = horizontal_velocity(velocity), v = vertical_velocity(velocity);
  print_comparison(u, v, reference);
  const double deviation = std::max(largest_deviation(u, reference.u), largest_deviation(v, reference.v));
  const bool passed = deviation <= experiment.limit;
  std::printf("  largest deviation %.5f of the lid speed, limit %.2f: %s\n", deviation, experiment.limit,
              passed ? "passed" : "MISSED");

  const std::filesystem::path file = output / format("cavity_re%d.png", reference.reynolds);
  draw_flow(velocity, reference).write_png(file);
  std::printf("  picture: %s\n", file.c_str());
  return passed;
}

}  // namespace

int main(int count, char** words) {
  const std::optional<Request> request = parse(count, words);
  if (!request || request->help) {
    std::fprintf(request ? stdout : stderr, "usage: cavity [--output FOLDER]\n");
    return request ? 0 : 2;
  }
  try {
    std::printf("Lid-driven cavity, 129 x 129 cells, D2Q9 lattice Boltzmann method with two relaxation times\n");
    const Kernels kernels(make_jit());
    std::printf("%zu kernels, from the lattice to machine code: %.1f ms\n", kernels.count(), kernels.milliseconds());
    bool passed = true;
    for (const Case& experiment : cases) passed = run_case(kernels, experiment, request->output) && passed;
    return passed ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
