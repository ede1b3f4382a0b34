// What the kernel keeps for the program: descriptors and file positions, signal actions and mask, directory, timers.
//
// Travel does not rewind it: a replay asks the kernel for nothing. It matters where execution goes live, so it can be computed for
// any position from the log: the state at the start, then apply() for each event. What arguments and results do not tell (what a
// pointer pointed to, which file a descriptor stands for) is kept beside the event as a KernelNote.
#pragma once

#include <signal.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/record/open_file.h"

namespace fred {

struct Event;

// What it keeps for each thread.
struct ThreadKernel {
  pid_t tid = 0;
  uint64_t mask = 0;
  std::vector<uint8_t> alternate_stack;  // stack_t; empty: none was set
  bool operator==(const ThreadKernel&) const = default;
};

// A signal that the program has sent itself and that was not seen yet.
struct QueuedSignal {
  pid_t tid = 0;  // of the thread that it is for; 0: whichever takes it
  siginfo_t info{};
};

struct KernelNote {
  std::vector<uint8_t> input;  // sigaction, stack_t, itimerval, rlimit or siginfo_t that was given
  std::vector<std::pair<int, OpenFileRef>> opened;
  OpenFileRef directory;
  std::optional<int64_t> position;
  std::optional<uint64_t> mask;
};

struct Descriptor {
  OpenFileRef file;
  bool closes_on_exec = false;
  bool operator==(const Descriptor& other) const { return file == other.file && closes_on_exec == other.closes_on_exec; }
};

// How much of a stream of input was taken: bytes, and ends of file.
struct Consumed {
  uint64_t bytes = 0;
  uint64_t ends = 0;
  void add(int64_t amount) {
    bytes += static_cast<uint64_t>(amount);
    if (amount == 0) ends++;
  }
};

struct KernelState {
  std::map<int, Descriptor> descriptors;
  std::map<uint64_t, int64_t> positions;     // by OpenFile::id
  std::map<uint64_t, int> status_flags;      // by OpenFile::id, where the program has changed them
  std::map<uint64_t, Consumed> consumed;     // by OpenFile::id
  std::map<int, std::vector<uint8_t>> actions;  // by signal: the kernel's struct sigaction; those that were changed
  std::map<int, std::vector<uint8_t>> timers;   // by ITIMER_…: itimerval
  OpenFileRef directory;
  int umask = 0;
  std::map<uint32_t, ThreadKernel> threads;     // by ThreadId
  std::vector<QueuedSignal> queued;
  std::map<int, std::vector<uint8_t>> limits;   // by RLIMIT_…: rlimit; those that were changed
  pid_t pid = 0;

  void apply(const Event& event);
  const OpenFile* file(uint64_t descriptor) const;

 private:
  void apply_call(const Event& event);
  void move(uint64_t descriptor, int64_t amount);
  void take_input(uint64_t descriptor, int64_t amount);
  void send_itself(const Event& event, uint64_t process, pid_t tid, uint64_t signal);
  void take_queued(int signal, uint32_t thread);
};

// The signal of an interval timer (ITIMER_…).
int signal_of_timer(int which);

// What of a call a KernelNote must keep.
enum class NoteKind : uint8_t { none, opens, opens_pair, input, position, mask, directory };
NoteKind note_kind(int number);

}  // namespace fred
