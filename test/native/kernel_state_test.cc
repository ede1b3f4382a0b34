// What the kernel keeps, computed from a log of calls.
#include "engine/record/kernel_state.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include "engine/log/event.h"
#include "engine/record/input_tape.h"
#include "harness.h"

using namespace fred;

namespace {

Event call(int number, std::array<uint64_t, 6> arguments, int64_t result) {
  Event event;
  event.number = number;
  event.arguments = arguments;
  event.result = result;
  return event;
}

OpenFileRef file(uint64_t id, bool is_seekable) {
  auto made = std::make_shared<OpenFile>();
  made->id = id;
  made->is_seekable = is_seekable;
  made->is_input = !is_seekable;
  return made;
}

Event opening(int fd, OpenFileRef opened) {
  Event event = call(SYS_openat, {}, fd);
  event.kernel = std::make_unique<KernelNote>();
  event.kernel->opened.emplace_back(fd, std::move(opened));
  return event;
}

EventRef reading(const std::string& text) {
  Event event = call(SYS_read, {0, 0x1000, 100}, static_cast<int64_t>(text.size()));
  if (!text.empty()) event.writes.push_back({0x1000, std::vector<uint8_t>(text.begin(), text.end())});
  return std::make_shared<const Event>(std::move(event));
}

std::string text_of(const std::vector<uint8_t>& bytes) { return std::string(bytes.begin(), bytes.end()); }

}  // namespace

TEST("descriptors that stand for one description share its position") {
  KernelState state;
  state.apply(opening(3, file(1, true)));
  state.apply(call(SYS_read, {3, 0, 10}, 10));
  state.apply(call(SYS_dup2, {3, 7}, 7));
  state.apply(call(SYS_write, {7, 0, 5}, 5));
  test::expect(state.positions[1] == 15, "position after a read and a write");
  state.apply(call(SYS_close, {3}, 0));
  state.apply(call(SYS_lseek, {7, 2, SEEK_SET}, 2));
  test::expect(!state.file(3) && state.file(7) && state.positions[1] == 2, "closed one, moved the other");
  state.apply(call(SYS_read, {7, 0, 10}, -EINTR));
  test::expect(state.positions[1] == 2, "a call that failed changes nothing");
}

TEST("close_range closes or marks what lies in it") {
  KernelState state;
  for (int fd = 3; fd < 8; fd++) state.apply(opening(fd, file(static_cast<uint64_t>(fd), true)));
  state.apply(call(SYS_close_range, {6, ~0ull, 4}, 0));  // CLOSE_RANGE_CLOEXEC
  state.apply(call(SYS_close_range, {4, 5, 0}, 0));
  test::expect(state.descriptors.size() == 3 && !state.descriptors[3].closes_on_exec && state.descriptors[7].closes_on_exec, "what is left");
}

TEST("an ordinary signal waits once, and is gone when it was seen") {
  KernelState state;
  state.pid = state.threads[0].tid = 42;
  state.apply(call(SYS_tgkill, {42, 42, SIGUSR1}, 0));
  state.apply(call(SYS_tgkill, {42, 42, SIGUSR1}, 0));
  state.apply(call(SYS_kill, {43, SIGUSR2}, 0));
  test::expect(state.queued.size() == 1 && state.queued[0].info.si_signo == SIGUSR1, "one signal waits");
  Event seen;
  seen.kind = EventKind::signal;
  seen.number = SIGUSR1;
  state.apply(seen);
  test::expect(state.queued.empty(), "none waits");
}

TEST("a tape gives what was read in the pieces it was read in, ends of file too") {
  InputTape tape;
  for (const char* text : {"one\n", "", "two\n"}) tape.add(5, reading(text));
  Consumed taken;
  test::expect(text_of(tape.next(5, taken)) == "one\n", "first piece");
  taken.add(2);
  test::expect(text_of(tape.next(5, taken)) == "e\n", "the rest of it");
  taken.add(2);
  test::expect(tape.next(5, taken).empty(), "the end of file");
  taken.add(0);
  test::expect(text_of(tape.next(5, taken)) == "two\n", "what came after");
  taken.add(4);
  test::expect(!tape.has_more(5, taken) && !tape.has_more(6, {}), "nothing is left");
}
