#pragma once

// What the words of CUDA mean on the host, for kernels whose threads do not wait for each other: one after the other.

struct StandinIndex {
  unsigned x = 0;
  unsigned y = 0;
  unsigned z = 0;
};
static thread_local StandinIndex threadIdx;
static thread_local StandinIndex blockIdx;
static thread_local StandinIndex blockDim;
static thread_local StandinIndex gridDim;

#define __global__
#define __device__
#define __launch_bounds__(...)

namespace standin {

template <class Call>
void run_grid(const unsigned* grid, const unsigned* block, Call&& call) {
  gridDim = {grid[0], grid[1], grid[2]};
  blockDim = {block[0], block[1], block[2]};
  for (blockIdx.z = 0; blockIdx.z < grid[2]; ++blockIdx.z) {
    for (blockIdx.y = 0; blockIdx.y < grid[1]; ++blockIdx.y) {
      for (blockIdx.x = 0; blockIdx.x < grid[0]; ++blockIdx.x) {
        for (threadIdx.z = 0; threadIdx.z < block[2]; ++threadIdx.z) {
          for (threadIdx.y = 0; threadIdx.y < block[1]; ++threadIdx.y) {
            for (threadIdx.x = 0; threadIdx.x < block[0]; ++threadIdx.x) call();
          }
        }
      }
    }
  }
}

}  // namespace standin

#include "kernel_runner.hpp"
