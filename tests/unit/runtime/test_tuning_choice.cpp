// Choices of tuning as text.

#include "runtime/tuning_choice.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cppstencils::testing {
namespace {

using runtime::read_choice;
using runtime::write_choice;

const TuningChoice everything{.streaming_stores = StreamingStores::where_possible,
                              .block_rows = 0,
                              .vector_bytes = 32,
                              .unroll = 2,
                              .threads = 1};

TEST(TuningChoices, AreReadAsTheyWereWritten) {
  for (const TuningChoice& choice :
       {TuningChoice(), everything, TuningChoice{.streaming_stores = StreamingStores::never},
        TuningChoice{.block_rows = std::int64_t{1} << 40}, TuningChoice{.unroll = 8}}) {
    EXPECT_EQ(read_choice(write_choice(choice)), choice) << to_string(choice);
  }
  EXPECT_EQ(write_choice(everything),
            "streaming_stores = where_possible\nblock_rows = 0\nvector_bytes = 32\nunroll = 2\nthreads = 1\n");
}

TEST(TuningChoices, DamagedTextIsRefused) {
  const std::string text = write_choice(everything);
  for (std::size_t size = 1; size < text.size(); ++size) {
    const std::string cut = text.substr(0, size);
    EXPECT_EQ(read_choice(cut).has_value(), cut.back() == '\n') << cut;
  }
  for (const char* wrong : {"unroll = \n", "unroll = 2x\n", "unroll=2\n", "unroll = 2\nunroll = 2\n", "speed = 2\n",
                            "streaming_stores = automatic\n", "unroll = 99999999999\n", "\n", " unroll = 2\n"}) {
    EXPECT_FALSE(read_choice(wrong)) << wrong;
  }
}

TEST(TuningChoices, AreReadable) {
  EXPECT_EQ(to_string(TuningChoice()), "the library's own choice");
  EXPECT_EQ(to_string(TuningChoice{.streaming_stores = StreamingStores::never, .unroll = 2}),
            "streaming_stores = never, unroll = 2");
}

TEST(TuningChoices, BecomeOptions) {
  CpuOptions options;
  options.threads = 3;
  options.processor = "x86-64";
  const CpuOptions none = with_choice(options, {});
  EXPECT_EQ(none.threads, 3);
  EXPECT_EQ(none.unroll, std::nullopt);
  const CpuOptions all = with_choice(options, everything);
  EXPECT_EQ(all.processor, "x86-64");
  EXPECT_EQ(all.streaming_stores, StreamingStores::where_possible);
  EXPECT_EQ(all.block_rows, 0);
  EXPECT_EQ(all.vector_bytes, 32);
  EXPECT_EQ(all.unroll, 2);
  EXPECT_EQ(all.threads, 1);
}

TEST(TuningChoices, ReportsAreTables) {
  const TuningReport report{.kernel = "heat",
                            .cells = 1000,
                            .measured_cells = 500,
                            .candidates = {{{}, 2e-3, 1, 9}, {{.unroll = 2}, 15e-6, 0.75, 1}},
                            .chosen = {.unroll = 2},
                            .gain = 1.25,
                            .seconds = 0.25,
                            .notes = {"There was no time to compare threads."}};
  EXPECT_EQ(to_string(report),
            "Tuning of kernel 'heat', 500 of 1000 cells, in 250 ms\n"
            "     2.00 ms   1.00 times the time of the best before, in 9 rounds: the library's own choice\n"
            "    15.00 us   0.75 times the time of the best before, in 1 round: unroll = 2\n"
            "  chosen: unroll = 2, 1.25 times as fast as the library's own choice\n"
            "  note: There was no time to compare threads.\n");
}

}  // namespace
}  // namespace cppstencils::testing
