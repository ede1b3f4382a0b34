// The loop that runs the tracee: resume, see why it stopped, decide whether that matters.
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <fstream>
#include <iterator>

#include "engine/replay/agent_expression.h"
#include "engine/session/session.h"
#include "engine/tracee/launch.h"

namespace fred {
namespace {

// A checkpoint that cost c is followed by at least this many times c without one: recording stays within 3 % of native.
constexpr int checkpoint_rest_factor = 40;
constexpr uint64_t trap_flag = 0x100;
constexpr uint64_t clock_slack_ns = 1000;
constexpr int most_steps_in_stub = 256;

std::vector<uint8_t> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

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
      program_pid_(tracee_->pid()),
      auxiliary_vector_(read_file("/proc/" + std::to_string(tracee_->pid()) + "/auxv")),
      told_loader_until_(launched.told_loader_until) {
  tasks_.push_back({tracee_->tid(), tracee_->tid()});
  branches_[0];
  base_cpu_ns_ = tracee_->cpu_ns();
  find_random_instructions();
  read_first_kernel();
  if (!options.record_to.empty()) recorder_ = make_recorder(options.record_to, options.record_limit);
  capture(CheckpointKind::start);
}

// A program that is ended by us takes the helpers along that it has started; they are not traced. One that has come to its own end
// has left them on purpose.
Session::~Session() {
  if (!ending_ && !tracee_->is_gone() && !options_.keeps_group) ::kill(-tracee_->pid(), SIGKILL);
}

Stop Session::launched() { return make_stop(StopKind::launched); }

// For the next checkpoint, and for the end of a thread's turn. In the past the log tells when that is: a slice that was over long ago
// would stop the program again at once, for ever.
void Session::arm_clock() {
  if (is_scratch_) return;
  auto deadline = options_.checkpoint_hz > 0 ? next_checkpoint_ : Interrupter::Clock::time_point::max();
  if (threads_.size() > 1 && !is_replaying() && may_go_live()) deadline = std::min(deadline, slice_end_);
  interrupter_->set_deadline(deadline);
}

// From now on: so much time passes between two checkpoints.
void Session::plan_checkpoint(Interrupter::Clock::duration least) {
  using namespace std::chrono;
  if (options_.checkpoint_hz <= 0) return;
  const auto interval = duration_cast<nanoseconds>(duration<double>(1 / options_.checkpoint_hz));
  next_checkpoint_ = std::max(next_checkpoint_, Interrupter::Clock::now() + std::max<Interrupter::Clock::duration>(interval, least));
}

void Session::checkpoint_if_due(const Run& run) {
  if (!run.takes_checkpoints || options_.checkpoint_hz <= 0 || is_scratch_) return;
  auto start = Interrupter::Clock::now();
  if (start < next_checkpoint_) return;
  breakpoints_.lift_all();
  capture(CheckpointKind::automatic);
  plan_checkpoint(checkpoint_rest_factor * (Interrupter::Clock::now() - start));
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
  if (next && next->place == SignalPlace::after_event) {
    if (next->kind == EventKind::signal) return replay_signal_now(*next);
    if (is_scheduling(*next)) {
      replay_scheduling(*next);
      return Halt::event;
    }
  }
  if (!is_replaying() && may_go_live()) {
    if (!is_scratch_) {
      settle_kernel();
      enter_waits();
    }
    // A thread that waits was in its call already when a signal came for it.
    if (!held_signals_.empty()) release_held_signals();
    if (!is_scratch_) {
      if (const std::optional<Halt> halt = schedule()) return *halt;
    }
  } else if (!is_replaying() && !is_runnable(thread_)) {
    return miss_limit();
  }
  is_at_boundary_ = false;
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
  while (WIFSTOPPED(status) && status >> 16 == PTRACE_EVENT_STOP) status = tracee_->resume_and_wait(request);
  Halt halt = dispatch(status, is_step);
  if (pushes_flags && halt == Halt::stepped) {
    // pushf under a single step stores the trap flag that is not the program's.
    uint8_t flags = 0;
    uint64_t at = tracee_->registers().rsp + 1;
    if (tracee_->read(at, &flags, 1) == 1 && (flags & 1)) tracee_->write(at, &(flags &= static_cast<uint8_t>(~1)), 1);
  }
  if (is_step && halt == Halt::event && is_runnable(thread_)) return Halt::stepped;
  return halt;
}

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
    if (!is_interruption(info)) hold(info);
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
  if (is_interruption(info)) return interrupted(is_step);
  if (!is_synchronous(info) && !is_scratch_ && (is_replaying() || !may_go_live())) {
    hold(info);
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
  const bool is_anchored = event.kind == EventKind::patch || event.place == SignalPlace::anchored;
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

// The events that are bound to this very state: a signal stops here, a patch is applied, another thread gets its turn. The limit may
// lie between two of them; what comes after it does not count, for a loop that changes nothing comes by the same states again and again.
std::optional<Halt> Session::meet_anchor(const Checkpoint* limit) {
  for (;;) {
    if (limit && limit->info.event == cursor_) return std::nullopt;
    const Checkpoint* anchor = next_anchor();
    if (!anchor || anchor->registers.rip != tracee_->registers().rip || !is_state(*anchor)) return std::nullopt;
    const Event* event = next_event();
    if (event->kind == EventKind::signal) return replay_signal_now(*event);
    is_scheduling(*event) ? replay_scheduling(*event) : apply_patch(*event);
    if (limit && limit->registers.rip == tracee_->registers().rip && is_state(*limit)) return Halt::limit;
  }
}

// What stands at the present address before it is executed. Nothing: go on.
std::optional<Halt> Session::arrive(Run& run) {
  const uint64_t pc = tracee_->registers().rip;
  if (marker_) {
    if (std::optional<Halt> found = turn_back(run)) return found;
  } else if (const CheckpointRef target = target_of(run); target && target->registers.rip == pc) {
    if (run.limit == target && is_state(*target)) return Halt::limit;
    const ThreadId thread = thread_;
    if (std::optional<Halt> halt = meet_anchor(run.limit.get())) return halt;
    if (thread_ != thread) return arrive(run);
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
  if (honours_breakpoints(run)) {
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
  return !(honours_breakpoints(run) && breakpoints_.at(pc));
}

// A stepped thread has come to where its step ends.
bool Session::has_left_range(const Run& run) {
  if (run.mode != ResumeOptions::Mode::range) return run.mode == ResumeOptions::Mode::step;
  const uint64_t pc = tracee_->registers().rip;
  return pc < run.range_start || pc >= run.range_end;
}

Halt Session::run_unmarked(Run& run) {
  const auto is_stepping_thread = [&] { return run.mode != ResumeOptions::Mode::run && (!run.thread || *run.thread == thread_); };
  const uint64_t cpu_start = run.cpu_budget_ns ? tracee_->cpu_ns() : 0;
  if (run.cpu_budget_ns)
    interrupter_->set_deadline(Interrupter::Clock::now() + std::chrono::nanoseconds(run.cpu_budget_ns));
  else if (run.takes_checkpoints)
    plan_checkpoint({});
  if (is_at_limit(run)) return Halt::limit;
  const ThreadId first_thread = thread_;
  if (std::optional<Halt> halt = meet_anchor(run.limit.get())) return *halt;
  if (cursor_ >= run.until_event) return Halt::event;
  is_at_boundary_ = may_preempt_ = false;
  bool is_checked = !run.starts_anew && thread_ == first_thread;  // what stands at the present address has been dealt with
  for (;;) {
    if (tracee_->take_swallowed_stop()) {
      if (is_time_up(run, cpu_start)) return Halt::alarm;
      may_preempt_ = run.mode != ResumeOptions::Mode::step || !is_stepping_thread();
      checkpoint_if_due(run);
    }
    if (run.takes_checkpoints && !run.cpu_budget_ns && !interrupter_->is_armed()) arm_clock();
    breakpoints_.insert(sentinel_addresses(run), honours_breakpoints(run));
    const uint64_t pc = tracee_->registers().rip;
    skip_counted_visit();
    const bool must_lift = breakpoints_.is_wanted(pc);
    if (must_lift && !is_checked) {
      if (std::optional<Halt> found = arrive(run)) return *found;
      is_checked = true;
      continue;
    }
    if (must_lift) breakpoints_.lift(pc);
    const bool is_stepping = is_stepping_thread(), was_away = run.thread && !(thread_ == *run.thread && is_runnable(thread_));
    const std::optional<Halt> leapt = must_lift && may_leap(run) ? leap_string(target_of(run).get(), sentinel_addresses(run), honours_breakpoints(run)) : std::nullopt;
    const Halt halt = leapt ? *leapt : advance(is_stepping || must_lift);
    switch (halt) {
      case Halt::event:
        is_checked = false;
        if (cursor_ >= run.until_event) return Halt::event;
        checkpoint_if_due(run);
        if (interrupter_->is_requested()) return Halt::alarm;
        // The stepped thread is back from the call in which it let others run.
        if (was_away && is_stepping_thread() && is_runnable(thread_)) {
          if (std::optional<Halt> found = arrive(run)) return *found;
          is_checked = true;
          if (has_left_range(run)) return Halt::stepped;
        }
        break;
      case Halt::alarm:
        is_checked = !leapt && (is_stepping || must_lift) && tracee_->registers().rip == pc;
        may_preempt_ = run.mode != ResumeOptions::Mode::step || !is_stepping;
        if (marker_)
          if (std::optional<Halt> found = turn_back(run)) return *found;
        if (is_time_up(run, cpu_start)) return Halt::alarm;
        checkpoint_if_due(run);
        break;
      case Halt::stepped:
      case Halt::arrived: {
        // A single step reports itself; what stands at its end is for the next command.
        if (run.mode == ResumeOptions::Mode::step && is_stepping) return Halt::stepped;
        if (cursor_ >= run.until_event) return Halt::event;  // a step over a call, or over an undetermined instruction
        if (std::optional<Halt> found = arrive(run)) return *found;
        is_checked = true;
        if (is_stepping && has_left_range(run)) return Halt::stepped;
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

}  // namespace fred
