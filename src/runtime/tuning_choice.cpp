#include "runtime/tuning_choice.hpp"

#include <charconv>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/wording.hpp"

namespace cppstencils {

namespace {

constexpr std::string_view own_choice = "the library's own choice";

std::string_view to_string(StreamingStores stores) {
  switch (stores) {
    case StreamingStores::automatic:
      return "automatic";
    case StreamingStores::where_possible:
      return "where_possible";
    case StreamingStores::never:
      return "never";
  }
  return {};
}

/// "member = value", one text per member that is there.
std::vector<std::string> members(const TuningChoice& choice) {
  std::vector<std::string> result;
  const auto add = [&](std::string_view name, const auto& value) {
    if (value) result.push_back(fmt::format("{} = {}", name, *value));
  };
  if (choice.streaming_stores) {
    result.push_back(fmt::format("streaming_stores = {}", to_string(*choice.streaming_stores)));
  }
  add("block_rows", choice.block_rows);
  add("vector_bytes", choice.vector_bytes);
  add("unroll", choice.unroll);
  add("threads", choice.threads);
  return result;
}

std::string time_text(double seconds) {
  return seconds < 1e-3 ? fmt::format("{:.2f} us", seconds * 1e6) : fmt::format("{:.2f} ms", seconds * 1e3);
}

template <class Number>
bool read(std::string_view text, std::optional<Number>& value) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || value) return false;
  value = number;
  return true;
}

bool read(std::string_view text, std::optional<StreamingStores>& value) {
  if (value) return false;
  for (const StreamingStores stores : {StreamingStores::where_possible, StreamingStores::never}) {
    if (text == to_string(stores)) value = stores;
  }
  return value.has_value();
}

bool read_member(std::string_view line, TuningChoice& choice) {
  const std::size_t equals = line.find(" = ");
  if (equals == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, equals);
  const std::string_view value = line.substr(equals + 3);
  if (name == "streaming_stores") return read(value, choice.streaming_stores);
  if (name == "block_rows") return read(value, choice.block_rows);
  if (name == "vector_bytes") return read(value, choice.vector_bytes);
  if (name == "unroll") return read(value, choice.unroll);
  if (name == "threads") return read(value, choice.threads);
  return false;
}

}  // namespace

std::string to_string(const TuningChoice& choice) {
  if (choice == TuningChoice()) return std::string(own_choice);
  return fmt::format("{}", fmt::join(members(choice), ", "));
}

CpuOptions with_choice(CpuOptions options, const TuningChoice& choice) {
  if (choice.streaming_stores) options.streaming_stores = *choice.streaming_stores;
  if (choice.block_rows) options.block_rows = choice.block_rows;
  if (choice.vector_bytes) options.vector_bytes = choice.vector_bytes;
  if (choice.unroll) options.unroll = choice.unroll;
  if (choice.threads) options.threads = choice.threads;
  return options;
}

std::string to_string(const TuningReport& report) {
  std::string text = fmt::format("Tuning of kernel '{}', {} of {}, in {:.0f} ms\n", report.kernel,
                                 report.measured_cells, runtime::plural(report.cells, "cell"), report.seconds * 1e3);
  for (const TuningCandidate& candidate : report.candidates) {
    text += fmt::format("  {:>10}  {:>5.2f} times the time of the best before, in {}: {}\n",
                        time_text(candidate.median_seconds), candidate.relative_time,
                        runtime::plural(candidate.rounds, "round"), to_string(candidate.choice));
  }
  text += fmt::format("  chosen: {}", to_string(report.chosen));
  if (report.gain != 1) text += fmt::format(", {:.2f} times as fast as the library's own choice", report.gain);
  text += '\n';
  for (const std::string& note : report.notes) text += fmt::format("  note: {}\n", note);
  return text;
}

namespace runtime {

std::string write_choice(const TuningChoice& choice) {
  std::string text;
  for (const std::string& member : members(choice)) text += member + '\n';
  return text;
}

std::optional<TuningChoice> read_choice(std::string_view text) {
  TuningChoice choice;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || !read_member(text.substr(0, end), choice)) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  return choice;
}

}  // namespace runtime

}  // namespace cppstencils
