#include "jit/cuda/gpu_code.hpp"

#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace cppstencils::jit {
namespace {

using Kind = emit::DeviceParameter::Kind;

constexpr int kind_count = 10;
static_assert(static_cast<int>(Kind::tiles) == kind_count - 1);

/// Takes words off a text; an empty one where there is none.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : rest_(text) {}

  std::string_view word(char end) {
    const std::size_t length = rest_.find(end);
    if (length == std::string_view::npos) return {};
    const std::string_view result = rest_.substr(0, length);
    rest_.remove_prefix(length + 1);
    return result;
  }
  /// Absent unless it is a number from 0 to most.
  std::optional<int> number(char end, int most) {
    const std::string_view text = word(end);
    int value = -1;
    const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || last != text.data() + text.size()) return {};
    if (value < 0 || value > most) return {};
    return value;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::string function_text(const std::string& name, const std::vector<emit::DeviceParameter>& parameters) {
  std::string text = fmt::format("{}\n{}\n", name, parameters.size());
  for (const emit::DeviceParameter& parameter : parameters) {
    text += fmt::format("{} {} {} {} {}\n", static_cast<int>(parameter.kind), parameter.id, parameter.axis,
                        to_string(parameter.dtype), parameter.name);
  }
  return text;
}

/// Whether there is a function.
bool read_function(WordReader& reader, std::string& name, std::vector<emit::DeviceParameter>& parameters) {
  constexpr int many = 1'000'000;
  name = reader.word('\n');
  const std::optional<int> count = reader.number('\n', many);
  if (name.empty() || !count) return false;
  for (int i = 0; i < *count; ++i) {
    const std::optional<int> kind = reader.number(' ', kind_count - 1);
    const std::optional<int> id = reader.number(' ', many);
    const std::optional<int> axis = reader.number(' ', many);
    const std::optional<DType> dtype = parse_dtype(reader.word(' '));
    std::string parameter_name(reader.word('\n'));
    if (!kind || !id || !axis || !dtype || parameter_name.empty()) return false;
    parameters.push_back(
        {static_cast<Kind>(*kind), static_cast<std::uint32_t>(*id), *axis, *dtype, std::move(parameter_name)});
  }
  return true;
}

}  // namespace

std::vector<std::byte> to_bytes(const GpuCode& code) {
  const bool is_pair = !code.combine_function.empty();
  std::string head = fmt::format("{}\n", is_pair ? 2 : 1) + function_text(code.function, code.parameters);
  if (is_pair) head += function_text(code.combine_function, code.combine_parameters);
  const auto* const first = reinterpret_cast<const std::byte*>(head.data());
  std::vector<std::byte> bytes(first, first + head.size());
  bytes.insert(bytes.end(), code.code.begin(), code.code.end());
  return bytes;
}

std::optional<GpuCode> gpu_code_of(std::span<const std::byte> bytes) {
  WordReader reader({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  GpuCode code;
  const std::optional<int> functions = reader.number('\n', 2);
  if (!functions || *functions == 0) return {};
  if (!read_function(reader, code.function, code.parameters)) return {};
  if (*functions == 2 && !read_function(reader, code.combine_function, code.combine_parameters)) return {};
  const auto* const first = reinterpret_cast<const std::byte*>(reader.rest().data());
  code.code.assign(first, first + reader.rest().size());
  if (code.code.empty()) return {};
  return code;
}

}  // namespace cppstencils::jit
