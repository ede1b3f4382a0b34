// One ptraced process: its memory, and of the selected thread registers, waiting, and system calls made on its behalf.
#pragma once

#include <signal.h>
#include <sys/types.h>
#include <sys/user.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/tracee/maps.h"

namespace fred {

using GeneralRegisters = user_regs_struct;
using Arguments = std::array<uint64_t, 6>;  // of a system call
using XState = std::vector<uint8_t>;

constexpr uint64_t page_size = 4096;
constexpr uint64_t red_zone = 128;  // bytes below the stack pointer that belong to the function that runs
constexpr uint64_t page_of(uint64_t address) { return address & ~(page_size - 1); }

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  ~Fd();
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int release();

 private:
  int fd_ = -1;
};

// Precondition of every call but read/write/cpu_ns: the calling thread is the tracer and the selected thread is in a ptrace stop.
class Tracee {
 public:
  explicit Tracee(pid_t pid);
  ~Tracee();  // kills it
  Tracee(const Tracee&) = delete;

  pid_t pid() const { return pid_; }
  bool is_gone() const { return is_gone_; }
  // It is no longer traced: nobody kills or waits for it here.
  void forget();

  // Of the selected thread; at first that is the only one.
  pid_t tid() const { return task_->tid; }
  // A new thread in its first stop.
  void adopt(pid_t tid) { tasks_[tid].tid = tid; }
  // What is asked and done from here on concerns this thread. It need not be stopped for that.
  void select(pid_t tid) { task_ = &tasks_.at(tid); }
  // Waits for no one: the status of the selected thread if it has stopped.
  std::optional<int> poll();
  // The selected thread sleeps in a system call.
  bool is_asleep();
  struct Stopped {
    pid_t tid;
    int status;
  };
  // The next stop of any of these threads, which all run or sleep; without `waits` only one that has happened already.
  std::optional<Stopped> wait_any(bool waits);

  const GeneralRegisters& registers();
  void set_registers(const GeneralRegisters& registers);
  XState xstate();
  void set_xstate(const XState& xstate);
  uint64_t debug_register(unsigned index);
  void set_debug_register(unsigned index, uint64_t value);

  // Resumes with a ptrace request; waits for the next stop. Returns waitpid's status.
  void resume(int request, int signal = 0);
  int wait();
  int resume_and_wait(int request, int signal = 0);
  // From the entry of an emulated call a resume first traps without executing anything: this takes that throw-away step.
  // Returns a signal that came in its place and is now taken from the tracee.
  std::optional<siginfo_t> leave_entry_stop();
  // At the entry of a call: it was made by the 32-bit gate (int 0x80), whose numbers and arguments are others.
  bool is_in_compat_call() const;
  // A stop for a call is that of its entry, not of its exit.
  bool is_in_call_entry() const;
  siginfo_t signal_info();
  void set_signal_info(const siginfo_t& info);
  // The mask that the program has asked for; not the one of a waiting call.
  uint64_t signal_mask();
  void set_signal_mask(uint64_t mask);
  // How often it has stopped.
  uint64_t stop_count() const { return stop_count_; }

  // Bytes read or written before the first unmapped page. Both see through page protection.
  size_t read(uint64_t address, void* out, size_t length) const;
  size_t write(uint64_t address, const void* bytes, size_t length);
  void read_exactly(uint64_t address, void* out, size_t length) const;   // throws EFAULT, or GONE
  void write_exactly(uint64_t address, const void* bytes, size_t length);  // throws EFAULT, or GONE
  // Many pages in few calls; pages must be mapped and writable (readable) by the tracee itself.
  void read_pages(std::span<const uint64_t> addresses, std::span<uint8_t* const> out) const;
  void write_pages(std::span<const uint64_t> addresses, std::span<const uint8_t* const> pages);

  // Runs one system call inside the tracee; its registers are as before. Returns the kernel's result (-errno on failure).
  int64_t inject(long number, Arguments arguments);
  // Maps the page that injected calls run from. Once after each exec.
  void prepare_injection();
  // The memory of a process that has that page already (a child of one that has).
  void open_memory();
  // Puts a NUL-terminated string, or bytes, where injected calls can read them; valid until the next call of either.
  uint64_t place_string(const std::string& text);
  uint64_t place(std::span<const uint8_t> bytes);
  static constexpr uint64_t scratch_page = 0x200000000000;
  // An instruction that jumps to itself, on that page.
  static constexpr uint64_t waiting_loop = scratch_page + 2;

  // The address space without the pages that are the engine's own.
  std::vector<Vma> maps() const;
  void hide_page(uint64_t address) { hidden_.insert(address); }
  void show_page(uint64_t address) { hidden_.erase(address); }

  // CPU time used by the tracee, nanoseconds.
  uint64_t cpu_ns() const;
  // A SIGSTOP that the engine itself asked for was seen and swallowed during an injection or the like.
  void note_swallowed_stop() { swallowed_stop_ = true; }
  bool take_swallowed_stop();

 private:
  struct Task {
    pid_t tid = 0;
    GeneralRegisters registers{};
    bool have_registers = false;
    bool are_dirty = false;
    int request = 0;                // of the last resume
    bool is_in_entry_stop = false;  // the last stop was the entry of an emulated call
    bool is_gone = false;
    Fd stat;                        // /proc/PID/task/TID/stat, open once it was needed
  };

  void fetch_registers();
  void note_stop(Task& task, int status);
  int64_t run_injected(const GeneralRegisters& call);
  [[noreturn]] void fail_access(const char* call) const;

  pid_t pid_;
  Fd memory_;
  std::map<pid_t, Task> tasks_;
  Task* task_;
  std::set<uint64_t> hidden_{scratch_page};
  bool swallowed_stop_ = false;
  bool is_gone_ = false;
  uint64_t stop_count_ = 0;
};

}  // namespace fred
