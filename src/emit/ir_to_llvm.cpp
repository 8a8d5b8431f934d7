#include "emit/ir_to_llvm.hpp"

#include <fmt/format.h>
#include <llvm/IR/IntrinsicsX86.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>

#include "cppstencils/support/error.hpp"
#include "emit/ir_to_llvm_accumulators.hpp"
#include "emit/ir_to_llvm_obstacles.hpp"
#include "emit/ir_to_llvm_rare.hpp"
#include "emit/ir_to_llvm_row.hpp"
#include "emit/ir_to_llvm_scope.hpp"
#include "emit/ir_to_llvm_types.hpp"

namespace cppstencils::emit {
namespace {

using llvm::BasicBlock;
using llvm::Value;

// More lanes than bits of a mask would need another form of masks, and gain nothing.
constexpr unsigned most_lanes = 64;
constexpr unsigned vectors_worth_aligning = 6;

const ir::Loop* loop_in(const ir::Block& block) {
  const auto is_loop = [](const ir::Stmt& stmt) { return std::holds_alternative<ir::Loop>(stmt.kind); };
  const auto found = std::find_if(block.begin(), block.end(), is_loop);
  return found == block.end() ? nullptr : &std::get<ir::Loop>(found->kind);
}

class KernelEmitter {
 public:
  KernelEmitter(const ir::Kernel& kernel, llvm::Function& function, const LlvmOptions& options, ir::StorePolicy stores)
      : kernel_(kernel), options_(options), stores_(stores), function_(function), scope_(kernel, function) {}

  void emit(const SourceLines* lines = nullptr) {
    scope_.lines = lines;
    CPPSTENCILS_CHECK(loop_in(kernel_.body) != nullptr, "A kernel has no loop.");
    BasicBlock* finished = block("finished");
    BasicBlock* not_empty = block("not_empty");
    scope_.builder.CreateCondBr(is_box_not_empty(), not_empty, finished);
    scope_.builder.SetInsertPoint(not_empty);
    emit_block(kernel_.body);
    // Other threads see what went past the caches only after a fence.
    if (has_streamed_) scope_.builder.CreateIntrinsic(llvm::Intrinsic::x86_sse_sfence, {}, {});
    scope_.builder.CreateBr(finished);
    finished->moveAfter(scope_.builder.GetInsertBlock());
    llvm::IRBuilder<>(finished).CreateRet(scope_.builder.getInt32(0));
    branch_around_rare_values(function_);
  }

  /// Of the rows that were emitted.
  const RowPlan& plan() const { return plan_; }

 private:
  BasicBlock* block(const char* name) { return BasicBlock::Create(scope_.context(), name, &function_); }

  // Checked once for all dimensions, so that every loop below runs at least once.
  Value* is_box_not_empty() {
    Value* result = scope_.builder.getTrue();
    const ir::Loop* innermost = nullptr;
    for (const ir::Loop* loop = loop_in(kernel_.body); loop != nullptr; loop = loop_in(loop->body)) {
      Value* not_empty = scope_.builder.CreateICmpSLT(scope_.begin(loop->dimension), scope_.end(loop->dimension));
      result = scope_.builder.CreateAnd(result, not_empty);
      innermost = loop;
    }
    row_cells_ = number_of_cells(*innermost);
    return result;
  }

  // Unsigned, as the extent of a box may be larger than the largest int64.
  Value* number_of_cells(const ir::Loop& loop) {
    Value* extent = scope_.builder.CreateSub(scope_.end(loop.dimension), scope_.begin(loop.dimension));
    if (loop.step == 1) return extent;
    Value* last = scope_.builder.CreateSub(extent, scope_.int64(1));
    return scope_.builder.CreateAdd(scope_.builder.CreateUDiv(last, scope_.int64(loop.step)), scope_.int64(1));
  }

  void emit_block(const ir::Block& body) {
    for (const ir::Stmt& stmt : body) {
      ir::match(
          stmt, [&](const ir::Let& let) { scope_.define(let.id, scope_.value(let.value)); },
          [](const ir::Store&) { CPPSTENCILS_CHECK(false, "A kernel has accesses that were not lowered."); },
          [](const ir::ElementStore&) { CPPSTENCILS_CHECK(false, "A store is outside of the innermost loop."); },
          [](const ir::Reduce&) { CPPSTENCILS_CHECK(false, "A value is reduced outside of the innermost loop."); },
          [&](const ir::Loop& loop) { loop_in(loop.body) != nullptr ? emit_outer_loop(loop) : emit_row(loop); });
    }
  }

  void emit_outer_loop(const ir::Loop& loop) {
    BasicBlock* before = scope_.builder.GetInsertBlock();
    BasicBlock* body = block("loop");
    scope_.builder.CreateBr(body);
    scope_.builder.SetInsertPoint(body);
    llvm::PHINode* index = scope_.builder.CreatePHI(scope_.builder.getInt64Ty(), 2);
    index->addIncoming(scope_.begin(loop.dimension), before);
    scope_.set_loop_index(loop.dimension, index);
    emit_block(loop.body);
    // Asking for the rest, and not for index + step < end, cannot overflow.
    Value* rest = scope_.builder.CreateSub(scope_.end(loop.dimension), index);
    Value* more = scope_.builder.CreateICmpUGT(rest, scope_.int64(loop.step));
    index->addIncoming(scope_.builder.CreateAdd(index, scope_.int64(loop.step)), scope_.builder.GetInsertBlock());
    BasicBlock* after = block("loop_end");
    scope_.builder.CreateCondBr(more, body, after);
    scope_.builder.SetInsertPoint(after);
  }

  void emit_row(const ir::Loop& loop) {
    Row row(scope_, loop);
    const unsigned lanes = vector_lanes(row);
    if (lanes <= 1) {
      emit_cells_one_by_one(row);
    } else if (can_stream(row)) {
      has_streamed_ = true;
      emit_parts(row, streaming_parts(row, lanes));
    } else if (can_mask(row, options_) && fits_registers(row, lanes)) {
      emit_accumulated_row(row, lanes);
    } else if (can_mask(row, options_)) {
      is_worth_aligning(row) || options_.unroll > 1 ? emit_parts(row, cached_parts(row, lanes))
                                                    : emit_masked_vectors(row, scope_.int64(0), lanes);
    } else {
      emit_vectors_and_cells(row, lanes);
    }
  }

  // A row is, from `first` on, whole vectors and a masked rest of 1 to `lanes` cells. It is never empty, so that nobody
  // has to ask.
  void emit_masked_vectors(Row& row, Value* first, unsigned lanes) {
    BasicBlock* vectors = block("vectors");
    BasicBlock* masked = block("masked");
    BasicBlock* after = block("row_end");
    llvm::IRBuilder<> at(scope_.builder.GetInsertBlock());
    Value* cells = at.CreateSub(row_cells_, first);
    Value* whole = whole_vectors(at, at.CreateSub(cells, scope_.int64(1)), lanes);
    Value* rest = at.CreateSub(cells, whole);
    Value* whole_end = at.CreateAdd(first, whole);
    llvm::Instruction* branch = at.CreateCondBr(at.CreateICmpNE(whole, scope_.int64(0)), vectors, masked);
    // Everything that the row computes once is put in front of this branch.
    scope_.builder.SetInsertPoint(branch);
    cell_loop(row, vectors, {.begin = first, .end = whole_end, .before = branch->getParent(), .after = masked}, lanes);
    masked_cells(row, masked, whole_end, rest, lanes);
    llvm::IRBuilder<>(masked).CreateBr(after);
    scope_.builder.SetInsertPoint(after);
  }

  // Runs of cells with one accumulator each, which stay in registers; then the rest of the row. A load and a store for
  // each value took a fifth to a third of the time of sums in cache.
  void emit_accumulated_row(Row& row, unsigned lanes) {
    BasicBlock* load = block("load_accumulators");
    BasicBlock* runs = block("runs");
    BasicBlock* store = block("store_accumulators");
    BasicBlock* rest = block("rest");
    llvm::IRBuilder<> at(scope_.builder.GetInsertBlock());
    Value* zero = scope_.int64(0);
    Value* whole = whole_vectors(at, at.CreateSub(row_cells_, scope_.int64(1)), ir::reduction_lanes);
    llvm::Instruction* branch = at.CreateCondBr(at.CreateICmpNE(whole, zero), load, rest);
    scope_.builder.SetInsertPoint(branch);
    Accumulators accumulators(row, load);
    cell_loop(row, runs, {.begin = zero, .end = whole, .before = load, .after = store}, ir::reduction_lanes,
              ir::StorePolicy::cached, &accumulators);
    accumulators.store(store);
    llvm::IRBuilder<>(load).CreateBr(runs);
    llvm::IRBuilder<>(store).CreateBr(rest);
    scope_.builder.SetInsertPoint(rest);
    emit_masked_vectors(row, whole, lanes);
  }

  /// Whether the accumulators take at most half of the registers, beside values that need few.
  bool fits_registers(const Row& row, unsigned lanes) const {
    const auto vectors = row.facts().reduces.size() * (ir::reduction_lanes / lanes);
    constexpr std::size_t few_loads = 4;
    const std::size_t registers = options_.vector_bytes == 64 ? 32 : 16;
    return vectors != 0 && 2 * vectors <= registers && row.facts().stores.empty() &&
           row.facts().loads.size() <= few_loads;
  }

  /// How a row is cut into parts.
  struct Parts {
    unsigned lanes;
    /// Cells of an iteration of the main loop.
    unsigned wide;
    ir::StorePolicy stores;
    /// Cells in front of the first aligned store, at most those of the row.
    Value* front;
    unsigned most_front_cells;
  };

  Parts cached_parts(Row& row, unsigned lanes) {
    Value* front = scope_.int64(0);
    if (is_worth_aligning(row)) {
      const ir::ElementStore& store = *row.facts().stores.front();
      // None in short rows, which would lose more than they gain.
      Value* is_long =
          scope_.builder.CreateICmpUGE(row_cells_, scope_.builder.getInt64(vectors_worth_aligning * lanes));
      const std::size_t vector = lanes * size_of(store.value.type());
      front = scope_.builder.CreateSelect(is_long, cells_to_alignment(row, store, vector), front);
    }
    return {lanes, wide_lanes(row, lanes), ir::StorePolicy::cached, front, lanes};
  }

  /// Cells of an iteration of the main loop. No more than have an accumulator each.
  unsigned wide_lanes(const Row& row, unsigned lanes) const {
    const unsigned wide = lanes * static_cast<unsigned>(options_.unroll);
    return row.facts().reduces.empty() ? wide : std::min<unsigned>(wide, ir::reduction_lanes);
  }

  // All stores reach the border of a line with the same cell.
  Parts streaming_parts(Row& row, unsigned lanes) {
    const auto& stores = row.facts().stores;
    const auto first = std::find_if(stores.begin(), stores.end(),
                                    [&](const ir::ElementStore* store) { return is_streamed(kernel_, *store); });
    const unsigned line = line_bytes / static_cast<unsigned>(size_of((*first)->value.type()));
    Value* front = cells_to_alignment(row, **first, line_bytes);
    front = scope_.builder.CreateBinaryIntrinsic(llvm::Intrinsic::umin, front, row_cells_);
    fetch_ends(row, front, line);
    const unsigned unrolled = lanes * static_cast<unsigned>(options_.unroll);
    return {lanes, std::max(unrolled, line), ir::StorePolicy::streaming, front, line};
  }

  // The ends of a row that are no whole lines are read before they are written, one after the other, unless they are
  // asked for early: measured, a third of the time of rows of 200 cells with 19 results.
  void fetch_ends(Row& row, Value* front, unsigned line) {
    llvm::IRBuilder<>& at = scope_.builder;
    Value* rest = at.CreateAnd(at.CreateSub(row_cells_, front), scope_.int64(line - 1));
    Value* last = at.CreateSub(row_cells_, scope_.int64(1));
    Value* has_front = at.CreateICmpNE(front, scope_.int64(0));
    Value* has_rest = at.CreateICmpNE(rest, scope_.int64(0));
    for (const ir::ElementStore* store : row.facts().stores) {
      if (!is_streamed(kernel_, *store)) continue;
      const AffinePosition position = *row.affine(store->position);
      llvm::Type* type = memory_type(scope_.context(), store->value.type());
      Value* first = at.CreateGEP(type, row.pointer(store->buffer, position), scope_.int64(position.offset));
      fetch_to_write(at.CreateSelect(has_front, first, function_.getArg(0)));
      fetch_to_write(at.CreateSelect(has_rest, at.CreateGEP(type, first, last), function_.getArg(0)));
    }
  }

  void fetch_to_write(Value* address) {
    llvm::IRBuilder<>& at = scope_.builder;
    Value* const arguments[] = {address, at.getInt32(1), at.getInt32(3), at.getInt32(1)};
    at.CreateIntrinsic(llvm::Intrinsic::prefetch, {at.getPtrTy()}, arguments);
  }

  // A row is parts of whole vectors and a few masked cells, each of which may be missing. The first parts are the cells
  // in front of the first aligned store, where it pays to align the stores; the code for less than a vector is there
  // once:
  //
  //   row -> part -> vectors... -> check_rest -> masked -> row_end
  //            `--------------------------------^ `--> part
  //
  // Kernels that store much notice a masked vector in place of a whole one: so they ask if there is a rest.
  void emit_parts(Row& row, const Parts& parts) {
    const unsigned lanes = parts.lanes;
    BasicBlock* part = block("part");
    BasicBlock* vectors = block("vectors");
    BasicBlock* check_rest = block("check_rest");
    BasicBlock* masked = block("masked");
    BasicBlock* after = block("row_end");
    Value* zero = scope_.int64(0);
    llvm::Instruction* branch = scope_.builder.CreateBr(part);
    scope_.builder.SetInsertPoint(branch);

    llvm::IRBuilder<> at(part);
    llvm::PHINode* cell = at.CreatePHI(at.getInt64Ty(), 2);
    llvm::PHINode* in_front = at.CreatePHI(at.getInt64Ty(), 2);
    cell->addIncoming(zero, branch->getParent());
    in_front->addIncoming(parts.front, branch->getParent());
    Value* left = at.CreateSub(row_cells_, cell);
    Value* is_front = at.CreateICmpNE(in_front, zero);
    Value* front = in_front;
    Value* front_left = zero;
    if (parts.most_front_cells > lanes) {
      front = at.CreateBinaryIntrinsic(llvm::Intrinsic::umin, in_front, scope_.int64(lanes));
      front_left = at.CreateSub(in_front, front);
    }
    Value* whole = at.CreateSelect(is_front, zero, whole_vectors(at, left, parts.wide));
    Value* whole_end = at.CreateAdd(cell, whole);
    Value* rest = at.CreateSub(left, whole);
    if (parts.wide > lanes) rest = at.CreateBinaryIntrinsic(llvm::Intrinsic::umin, rest, scope_.int64(lanes));
    rest = at.CreateSelect(is_front, front, rest);
    at.CreateCondBr(at.CreateICmpNE(whole, zero), vectors, masked);

    cell_loop(row, vectors, {.begin = cell, .end = whole_end, .before = part, .after = check_rest}, parts.wide,
              parts.stores);
    at.SetInsertPoint(check_rest);
    at.CreateCondBr(at.CreateICmpNE(rest, zero), masked, after);

    masked_cells(row, masked, whole_end, rest, lanes);
    at.SetInsertPoint(masked);
    Value* next = at.CreateAdd(whole_end, rest);
    cell->addIncoming(next, masked);
    in_front->addIncoming(front_left, masked);
    at.CreateCondBr(at.CreateICmpULT(next, row_cells_), part, after);
    scope_.builder.SetInsertPoint(after);
  }

  // A row is whole vectors and single cells.
  void emit_vectors_and_cells(Row& row, unsigned lanes) {
    const unsigned wide = wide_lanes(row, lanes);
    BasicBlock* vectors = block("vectors");
    BasicBlock* check_rest = block("check_rest");
    BasicBlock* cells = block("cells");
    BasicBlock* after = block("row_end");
    llvm::IRBuilder<> at(scope_.builder.GetInsertBlock());
    Value* whole = whole_vectors(at, row_cells_, wide);
    llvm::Instruction* branch = at.CreateCondBr(at.CreateICmpNE(whole, scope_.int64(0)), vectors, check_rest);
    scope_.builder.SetInsertPoint(branch);
    cell_loop(row, vectors,
              {.begin = scope_.int64(0), .end = whole, .before = branch->getParent(), .after = check_rest}, wide);
    at.SetInsertPoint(check_rest);
    at.CreateCondBr(at.CreateICmpNE(whole, row_cells_), cells, after);
    cell_loop(row, cells, {.begin = whole, .end = row_cells_, .before = check_rest, .after = after}, 1);
    scope_.builder.SetInsertPoint(after);
  }

  // Measured: kernels that store much gain a fifth and more, those that mostly load lose a little.
  static bool is_worth_aligning(Row& row) {
    // Vectors begin where their accumulators do.
    if (!row.facts().reduces.empty()) return false;
    const AffinePosition position = *row.affine(row.facts().stores.front()->position);
    return row.stepping(position) == Stepping::next_element &&
           2 * row.facts().stores.size() >= row.facts().loads.size();
  }

  /// Cells of the row in front of the first whose element is aligned to so many bytes.
  Value* cells_to_alignment(Row& row, const ir::ElementStore& store, std::size_t alignment) {
    const std::size_t size = size_of(store.value.type());
    const AffinePosition position = *row.affine(store.position);
    Value* pointer = row.pointer(store.buffer, position);
    Value* address = scope_.builder.CreatePtrToInt(pointer, scope_.builder.getInt64Ty());
    const auto offset = static_cast<std::int64_t>(static_cast<std::uint64_t>(position.offset) * size);
    address = scope_.builder.CreateAdd(address, scope_.int64(offset));
    Value* bytes = scope_.builder.CreateAnd(scope_.builder.CreateNeg(address), scope_.builder.getInt64(alignment - 1));
    return scope_.builder.CreateUDiv(bytes, scope_.builder.getInt64(size));
  }

  bool can_stream(Row& row) const {
    if (stores_ == ir::StorePolicy::cached || options_.streaming_access == StreamingAccess::none) return false;
    if (!row.facts().reduces.empty()) return false;
    std::size_t size = 0;
    for (const ir::ElementStore* store : row.facts().stores) {
      if (!is_streamed(kernel_, *store)) continue;
      const std::size_t own_size = size_of(store->value.type());
      const bool fits = row.stepping(*row.affine(store->position)) == Stepping::next_element;
      if (!fits || (size != 0 && size != own_size)) return false;
      size = own_size;
    }
    return size != 0 && can_mask(row, options_);
  }

  unsigned vector_lanes(Row& row) {
    const unsigned lanes = std::min(
        static_cast<unsigned>(static_cast<std::size_t>(options_.vector_bytes) / row.facts().widest), most_lanes);
    const std::string obstacle = obstacle_to_vectors(row, lanes, options_);
    if (obstacle.empty()) {
      plan_ = {static_cast<int>(lanes), fmt::format("Vectors of {} bytes, for values of {} bytes.",
                                                    lanes * row.facts().widest, row.facts().widest)};
    } else {
      plan_ = {1, fmt::format("One cell at a time, because {}.", obstacle)};
    }
    return obstacle.empty() ? lanes : 1;
  }

  /// Cells begin to end of a row, at least one.
  struct CellLoop {
    Value* begin;
    Value* end;
    BasicBlock* before;
    BasicBlock* after;
  };

  void emit_cells_one_by_one(Row& row) {
    BasicBlock* cells = block("cells");
    BasicBlock* after = block("row_end");
    llvm::Instruction* branch = scope_.builder.CreateBr(cells);
    scope_.builder.SetInsertPoint(branch);
    const CellLoop loop{.begin = scope_.int64(0), .end = row_cells_, .before = branch->getParent(), .after = after};
    cell_loop(row, cells, loop, 1);
    scope_.builder.SetInsertPoint(after);
  }

  void cell_loop(Row& row, BasicBlock* body, const CellLoop& loop, unsigned lanes,
                 ir::StorePolicy stores = ir::StorePolicy::cached, Accumulators* accumulators = nullptr) {
    llvm::IRBuilder<> builder(body);
    llvm::PHINode* cell = builder.CreatePHI(builder.getInt64Ty(), 2);
    cell->addIncoming(loop.begin, loop.before);
    if (accumulators != nullptr) accumulators->begin_loop(body);
    CellEmitter cells(row, {.first = cell, .lanes = lanes, .stores = stores, .accumulators = accumulators}, body);
    cells.emit();
    if (accumulators != nullptr) accumulators->end_loop(body);
    Value* next = cells.builder.CreateAdd(cell, scope_.int64(lanes));
    cell->addIncoming(next, body);
    cells.builder.CreateCondBr(cells.builder.CreateICmpULT(next, loop.end), body, loop.after);
  }

  // `cells` of them, 1 to `lanes`.
  static void masked_cells(Row& row, BasicBlock* body, Value* first, Value* cells, unsigned lanes) {
    llvm::IRBuilder<> builder(body);
    Value* all = llvm::Constant::getAllOnesValue(builder.getInt64Ty());
    Value* bits = builder.CreateLShr(all, builder.CreateSub(builder.getInt64(64), cells));
    Value* mask = builder.CreateBitCast(builder.CreateTrunc(bits, builder.getIntNTy(lanes)),
                                        llvm::FixedVectorType::get(builder.getInt1Ty(), lanes));
    CellEmitter(row, {.first = first, .lanes = lanes, .mask = mask}, body).emit();
  }

  static Value* whole_vectors(llvm::IRBuilder<>& builder, Value* cells, unsigned lanes) {
    return builder.CreateAnd(cells, builder.getInt64(-std::uint64_t{lanes}));
  }

  const ir::Kernel& kernel_;
  const LlvmOptions& options_;
  ir::StorePolicy stores_;
  llvm::Function& function_;
  Scope scope_;
  Value* row_cells_ = nullptr;
  bool has_streamed_ = false;
  RowPlan plan_;
};

llvm::Function& declare_kernel(llvm::Module& module, const ir::Kernel& kernel, const LlvmOptions& options) {
  llvm::LLVMContext& context = module.getContext();
  llvm::Type* pointer = llvm::PointerType::getUnqual(context);
  auto* type = llvm::FunctionType::get(llvm::Type::getInt32Ty(context), {pointer, pointer, pointer}, false);
  auto* function =
      llvm::Function::Create(type, llvm::Function::ExternalLinkage, llvm_function_name(kernel.name), module);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  // Else LLVM halves 64-byte vectors on processors that once lost clock speed with them.
  const std::string vector_bits = std::to_string(8 * std::max(options.vector_bytes, 16));
  function->addFnAttr("prefer-vector-width", vector_bits);
  function->addFnAttr("min-legal-vector-width", vector_bits);
  function->getArg(0)->setName("arguments");
  function->getArg(1)->setName("begin");
  function->getArg(2)->setName("end");
  return *function;
}

}  // namespace

std::string llvm_function_name(const std::string& kernel_name) { return "cppstencils_kernel_" + kernel_name; }

std::string llvm_math_symbol(ir::MathFunction function, DType type) {
  return std::string(ir::to_string(function)) + (type == DType::float32 ? "f" : "");
}

RowPlan llvm_row_plan(const ir::Kernel& kernel, const LlvmOptions& options, ir::StorePolicy stores) {
  llvm::LLVMContext context;
  llvm::Module module(kernel.name, context);
  KernelEmitter emitter(kernel, declare_kernel(module, kernel, options), options, stores);
  emitter.emit();
  return emitter.plan();
}

std::unique_ptr<llvm::Module> ir_to_llvm(const ir::Kernel& kernel, llvm::LLVMContext& context,
                                         const LlvmOptions& options, ir::StorePolicy stores,
                                         const std::string& text_file) {
  auto module = std::make_unique<llvm::Module>(kernel.name, context);
  llvm::Function& function = declare_kernel(*module, kernel, options);
  KernelEmitter emitter(kernel, function, options, stores);
  if (text_file.empty()) {
    emitter.emit();
  } else {
    const SourceLines lines(kernel, function, text_file);
    emitter.emit(&lines);
    lines.complete(function);
  }
  std::string faults;
  llvm::raw_string_ostream stream(faults);
  const bool broken = llvm::verifyModule(*module, &stream);
  if (broken)
    throw InternalError({.code = ErrorCode::internal, .message = "Generated LLVM IR is not valid.", .notes = {faults}});
  return module;
}

}  // namespace cppstencils::emit
