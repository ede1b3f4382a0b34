// The order of the fields is the format: both directions stand side by side.
#include "engine/recording/encode.h"

#include <algorithm>

#include "engine/record/syscall_output.h"

namespace fred {
namespace {

constexpr size_t most_xstate_bytes = 64 * 1024;
constexpr uint64_t user_end = 1ull << 47;

void encode_writes(ByteWriter& out, const std::vector<MemoryWrite>& writes) {
  out.put(static_cast<uint64_t>(writes.size()));
  for (const MemoryWrite& write : writes) {
    out.put(write.address);
    out.put_trimmed(write.bytes);
  }
}

std::vector<MemoryWrite> decode_writes(ByteReader& in, size_t most_bytes = ~0u) {
  std::vector<MemoryWrite> writes(in.take_count());
  for (MemoryWrite& write : writes) {
    write.address = in.take<uint64_t>();
    write.bytes = in.take_trimmed(most_bytes);
  }
  return writes;
}

void encode_siginfo(ByteWriter& out, const siginfo_t& info) { out.put_trimmed({reinterpret_cast<const uint8_t*>(&info), sizeof info}); }

siginfo_t decode_siginfo(ByteReader& in) {
  siginfo_t info{};
  const std::vector<uint8_t> bytes = in.take_trimmed(sizeof info);
  if (bytes.size() != sizeof info) ByteReader::fail("a signal of another size");
  memcpy(&info, bytes.data(), sizeof info);
  return info;
}

void encode_vmas(ByteWriter& out, const std::vector<Vma>& vmas) {
  out.put(static_cast<uint64_t>(vmas.size()));
  for (const Vma& vma : vmas) {
    for (const uint64_t number : {vma.start, vma.end, vma.offset, vma.device, vma.inode}) out.put(number);
    out.put(vma.protection);
    out.put(vma.is_shared);
    out.put_string(vma.name);
  }
}

std::vector<Vma> decode_vmas(ByteReader& in) {
  std::vector<Vma> vmas(in.take_count());
  uint64_t last = 0;
  for (Vma& vma : vmas) {
    for (uint64_t* number : {&vma.start, &vma.end, &vma.offset, &vma.device, &vma.inode}) *number = in.take<uint64_t>();
    vma.protection = in.take<int>();
    vma.is_shared = in.take_bool();
    vma.name = in.take_string();
    const bool is_sound = vma.start >= last && vma.end > vma.start && vma.end <= user_end && vma.start % page_size == 0 && vma.end % page_size == 0;
    if (!is_sound) ByteReader::fail("regions that cannot be");
    last = vma.end;
  }
  return vmas;
}

void encode_thread(ByteWriter& out, const ThreadState& thread) {
  out.put(thread.is_waiting);
  out.put(thread.number);
  out.put(thread.since);
  out.put(thread.clear_tid);
  out.put(thread.registers);
  out.put_trimmed(thread.xstate);
}

ThreadState decode_thread(ByteReader& in) {
  ThreadState thread;
  thread.is_waiting = in.take_bool();
  thread.number = in.take<int>();
  thread.since = in.take<uint64_t>();
  thread.clear_tid = in.take<uint64_t>();
  thread.registers = in.take<GeneralRegisters>();
  thread.xstate = in.take_trimmed(most_xstate_bytes);
  return thread;
}

void encode_memory(ByteWriter& out, const MemoryImage& image, const MemoryImage& before) {
  out.put(image.program_break);
  out.put(static_cast<uint64_t>(image.unsettled.size()));
  for (const auto& [start, end] : image.unsettled) out.put(start), out.put(end);
  const bool has_own_regions = !before.vmas || *before.vmas != *image.vmas;
  out.put(has_own_regions);
  if (has_own_regions) encode_vmas(out, *image.vmas);
  std::vector<uint64_t> gone;
  PageIndex::for_each_difference(before.pages, image.pages, [&](uint64_t address, const PageRef&, const PageRef& now) {
    if (!now) gone.push_back(address);
  });
  out.put(static_cast<uint64_t>(gone.size()));
  for (const uint64_t address : gone) out.put(address);
  encode_writes(out, changed_bytes(before.pages, image.pages));
}

MemoryImage decode_memory(ByteReader& in, const MemoryImage& before) {
  MemoryImage image = before;
  image.program_break = in.take<uint64_t>();
  image.unsettled.resize(in.take_count());
  for (auto& [start, end] : image.unsettled) start = in.take<uint64_t>(), end = in.take<uint64_t>();
  if (in.take_bool()) image.vmas = std::make_shared<const std::vector<Vma>>(decode_vmas(in));
  if (!image.vmas) ByteReader::fail("a state without regions");
  for (size_t count = in.take_count(); count > 0; count--) {
    const auto address = in.take<uint64_t>();
    if (address % page_size != 0 || address >= user_end) ByteReader::fail("a page that cannot be");
    image.pages.erase(address, address + page_size);
  }
  for (const MemoryWrite& write : decode_writes(in, page_size)) {
    const uint64_t address = page_of(write.address), offset = write.address - address;
    if (address >= user_end || offset + write.bytes.size() > page_size) ByteReader::fail("a page that cannot be");
    const PageRef old = image.pages.find(address);
    auto page = old ? std::make_shared<Page>(*old) : std::make_shared<Page>();
    std::copy(write.bytes.begin(), write.bytes.end(), page->bytes.begin() + static_cast<ptrdiff_t>(offset));
    image.pages.put(address, std::move(page));
  }
  return image;
}

}  // namespace

void encode_event(ByteWriter& out, const Event& event, int file) {
  out.put(event.kind);
  out.put(event.place);
  out.put(event.outcome);
  out.put(event.is_wait_end);
  out.put(event.thread);
  out.put(event.other);
  out.put(event.number);
  out.put(file);
  const bool has_arguments = event.arguments != Arguments{};
  out.put(has_arguments);
  if (has_arguments) out.put(event.arguments);
  out.put(event.result);
  encode_writes(out, event.writes);
  out.put(event.detail != nullptr);
  if (!event.detail) return;
  out.put(event.detail->registers);
  out.put_trimmed(event.detail->xstate);
  encode_siginfo(out, event.detail->info);
  out.put(event.detail->anchor ? event.detail->anchor->info.id : no_checkpoint);
  out.put(event.detail->blocked);
}

Event decode_event(ByteReader& in, const std::map<CheckpointId, CheckpointRef>& states, const FileNumbers& files) {
  Event event;
  event.kind = in.take_enum(EventKind::turn);
  event.place = in.take_enum(SignalPlace::anchored);
  event.outcome = in.take_enum(Outcome::fatal);
  event.is_wait_end = in.take_bool();
  event.thread = in.take<ThreadId>();
  event.other = in.take<ThreadId>();
  event.number = in.take<int>();
  const auto file = files.find(in.take<int>());
  event.file = file == files.end() ? -1 : file->second;
  if (in.take_bool()) event.arguments = in.take<Arguments>();
  event.result = in.take<int64_t>();
  event.writes = decode_writes(in);
  if (!in.take_bool()) return event;
  event.detail = std::make_unique<EventDetail>();
  event.detail->registers = in.take<GeneralRegisters>();
  event.detail->xstate = in.take_trimmed(most_xstate_bytes);
  event.detail->info = decode_siginfo(in);
  if (const auto anchor = in.take<CheckpointId>(); anchor != no_checkpoint) {
    const auto state = states.find(anchor);
    if (state == states.end()) ByteReader::fail("an event that is bound to no state");
    event.detail->anchor = state->second;
  }
  event.detail->blocked = in.take<uint64_t>();
  return event;
}

void encode_state(ByteWriter& out, const Checkpoint& state, const MemoryImage& before) {
  out.put(state.info.id);
  out.put(state.info.kind);
  for (const uint64_t number : {state.info.event, state.info.pc, state.info.cpu_ns, state.info.page_count}) out.put(number);
  out.put(state.info.parent);
  out.put(state.largest_stack);
  out.put(state.is_at_syscall);
  out.put(state.thread);
  out.put(state.registers);
  out.put_trimmed(state.xstate);
  out.put(static_cast<uint64_t>(state.threads.size()));
  for (const auto& [id, thread] : state.threads) {
    out.put(id);
    encode_thread(out, thread);
  }
  out.put(state.pending.has_value());
  if (state.pending) {
    encode_siginfo(out, state.pending->info);
    out.put(state.pending->interrupts_syscall);
    out.put(state.pending->blocked);
  }
  encode_ending(out, state.ending);
  encode_memory(out, state.memory, before);
}

CheckpointRef decode_state(ByteReader& in, const MemoryImage& before) {
  auto state = std::make_shared<Checkpoint>();
  state->info.id = in.take<CheckpointId>();
  if (state->info.id == no_checkpoint) ByteReader::fail("a state without a number");
  state->info.kind = in.take_enum(CheckpointKind::head);
  for (uint64_t* number : {&state->info.event, &state->info.pc, &state->info.cpu_ns, &state->info.page_count}) *number = in.take<uint64_t>();
  state->info.parent = in.take<CheckpointId>();
  state->largest_stack = in.take<uint64_t>();
  state->is_at_syscall = in.take_bool();
  state->thread = in.take<ThreadId>();
  state->registers = in.take<GeneralRegisters>();
  state->xstate = in.take_trimmed(most_xstate_bytes);
  for (size_t count = in.take_count(); count > 0; count--) {
    const auto id = in.take<ThreadId>();
    state->threads[id] = decode_thread(in);
  }
  if (in.take_bool()) {
    state->pending.emplace();
    state->pending->info = decode_siginfo(in);
    state->pending->interrupts_syscall = in.take_bool();
    state->pending->blocked = in.take<uint64_t>();
  }
  state->ending = decode_ending(in);
  state->memory = decode_memory(in, before);
  return state;
}

void encode_ending(ByteWriter& out, const std::optional<Ending>& ending) {
  out.put(ending.has_value());
  if (!ending) return;
  out.put(ending->is_exit);
  out.put(ending->number);
}

std::optional<Ending> decode_ending(ByteReader& in) {
  if (!in.take_bool()) return std::nullopt;
  Ending ending;
  ending.is_exit = in.take_bool();
  ending.number = in.take<int>();
  return ending;
}

void encode_pages(ByteWriter& out, const FilePages& pages) {
  out.put(static_cast<uint64_t>(pages.size()));
  for (const auto& [at, page] : pages) {
    out.put(at);
    out.put_trimmed(page->bytes);
  }
}

FilePages decode_pages(ByteReader& in) {
  FilePages pages(in.take_count());
  for (auto& [at, page] : pages) {
    at = in.take<uint64_t>();
    auto content = std::make_shared<Page>();
    const std::vector<uint8_t> bytes = in.take_trimmed(page_size);
    if (bytes.size() != page_size || at % page_size != 0) ByteReader::fail("a page that cannot be");
    std::copy(bytes.begin(), bytes.end(), content->bytes.begin());
    page = std::move(content);
  }
  return pages;
}

}  // namespace fred
