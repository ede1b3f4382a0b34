// Signals and the time-stamp counter: seen, delivered and written down at the head, done again from the log behind it.
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include <cstdio>
#include <cstring>

#include "engine/record/random_sites.h"
#include "engine/record/request_table.h"
#include "engine/record/syscall_entry.h"
#include "engine/record/syscall_output.h"
#include "engine/session/session.h"

namespace fred {
namespace {

using Disposition = KernelSignals::Disposition;

constexpr int trap_trace = 2, trap_hardware = 4, trap_kernel = 0x80;
constexpr uint64_t trap_flag = 0x100;
constexpr size_t largest_frame = 1 << 16;

}  // namespace

Halt Session::trap(bool is_step) {
  const std::optional<Halt> ours = own_trap(is_step);
  if (!ours) return signal_seen(SIGTRAP);
  put_back(SIGTRAP);
  return *ours;
}

// The tracee stands at a fault or trap that does not count: mask and handler become what the program has made them.
void Session::put_back(int signal) {
  auto action = kernel_.actions.find(signal);
  kernel_signals_.put_back(signal, kernel_.threads[thread_].mask, action == kernel_.actions.end() ? nullptr : &action->second);
}

// A trap that the engine has brought about. Nothing: it is the program's.
std::optional<Halt> Session::own_trap(bool is_step) {
  const siginfo_t info = tracee_->signal_info();
  GeneralRegisters registers = tracee_->registers();
  if (const BreakpointSpec* hit = breakpoints_.take_watchpoint_hit()) {
    watch_hit_ = hit;
    return Halt::watchpoint;
  }
  if (info.si_code == trap_kernel && marker_ && marker_->is_trap(registers.rip)) {
    registers.rip = marker_->address();
    tracee_->set_registers(registers);
    is_visit_counted_ = true;
    return Halt::marker;
  }
  if (info.si_code == trap_kernel && breakpoints_.is_inserted(registers.rip - 1)) {
    registers.rip--;
    tracee_->set_registers(registers);
    return Halt::arrived;
  }
  // Without a step of ours it is the program that has set the trap flag.
  const bool is_step_end = info.si_code == trap_trace && is_step && !traps_itself_;
  if (!is_step_end && info.si_code != trap_hardware) return std::nullopt;
  // After a popf the kernel takes the flag of its own next steps for the program's.
  if ((registers.eflags & trap_flag) && !pops_flags_) {
    registers.eflags &= ~trap_flag;
    tracee_->set_registers(registers);
  }
  return is_step ? Halt::stepped : Halt::event;
}

Halt Session::signal_seen(int signal) {
  const siginfo_t info = tracee_->signal_info();
  const GeneralRegisters registers = tracee_->registers();
  if (is_scratch_) {
    pending_ = PendingSignal{info, false};
    return Halt::signal;
  }
  if (is_replaying()) {
    const Event& event = *next_event();
    const bool is_expected = event.kind == EventKind::signal && event.place == SignalPlace::synchronous && event.number == signal &&
                             event.detail->registers.rip == registers.rip;
    if (!is_expected) return diverge("signal " + std::to_string(signal));
    put_back(signal);
    return replay_signal_now(event);
  }
  if (!may_go_live()) return diverge("signal " + std::to_string(signal));
  const bool comes_from_call = static_cast<int64_t>(registers.orig_rax) >= 0;
  append_signal(is_synchronous(info)                                ? SignalPlace::synchronous
                : comes_from_call && is_restart(static_cast<int64_t>(registers.rax)) ? SignalPlace::in_syscall
                : comes_from_call                                   ? SignalPlace::after_event
                                                                    : SignalPlace::anchored);
  return Halt::signal;
}

// Writes down the signal that the tracee stands at; it is pending then.
void Session::append_signal(SignalPlace place) {
  kernel_signals_.note_seen();
  Event event;
  event.kind = EventKind::signal;
  event.place = place;
  event.detail = std::make_unique<EventDetail>();
  event.detail->info = tracee_->signal_info();
  event.detail->registers = tracee_->registers();
  event.detail->blocked = kernel_signals_.blocked();
  event.number = event.detail->info.si_signo;
  if (place == SignalPlace::in_syscall) {
    // How much of a sleep is left is written before its call is interrupted.
    const Task& task = tasks_[thread_];
    const Arguments arguments = task.restarted_number >= 0 ? task.restarted_arguments : arguments_of(event.detail->registers);
    const int number = task.restarted_number >= 0 ? task.restarted_number : static_cast<int>(event.detail->registers.orig_rax);
    event.writes = read_outputs(*tracee_, row_of(number, arguments), arguments, -EINTR);
  }
  if (place == SignalPlace::anchored) {
    breakpoints_.lift_all();
    event.detail->anchor = capture(CheckpointKind::automatic);
    here_ = nullptr;
  }
  threads_.at(thread_).is_waiting = false;
  pending_ = PendingSignal{event.detail->info, place == SignalPlace::in_syscall, event.detail->blocked};
  append(std::move(event));
}

Halt Session::replay_signal_now(const Event& event) {
  here_ = nullptr;
  apply_writes(event);
  threads_.at(thread_).is_waiting = false;
  pending_ = PendingSignal{event.detail->info, event.place == SignalPlace::in_syscall, event.detail->blocked};
  cursor_++;
  return Halt::signal;
}

// Precondition: a signal is pending, or `signal` is one that the debugger makes up.
bool Session::deliver(int signal) {
  here_ = nullptr;
  if (is_scratch_) {
    if (signal != 0 && kernel_signals_.disposition(signal) == Disposition::fatal) ending_ = Ending{false, signal};
    pending_.reset();
    return false;
  }
  meet_anchor(nullptr);  // the debugger may have changed something while it had the signal in hand
  const Event* next = next_event();
  if (next && next->kind == EventKind::delivery) return replay_delivery();
  if (next) start_branch();
  settle_kernel();  // what becomes of the signal is for the actions and masks of this position
  if (!pending_) {
    Event event;
    event.kind = EventKind::signal;
    event.number = signal;
    event.place = SignalPlace::anchored;
    event.detail = std::make_unique<EventDetail>();
    event.detail->info.si_signo = signal;
    event.detail->registers = tracee_->registers();
    event.detail->blocked = kernel_signals_.blocked();
    event.detail->anchor = capture(CheckpointKind::automatic);
    here_ = nullptr;
    pending_ = PendingSignal{event.detail->info, false, event.detail->blocked};
    append(std::move(event));
  }
  return record_delivery(signal);
}

bool Session::replay_delivery() {
  const Event& event = *next_event();
  cursor_++;
  const bool was_in_call = pending_ && pending_->interrupts_syscall;
  pending_.reset();
  switch (event.outcome) {
    case Outcome::handler:
      apply_writes(event);
      tracee_->set_registers(event.detail->registers);
      tracee_->set_xstate(event.detail->xstate);
      return true;
    case Outcome::fatal: ending_ = Ending{false, event.number}; return false;
    case Outcome::dropped:
      if (was_in_call) canonicalise_interrupted();
      return false;
  }
  return false;
}

bool Session::record_delivery(int signal) {
  Event event;
  event.kind = EventKind::delivery;
  event.number = signal;
  const PendingSignal pending = *pending_;
  pending_.reset();
  const Disposition disposition = signal == 0 ? Disposition::ignored : kernel_signals_.disposition(signal);
  if (disposition == Disposition::ignored) {
    if (pending.interrupts_syscall) canonicalise_interrupted();
    event.outcome = Outcome::dropped;
    append(std::move(event));
    return false;
  }
  if (disposition == Disposition::fatal) {
    event.outcome = Outcome::fatal;
    append(std::move(event));
    ending_ = Ending{false, signal};
    return false;
  }
  siginfo_t info = pending.info;
  info.si_signo = signal;
  const uint64_t old_sp = tracee_->registers().rsp;
  breakpoints_.lift_all();
  leave_entry_stop();
  if (!kernel_signals_.enter_handler(info, pending.blocked)) {
    // A signal takes the place of the other one: replay has nothing to run into it again.
    event.outcome = Outcome::dropped;
    append(std::move(event));
    append_signal(SignalPlace::after_event);
    return false;
  }
  event.outcome = Outcome::handler;
  event.kernel = std::make_unique<KernelNote>();
  event.kernel->mask = tracee_->signal_mask();
  event.detail = std::make_unique<EventDetail>();
  event.detail->registers = tracee_->registers();
  event.detail->registers.orig_rax = static_cast<uint64_t>(-1);
  event.detail->registers.eflags &= ~trap_flag;
  event.detail->xstate = tracee_->xstate();
  tracee_->set_registers(event.detail->registers);
  const uint64_t sp = event.detail->registers.rsp;
  uint64_t top = old_sp - red_zone;
  if (sp >= top || top - sp > largest_frame) {
    // On an alternate stack; the frame's own ucontext says where that ends (uc_stack: ss_sp, ss_flags, ss_size).
    uint64_t stack[3] = {};
    tracee_->read(sp + 8 + 16, stack, sizeof stack);
    top = stack[0] + stack[2];
    if (sp >= top || top - sp > largest_frame) top = sp + page_size;
  }
  MemoryWrite frame{sp, std::vector<uint8_t>(top - sp)};
  frame.bytes.resize(tracee_->read(sp, frame.bytes.data(), frame.bytes.size()));
  event.writes.push_back(std::move(frame));
  append(std::move(event));
  return true;
}

void Session::leave_entry_stop() {
  if (const std::optional<siginfo_t> taken = tracee_->leave_entry_stop()) hold(*taken);
}

// A signal that comes while the past is replayed.
void Session::hold(const siginfo_t& info) { held_signals_.emplace_back(tracee_->tid(), info); }

// Precondition: about to run live. Signals that came while the past was replayed are raised again.
void Session::release_held_signals() {
  for (const auto& [tid, info] : held_signals_) {
    if (tid) tracee_->select(tid);
    kernel_signals_.send_again(info, tid == 0);
  }
  tracee_->select(tasks_.at(thread_).tid);
  held_signals_.clear();
}

// The result of an undetermined instruction: from the log, or `live`, which is then written down.
int64_t Session::take_counter(const char* what, int64_t live) {
  if (const Event* event = next_event()) {
    if (event->kind != EventKind::instruction) {
      diverge(what);
      throw EngineError("DIVERGED", "replay", 0, message_);
    }
    cursor_++;
    return event->result;
  }
  Event recorded;
  recorded.kind = EventKind::instruction;
  recorded.result = live;
  append(std::move(recorded));
  return live;
}

bool Session::emulate_random() {
  GeneralRegisters registers = tracee_->registers();
  if (!random_sites_.contains(registers.rip)) return false;
  uint8_t code[8] = {};
  const size_t length = tracee_->read(registers.rip, code, sizeof code);
  const std::optional<RandomInstruction> instruction = decode_random({code, length});
  if (!instruction) return false;
  int64_t value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value) throw EngineError("RANDOM", "getrandom", errno, "");
  apply_random(registers, *instruction, static_cast<uint64_t>(take_counter("a random number instruction", value)));
  tracee_->set_registers(registers);
  return true;
}

// Precondition: no breakpoint is inserted. Text that was not there at the last call is searched.
void Session::find_random_instructions() {
  for (const Vma& vma : tracee_->maps()) {
    if (!(vma.protection & PROT_EXEC) || !searched_text_.insert({vma.start, vma.end}).second) continue;
    if (!vma.is_file()) {
      for (uint64_t site : find_random_sites(*tracee_, vma)) random_sites_.insert(site);
      continue;
    }
    const auto key = std::make_tuple(vma.device, vma.inode, vma.offset, vma.end - vma.start);
    auto known = random_offsets_.find(key);
    if (known == random_offsets_.end()) {
      known = random_offsets_.emplace(key, find_random_sites(*tracee_, vma)).first;
      for (uint64_t& site : known->second) site -= vma.start;
    }
    for (uint64_t offset : known->second) random_sites_.insert(vma.start + offset);
  }
}

void Session::forget_random_instructions(uint64_t start, uint64_t end) {
  random_sites_.erase(random_sites_.lower_bound(start), random_sites_.lower_bound(end));
  std::erase_if(searched_text_, [&](const auto& region) { return region.first < end && start < region.second; });
}

// rdtsc and rdtscp trap (PR_TSC_SIGSEGV) as SIGSEGV with si_code SI_KERNEL and address 0.
bool Session::emulate_tsc(const siginfo_t& info) {
  if (info.si_code != SI_KERNEL || info.si_addr != nullptr) return false;
  GeneralRegisters registers = tracee_->registers();
  uint8_t code[3] = {};
  const size_t length = tracee_->read(registers.rip, code, sizeof code);
  const bool is_rdtsc = length >= 2 && code[0] == 0x0f && code[1] == 0x31;
  const bool is_rdtscp = length >= 3 && code[0] == 0x0f && code[1] == 0x01 && code[2] == 0xf9;
  if (!is_rdtsc && !is_rdtscp) return false;
  put_back(SIGSEGV);
  const auto counter = static_cast<uint64_t>(take_counter("a read of the time-stamp counter", static_cast<int64_t>(__rdtsc())));
  registers.rax = counter & 0xffffffff;
  registers.rdx = counter >> 32;
  if (is_rdtscp) registers.rcx = 0;
  registers.rip += is_rdtsc ? 2 : 3;
  tracee_->set_registers(registers);
  return true;
}

}  // namespace fred
