// Processes that go on without us: children that are not recorded, and the program itself where its recording ends.
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "engine/followers.h"
#include "engine/session/session.h"

namespace fred {
namespace {

// Gives a stopped task back what we took from it at its start. `registers`: with which it goes on. `signal`: that it gets.
void free_task(pid_t tid, const GeneralRegisters& registers, int signal = 0) {
  GeneralRegisters call = registers;
  call.rip = Tracee::scratch_page;
  call.rax = SYS_prctl;
  call.orig_rax = static_cast<uint64_t>(-1);
  call.rdi = PR_SET_TSC;
  call.rsi = PR_TSC_ENABLE;
  for (int attempt = 0; attempt < 4; attempt++) {
    int status = 0;
    ptrace(PTRACE_SETREGS, tid, 0, &call);
    ptrace(PTRACE_SINGLESTEP, tid, 0, 0);
    if (waitpid(tid, &status, __WALL) != tid || !WIFSTOPPED(status)) return;
    GeneralRegisters now{};
    ptrace(PTRACE_GETREGS, tid, 0, &now);
    if (now.rip == call.rip + 2) break;
  }
  ptrace(PTRACE_SETREGS, tid, 0, &registers);
  cpu_set_t all;
  CPU_ZERO(&all);
  for (int cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++) CPU_SET(cpu, &all);
  sched_setaffinity(tid, sizeof all, &all);
  ptrace(PTRACE_DETACH, tid, 0, signal);
}

}  // namespace

void Session::release_child(int pid) {
  int status = 0;
  if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) return;
  GeneralRegisters registers{};
  ptrace(PTRACE_GETREGS, pid, 0, &registers);
  free_task(pid, registers);
}

// A child that is recorded: somebody else's tracee from here on.
void Session::hand_over(pid_t child, bool shares_memory) {
  LaunchOptions options = options_;
  options.origin = Origin::fork;
  options.parent = recorder_->timeline();
  options_.followers->take(put_out(child, shares_memory), std::move(options));
}

// Precondition: at the newest position. The program runs on by itself, to its end; one that stands at its end goes through it.
Ending Session::let_go() {
  if (recorder_) recorder_->add(here_or_take(CheckpointKind::stop));
  if (recorder_) recorder_->finish(ending_);
  settle_kernel();
  leave_kernel();
  release_held_signals();
  breakpoints_.clear();
  breakpoints_.lift_all();
  if (pending_) deliver(pending_->info.si_signo);
  save_registers();
  const pid_t pid = tracee_->pid();
  const int fatal = ending_ && !ending_->is_exit ? ending_->number : 0;
  // Those that have ended stand before their end; the end of the program takes all along.
  for (ThreadId id = 0; id < tasks_.size(); id++) {
    if (ending_ && id != thread_) continue;
    stand_in_task(id);
    breakpoints_.insert({}, false);
    leave_entry_stop();
    free_task(tasks_[id].tid, tracee_->registers(), fatal);
  }
  tracee_->forget();
  int status = 0;
  // Threads that were taken along are waited for as well: the kernel tells of the program's end behind theirs.
  for (;;) {
    const pid_t ended = waitpid(-1, &status, __WALL | __WNOTHREAD);
    if (ended < 0 && errno == EINTR) continue;
    if (ended < 0) return ending_.value_or(Ending());  // a child that is not ours: its own parent waits for it
    if (ended == pid && WIFEXITED(status)) return {true, WEXITSTATUS(status)};
    if (ended == pid && WIFSIGNALED(status)) return {false, WTERMSIG(status)};
  }
}

// Its registers are then those of its thread.
void Session::stand_in_task(ThreadId id) {
  tracee_->select(tasks_[id].tid);
  if (threads_.contains(id)) load_registers(id);
}

}  // namespace fred
