// The loop that runs the tracee: resume, see why it stopped, decide whether that matters.
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cstring>

#include "engine/replay/agent_expression.h"
#include "engine/session.h"
#include "engine/tracee/launch.h"

namespace fred {
namespace {

// A checkpoint that cost c is followed by at least this many times c without one: recording stays within 3 % of native.
constexpr int checkpoint_rest_factor = 40;
constexpr uint64_t trap_flag = 0x100;
constexpr uint64_t clock_slack_ns = 1000;
constexpr int most_steps_in_stub = 256;

}  // namespace

Session::Session(const LaunchOptions& options, std::shared_ptr<Interrupter> interrupter)
    : Session(launch_tracee(options), options, std::move(interrupter)) {}

Session::Session(Launched launched, const LaunchOptions& options, std::shared_ptr<Interrupter> interrupter)
    : options_(options),
      interrupter_(std::move(interrupter)),
      tracee_(std::move(launched.tracee)),
      kernel_signals_(*tracee_),
      breakpoints_(*tracee_),
      memory_(std::make_unique<Memory>(*tracee_, options.tracker)),
      told_loader_until_(launched.told_loader_until) {
  branches_[0];
  base_cpu_ns_ = tracee_->cpu_ns();
  find_random_instructions();
  read_first_kernel();
  capture(CheckpointKind::start);
}

// A program that is ended by us takes the helpers along that it has started; they are not traced. One that has come to its own end
// has left them on purpose.
Session::~Session() {
  if (!ending_) ::kill(-tracee_->pid(), SIGKILL);
}

Stop Session::launched() { return make_stop(StopKind::launched); }

void Session::arm_clock() {
  using namespace std::chrono;
  if (options_.checkpoint_hz <= 0 || is_scratch_) return;
  next_checkpoint_ = std::max(next_checkpoint_, Interrupter::Clock::now() + duration_cast<nanoseconds>(duration<double>(1 / options_.checkpoint_hz)));
  interrupter_->set_deadline(next_checkpoint_);
}

void Session::checkpoint_if_due(const Run& run) {
  if (!run.takes_checkpoints || options_.checkpoint_hz <= 0 || is_scratch_) return;
  auto start = Interrupter::Clock::now();
  if (start < next_checkpoint_) return;
  breakpoints_.lift_all();
  capture(CheckpointKind::automatic);
  auto end = Interrupter::Clock::now();
  next_checkpoint_ = end + checkpoint_rest_factor * (end - start);
  arm_clock();
  thin_out();
}

bool Session::is_at_syscall_instruction() {
  uint8_t code[2] = {};
  return tracee_->read(tracee_->registers().rip, code, 2) == 2 && code[0] == 0x0f && code[1] == 0x05;
}

Halt Session::advance(bool is_step) {
  here_ = nullptr;
  is_visit_counted_ = false;
  if (ending_) return Halt::ended;
  const Event* next = next_event();
  if (next && next->kind == EventKind::signal && next->place == SignalPlace::after_event) return replay_signal_now(*next);
  if (!is_replaying() && may_go_live()) {
    if (!is_scratch_) settle_kernel();
    if (!held_signals_.empty()) release_held_signals();
  }
  if (is_step && emulate_random()) return Halt::stepped;
  bool is_call = is_step && is_at_syscall_instruction();
  int request = is_step && !is_call ? PTRACE_SINGLESTEP : is_replaying() ? PTRACE_SYSEMU : PTRACE_SYSCALL;
  bool pushes_flags = false;
  pops_flags_ = false;
  if (is_step && !is_call) {
    uint8_t code[2] = {};
    tracee_->read(tracee_->registers().rip, code, 2);
    const uint8_t op = code[0] == 0x66 || (code[0] & 0xf0) == 0x40 ? code[1] : code[0];
    pushes_flags = op == 0x9c;
    pops_flags_ = op == 0x9d || op == 0xcf;
  }
  if (request != PTRACE_SYSEMU) leave_entry_stop();
  traps_itself_ = tracee_->registers().eflags & trap_flag;
  int status = tracee_->resume_and_wait(request);
  Halt halt = dispatch(status, is_step);
  if (pushes_flags && halt == Halt::stepped) {
    // pushf under a single step stores the trap flag that is not the program's.
    uint8_t flags = 0;
    uint64_t at = tracee_->registers().rsp + 1;
    if (tracee_->read(at, &flags, 1) == 1 && (flags & 1)) tracee_->write(at, &(flags &= static_cast<uint8_t>(~1)), 1);
  }
  if (is_step && halt == Halt::event) return Halt::stepped;
  return halt;
}

// The interrupter's stop.
bool Session::is_ours(const siginfo_t& info) { return info.si_signo == SIGSTOP && info.si_pid == getpid(); }

// Stopped from outside at any instruction, also of a marker's stub, where no state of the program is.
Halt Session::interrupted(bool is_step) {
  canonicalise_interrupted();
  for (int step = 0; marker_ && marker_->contains(tracee_->registers().rip) && step < most_steps_in_stub; step++) {
    if (const std::optional<bool> is_trap = marker_->leave()) {
      is_visit_counted_ = true;
      if (*is_trap) tracee_->note_swallowed_stop();
      return *is_trap ? Halt::marker : Halt::alarm;
    }
    const int status = tracee_->resume_and_wait(PTRACE_SINGLESTEP);
    if (tracee_->is_gone()) return dispatch(status, is_step);
    if (WSTOPSIG(status) == SIGTRAP) continue;
    const siginfo_t info = tracee_->signal_info();
    if (is_synchronous(info)) {
      tracee_->note_swallowed_stop();
      return dispatch(status, is_step);
    }
    if (!is_ours(info)) held_signals_.push_back(info);
  }
  return Halt::alarm;
}

Halt Session::dispatch(int status, bool is_step) {
  if (tracee_->is_gone()) {
    ending_ = Ending{false, WIFSIGNALED(status) ? WTERMSIG(status) : 9};
    throw EngineError("GONE", "waitpid", 0, "the program was killed from outside; run it again");
  }
  int signal = WSTOPSIG(status);
  if (signal == (SIGTRAP | 0x80)) return is_replaying() ? replay_syscall() : may_go_live() ? record_syscall() : miss_limit();
  if (status >> 16 != 0) return Halt::event;  // a group stop or a late fork event: nothing of the program's
  if (signal == SIGTRAP) return trap(is_step);
  siginfo_t info = tracee_->signal_info();
  if (is_ours(info)) return interrupted(is_step);
  if (!is_synchronous(info) && !is_scratch_ && (is_replaying() || !may_go_live())) {
    held_signals_.push_back(info);
    return interrupted(is_step);
  }
  if (const uint64_t original = marker_ ? marker_->original_of(tracee_->registers().rip) : 0) {
    GeneralRegisters registers = tracee_->registers();
    registers.rip = original;
    tracee_->set_registers(registers);
  }
  if (signal == SIGSEGV && emulate_tsc(info)) return Halt::event;
  return signal_seen(signal);
}

// The state that an event is bound to; null when its place is found otherwise.
static const Checkpoint* anchor_of(const Event& event) {
  if (!event.detail) return nullptr;
  const bool is_anchored = event.kind == EventKind::patch || (event.kind == EventKind::signal && event.place == SignalPlace::anchored);
  return is_anchored ? event.detail->anchor.get() : nullptr;
}

const Checkpoint* Session::next_anchor() const {
  const Event* next = next_event();
  return next ? anchor_of(*next) : nullptr;
}

// The state before `to` that the event with this number is bound to; null when it is bound to none, or to `to` itself.
const Checkpoint* Session::anchor_before(const Checkpoint& to, uint64_t event) const {
  const bool is_before = event + (to.pending ? 1 : 0) < to.info.event;
  return is_before ? anchor_of(*log()[event]) : nullptr;
}

std::set<uint64_t> Session::sentinel_addresses(const Run& run) const {
  std::set<uint64_t> addresses = random_sites_;
  if (is_scratch_) return addresses;
  if (const CheckpointRef target = target_of(run); target && !marker_) addresses.insert(target->registers.rip);
  if (told_loader_until_ && !is_replaying()) addresses.insert(told_loader_until_);
  if (run.places) addresses.insert(run.places->addresses.begin(), run.places->addresses.end());
  return addresses;
}

bool Session::condition_holds(const BreakpointSpec& spec) {
  if (spec.conditions.empty()) return true;
  auto read = [this](uint64_t address, void* out, size_t length) { return tracee_->read(address, out, length) == length; };
  for (const auto& condition : spec.conditions) {
    std::optional<int64_t> value = evaluate_agent_expression(condition, tracee_->registers(), read);
    if (!value || *value != 0) return true;  // what we cannot evaluate, the debugger decides
  }
  return false;
}

// The loader is done: take its variable out of the environment before the program looks. A change like any of the debugger's, so
// replay makes it again. It is the last one, so ending the list a word earlier is all.
void Session::hide_bind_now() {
  if (is_replaying()) return;
  told_loader_until_ = 0;
  breakpoints_.lift_all();
  uint64_t at = tracee_->registers().rsp, argc = 0, word = 0, last = 0;
  tracee_->read_exactly(at, &argc, 8);
  for (at += (argc + 2) * 8; tracee_->read(at, &word, 8) == 8 && word != 0; at += 8) last = at;
  char text[32] = {};
  uint64_t string = 0;
  if (last) tracee_->read(last, &string, 8);
  tracee_->read(string, text, sizeof text - 1);
  if (std::string(text) != bind_now) return;
  write_memory(last, std::vector<uint8_t>(8));
  commit_patch();
}

bool Session::is_at_limit(const Run& run) {
  return run.limit && run.limit->registers.rip == tracee_->registers().rip && is_state(*run.limit);
}

// An event that is bound to this very state: a signal stops here, a patch is applied.
std::optional<Halt> Session::meet_anchor() {
  for (;;) {
    const Checkpoint* anchor = next_anchor();
    if (!anchor || anchor->registers.rip != tracee_->registers().rip || !is_state(*anchor)) return std::nullopt;
    const Event* event = next_event();
    if (event->kind == EventKind::signal) return replay_signal_now(*event);
    apply_patch(*event);
  }
}

// What stands at the present address before it is executed. Nothing: go on.
std::optional<Halt> Session::arrive(Run& run) {
  const uint64_t pc = tracee_->registers().rip;
  if (marker_) {
    if (std::optional<Halt> found = turn_back(run)) return found;
  } else if (const CheckpointRef target = target_of(run); target && target->registers.rip == pc) {
    if (run.limit == target && is_state(*target)) return Halt::limit;
    const uint64_t event = cursor_;
    if (std::optional<Halt> halt = meet_anchor()) return halt;
    if (cursor_ != event && is_at_limit(run)) return Halt::limit;
    if (run.sought != target) {
      run.sought = target;
      run.misses = 0;
      run.is_marker_useless = false;
    }
    run.misses++;
    engage_marker(run);
  }
  if (pc == told_loader_until_) hide_bind_now();
  if (run.places && run.places->holds(tracee_->registers())) return Halt::watched_place;
  if (run.honours_breakpoints) {
    const BreakpointSpec* spec = breakpoints_.at(pc);
    if (spec && condition_holds(*spec)) return Halt::breakpoint;
  }
  return std::nullopt;
}

// In the last stretch of the log the head may be reached without any event: recognise it when we happen to stop there.
void Session::note_head() {
  const CheckpointRef& head = branches_[branch_].head;
  if (is_at_head_ || is_scratch_ || !head || cursor_ != head->info.event) return;
  if (head->registers.rip != tracee_->registers().rip || !is_state(*head)) return;
  is_at_head_ = true;
  memory_->show_files(head->memory);
}

Halt Session::run(Run& run) {
  struct Disengage {
    Session& session;
    ~Disengage() { session.disengage_marker(); }
  } disengage{*this};
  // A search may begin at a state in which a signal waits.
  if (pending_ && is_replaying()) {
    run.starts_anew = deliver(pending_->info.si_signo);
    if (ending_) return is_at_limit(run) ? Halt::limit : Halt::ended;
  }
  const Halt halt = run_unmarked(run);
  // A signal, the end, or the clock may stop the program in the very state that the run was to end in.
  const bool may_be_limit = halt == Halt::alarm || halt == Halt::signal || halt == Halt::ended || halt == Halt::stepped;
  return may_be_limit && is_at_limit(run) ? Halt::limit : halt;
}

// The interrupter has stopped the tracee: by the user's wish, or because the run's time is over? If not, the clock is set again.
bool Session::is_time_up(const Run& run, uint64_t cpu_start) {
  if (interrupter_->is_requested()) return true;
  if (!run.cpu_budget_ns) return false;
  const uint64_t used = tracee_->cpu_ns() - cpu_start;
  if (used >= run.cpu_budget_ns) return true;
  interrupter_->set_deadline(Interrupter::Clock::now() + std::chrono::nanoseconds(run.cpu_budget_ns - used + clock_slack_ns));
  return false;
}

// Where nobody wants to see every round of a string instruction.
bool Session::may_leap(const Run& run) const {
  const uint64_t pc = tracee_->registers().rip;
  if (run.mode == ResumeOptions::Mode::step || is_scratch_ || (!is_replaying() && may_go_live())) return false;
  return !(run.honours_breakpoints && breakpoints_.at(pc));
}

Halt Session::run_unmarked(Run& run) {
  const bool is_stepping = run.mode != ResumeOptions::Mode::run;
  const uint64_t cpu_start = run.cpu_budget_ns ? tracee_->cpu_ns() : 0;
  if (run.cpu_budget_ns)
    interrupter_->set_deadline(Interrupter::Clock::now() + std::chrono::nanoseconds(run.cpu_budget_ns));
  else if (run.takes_checkpoints)
    arm_clock();
  if (is_at_limit(run)) return Halt::limit;
  const uint64_t first_event = cursor_;
  if (std::optional<Halt> halt = meet_anchor()) return *halt;
  if (cursor_ != first_event && is_at_limit(run)) return Halt::limit;
  if (cursor_ >= run.until_event) return Halt::event;
  bool is_checked = !run.starts_anew;  // what stands at the present address has been dealt with
  for (;;) {
    if (tracee_->take_swallowed_stop() && is_time_up(run, cpu_start)) return Halt::alarm;
    breakpoints_.insert(sentinel_addresses(run), run.honours_breakpoints);
    const uint64_t pc = tracee_->registers().rip;
    skip_counted_visit();
    const bool must_lift = breakpoints_.is_wanted(pc);
    if (must_lift && !is_checked) {
      if (std::optional<Halt> found = arrive(run)) return *found;
      is_checked = true;
      continue;
    }
    if (must_lift) breakpoints_.lift(pc);
    const std::optional<Halt> leapt = must_lift && may_leap(run) ? leap_string(target_of(run).get(), sentinel_addresses(run), run.honours_breakpoints) : std::nullopt;
    const Halt halt = leapt ? *leapt : advance(is_stepping || must_lift);
    switch (halt) {
      case Halt::event:
        is_checked = false;
        if (cursor_ >= run.until_event) return Halt::event;
        checkpoint_if_due(run);
        if (interrupter_->is_requested()) return Halt::alarm;
        break;
      case Halt::alarm:
        is_checked = !leapt && (is_stepping || must_lift) && tracee_->registers().rip == pc;
        if (marker_)
          if (std::optional<Halt> found = turn_back(run)) return *found;
        if (is_time_up(run, cpu_start)) return Halt::alarm;
        checkpoint_if_due(run);
        break;
      case Halt::stepped:
      case Halt::arrived: {
        // A single step reports itself; what stands at its end is for the next command.
        if (run.mode == ResumeOptions::Mode::step) return Halt::stepped;
        if (cursor_ >= run.until_event) return Halt::event;  // a step over a call, or over an undetermined instruction
        if (std::optional<Halt> found = arrive(run)) return *found;
        is_checked = true;
        if (run.mode == ResumeOptions::Mode::range) {
          uint64_t at = tracee_->registers().rip;
          if (at < run.range_start || at >= run.range_end) return Halt::stepped;
        }
        if (interrupter_->is_requested()) return Halt::alarm;
        break;
      }
      case Halt::marker: {
        if (!is_marked_state()) break;
        if (std::optional<Halt> found = meet_target(run, marker_->visits() - 1, marker_plan_->path.empty())) return *found;
        is_checked = true;
        break;
      }
      default: return halt;
    }
  }
}

Stop Session::make_stop(StopKind kind) {
  Stop stop;
  stop.kind = kind;
  stop.pid = stop.tid = tracee_->pid();
  stop.pc = tracee_->registers().rip;
  stop.event = cursor_;
  stop.is_at_head = is_at_head_;
  return stop;
}

Stop Session::stop_for(Halt halt, const Run& run) {
  breakpoints_.lift_all();
  note_head();
  switch (halt) {
    case Halt::breakpoint: {
      Stop stop = make_stop(StopKind::breakpoint);
      stop.address = stop.pc;
      const BreakpointSpec* spec = breakpoints_.at(stop.pc);
      if (spec && spec->kind == BreakpointSpec::Kind::hardware) stop.kind = StopKind::hardware_breakpoint;
      return stop;
    }
    case Halt::watchpoint: {
      Stop stop = make_stop(StopKind::watchpoint);
      stop.address = watch_hit_->address;
      stop.access = watch_hit_->kind == BreakpointSpec::Kind::write  ? Access::write
                    : watch_hit_->kind == BreakpointSpec::Kind::read ? Access::read
                                                                     : Access::access;
      return stop;
    }
    case Halt::signal: {
      Stop stop = make_stop(StopKind::signal);
      stop.number = pending_ ? pending_->info.si_signo : 0;
      return stop;
    }
    case Halt::ended: {
      Stop stop = make_stop(ending_->is_exit ? StopKind::exited : StopKind::killed);
      stop.number = ending_->number;
      return stop;
    }
    case Halt::unsupported:
    case Halt::diverged: {
      Stop stop = make_stop(halt == Halt::diverged ? StopKind::diverged : StopKind::unsupported);
      stop.text = message_;
      return stop;
    }
    case Halt::limit: stand_on(run.limit); return make_stop(StopKind::history_end);
    case Halt::alarm: return make_stop(StopKind::interrupted);
    default: return make_stop(StopKind::step);
  }
}

Stop Session::resume(const ResumeOptions& options) {
  commit_patch();
  Run run;
  run.mode = options.mode;
  run.range_start = options.range_start;
  run.range_end = options.range_end;
  if (options.limit != no_checkpoint) run.limit = find(options.limit);
  if (run.limit && here_ == run.limit) return make_stop(StopKind::history_end);
  Halt halt = Halt::event;
  if (pending_ || options.signal) {
    const bool has_entered_handler = deliver(options.signal);
    if (ending_) halt = is_at_limit(run) ? Halt::limit : Halt::ended;
    else if (pending_) halt = Halt::signal;
    // A step into a signal handler ends at its first instruction, as the kernel's own does.
    else if (run.mode != ResumeOptions::Mode::run && has_entered_handler) halt = is_at_limit(run) ? Halt::limit : Halt::stepped;
    run.starts_anew = has_entered_handler;
  }
  const CheckpointRef wished = run.limit;
  if (halt == Halt::event) halt = wished ? this->run(run) : run_past_known(run);
  if (wished && halt == Halt::watchpoint && is_at_limit(run)) stand_on(wished);
  if (wished && halt != Halt::limit && here_ != wished) next_known_ = wished;
  return stop_for(halt, run);
}

// In the past the states that are known to follow are met one by one, so that every stop is known to be before the next of them,
// and the newest state of all is recognised.
Halt Session::run_past_known(Run& run) {
  for (;;) {
    run.limit = is_at_head_ || is_scratch_ ? nullptr : next_known();
    is_live_wanted_ = !run.limit;
    const Halt halt = this->run(run);
    is_live_wanted_ = false;
    const bool is_met = halt == Halt::limit || (halt == Halt::watchpoint && is_at_limit(run));
    if (!is_met) return halt;
    stand_on(run.limit);
    is_at_head_ = branches_[branch_].head == run.limit;
    if (halt == Halt::watchpoint) return halt;
    if (ending_) return Halt::ended;
    if (pending_) return Halt::signal;
    const uint64_t pc = tracee_->registers().rip;
    if (run.mode == ResumeOptions::Mode::step) return Halt::stepped;
    if (run.mode == ResumeOptions::Mode::range && (pc < run.range_start || pc >= run.range_end)) return Halt::stepped;
    run.starts_anew = true;
  }
}

void Session::stand_on(const CheckpointRef& checkpoint) {
  memory_->show_files(checkpoint->memory);
  here_ = base_ = checkpoint;
  base_cpu_ns_ = tracee_->cpu_ns();
  next_known_ = nullptr;
}

// The nearest state that certainly follows the present one; null at the end of what is known.
CheckpointRef Session::next_known() {
  if (next_known_ && next_known_->info.event >= cursor_ && is_on_line(*next_known_)) return next_known_;
  if (!here_ && base_->info.event != cursor_) {
    // Between two events nothing is known of the order but by event.
    for (const CheckpointRef& each : future_of(*base_))
      if (each->info.event > cursor_) return next_known_ = each;
    return next_known_ = nullptr;
  }
  const std::vector<CheckpointRef> future = future_of(here_ ? *here_ : *base_);
  return next_known_ = future.empty() ? nullptr : future.front();
}

}  // namespace fred
