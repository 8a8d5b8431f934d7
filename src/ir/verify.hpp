#pragma once

#include <string_view>

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::ir {

/// Checks the rules of the IR and throws InternalError naming `stage`, the rule and the IR text:
///  1. every VarId, BufferId and ScalarId is inside its table, and a reference has the type of its entry;
///  2. every variable is defined once, before its uses, in an enclosing or the same block;
///  3. operand types fit their operators as in ir/builder.hpp;
///  4. offsets have one entry per spatial dimension and indices one per index dimension, inside the index shape;
///  5. stored values have the buffer's element type, positions are int64;
///  6. every dimension has exactly one loop, loops nest, steps are positive, LoopIndex appears inside its loop;
///  7. stores go to buffers that are written, loads come from buffers that are read;
///  8. in a block, no Load or ElementLoad follows a store (a cell reads everything before it writes);
///  9. Load/Store and ElementLoad/ElementStore do not mix in one kernel;
///  10. every reduction is a number and takes one value, inside all loops.
void verify(const Kernel& kernel, std::string_view stage);

}  // namespace cppstencils::ir
