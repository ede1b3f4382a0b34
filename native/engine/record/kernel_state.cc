// The effect of each event on what the kernel keeps.
#include "engine/record/kernel_state.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <algorithm>
#include <cstring>

#include "engine/log/event.h"
#include "engine/record/syscall_table.h"

namespace fred {
namespace {

constexpr size_t flags_in_action = 8;
constexpr size_t interval_bytes = 16;
constexpr int first_real_time = 32;
constexpr uint64_t present_offset = ~0ull;  // pwritev2 and preadv2: use and move the file's own position

// The interval timer that a signal comes from; -1 for none.
int timer_of(int signal) {
  for (const int which : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF})
    if (signal_of_timer(which) == signal) return which;
  return -1;
}

bool is_all_zero(const uint8_t* bytes, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (bytes[i] != 0) return false;
  return true;
}

}  // namespace

int signal_of_timer(int which) { return which == ITIMER_REAL ? SIGALRM : which == ITIMER_VIRTUAL ? SIGVTALRM : SIGPROF; }

NoteKind note_kind(int number) {
  switch (number) {
    case SYS_open:
    case SYS_openat:
    case SYS_openat2:
    case SYS_creat:
    case SYS_socket:
    case SYS_accept:
    case SYS_accept4:
    case SYS_epoll_create:
    case SYS_epoll_create1:
    case SYS_eventfd:
    case SYS_eventfd2:
    case SYS_timerfd_create:
    case SYS_signalfd:
    case SYS_signalfd4:
    case SYS_inotify_init:
    case SYS_inotify_init1:
    case SYS_memfd_create:
    case SYS_pidfd_open: return NoteKind::opens;
    case SYS_pipe:
    case SYS_pipe2:
    case SYS_socketpair: return NoteKind::opens_pair;
    case SYS_rt_sigaction:
    case SYS_sigaltstack:
    case SYS_setitimer:
    case SYS_setrlimit:
    case SYS_prlimit64:
    case SYS_rt_sigqueueinfo:
    case SYS_rt_tgsigqueueinfo: return NoteKind::input;
    case SYS_getdents:
    case SYS_getdents64: return NoteKind::position;
    case SYS_rt_sigprocmask:
    case SYS_rt_sigreturn: return NoteKind::mask;
    case SYS_chdir:
    case SYS_fchdir: return NoteKind::directory;
    default: return NoteKind::none;
  }
}

const OpenFile* KernelState::file(uint64_t descriptor) const {
  auto found = descriptors.find(static_cast<int>(descriptor));
  return found == descriptors.end() ? nullptr : found->second.file.get();
}

void KernelState::move(uint64_t descriptor, int64_t amount) {
  if (const OpenFile* moved = file(descriptor); moved && moved->is_seekable) positions[moved->id] += amount;
}

void KernelState::take_input(uint64_t descriptor, int64_t amount) {
  const OpenFile* from = file(descriptor);
  if (!from || !from->is_input) return move(descriptor, amount);
  consumed[from->id].add(amount);
}

void KernelState::send_itself(const Event& event, uint64_t process, pid_t tid, uint64_t signal) {
  const auto number = static_cast<int>(signal);
  if (static_cast<pid_t>(process) != pid || number == 0) return;
  QueuedSignal sent{tid, {}};
  sent.info.si_code = event.number == SYS_kill ? SI_USER : SI_TKILL;
  if (event.kernel && event.kernel->input.size() == sizeof sent.info) memcpy(&sent.info, event.kernel->input.data(), sizeof sent.info);
  sent.info.si_signo = number;
  // An ordinary signal waits only once for the process, and once for each thread.
  const bool is_queued = std::any_of(queued.begin(), queued.end(), [&](const QueuedSignal& each) {
    return each.info.si_signo == number && each.tid == tid;
  });
  if (number >= first_real_time || !is_queued) queued.push_back(sent);
}

// A thread takes its own before those of the process.
void KernelState::take_queued(int signal, uint32_t thread) {
  for (const pid_t tid : {threads[thread].tid, 0}) {
    auto found = std::find_if(queued.begin(), queued.end(),
                              [&](const QueuedSignal& each) { return each.info.si_signo == signal && each.tid == tid; });
    if (found == queued.end()) continue;
    queued.erase(found);
    return;
  }
}

void KernelState::apply(const Event& event) {
  switch (event.kind) {
    case EventKind::syscall: apply_call(event); break;
    case EventKind::signal: {
      take_queued(event.number, event.thread);
      // A timer that fires once is then off.
      auto timer = timers.find(timer_of(event.number));
      const bool is_from_timer = event.detail && event.detail->info.si_code == SI_KERNEL;
      if (timer != timers.end() && is_from_timer && is_all_zero(timer->second.data(), interval_bytes)) timers.erase(timer);
      break;
    }
    case EventKind::delivery: {
      auto action = actions.find(event.number);
      uint64_t flags = 0;
      if (action != actions.end()) memcpy(&flags, action->second.data() + flags_in_action, sizeof flags);
      if (event.outcome == Outcome::handler && (flags & static_cast<uint32_t>(SA_RESETHAND))) actions.erase(action);
      break;
    }
    default: break;
  }
  if (event.kernel && event.kernel->mask) threads[event.thread].mask = *event.kernel->mask;
}

void KernelState::apply_call(const Event& event) {
  const auto& a = event.arguments;
  const int64_t result = event.result;
  if (is_error(result) && event.number != SYS_rt_sigreturn) return;
  if (event.kernel) {
    for (const auto& [fd, opened] : event.kernel->opened) {
      descriptors[fd] = {opened, (opened->flags & O_CLOEXEC) != 0};
      if (opened->is_seekable) positions[opened->id] = 0;
    }
    if (event.kernel->directory) directory = event.kernel->directory;
    if (event.kernel->position && file(a[0])) positions[file(a[0])->id] = *event.kernel->position;
  }
  auto duplicate = [&](bool closes_on_exec) {
    auto from = descriptors.find(static_cast<int>(a[0]));
    if (from != descriptors.end() && from->first != result) descriptors[static_cast<int>(result)] = {from->second.file, closes_on_exec};
  };
  switch (event.number) {
    case SYS_close: descriptors.erase(static_cast<int>(a[0])); break;
    case SYS_close_range:
      for (auto each = descriptors.begin(); each != descriptors.end();) {
        const auto fd = static_cast<uint64_t>(each->first);
        const bool is_meant = fd >= static_cast<uint32_t>(a[0]) && fd <= static_cast<uint32_t>(a[1]);
        if (is_meant && (a[2] & CLOSE_RANGE_CLOEXEC)) each->second.closes_on_exec = true;
        each = is_meant && !(a[2] & CLOSE_RANGE_CLOEXEC) ? descriptors.erase(each) : std::next(each);
      }
      break;
    case SYS_dup:
    case SYS_dup2: duplicate(false); break;
    case SYS_dup3: duplicate((a[2] & O_CLOEXEC) != 0); break;
    case SYS_fcntl:
      if (a[1] == F_DUPFD) duplicate(false);
      if (a[1] == F_DUPFD_CLOEXEC) duplicate(true);
      if (a[1] == F_SETFD && file(a[0])) descriptors[static_cast<int>(a[0])].closes_on_exec = (a[2] & FD_CLOEXEC) != 0;
      if (a[1] == F_SETFL && file(a[0])) status_flags[file(a[0])->id] = static_cast<int>(a[2]);
      break;
    case SYS_read:
      if (a[2] > 0) take_input(a[0], result);
      break;
    case SYS_readv: take_input(a[0], result); break;
    case SYS_recvfrom:
      if (!(a[3] & MSG_PEEK)) take_input(a[0], result);
      break;
    case SYS_preadv2:
      if (a[3] == present_offset) take_input(a[0], result);
      break;
    case SYS_write:
    case SYS_writev:
      if (!event.kernel || !event.kernel->position) move(a[0], result);
      break;
    case SYS_pwritev2:
      if (a[3] == present_offset) move(a[0], result);
      break;
    case SYS_lseek:
      if (const OpenFile* moved = file(a[0]); moved && moved->is_seekable) positions[moved->id] = result;
      break;
    case SYS_sendfile:
      if (a[2] == 0) move(a[1], result);
      move(a[0], result);
      break;
    case SYS_copy_file_range:
    case SYS_splice:
      if (a[1] == 0) move(a[0], result);
      if (a[3] == 0) move(a[2], result);
      break;
    case SYS_kill:
    case SYS_rt_sigqueueinfo: send_itself(event, a[0], 0, a[1]); break;
    case SYS_tkill: send_itself(event, static_cast<uint64_t>(pid), static_cast<pid_t>(a[0]), a[1]); break;
    case SYS_tgkill:
    case SYS_rt_tgsigqueueinfo: send_itself(event, a[0], static_cast<pid_t>(a[1]), a[2]); break;
    case SYS_rt_sigtimedwait: take_queued(static_cast<int>(result), event.thread); break;
    case SYS_setrlimit:
      if (event.kernel) limits[static_cast<int>(a[0])] = event.kernel->input;
      break;
    case SYS_prlimit64:
      if (event.kernel && (a[0] == 0 || static_cast<pid_t>(a[0]) == pid)) limits[static_cast<int>(a[1])] = event.kernel->input;
      break;
    case SYS_clone:
      if (event.other) threads[event.other] = {static_cast<pid_t>(result), threads[event.thread].mask, {}};
      break;
    case SYS_exit: threads.erase(event.thread); break;
    case SYS_umask: umask = static_cast<int>(a[0] & 0777); break;
    case SYS_rt_sigaction:
      if (event.kernel) actions[static_cast<int>(a[0])] = event.kernel->input;
      break;
    case SYS_sigaltstack:
      if (event.kernel) threads[event.thread].alternate_stack = event.kernel->input;
      break;
    case SYS_setitimer:
      if (event.kernel) timers[static_cast<int>(a[0])] = event.kernel->input;
      break;
    case SYS_alarm: {
      itimerval value{};
      value.it_value.tv_sec = static_cast<time_t>(a[0]);
      const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
      timers[ITIMER_REAL] = std::vector<uint8_t>(bytes, bytes + sizeof value);
      break;
    }
    default: break;
  }
}

}  // namespace fred
