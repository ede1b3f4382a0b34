// Stops a running tracee from outside the tracer thread: for the user's interrupt and for the clock of periodic checkpoints.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace fred {

// The stop that an Interrupter of this process has caused.
bool is_interruption(const siginfo_t& info);

class Interrupter {
 public:
  using Clock = std::chrono::steady_clock;

  Interrupter();
  ~Interrupter();

  // Tracer thread: a call begins or ends; between them request() has an effect, on this thread of this process.
  void begin(pid_t pid, pid_t tid);
  // Tracer thread: from here on this thread is the one to be stopped. A request may have gone to the one before: ask is_requested().
  void set_thread(pid_t tid);
  void end();
  // Any thread.
  void request();
  bool is_requested() const { return requested_.load(); }

  // Tracer thread: a SIGSTOP is sent at `when` (a user-mode computation is then interrupted); nullopt-like: Clock::time_point::max().
  void set_deadline(Clock::time_point when);
  // A deadline is set and has not passed.
  bool is_armed() const { return is_armed_.load(); }
  // Tracer thread: the tracee is inside a system call, where the clock must not disturb it.
  void set_in_syscall(bool is_in_syscall) { in_syscall_.store(is_in_syscall); }

 private:
  void watch_clock();
  void stop_tracee();

  std::mutex mutex_;
  std::condition_variable wake_;
  pid_t pid_ = 0;
  pid_t tid_ = 0;
  bool is_closing_ = false;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::atomic<bool> is_armed_ = false;
  std::atomic<bool> requested_ = false;
  std::atomic<bool> in_syscall_ = false;
  std::thread thread_;
};

}  // namespace fred
