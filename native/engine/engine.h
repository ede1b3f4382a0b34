// The engine's public face: one debuggee under ptrace, its recorded timeline, and travel in it. No N-API, no gdb words.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace fred {

using CheckpointId = uint32_t;
constexpr CheckpointId no_checkpoint = 0;

// What failed, with errno where the kernel said so (0 otherwise). `code` is stable for programs: "EXEC", "PTRACE", "NOT_RUNNING" …
class EngineError : public std::runtime_error {
 public:
  EngineError(std::string code, std::string call, int error, const std::string& detail);
  std::string code;
  std::string call;
  int error;
};

struct Redirection {
  enum class Mode { read, write, append, duplicate };
  int fd = -1;
  Mode mode = Mode::read;
  std::string path;    // unless duplicate
  int source_fd = -1;  // duplicate
};

// How a timeline of a recording has begun.
enum class Origin : uint8_t { launch, exec, fork, attach };

class Followers;
struct Orphan;

struct LaunchOptions {
  std::string path;
  std::vector<std::string> argv;
  std::vector<std::string> env;  // NAME=value, the whole environment
  std::string cwd;
  bool disable_aslr = true;
  std::string tty;  // empty: descriptors 0, 1, 2 are inherited
  std::vector<Redirection> redirections;
  double checkpoint_hz = 10;
  std::string tracker = "auto";  // auto | pagemap-scan | compare
  std::string record_to;         // a folder that is made for the recording; empty: none is written
  uint64_t record_limit = 0;     // its largest size in bytes; 0: none
  Origin origin = Origin::launch;
  uint32_t parent = 0;           // the timeline that this one has come from
  bool follows_children = false; // they are recorded as well
  std::shared_ptr<Followers> followers;  // who does that; the engine's own
  bool keeps_group = false;      // the program stays in our process group, as a shell's command does
};

// A recording on disk, as a session to travel in.
struct OpenOptions {
  std::string directory;
  double checkpoint_hz = 10;
  std::string tracker = "auto";
};

struct RecordingStatus {
  std::string directory;  // empty: none is written
  uint64_t bytes = 0;
  uint64_t events = 0;
  uint64_t states = 0;
  std::string failure;  // why it ended before the program; empty: it did not
};

enum class StopKind {
  launched, breakpoint, hardware_breakpoint, watchpoint, step, signal, interrupted, exited, killed,
  history_begin, history_end, travelled, executed, unsupported, diverged
};

enum class Access { write, read, access };

struct Stop {
  StopKind kind = StopKind::launched;
  uint64_t address = 0;           // breakpoint, watchpoint
  Access access = Access::write;  // watchpoint
  int number = 0;                 // signal, or exit code
  std::string text;               // unsupported, diverged
  int pid = 0;
  int tid = 0;
  uint64_t pc = 0;
  uint64_t event = 0;
  bool is_at_head = true;
};

struct ResumeOptions {
  enum class Mode { run, step, range };
  Mode mode = Mode::run;
  uint64_t range_start = 0;
  uint64_t range_end = 0;
  int tid = 0;  // the thread to be stepped; 0: the one that runs
  // What the others do until that thread has made its step is not of interest: their breakpoints do not count.
  bool is_alone = false;
  int signal = 0;
  CheckpointId limit = no_checkpoint;
};

struct BreakpointSpec {
  enum class Kind { software, hardware, write, read, access };
  Kind kind = Kind::software;
  uint64_t address = 0;
  uint32_t length = 1;
  std::vector<std::vector<uint8_t>> conditions;  // gdb agent expressions
};

enum class CheckpointKind { start, automatic, stop, user, temporary, head };

struct CheckpointInfo {
  CheckpointId id = no_checkpoint;
  CheckpointKind kind = CheckpointKind::automatic;
  uint64_t event = 0;
  uint64_t pc = 0;
  uint64_t cpu_ns = 0;
  CheckpointId parent = no_checkpoint;
  uint64_t page_count = 0;
};

struct Timeline {
  std::vector<CheckpointInfo> past;
  std::vector<CheckpointInfo> future;
  CheckpointId here = no_checkpoint;
  uint64_t event = 0;
  uint64_t event_count = 0;
  bool is_at_head = true;
  std::string tracker;
};

struct Registers {
  std::vector<uint8_t> general;  // struct user_regs_struct
  std::vector<uint8_t> xstate;   // XSAVE area (NT_X86_XSTATE)
};

class Session;
class Interrupter;

// All calls but interrupt() and read_memory() must come from ONE thread (the tracer thread): ptrace belongs to a thread.
// Calls throw EngineError; "NOT_RUNNING" when there is no debuggee.
class Engine {
 public:
  Engine();
  ~Engine();  // kills the debuggee
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Stop launch(const LaunchOptions& options);
  // A child of a recorded program becomes this engine's. False: it has ended already.
  bool adopt(const Orphan& orphan, const LaunchOptions& options);
  // Stands at the end of the recording. Its past can be travelled in, but not changed: EngineError "STORED".
  Stop open(const OpenOptions& options);
  // Writes the present line of history, up to its newest state, into a folder that is made for it.
  void save(const std::string& directory);
  RecordingStatus recording_status();
  // Lines for the user about what cannot be recorded well; each is given once. Waits for recorded children to end.
  std::vector<std::string> take_notes();
  // The recording ends, and the program goes on without us (through its end, if it stands there); returns when it has ended: "exited" or
  // "killed".
  Stop let_go();
  void kill();
  Stop resume(const ResumeOptions& options);
  Stop reverse_continue();
  // To where this thread made its last step; 0: to the last step of any.
  Stop reverse_step(int tid);
  Stop rewind(const std::vector<uint64_t>& addresses, uint64_t sp_min, uint64_t sp_max);

  // Any thread. Ends the running call soon; without one it does nothing.
  void interrupt();
  // Any thread. Returns the bytes that could be read; throws EFAULT when none.
  std::vector<uint8_t> read_memory(uint64_t address, size_t length);

  // Any thread. The kernel's number of the process, for /proc; 0 without one. In a recording not that by which it knows itself.
  int host_pid() const;
  // Any thread. What the kernel has told the program at its start (pairs of 8 bytes).
  std::vector<uint8_t> auxiliary_vector() const;

  void write_memory(uint64_t address, const std::vector<uint8_t>& bytes);
  // The threads that live at the present position, in order of birth.
  std::vector<int> threads();
  // Of a thread; 0: of the one that runs.
  Registers read_registers(int tid);
  // An empty vector leaves that part alone. A thread whose registers are changed is the one that runs next.
  void write_registers(const Registers& registers, int tid);
  std::vector<uint8_t> read_siginfo();

  void insert_breakpoint(const BreakpointSpec& spec);
  void remove_breakpoint(const BreakpointSpec& spec);
  void clear_breakpoints();

  CheckpointInfo take_checkpoint(CheckpointKind kind);
  Stop restore(CheckpointId id);
  Timeline timeline();
  std::vector<CheckpointInfo> densify(CheckpointId from, CheckpointId to, unsigned count);
  void drop_temporary();

  std::vector<std::string> start_branch();
  void begin_scratch(bool is_mute);
  void end_scratch();

 private:
  Session& session();
  class Call;
  std::shared_ptr<Interrupter> interrupter_;
  std::unique_ptr<Session> session_;
  std::shared_ptr<Followers> followers_;
  std::vector<std::string> notes_;  // of a session that is over
  void show(std::unique_ptr<Session> session);
  mutable std::mutex pid_mutex_;  // read_memory() and the like may run while the tracer thread ends the debuggee
  int pid_ = 0;
  std::vector<uint8_t> auxiliary_vector_;
};

}  // namespace fred
