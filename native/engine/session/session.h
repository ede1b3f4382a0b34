// One run of one program: its log, its checkpoints, and the position it stands at. The heart of the engine.
//
// Recording and replaying are the same loop: while the log has events left, inputs come from it (replay); at its end they
// come from the kernel and are appended (record). There is no other mode.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/memory.h"
#include "engine/engine.h"
#include "engine/log/event.h"
#include "engine/record/file_write.h"
#include "engine/record/input_tape.h"
#include "engine/record/syscall_table.h"
#include "engine/recording/recorder.h"
#include "engine/replay/marker.h"
#include "engine/session/run.h"
#include "engine/tracee/breakpoints.h"
#include "engine/tracee/interrupter.h"
#include "engine/tracee/kernel_signals.h"
#include "engine/tracee/launch.h"
#include "engine/tracee/tracee.h"

namespace fred {

struct Recording;

class Session {
 public:
  Session(const LaunchOptions& options, std::shared_ptr<Interrupter> interrupter);
  Session(Launched launched, const LaunchOptions& options, std::shared_ptr<Interrupter> interrupter);
  Session(Recording recording, const OpenOptions& options, std::shared_ptr<Interrupter> interrupter);
  ~Session();

  Stop launched();
  pid_t pid() const { return tracee_->pid(); }
  const std::vector<uint8_t>& auxiliary_vector() const { return auxiliary_vector_; }
  pid_t tid() const { return tracee_->tid(); }
  Stop resume(const ResumeOptions& options);
  Stop reverse_continue();
  Stop reverse_step(int tid);
  Stop rewind(const Places& places);

  std::vector<uint8_t> read_memory(uint64_t address, size_t length) const;
  void write_memory(uint64_t address, const std::vector<uint8_t>& bytes);
  std::vector<int> threads() const;
  Registers read_registers(int tid);
  void write_registers(const Registers& registers, int tid);
  std::vector<uint8_t> read_siginfo() const;
  Breakpoints& breakpoints() { return breakpoints_; }

  CheckpointInfo take_checkpoint(CheckpointKind kind);
  Stop restore(CheckpointId id);
  Timeline timeline();
  std::vector<CheckpointInfo> densify(CheckpointId from, CheckpointId to, unsigned count);
  void drop_temporary();
  std::vector<std::string> start_branch();
  void begin_scratch(bool is_mute);
  void end_scratch();
  void save(const std::string& directory);
  RecordingStatus recording_status() const;
  std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }
  Ending let_go();
  // Precondition: the program has executed another one. That is a session, and a timeline of the recording, of its own; this one is over.
  std::unique_ptr<Session> follow_exec();

 private:
  struct Branch {
    uint32_t parent = 0;
    CheckpointRef split;        // where it left its parent
    std::vector<EventRef> log;  // whole, from the start of the program
    CheckpointRef head;         // its newest state, once it was left
  };

  // stored.cc: recordings on disk.
  RecordingHeader header() const;
  std::unique_ptr<Recorder> make_recorder(const std::string& recording, uint64_t most_bytes) const;
  bool is_recording() const { return recorder_ && branch_ == 0 && !is_scratch_; }
  void note_shown(const EventRef& event);
  void finish_recording();
  void stand_at_end(bool has_end);
  void refuse_change() const;
  Halt answer_from_recording(int number, const Arguments& arguments);

  // run.cc: the loop.
  Halt run(Run& run);
  Halt advance(bool is_step);
  Halt dispatch(int status, bool is_step);
  Halt interrupted(bool is_step);
  std::optional<Halt> arrive(Run& run);
  std::optional<Halt> meet_anchor(const Checkpoint* limit);
  bool is_at_limit(const Run& run);
  std::set<uint64_t> sentinel_addresses(const Run& run) const;
  bool condition_holds(const BreakpointSpec& spec);
  void note_head();
  void hide_bind_now();
  bool may_leap(const Run& run) const;
  bool has_left_range(const Run& run);
  bool honours_breakpoints(const Run& run) const { return run.honours_breakpoints && !(run.is_alone && run.thread && *run.thread != thread_); }
  bool is_time_up(const Run& run, uint64_t cpu_start);
  void checkpoint_if_due(const Run& run);
  void arm_clock();
  void plan_checkpoint(Interrupter::Clock::duration least);
  bool is_at_syscall_instruction();

  // threads.cc
  bool is_runnable(ThreadId id) const;
  ThreadId thread_of(pid_t tid) const;
  void stand_in(ThreadId id);
  void give_turn(ThreadId id);
  void save_registers();
  void load_registers(ThreadId id);
  std::optional<int> run_or_sleep();
  Halt begin_wait(int number, const GeneralRegisters& entry, XState xstate);
  std::optional<Halt> schedule();
  void begin_slice();
  std::optional<ThreadId> next_turn() const;
  Halt turn_to(ThreadId id);
  std::optional<Halt> take_signal();
  void enter_waits();
  bool collect(bool waits);
  void note_stopped(ThreadId id, int status, bool is_kicked);
  void note_wait_ends();
  void leave_kernel();
  void start_thread(pid_t tid, Event& clone);
  Halt end_thread(const Arguments& arguments);
  bool is_scheduling(const Event& event) const;
  void replay_scheduling(const Event& event);
  void note_thread_call(const Event& event);

  // resume.cc
  Halt run_past_known(Run& run);
  void stand_on(const CheckpointRef& checkpoint);
  CheckpointRef next_known();
  Stop stop_for(Halt halt, const Run& run);
  Stop make_stop(StopKind kind);

  // marker.cc
  static constexpr uint64_t misses_before_marker = 100;
  struct MarkerPlan {
    MarkedCode code;                     // at M
    GeneralRegisters registers{};        // of M
    MemoryImage memory;                  // of M
    std::vector<GeneralRegisters> path;  // from the target up to M, M excluded
  };
  Halt step_once();
  CheckpointRef target_of(const Run& run) const;
  std::shared_ptr<MarkerPlan> plan_marker(const CheckpointRef& target);
  static bool covers_any(const MarkerPlan& plan, const std::set<uint64_t>& addresses);
  bool engage_marker(Run& run);
  void disengage_marker() noexcept;
  bool is_marked_state();
  bool has_passed_target();
  std::optional<Halt> turn_back(Run& run);
  bool go_back_to_target(uint64_t visit);
  void skip_counted_visit();
  Halt run_marked(const Checkpoint& to, bool recognises);
  bool is_in_the_way(const MarkerPlan& plan, const Checkpoint& from, const Checkpoint& to, bool recognises) const;
  CheckpointRef step_out_of(const MarkerPlan& plan, const CheckpointRef& from, const CheckpointRef& to);
  std::vector<CheckpointRef> stop_at_visits(CheckpointRef from, const CheckpointRef& to, const std::shared_ptr<MarkerPlan>& plan,
                                            unsigned count, bool is_elsewhere, uint64_t rounds_before = 0);
  Halt run_unmarked(Run& run);
  std::optional<Halt> meet_target(Run& run, uint64_t visit, bool is_here);

  // strings.cc
  uint64_t string_before(uint64_t pc) const;
  CheckpointRef round_before(const CheckpointRef& from, const CheckpointRef& to);
  std::optional<Halt> leap_string(const Checkpoint* target, std::set<uint64_t> sentinels, bool honours_breakpoints);

  // syscalls.cc
  Halt record_syscall();
  Halt run_to_exit(SyscallClass kind, int number, const Arguments& arguments);
  Halt skip_syscall(int64_t result);
  Halt record_exec(int number, const Arguments& arguments);
  Halt park(const Ending& ending);
  Halt refuse(const std::string& text);
  Halt miss_limit();
  void tell_once(const std::string& text);
  void canonicalise_interrupted();

  // release.cc
  void release_child(int pid);
  void hand_over(pid_t child, bool shares_memory);
  void stand_in_task(ThreadId id);

  // replay.cc: calls from the log.
  Halt replay_syscall();
  void apply_writes(const Event& event);
  void write_all(const std::vector<MemoryWrite>& writes);
  Halt diverge(const std::string& seen);

  // mapping.cc
  void note_mapping(int number, const Arguments& arguments, int64_t result);
  int64_t replay_mapping(const Event& event);
  uint64_t end_of_region(uint64_t start) const;
  std::optional<Halt> prepare_attach(const Arguments& arguments);
  void tell_shared();
  void limit_stack(uint64_t bytes);
  void note_stack_limit(const Event& event);

  // files.cc
  std::optional<FileWrite> find_mapped_write(int number, const Arguments& arguments);
  std::set<Checkpoint*> all_states();
  void keep_shown_pages(const FileWrite& write);
  void note_shown_pages(const EventRef& event);
  void show_pages(const EventRef& event);

  // kernel.cc
  void read_first_kernel();
  OpenFileRef describe(int fd, bool is_own);
  std::unique_ptr<KernelNote> note_kernel(const Event& event);
  void follow_kernel(const EventRef& event, bool is_from_tape);
  KernelState wanted_kernel() const;
  bool is_kernel_here() const;
  void settle_kernel();
  void settle_signals(const KernelState& wanted);
  void set_timer(int which, const std::vector<uint8_t>& value);
  void settle_descriptors(const KernelState& wanted);
  std::optional<Halt> feed(int number, const Arguments& arguments);
  std::optional<Halt> feed_poll(int number, const Arguments& arguments);
  std::optional<Halt> feed_select(int number, const Arguments& arguments);
  Halt answer(int number, const Arguments& arguments, int64_t result, std::vector<MemoryWrite> writes);
  bool has_input_on_tape(int fd);
  std::vector<std::string> lasting_effects() const;

  // signals.cc
  Halt trap(bool is_step);
  std::optional<Halt> own_trap(bool is_step);
  void put_back(int signal);
  Halt signal_seen(int signal);
  Halt replay_signal_now(const Event& event);
  bool deliver(int signal);  // true: the program stands at the first instruction of its handler
  void append_signal(SignalPlace place);
  bool record_delivery(int signal);
  bool replay_delivery();
  bool emulate_tsc(const siginfo_t& info);
  bool emulate_random();  // true: the instruction at pc was RDRAND or RDSEED and is done
  int64_t take_counter(const char* what, int64_t live);
  void find_random_instructions();
  void forget_random_instructions(uint64_t start, uint64_t end);
  void leave_entry_stop();
  void hold(const siginfo_t& info);
  void release_held_signals();

  // timeline.cc
  CheckpointRef capture(CheckpointKind kind);
  CheckpointRef picture();
  void enter(const CheckpointRef& checkpoint);
  bool is_state(const Checkpoint& checkpoint);
  bool is_ancestor(const Checkpoint& a, const Checkpoint& b) const;
  bool is_before(const Checkpoint& a, const Checkpoint& b) const;
  bool is_on_line(const Checkpoint& checkpoint) const;
  CheckpointRef find(CheckpointId id) const;
  CheckpointRef here_or_take(CheckpointKind kind);
  std::set<CheckpointId> ancestors_of(const Checkpoint& b) const;
  size_t depth_of(const Checkpoint& checkpoint, std::map<CheckpointId, size_t>& known) const;
  std::vector<CheckpointRef> in_order(std::vector<CheckpointRef> checkpoints, bool is_past) const;
  std::vector<CheckpointRef> past_of(const Checkpoint& target) const;
  std::vector<CheckpointRef> future_of(const Checkpoint& origin) const;
  void remember_head();
  void switch_to_branch(uint32_t branch);
  void commit_patch();
  void leave_call_for(const GeneralRegisters& registers);
  void begin_change();
  void apply_patch(const Event& event);
  void thin_out();
  void forget_checkpoint(const CheckpointRef& gone);

  // travel.cc
  static constexpr uint64_t step_window = 1500;            // so many single steps are cheaper than looking for a nearer start
  static constexpr uint64_t longest_step_window = 200000;
  static constexpr uint64_t window_stride = 100;           // a checkpoint after so many steps: the next reverse step is near one
  static constexpr uint64_t most_counted_hits = 600;
  std::optional<uint64_t> steps_between(const CheckpointRef& from, const CheckpointRef& to, uint64_t most, uint64_t stride,
                                        std::vector<CheckpointRef>& marks, CheckpointRef* hottest);
  Halt step_or_deliver(Run& run);
  bool walk(uint64_t steps);
  struct Stretch {
    uint64_t cpu_ns;
    uint64_t target_visits;
  };
  Stretch measure(const CheckpointRef& from, const CheckpointRef& to);
  CheckpointRef call_before(CheckpointRef from, const CheckpointRef& to);
  CheckpointRef nearer(const CheckpointRef& from, const CheckpointRef& to, const CheckpointRef& hot);
  Halt replay_until_event(uint64_t event);
  CheckpointRef last_visit(const CheckpointRef& from, const CheckpointRef& to, uint64_t address);
  CheckpointRef last_counted_visit(const CheckpointRef& from, const CheckpointRef& to, uint64_t rounds_before = 0);
  CheckpointRef middle_of(const CheckpointRef& from, const CheckpointRef& to, uint64_t gap_ns);
  std::vector<CheckpointRef> slice(const CheckpointRef& from, const CheckpointRef& to, unsigned count);

  // reverse.cc
  Stop step_back();
  bool to_be_stepped(const Checkpoint& from, const Checkpoint& to, bool is_first) const;
  CheckpointRef state_before(uint64_t event);
  CheckpointRef state_before_turn(const CheckpointRef& from, const CheckpointRef& to);
  bool stand_where_turn_was_lost(ThreadId id);
  std::optional<Stop> last_hit(const CheckpointRef& origin, const Places* places);
  enum class Hits { none, last, too_many };
  Hits scan(const CheckpointRef& from, const CheckpointRef& to, const Places* places, uint64_t most, CheckpointRef& found);
  CheckpointRef last_hit_between(const CheckpointRef& from, const CheckpointRef& to, const Places* places, int depth);

  std::vector<EventRef>& log() { return branches_[branch_].log; }
  const std::vector<EventRef>& log() const { return branches_.at(branch_).log; }
  // Only a resume from the newest state goes beyond the log; a search that comes to its end has missed what it looked for.
  bool may_go_live() const { return is_scratch_ || is_live_wanted_; }
  bool is_replaying() const { return !is_scratch_ && cursor_ < log().size(); }
  const Event* next_event() const { return is_replaying() ? log()[cursor_].get() : nullptr; }
  void append(Event event, bool is_from_tape = false);
  // The state that the next event is bound to when it cannot be recognised by itself.
  const Checkpoint* next_anchor() const;
  const Checkpoint* anchor_before(const Checkpoint& to, uint64_t event) const;

  LaunchOptions options_;
  std::shared_ptr<Interrupter> interrupter_;
  std::unique_ptr<Tracee> tracee_;
  KernelSignals kernel_signals_;
  Breakpoints breakpoints_;
  std::unique_ptr<Memory> memory_;
  std::unique_ptr<Recorder> recorder_;  // null: nothing is written down
  const bool is_stored_ = false;        // a recording from disk: nobody lives behind its end
  pid_t program_pid_ = 0;               // as the program knows itself
  std::vector<uint8_t> auxiliary_vector_;
  uint64_t largest_stack_ = 0;          // RLIMIT_STACK at the present position

  uint64_t told_loader_until_ = 0;  // see Launched; 0 once done
  std::map<uint32_t, Branch> branches_;
  uint32_t branch_ = 0;
  uint64_t cursor_ = 0;
  KernelState first_kernel_;  // at the start of the program
  KernelState kernel_;        // as the kernel has it now: of the position kernel_stands_at_, or of none (in a scratch)
  std::optional<std::pair<uint32_t, uint64_t>> kernel_stands_at_;  // branch, event
  uint64_t last_file_id_ = 0;
  std::array<rlimit, RLIM_NLIMITS> first_limits_{};
  InputTape tape_;
  bool is_at_head_ = true;
  std::optional<PendingSignal> pending_;
  std::optional<Ending> ending_;

  std::map<CheckpointId, CheckpointRef> checkpoints_;
  CheckpointId last_id_ = 0;
  CheckpointRef here_;  // the checkpoint whose state is the present one
  CheckpointRef base_;  // the last checkpoint execution came from
  CheckpointRef next_known_;  // a state that the present one is certainly before; null: look it up
  uint64_t base_cpu_ns_ = 0;  // the tracee's CPU clock when it left base_

  bool pops_flags_ = false;        // the last step was a popf or iret
  bool writes_own_memory_ = false; // the program has opened its /proc/self/mem
  bool traps_itself_ = false;      // the program has set the trap flag: the trap after its next instruction is its own
  bool is_live_wanted_ = false;
  bool is_scratch_ = false;
  bool is_scratch_mute_ = false;     // what it shows the user is not to be seen
  bool is_scratch_settled_ = false;  // the kernel was put where the scratch began
  CheckpointRef scratch_start_;
  CheckpointRef patch_anchor_;     // set while the debugger has changed something that is not in the log yet
  // By thread (0: for any); they came while replaying, or were on their way at the position where the program goes on live.
  std::vector<std::pair<pid_t, siginfo_t>> held_signals_;

  // What the kernel has of a thread, whatever the present position.
  struct Task {
    pid_t tid = 0;
    pid_t number = 0;                 // as the program knows the thread: other than tid in a recording, whose threads share one task
    bool is_in_kernel = false;        // in the call that its thread waits in
    bool is_loaded = true;            // its registers are those of its thread
    std::optional<int> status;        // stopped for a signal while it waited
    GeneralRegisters at_end{};        // of its wait, which is over but not written down yet
    std::vector<MemoryWrite> time_left;  // what our own interruption of its wait spoils
    int restarted_number = -1;        // the call that restart_syscall continues
    Arguments restarted_arguments{};
  };
  std::vector<Task> tasks_;                             // by ThreadId, also of threads that are not there at the present position
  std::map<ThreadId, ThreadState> threads_{{0, {}}};    // that live
  ThreadId thread_ = 0;                                 // the one that runs
  std::vector<ThreadId> finished_;                      // whose waits are over, not written down yet
  bool is_at_boundary_ = false;                         // nothing was executed since the last event
  bool may_preempt_ = false;                            // the clock has come by since the last turn
  Interrupter::Clock::time_point slice_end_{};
  Halt last_halt_ = Halt::breakpoint;
  std::vector<std::string> notes_;  // lines for the user that nobody has taken yet
  std::set<std::string> told_;
  std::string message_;            // text of the last unsupported or diverged
  // The same, as offsets in regions of files (device, inode, offset, length) that were searched once.
  std::map<std::tuple<uint64_t, uint64_t, uint64_t, uint64_t>, std::vector<uint64_t>> random_offsets_;
  std::unique_ptr<Marker> marker_;  // set while a run looks for its target by a marker
  std::shared_ptr<MarkerPlan> marker_plan_;
  CheckpointRef marker_start_, marker_target_;
  bool is_visit_counted_ = false;  // the program stands at the marker, and the marker has counted that
  std::map<CheckpointId, std::shared_ptr<MarkerPlan>> marker_plans_;
  std::map<uint64_t, std::set<uint64_t>> kept_blocks_;       // by inode: parts of mapped files whose old content is kept
  std::map<EventRef, std::map<uint64_t, PageRef>> shown_;    // by mmap or write: pages of mapped files as they were then
  std::set<uint64_t> random_sites_;                     // RDRAND and RDSEED in mapped text
  std::set<std::pair<uint64_t, uint64_t>> searched_text_;  // regions whose text was searched for them
  const BreakpointSpec* watch_hit_ = nullptr;
  BreakpointSpec last_watch_;  // what a reverse run stopped for
  Interrupter::Clock::time_point next_checkpoint_{};
};

}  // namespace fred
