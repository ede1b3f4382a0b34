// fork, exec, and what must be true at the first instruction: no vDSO, trapping TSC, no address randomisation, small pages.
#include "engine/tracee/launch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace fred {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const std::string& text : strings) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

int open_flags(Redirection::Mode mode) {
  switch (mode) {
    case Redirection::Mode::read: return O_RDONLY;
    case Redirection::Mode::append: return O_WRONLY | O_CREAT | O_APPEND;
    default: return O_WRONLY | O_CREAT | O_TRUNC;
  }
}

// Only async-signal-safe calls from here on: the parent has other threads.
bool set_terminal(const char* tty) {
  setsid();
  int fd = open(tty, O_RDWR);
  if (fd < 0) return false;
  ioctl(fd, TIOCSCTTY, 0);
  for (int i = 0; i < 3; i++)
    if (dup2(fd, i) < 0) return false;
  if (fd > 2) close(fd);
  return true;
}

bool redirect(const Redirection& redirection) {
  if (redirection.mode == Redirection::Mode::duplicate) return dup2(redirection.source_fd, redirection.fd) >= 0;
  int fd = open(redirection.path.c_str(), open_flags(redirection.mode), 0666);
  if (fd < 0) return false;
  if (fd != redirection.fd) {
    if (dup2(fd, redirection.fd) < 0) return false;
    close(fd);
  }
  return true;
}

void reset_signals() {
  for (int signal = 1; signal < 65; signal++) {
    struct sigaction action{};
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// What a child could not do; sent through a pipe.
struct Failure {
  enum class Step { terminal, folder, redirection, program } step;
  int error;
  size_t redirection;  // its index
};

// "open /dev/pts/9", as the user would say it.
std::string describe(const Failure& failure, const LaunchOptions& options) {
  switch (failure.step) {
    case Failure::Step::terminal: return "open the terminal " + options.tty;
    case Failure::Step::folder: return "go to the folder " + options.cwd;
    case Failure::Step::redirection: {
      const Redirection& redirection = options.redirections[failure.redirection];
      const bool is_copy = redirection.mode == Redirection::Mode::duplicate;
      return "redirect " + (is_copy ? "to descriptor " + std::to_string(redirection.source_fd) : redirection.path);
    }
    default: return "execute " + options.path;
  }
}

[[noreturn]] void run_child(const LaunchOptions& options, char* const* argv, char* const* env, int go, int report) {
  char byte;
  auto give_up = [&](Failure::Step step, size_t redirection = 0) {
    Failure failure{step, errno, redirection};
    (void)!write(report, &failure, sizeof failure);
    _exit(127);
  };
  while (read(go, &byte, 1) != 1) {
    if (errno != EINTR) _exit(127);
  }
  reset_signals();
  const bool has_terminal = !options.tty.empty() ? set_terminal(options.tty.c_str()) : options.keeps_group || setpgid(0, 0) == 0;
  if (!has_terminal) give_up(Failure::Step::terminal);
  // Node marks even 0, 1 and 2 close-on-exec, and leaves descriptors of terminals open.
  for (int fd = 0; fd <= 2; fd++) fcntl(fd, F_SETFD, 0);
  // It also sets those that are pipes to non-blocking for itself, and so for all who share them.
  for (int fd = 0; fd <= 2 && options.tty.empty(); fd++) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  if (!options.cwd.empty() && chdir(options.cwd.c_str()) != 0) give_up(Failure::Step::folder);
  for (size_t i = 0; i < options.redirections.size(); i++)
    if (!redirect(options.redirections[i])) give_up(Failure::Step::redirection, i);
  if (options.disable_aslr) personality(static_cast<unsigned long>(personality(0xffffffff)) | ADDR_NO_RANDOMIZE);
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
  execve(options.path.c_str(), argv, env);
  give_up(Failure::Step::program);
  _exit(127);
}

}  // namespace

int pin_this_thread(int wished) {
  const auto pin = [](int cpu) {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(cpu, &here);
    return sched_setaffinity(0, sizeof here, &here) == 0;
  };
  if (wished >= 0 && wished < CPU_SETSIZE && pin(wished)) return wished;
  // Where this thread runs now is where the scheduler found room: two sessions then seldom share a processor.
  const int cpu = sched_getcpu();
  if (cpu >= 0) pin(cpu);
  return cpu;
}

Launched launch_tracee(const LaunchOptions& options) {
  int go[2], report[2];
  if (pipe2(go, O_CLOEXEC) != 0) throw EngineError("EXEC", "pipe2", errno, "");
  Fd go_read(go[0]), go_write(go[1]);
  if (pipe2(report, O_CLOEXEC) != 0) throw EngineError("EXEC", "pipe2", errno, "");
  Fd report_read(report[0]), report_write(report[1]);
  std::vector<char*> argv = pointers(options.argv), env = pointers(options.env);
  pid_t pid = fork();
  if (pid < 0) throw EngineError("EXEC", "fork", errno, "");
  if (pid == 0) run_child(options, argv.data(), env.data(), go[0], report[1]);
  report_write = Fd();
  auto tracee = std::make_unique<Tracee>(pid);
  if (ptrace(PTRACE_SEIZE, pid, 0, trace_options) != 0) throw EngineError("PTRACE", "PTRACE_SEIZE", errno, "");
  if (write(go[1], "g", 1) != 1) throw EngineError("EXEC", "write", errno, "");
  int status = tracee->wait();
  while (WIFSTOPPED(status) && status >> 8 != (SIGTRAP | (PTRACE_EVENT_EXEC << 8)))
    status = tracee->resume_and_wait(PTRACE_CONT);
  if (!WIFSTOPPED(status)) {
    Failure failure{};
    if (read(report[0], &failure, sizeof failure) == sizeof failure)
      throw EngineError("EXEC", describe(failure, options), failure.error, "");
    throw EngineError("EXEC", "execute " + options.path, 0, "it died before its first instruction");
  }
  return begin_program(std::move(tracee));
}

}  // namespace fred
