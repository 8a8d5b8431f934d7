#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace cppstencils::testing {

/// What a function in machine code of a GPU needs.
struct DeviceFunctionUse {
  int registers = 0;
  /// Memory of a thread for what does not fit into its registers.
  int stack_bytes = 0;
};

/// Reads the attributes that assemblers of NVIDIA leave in the sections .nv.info: one record is a format byte, an
/// attribute byte, two bytes of size, and here a symbol and a number.
inline std::map<std::string, DeviceFunctionUse> functions_of_cubin(std::span<const std::byte> cubin) {
  constexpr std::uint8_t with_size = 4;
  constexpr std::uint8_t frame_size = 0x11;
  constexpr std::uint8_t register_count = 0x2f;
  const auto read = [&](std::size_t at, auto& value) {
    if (at + sizeof value > cubin.size()) return false;
    std::memcpy(&value, cubin.data() + at, sizeof value);
    return true;
  };
  std::map<std::string, DeviceFunctionUse> functions;
  Elf64_Ehdr header{};
  if (!read(0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return functions;
  const auto section = [&](std::size_t i) {
    Elf64_Shdr result{};
    read(header.e_shoff + i * header.e_shentsize, result);
    return result;
  };
  const auto text_at = [&](std::size_t at) {
    return at < cubin.size() ? std::string(reinterpret_cast<const char*>(cubin.data()) + at) : std::string();
  };
  const Elf64_Shdr names = section(header.e_shstrndx);
  Elf64_Shdr symbols{};
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    if (section(i).sh_type == SHT_SYMTAB) symbols = section(i);
  }
  const Elf64_Shdr strings = section(symbols.sh_link);
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr info = section(i);
    if (text_at(names.sh_offset + info.sh_name) != ".nv.info") continue;
    for (std::size_t at = info.sh_offset; at + 4 <= info.sh_offset + info.sh_size;) {
      std::uint8_t format = 0;
      std::uint8_t attribute = 0;
      std::uint16_t size = 0;
      read(at, format);
      read(at + 1, attribute);
      read(at + 2, size);
      at += 4;
      if (format != with_size) continue;
      std::uint32_t symbol = 0;
      std::uint32_t value = 0;
      if (size == 8 && (attribute == frame_size || attribute == register_count) && read(at, symbol) &&
          read(at + 4, value)) {
        Elf64_Sym entry{};
        read(symbols.sh_offset + symbol * sizeof entry, entry);
        DeviceFunctionUse& use = functions[text_at(strings.sh_offset + entry.st_name)];
        (attribute == frame_size ? use.stack_bytes : use.registers) = static_cast<int>(value);
      }
      at += size;
    }
  }
  return functions;
}

}  // namespace cppstencils::testing
