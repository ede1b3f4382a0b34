// Engine: forwards to the session; owns what outlives it.
#include "engine/engine.h"

#include <signal.h>
#include <sys/uio.h>

#include <cstring>
#include <mutex>

#include "engine/followers.h"
#include "engine/recording/recording.h"
#include "engine/session/session.h"
#include "engine/tracee/descriptors.h"
#include "engine/tracee/launch.h"

namespace fred {
namespace {

std::string describe(const std::string& call, int error, const std::string& detail) {
  std::string text = call;
  if (error) text += std::string(": ") + strerror(error);
  if (!detail.empty()) text += ": " + detail;
  return text;
}

// Every ptrace stop raises SIGCHLD in this process; a handler (libuv's) doubles the price of a stop unless it asks not to hear.
void silence_stop_signals() {
  struct sigaction action{};
  if (sigaction(SIGCHLD, nullptr, &action) != 0 || (action.sa_flags & SA_NOCLDSTOP)) return;
  action.sa_flags |= SA_NOCLDSTOP;
  sigaction(SIGCHLD, &action, nullptr);
}

}  // namespace

EngineError::EngineError(std::string code_, std::string call_, int error_, const std::string& detail)
    : std::runtime_error(describe(call_, error_, detail)), code(std::move(code_)), call(std::move(call_)), error(error_) {}

// Makes one call interruptible for its duration.
class Engine::Call {
 public:
  Call(Interrupter& interrupter, const Session& session) : interrupter_(interrupter) {
    silence_stop_signals();
    interrupter_.begin(session.pid(), session.tid());
  }
  ~Call() { interrupter_.end(); }

 private:
  Interrupter& interrupter_;
};

Engine::Engine() : interrupter_(std::make_shared<Interrupter>()) {}
Engine::~Engine() = default;

Session& Engine::session() {
  if (!session_) throw EngineError("NOT_RUNNING", "engine", 0, "no program is running");
  return *session_;
}

Stop Engine::launch(const LaunchOptions& options) {
  kill();
  pin_this_thread();
  silence_stop_signals();
  LaunchOptions wanted = options;
  if (options.follows_children) wanted.followers = followers_ = std::make_shared<Followers>();
  show(std::make_unique<Session>(wanted, interrupter_));
  return session_->launched();
}

bool Engine::adopt(const Orphan& orphan, const LaunchOptions& options) {
  pin_this_thread();
  std::optional<Launched> launched = fred::adopt(orphan);
  if (!launched) return false;
  LaunchOptions own = options;
  own.argv = command_line_of(orphan.pid);
  show(std::make_unique<Session>(std::move(*launched), own, interrupter_));
  return true;
}

Stop Engine::open(const OpenOptions& options) {
  kill();
  Recording recording = load_recording(options.directory);
  pin_this_thread(recording.header.cpu);
  silence_stop_signals();
  show(std::make_unique<Session>(std::move(recording), options, interrupter_));
  return session_->launched();
}

// What other threads may ask for from now on.
void Engine::show(std::unique_ptr<Session> session) {
  std::lock_guard lock(pid_mutex_);
  pid_ = session->pid();
  auxiliary_vector_ = session->auxiliary_vector();
  session_ = std::move(session);
}

int Engine::host_pid() const {
  std::lock_guard lock(pid_mutex_);
  return pid_;
}

std::vector<uint8_t> Engine::auxiliary_vector() const {
  std::lock_guard lock(pid_mutex_);
  return auxiliary_vector_;
}

void Engine::save(const std::string& directory) {
  Call call(*interrupter_, session());
  session().save(directory);
}

std::vector<std::string> Engine::take_notes() {
  std::vector<std::string> notes = std::exchange(notes_, {});
  if (session_)
    for (std::string& note : session_->take_notes()) notes.push_back(std::move(note));
  if (!followers_) return notes;
  // A child that has ended has said all.
  followers_->join();
  for (std::string& note : followers_->take_notes()) notes.push_back(std::move(note));
  return notes;
}

Stop Engine::let_go() {
  Stop stop;
  const Ending ending = session().let_go();
  notes_ = session().take_notes();
  stop.kind = ending.is_exit ? StopKind::exited : StopKind::killed;
  stop.number = ending.number;
  kill();
  return stop;
}

RecordingStatus Engine::recording_status() { return session().recording_status(); }

void Engine::kill() {
  {
    std::lock_guard lock(pid_mutex_);
    pid_ = 0;
  }
  session_.reset();
}

Stop Engine::resume(const ResumeOptions& options) {
  {
    Call call(*interrupter_, session());
    const Stop stop = session().resume(options);
    if (stop.kind != StopKind::executed) return stop;
  }
  show(session().follow_exec());
  Stop stop = session_->launched();
  stop.kind = StopKind::executed;
  return stop;
}

Stop Engine::reverse_continue() {
  Call call(*interrupter_, session());
  return session().reverse_continue();
}

Stop Engine::reverse_step(int tid) {
  Call call(*interrupter_, session());
  return session().reverse_step(tid);
}

Stop Engine::rewind(const std::vector<uint64_t>& addresses, uint64_t sp_min, uint64_t sp_max) {
  Call call(*interrupter_, session());
  return session().rewind({{addresses.begin(), addresses.end()}, sp_min, sp_max});
}

std::vector<CheckpointInfo> Engine::densify(CheckpointId from, CheckpointId to, unsigned count) {
  Call call(*interrupter_, session());
  return session().densify(from, to, count);
}

void Engine::interrupt() { interrupter_->request(); }

std::vector<uint8_t> Engine::read_memory(uint64_t address, size_t length) {
  std::lock_guard lock(pid_mutex_);
  if (pid_ == 0) throw EngineError("NOT_RUNNING", "read_memory", 0, "no program is running");
  std::vector<uint8_t> bytes(length);
  // One piece a page, so that what comes before an unmapped page is still read.
  std::vector<iovec> remote;
  for (uint64_t at = address; at < address + length;) {
    const uint64_t end = std::min((at | 4095) + 1, address + length);
    remote.push_back({reinterpret_cast<void*>(at), end - at});
    at = end;
  }
  size_t done = 0;
  for (size_t first = 0; first < remote.size(); first += 1024) {
    const size_t count = std::min<size_t>(1024, remote.size() - first);
    size_t wanted = 0;
    for (size_t i = first; i < first + count; i++) wanted += remote[i].iov_len;
    iovec local{bytes.data() + done, wanted};
    const ssize_t n = process_vm_readv(pid_, &local, 1, remote.data() + first, count, 0);
    if (n > 0) done += static_cast<size_t>(n);
    if (n != static_cast<ssize_t>(wanted)) break;
  }
  if (done == 0 && length > 0) throw EngineError("EFAULT", "read_memory", EFAULT, "");
  bytes.resize(done);
  return bytes;
}

void Engine::write_memory(uint64_t address, const std::vector<uint8_t>& bytes) { session().write_memory(address, bytes); }
std::vector<int> Engine::threads() { return session().threads(); }
Registers Engine::read_registers(int tid) { return session().read_registers(tid); }
void Engine::write_registers(const Registers& registers, int tid) { session().write_registers(registers, tid); }
std::vector<uint8_t> Engine::read_siginfo() { return session().read_siginfo(); }
void Engine::insert_breakpoint(const BreakpointSpec& spec) { session().breakpoints().add(spec); }
void Engine::remove_breakpoint(const BreakpointSpec& spec) { session().breakpoints().remove(spec); }
void Engine::clear_breakpoints() { session().breakpoints().clear(); }
CheckpointInfo Engine::take_checkpoint(CheckpointKind kind) { return session().take_checkpoint(kind); }
Stop Engine::restore(CheckpointId id) { return session().restore(id); }
Timeline Engine::timeline() { return session().timeline(); }
void Engine::drop_temporary() {
  if (session_) session_->drop_temporary();
}
std::vector<std::string> Engine::start_branch() { return session().start_branch(); }
void Engine::begin_scratch(bool is_mute) { session().begin_scratch(is_mute); }
void Engine::end_scratch() { session().end_scratch(); }

}  // namespace fred
