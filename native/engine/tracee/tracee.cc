// Tracee: checked ptrace calls, memory through process_vm_* and /proc/PID/mem, injected system calls.
#include "engine/tracee/tracee.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "engine/engine.h"

namespace fred {
namespace {

constexpr size_t pages_per_call = 512;

[[noreturn]] void fail(const char* code, const char* call, int error, const std::string& detail = "") {
  throw EngineError(code, call, error, detail);
}

void check(long result, const char* call) {
  if (result < 0) fail(errno == ESRCH ? "GONE" : "PTRACE", call, errno);
}

// Calls `transfer(done, rest)` until all is done or nothing more goes. Returns how much was done.
template <typename Transfer>
size_t in_parts(size_t length, Transfer transfer) {
  size_t done = 0;
  while (done < length) {
    const ssize_t n = transfer(done, length - done);
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

int Fd::release() {
  int fd = fd_;
  fd_ = -1;
  return fd;
}

Tracee::Tracee(pid_t pid) : pid_(pid) {
  adopt(pid);
  select(pid);
}

// The kernel tells of the leader's end when the other threads are gone and waited for.
Tracee::~Tracee() {
  if (!is_gone_) ::kill(pid_, SIGKILL);
  const auto reap = [](const Task& task) {
    int status = 0;
    while (!task.is_gone && waitpid(task.tid, &status, __WALL) == task.tid && !WIFEXITED(status) && !WIFSIGNALED(status)) {
    }
  };
  for (const auto& [tid, task] : tasks_)
    if (tid != pid_) reap(task);
  reap(tasks_.at(pid_));
}

void Tracee::forget() {
  is_gone_ = true;
  for (auto& [tid, task] : tasks_) task.is_gone = true;
}

void Tracee::fetch_registers() {
  if (task_->have_registers) return;
  check(ptrace(PTRACE_GETREGS, tid(), 0, &task_->registers), "PTRACE_GETREGS");
  task_->have_registers = true;
}

const GeneralRegisters& Tracee::registers() {
  fetch_registers();
  return task_->registers;
}

void Tracee::set_registers(const GeneralRegisters& registers) {
  task_->registers = registers;
  task_->have_registers = true;
  task_->are_dirty = true;
}

XState Tracee::xstate() {
  XState bytes(16384);
  iovec io{bytes.data(), bytes.size()};
  check(ptrace(PTRACE_GETREGSET, tid(), NT_X86_XSTATE, &io), "PTRACE_GETREGSET");
  bytes.resize(io.iov_len);
  return bytes;
}

void Tracee::set_xstate(const XState& xstate) {
  iovec io{const_cast<uint8_t*>(xstate.data()), xstate.size()};
  check(ptrace(PTRACE_SETREGSET, tid(), NT_X86_XSTATE, &io), "PTRACE_SETREGSET");
}

uint64_t Tracee::debug_register(unsigned index) {
  errno = 0;
  long value = ptrace(PTRACE_PEEKUSER, tid(), offsetof(user, u_debugreg) + index * 8, 0);
  if (value == -1 && errno != 0) fail("PTRACE", "PTRACE_PEEKUSER", errno);
  return static_cast<uint64_t>(value);
}

void Tracee::set_debug_register(unsigned index, uint64_t value) {
  check(ptrace(PTRACE_POKEUSER, tid(), offsetof(user, u_debugreg) + index * 8, value), "PTRACE_POKEUSER");
}

void Tracee::resume(int request, int signal) {
  if (task_->are_dirty) check(ptrace(PTRACE_SETREGS, tid(), 0, &task_->registers), "PTRACE_SETREGS");
  task_->are_dirty = false;
  task_->have_registers = false;
  task_->request = request;
  check(ptrace(static_cast<__ptrace_request>(request), tid(), 0, signal), "PTRACE_CONT");
}

void Tracee::note_stop(Task& task, int status) {
  stop_count_++;
  if (WIFEXITED(status) || WIFSIGNALED(status)) is_gone_ = task.is_gone = true;
  task.is_in_entry_stop = task.request == PTRACE_SYSEMU && WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80);
}

int Tracee::wait() {
  int status = 0;
  while (waitpid(tid(), &status, __WALL | __WNOTHREAD) != tid()) {
    if (errno != EINTR) fail(errno == ECHILD ? "GONE" : "PTRACE", "waitpid", errno);
  }
  note_stop(*task_, status);
  return status;
}

std::optional<int> Tracee::poll() {
  int status = 0;
  if (waitpid(tid(), &status, __WALL | __WNOTHREAD | WNOHANG) != tid()) return std::nullopt;
  note_stop(*task_, status);
  return status;
}

std::optional<Tracee::Stopped> Tracee::wait_any(bool waits) {
  for (;;) {
    int status = 0;
    const pid_t tid = waitpid(-1, &status, __WALL | __WNOTHREAD | (waits ? 0 : WNOHANG));
    if (tid == 0) return std::nullopt;
    if (tid < 0 && errno == EINTR) continue;
    if (tid < 0) fail(errno == ECHILD ? "GONE" : "PTRACE", "waitpid", errno);
    auto found = tasks_.find(tid);
    if (found == tasks_.end()) continue;
    note_stop(found->second, status);
    return Stopped{tid, status};
  }
}

// "TID (name) S …", where the name may hold anything.
bool Tracee::is_asleep() {
  if (!task_->stat.is_open())
    task_->stat = Fd(open(("/proc/" + std::to_string(pid_) + "/task/" + std::to_string(tid()) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  char text[128];
  const ssize_t length = pread(task_->stat.get(), text, sizeof text - 1, 0);
  if (length <= 0) return false;
  text[length] = 0;
  const char* behind_name = strrchr(text, ')');
  return behind_name && behind_name[1] == ' ' && behind_name[2] == 'S';
}

int Tracee::resume_and_wait(int request, int signal) {
  resume(request, signal);
  return wait();
}

std::optional<siginfo_t> Tracee::leave_entry_stop() {
  if (!task_->is_in_entry_stop) return std::nullopt;
  const GeneralRegisters wanted = registers();
  std::optional<siginfo_t> taken;
  // A signal in its place has left the call as well: a second step would execute an instruction.
  const int signal = WSTOPSIG(resume_and_wait(PTRACE_SINGLESTEP));
  if (signal == SIGSTOP)
    note_swallowed_stop();
  else if (signal != SIGTRAP)
    taken = signal_info();
  set_registers(wanted);
  return taken;
}

bool Tracee::is_in_compat_call() const {
  __ptrace_syscall_info info{};
  return ptrace(PTRACE_GET_SYSCALL_INFO, tid(), sizeof info, &info) > 0 && info.arch == AUDIT_ARCH_I386;
}

bool Tracee::is_in_call_entry() const {
  __ptrace_syscall_info info{};
  return ptrace(PTRACE_GET_SYSCALL_INFO, tid(), sizeof info, &info) > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

siginfo_t Tracee::signal_info() {
  siginfo_t info{};
  check(ptrace(PTRACE_GETSIGINFO, tid(), 0, &info), "PTRACE_GETSIGINFO");
  return info;
}

void Tracee::set_signal_info(const siginfo_t& info) {
  check(ptrace(PTRACE_SETSIGINFO, tid(), 0, &info), "PTRACE_SETSIGINFO");
}

uint64_t Tracee::signal_mask() {
  uint64_t mask = 0;
  check(ptrace(PTRACE_GETSIGMASK, tid(), sizeof mask, &mask), "PTRACE_GETSIGMASK");
  return mask;
}

void Tracee::set_signal_mask(uint64_t mask) { check(ptrace(PTRACE_SETSIGMASK, tid(), sizeof mask, &mask), "PTRACE_SETSIGMASK"); }

size_t Tracee::read(uint64_t address, void* out, size_t length) const {
  auto* bytes = static_cast<uint8_t*>(out);
  return in_parts(length, [&](size_t done, size_t rest) { return pread(memory_.get(), bytes + done, rest, static_cast<off_t>(address + done)); });
}

size_t Tracee::write(uint64_t address, const void* bytes, size_t length) {
  const auto* from = static_cast<const uint8_t*>(bytes);
  return in_parts(length, [&](size_t done, size_t rest) { return pwrite(memory_.get(), from + done, rest, static_cast<off_t>(address + done)); });
}

void Tracee::read_exactly(uint64_t address, void* out, size_t length) const {
  if (read(address, out, length) != length) fail_access("read_memory");
}

void Tracee::write_exactly(uint64_t address, const void* bytes, size_t length) {
  if (write(address, bytes, length) != length) fail_access("write_memory");
}

// A process that has been killed has no memory any more: the kernel then reads 0 bytes where it had refused an address with EIO.
void Tracee::fail_access(const char* call) const {
  uint8_t byte;
  const bool has_memory = pread(memory_.get(), &byte, 1, static_cast<off_t>(scratch_page)) != 0;
  has_memory ? fail("EFAULT", call, EFAULT) : fail("GONE", call, ESRCH);
}

void Tracee::read_pages(std::span<const uint64_t> addresses, std::span<uint8_t* const> out) const {
  std::vector<iovec> remote, local;
  for (size_t start = 0; start < addresses.size(); start += pages_per_call) {
    size_t count = std::min(pages_per_call, addresses.size() - start);
    remote.clear();
    local.clear();
    for (size_t i = start; i < start + count; i++) {
      remote.push_back({reinterpret_cast<void*>(addresses[i]), page_size});
      local.push_back({out[i], page_size});
    }
    ssize_t n = process_vm_readv(pid_, local.data(), count, remote.data(), count, 0);
    if (n == static_cast<ssize_t>(count * page_size)) continue;
    for (size_t i = start; i < start + count; i++) read_exactly(addresses[i], out[i], page_size);
  }
}

void Tracee::write_pages(std::span<const uint64_t> addresses, std::span<const uint8_t* const> pages) {
  std::vector<iovec> remote, local;
  for (size_t start = 0; start < addresses.size(); start += pages_per_call) {
    size_t count = std::min(pages_per_call, addresses.size() - start);
    remote.clear();
    local.clear();
    for (size_t i = start; i < start + count; i++) {
      remote.push_back({reinterpret_cast<void*>(addresses[i]), page_size});
      local.push_back({const_cast<uint8_t*>(pages[i]), page_size});
    }
    ssize_t n = process_vm_writev(pid_, local.data(), count, remote.data(), count, 0);
    if (n == static_cast<ssize_t>(count * page_size)) continue;
    // Pages that the tracee itself may not write (r--, r-x): only /proc/PID/mem reaches them.
    for (size_t i = start; i < start + count; i++) write_exactly(addresses[i], pages[i], page_size);
  }
}

// A signal must not be delivered into the middle of an injected call: all but SIGTRAP (the step itself) are blocked for it.
int64_t Tracee::inject(long number, Arguments arguments) {
  GeneralRegisters saved = registers();
  GeneralRegisters call = saved;
  call.rip = scratch_page;
  call.rax = static_cast<uint64_t>(number);
  call.orig_rax = static_cast<uint64_t>(-1);
  call.rdi = arguments[0];
  call.rsi = arguments[1];
  call.rdx = arguments[2];
  call.r10 = arguments[3];
  call.r8 = arguments[4];
  call.r9 = arguments[5];
  call.eflags &= ~0x100ull;
  const uint64_t mask = signal_mask();
  set_signal_mask(~(1ull << (SIGTRAP - 1)));
  int64_t result = run_injected(call);
  set_signal_mask(mask);
  set_registers(saved);
  return result;
}

int64_t Tracee::run_injected(const GeneralRegisters& call) {
  set_registers(call);
  for (int attempt = 0; attempt < 8; attempt++) {
    int status = resume_and_wait(PTRACE_SINGLESTEP);
    if (is_gone_) fail("GONE", "inject", ESRCH);
    if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP) swallowed_stop_ = true;
    const GeneralRegisters& now = registers();
    // From a syscall-entry stop the first step traps without executing anything.
    if (now.rip == call.rip + 2) return static_cast<int64_t>(now.rax);
    if (now.rip != call.rip) fail("INJECT", "inject", 0, "the tracee left the injected call");
    set_registers(call);
  }
  fail("INJECT", "inject", 0, "the injected call did not run");
}

void Tracee::open_memory() {
  memory_ = Fd(open(("/proc/" + std::to_string(pid_) + "/mem").c_str(), O_RDWR | O_CLOEXEC));
  if (!memory_.is_open()) fail("PTRACE", "open /proc/PID/mem", errno);
}

void Tracee::prepare_injection() {
  open_memory();
  const uint8_t gadget[2] = {0x0f, 0x05}, loop[2] = {0xeb, 0xfe};
  GeneralRegisters saved = registers();
  uint64_t at = saved.rip;
  uint8_t old[2];
  read_exactly(at, old, 2);
  write_exactly(at, gadget, 2);
  GeneralRegisters call = saved;
  call.rax = SYS_mmap;
  call.orig_rax = static_cast<uint64_t>(-1);
  call.rdi = scratch_page;
  call.rsi = page_size;
  call.rdx = PROT_READ | PROT_EXEC;
  call.r10 = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  call.r8 = static_cast<uint64_t>(-1);
  call.r9 = 0;
  int64_t result = run_injected(call);
  write_exactly(at, old, 2);
  set_registers(saved);
  if (result != static_cast<int64_t>(scratch_page)) fail("INJECT", "mmap", static_cast<int>(-result));
  write_exactly(scratch_page, gadget, 2);
  write_exactly(waiting_loop, loop, 2);
}

uint64_t Tracee::place_string(const std::string& text) {
  return place({reinterpret_cast<const uint8_t*>(text.c_str()), text.size() + 1});
}

uint64_t Tracee::place(std::span<const uint8_t> bytes) {
  constexpr uint64_t offset = 16;  // behind the code that injected calls run
  if (bytes.size() > page_size - offset) fail("INJECT", "place", ENAMETOOLONG);
  write_exactly(scratch_page + offset, bytes.data(), bytes.size());
  return scratch_page + offset;
}

std::vector<Vma> Tracee::maps() const { return read_maps(pid_, hidden_); }

uint64_t Tracee::cpu_ns() const {
  timespec time{};
  clockid_t clock = (~static_cast<clockid_t>(pid_) << 3) | 2;  // CPUCLOCK_SCHED of the process
  if (clock_gettime(clock, &time) != 0) return 0;
  return static_cast<uint64_t>(time.tv_sec) * 1000000000ull + static_cast<uint64_t>(time.tv_nsec);
}

bool Tracee::take_swallowed_stop() {
  bool was = swallowed_stop_;
  swallowed_stop_ = false;
  return was;
}

}  // namespace fred
