// Recordings on disk: written while the program runs, saved from a session, and opened as one.
//
// A recording that was opened has nobody living behind its end. Its threads share one task of the kernel's, which holds the registers
// of the one that runs; its calls are all answered from the log.
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "engine/record/syscall_entry.h"
#include "engine/record/syscall_output.h"
#include "engine/recording/recording.h"
#include "engine/session/session.h"
#include "engine/tracee/descriptors.h"

namespace fred {
namespace {

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

LaunchOptions options_of(const Recording& recording, const OpenOptions& options) {
  LaunchOptions result;
  result.path = recording.header.path;
  result.argv = recording.header.argv;
  result.cwd = recording.header.cwd;
  result.checkpoint_hz = options.checkpoint_hz;
  result.tracker = options.tracker;
  return result;
}

// The one that it is pinned to, or the first of several.
int cpu_of(pid_t pid) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  sched_getaffinity(pid, sizeof cpus, &cpus);
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET(cpu, &cpus)) return cpu;
  return -1;
}

// A stack that is not where this process has its own is memory that grows downwards.
void adopt_stacks(Memory& memory, const Tracee& tracee, std::vector<CheckpointRef>& states) {
  uint64_t own_end = 0;
  for (const Vma& vma : tracee.maps())
    if (vma.is_stack()) own_end = vma.end;
  std::map<const std::vector<Vma>*, std::shared_ptr<const std::vector<Vma>>> renamed;
  for (const CheckpointRef& state : states) {
    auto& regions = state->memory.vmas;
    const auto is_elsewhere = [&](const Vma& vma) { return vma.is_stack() && vma.end != own_end; };
    if (std::none_of(regions->begin(), regions->end(), is_elsewhere)) continue;
    auto& copy = renamed[regions.get()];
    if (!copy) {
      auto vmas = *regions;
      for (Vma& vma : vmas) {
        if (!is_elsewhere(vma)) continue;
        vma.name.clear();
        memory.note_growing(vma.end);
      }
      copy = std::make_shared<const std::vector<Vma>>(std::move(vmas));
    }
    regions = copy;
  }
}

// Calls of a function called from the debugger that this process may make for the program.
bool may_be_made(int number, const Arguments& arguments) {
  switch (number) {
    case SYS_write:
    case SYS_writev: return arguments[0] == 1 || arguments[0] == 2;
    case SYS_fstat:
    case SYS_newfstatat:
    case SYS_getrandom:
    case SYS_clock_gettime:
    case SYS_gettimeofday:
    case SYS_sched_yield:
    case SYS_rt_sigprocmask: return true;
    default: return false;
  }
}

}  // namespace

Session::Session(Recording recording, const OpenOptions& options, std::shared_ptr<Interrupter> interrupter)
    : options_(options_of(recording, options)),
      interrupter_(std::move(interrupter)),
      tracee_(launch_blank(name_of(recording.header.path)).tracee),
      kernel_signals_(*tracee_),
      breakpoints_(*tracee_),
      memory_(std::make_unique<Memory>(*tracee_, options.tracker)),
      is_stored_(true),
      program_pid_(recording.header.pid),
      auxiliary_vector_(recording.header.auxiliary_vector) {
  if (tracee_->xstate().size() != recording.header.xstate_bytes)
    throw EngineError("RECORDING", "replay", 0, "it was recorded on a processor with other vector registers; replay it on one like that");
  tasks_.resize(recording.thread_count);
  for (Task& task : tasks_) task.tid = tracee_->tid();
  tasks_[0].number = program_pid_;
  for (const EventRef& event : recording.events)
    if (event->other && event->kind == EventKind::syscall) tasks_[event->other].number = static_cast<pid_t>(event->result);
  memory_->emulate_break();
  for (auto& [key, fd] : recording.files) memory_->files().adopt(key.first, key.second, std::move(fd));
  adopt_stacks(*memory_, *tracee_, recording.states);
  for (const CheckpointRef& state : recording.states) {
    checkpoints_[state->info.id] = state;
    last_id_ = std::max(last_id_, state->info.id);
  }
  shown_ = std::move(recording.shown);
  branches_[0].log = std::move(recording.events);
  enter(recording.states.back());
  stand_at_end(recording.is_whole);
}

// What a writer that died had written behind its last state is replayed.
void Session::stand_at_end(bool has_end) {
  const CheckpointRef last = here_;
  if (!has_end && log().size() > cursor_ && (replay_until_event(log().size()) != Halt::event || !is_runnable(thread_))) {
    log().resize(last->info.event);
    enter(last);
  }
  breakpoints_.lift_all();
  branches_[0].head = here_or_take(CheckpointKind::head);
  is_at_head_ = true;
}

RecordingHeader Session::header() const {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  RecordingHeader header;
  header.origin = options_.origin;
  header.parent = options_.parent;
  header.xstate_bytes = tracee_->xstate().size();
  header.started_ns = now.tv_sec * 1'000'000'000 + now.tv_nsec;
  header.pid = program_pid_;
  header.cpu = cpu_of(tracee_->pid());
  header.path = options_.path;
  if (char path[PATH_MAX] = {}; !is_stored_ && readlink(("/proc/" + std::to_string(program_pid_) + "/exe").c_str(), path, sizeof path - 1) > 0)
    header.path = path;
  header.argv = options_.argv;
  header.cwd = options_.cwd;
  header.auxiliary_vector = auxiliary_vector_;
  return header;
}

std::unique_ptr<Recorder> Session::make_recorder(const std::string& recording, uint64_t most_bytes) const {
  return std::make_unique<Recorder>(recording, header(), most_bytes, [this](const Vma& vma) { return memory_->files().keep(tracee_->pid(), vma); });
}

std::unique_ptr<Session> Session::follow_exec() {
  const pid_t pid = tracee_->pid();
  tracee_->forget();
  LaunchOptions options = options_;
  options.origin = Origin::exec;
  options.parent = recorder_->timeline();
  options.argv = command_line_of(pid);
  return std::make_unique<Session>(begin_program(std::make_unique<Tracee>(pid)), options, interrupter_);
}

void Session::note_shown(const EventRef& event) {
  if (!is_recording()) return;
  const auto& shown = shown_[event];
  recorder_->add_shown({shown.begin(), shown.end()});
}

// The program has come to its end, live.
void Session::finish_recording() {
  if (!is_recording() || !is_at_head_) return;
  recorder_->add(here_or_take(CheckpointKind::stop));
  if (is_replaying()) recorder_->add(log()[cursor_]);
  recorder_->finish(ending_);
}

void Session::save(const std::string& directory) {
  commit_patch();
  const CheckpointRef here = here_or_take(CheckpointKind::stop);
  remember_head();
  const auto recorder = make_recorder(directory, 0);
  std::vector<CheckpointRef> states;
  for (const CheckpointRef& each : past_of(*branches_[branch_].head)) states.push_back(each);
  states.push_back(branches_[branch_].head);
  auto next = states.begin();
  for (uint64_t i = 0; i <= log().size(); i++) {
    for (; next != states.end() && (*next)->info.event == i; ++next) recorder->add(*next);
    if (i == log().size()) break;
    const EventRef& event = log()[i];
    recorder->add(event);
    if (const auto shown = shown_.find(event); shown != shown_.end()) recorder->add_shown({shown->second.begin(), shown->second.end()});
  }
  recorder->finish(branches_[branch_].head->ending);
  if (!recorder->failure().empty()) throw EngineError("RECORDING", "save", 0, recorder->failure());
  if (here_ != here) enter(here);
}

RecordingStatus Session::recording_status() const {
  if (!recorder_) return {};
  return {recorder_->directory(), recorder_->bytes(), recorder_->event_count(), recorder_->state_count(), recorder_->failure()};
}

void Session::refuse_change() const {
  throw EngineError("STORED", "change", 0, "this is a recording: its past can be looked at from everywhere, but not changed; run the program with fred-ts gdb for that");
}

// At the entry of a call that a function called from the debugger makes: the recording has no kernel that could answer it.
Halt Session::answer_from_recording(int number, const Arguments& arguments) {
  const SyscallRow* row = find_syscall(number);
  if (is_scratch_mute_)
    if (const std::optional<int64_t> length = shown_length(*tracee_, number, arguments)) return answer(number, arguments, *length, {});
  if (number == SYS_brk) return answer(number, arguments, static_cast<int64_t>(memory_->image().program_break), {});
  if (number == SYS_getpid) return answer(number, arguments, program_pid_, {});
  if (number == SYS_gettid) return answer(number, arguments, tasks_[thread_].number, {});
  if (row && row->kind == SyscallClass::mapping) return run_to_exit(row->kind, number, arguments);
  if (may_be_made(number, arguments)) return run_to_exit(SyscallClass::plain, number, arguments);
  return refuse(std::string("the function called by the debugger is about to call ") + syscall_name(number) +
                ", which nobody can answer in a recording; run the program with fred-ts gdb for that.");
}

}  // namespace fred
