// A resume that the debugger asked for: what it ends in, and the known states that it meets on its way through the past.
#include "engine/session/session.h"

namespace fred {

Stop Session::make_stop(StopKind kind) {
  Stop stop;
  stop.kind = kind;
  stop.pid = program_pid_;
  stop.tid = tasks_[thread_].number;
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
      finish_recording();
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
    case Halt::executed: return make_stop(StopKind::executed);
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
  run.thread = options.tid ? thread_of(options.tid) : thread_;
  run.is_alone = options.is_alone;
  if (options.limit != no_checkpoint) run.limit = find(options.limit);
  if (run.limit && here_ == run.limit) return make_stop(StopKind::history_end);
  if (is_stored_ && is_at_head_ && !is_scratch_ && !ending_) return make_stop(StopKind::history_end);
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
  Stop stop = stop_for(halt, run);
  // Who has one thread stepped hears of that one.
  const bool is_passive = stop.kind == StopKind::interrupted || stop.kind == StopKind::history_end;
  if (run.is_alone && is_passive && threads_.contains(*run.thread)) stop.tid = tasks_[*run.thread].number;
  return stop;
}

// In the past the states that are known to follow are met one by one, so that every stop is known to be before the next of them,
// and the newest state of all is recognised.
Halt Session::run_past_known(Run& run) {
  for (;;) {
    run.limit = is_at_head_ || is_scratch_ ? nullptr : next_known();
    if (is_stored_ && is_at_head_ && !is_scratch_ && !ending_) {
      run.limit = branches_[branch_].head;
      return Halt::limit;
    }
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
    const bool is_stepping = run.mode != ResumeOptions::Mode::run && (!run.thread || *run.thread == thread_) && is_runnable(thread_);
    if (is_stepping && has_left_range(run)) return Halt::stepped;
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
