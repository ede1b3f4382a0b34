// Interrupter: one small thread that sends SIGSTOP when a deadline passes.
#include "engine/tracee/interrupter.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace fred {

bool is_interruption(const siginfo_t& info) { return info.si_signo == SIGSTOP && info.si_pid == getpid(); }

Interrupter::Interrupter() : thread_([this] { watch_clock(); }) {}

Interrupter::~Interrupter() {
  {
    std::lock_guard lock(mutex_);
    is_closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Interrupter::stop_tracee() {
  if (pid_ != 0) syscall(SYS_tgkill, pid_, tid_, SIGSTOP);
}

void Interrupter::set_thread(pid_t tid) {
  std::lock_guard lock(mutex_);
  tid_ = tid;
}

void Interrupter::begin(pid_t pid, pid_t tid) {
  std::lock_guard lock(mutex_);
  pid_ = pid;
  tid_ = tid;
  requested_ = false;
}

void Interrupter::end() {
  std::lock_guard lock(mutex_);
  pid_ = 0;
  deadline_ = Clock::time_point::max();
  is_armed_ = false;
}

void Interrupter::request() {
  std::lock_guard lock(mutex_);
  if (pid_ == 0) return;
  requested_ = true;
  stop_tracee();
}

void Interrupter::set_deadline(Clock::time_point when) {
  bool is_sooner;
  {
    std::lock_guard lock(mutex_);
    is_sooner = when < deadline_;
    deadline_ = when;
    is_armed_ = when != Clock::time_point::max();
  }
  if (is_sooner) wake_.notify_one();
}

void Interrupter::watch_clock() {
  std::unique_lock lock(mutex_);
  while (!is_closing_) {
    if (deadline_ == Clock::time_point::max()) {
      wake_.wait(lock);
      continue;
    }
    if (wake_.wait_until(lock, deadline_) == std::cv_status::no_timeout) continue;
    if (Clock::now() < deadline_) continue;
    deadline_ = Clock::time_point::max();
    is_armed_ = false;
    if (!in_syscall_.load()) stop_tracee();
  }
}

}  // namespace fred
