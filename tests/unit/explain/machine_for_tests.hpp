#pragma once

#include "cppstencils/explain/machine.hpp"

namespace cppstencils::testing {

/// Round figures: caches of 32 KiB, 1 MiB and 8 MiB, four threads.
inline MachineFigures round_machine() {
  MachineFigures machine;
  machine.processor = "Test processor";
  machine.threads = 4;
  using Kind = MemoryLevel::Kind;
  machine.levels = {{Kind::l1_cache, 32 << 10, {240e9, 960e9}},
                    {Kind::l2_cache, 1 << 20, {120e9, 480e9}},
                    {Kind::l3_cache, 8 << 20, {48e9, 96e9}},
                    {Kind::main_memory, 0, {12e9, 30e9}}};
  machine.streaming_bandwidth = {16e9, 32e9};
  machine.float64 = {{40e9, 160e9}, {32e9, 128e9}, {2e9, 8e9}};
  machine.float32 = {{80e9, 320e9}, {64e9, 256e9}, {4e9, 16e9}};
  return machine;
}

}  // namespace cppstencils::testing
