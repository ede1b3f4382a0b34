// What the kernel keeps for the program: written down while recording, and put back where execution goes live at another position
// than the one the kernel stands at.
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <set>

#include "engine/session/session.h"
#include "engine/tracee/descriptors.h"

namespace fred {
namespace {

constexpr size_t action_bytes = 32, stack_bytes = 24, stack_flags_offset = 8, timer_bytes = 32;
constexpr size_t most_polled = 4096;
constexpr long default_umask = 022;
constexpr int reopening_flags = O_ACCMODE | O_APPEND | O_NONBLOCK | O_DIRECTORY | O_NOCTTY;

// What a call is given by a pointer: which argument that is, and how many bytes it points to.
struct Input {
  size_t argument;
  size_t bytes;
};

Input input_of(int number) {
  switch (number) {
    case SYS_rt_sigaction: return {1, action_bytes};
    case SYS_sigaltstack: return {0, stack_bytes};
    case SYS_setitimer: return {1, timer_bytes};
    case SYS_setrlimit: return {1, sizeof(rlimit)};
    case SYS_prlimit64: return {2, sizeof(rlimit)};
    case SYS_rt_sigqueueinfo: return {2, sizeof(siginfo_t)};
    case SYS_rt_tgsigqueueinfo: return {3, sizeof(siginfo_t)};
    default: return {0, 0};
  }
}

bool is_read(int number) { return number == SYS_read || number == SYS_readv || number == SYS_recvfrom; }

template <typename Map>
std::set<typename Map::key_type> keys_that_differ(const Map& a, const Map& b) {
  std::set<typename Map::key_type> keys;
  for (const auto& [key, value] : a) {
    auto other = b.find(key);
    if (other == b.end() || !(other->second == value)) keys.insert(key);
  }
  for (const auto& [key, value] : b)
    if (!a.contains(key)) keys.insert(key);
  return keys;
}

}  // namespace

// The state that the program is started in.
void Session::read_first_kernel() {
  for (int fd : descriptors_of(tracee_->pid())) {
    OpenFileRef file = describe(fd, false);
    if (!file) continue;
    if (file->is_seekable) first_kernel_.positions[file->id] = position_of(tracee_->pid(), fd);
    first_kernel_.descriptors[fd] = {file, (file->flags & O_CLOEXEC) != 0};
  }
  // The same terminal or pipe may be open several times: one description, as shells hand it out.
  for (auto& [fd, descriptor] : first_kernel_.descriptors) {
    for (const auto& [other, earlier] : first_kernel_.descriptors) {
      if (other >= fd || !is_same_description(tracee_->pid(), other, fd)) continue;
      descriptor.file = earlier.file;
      break;
    }
  }
  first_kernel_.directory = describe_directory(++last_file_id_, tracee_->pid());
  first_kernel_.umask = static_cast<int>(read_number("/proc/" + std::to_string(tracee_->pid()) + "/status", "Umask:", 8, default_umask));
  first_kernel_.threads[0] = {tracee_->pid(), tracee_->signal_mask(), {}};
  first_kernel_.pid = tracee_->pid();
  for (size_t resource = 0; resource < first_limits_.size(); resource++)
    prlimit(tracee_->pid(), static_cast<__rlimit_resource>(resource), nullptr, &first_limits_[resource]);
  kernel_ = first_kernel_;
  largest_stack_ = first_limits_[RLIMIT_STACK].rlim_cur;
  kernel_stands_at_ = {branch_, 0};
}

OpenFileRef Session::describe(int fd, bool is_own) { return describe_descriptor(++last_file_id_, tracee_->pid(), fd, is_own); }

// Precondition: the tracee is at the exit of the call.
std::unique_ptr<KernelNote> Session::note_kernel(const Event& event) {
  const int number = event.number;
  const auto& arguments = event.arguments;
  if (is_error(event.result) && number != SYS_rt_sigreturn) return nullptr;
  auto note = std::make_unique<KernelNote>();
  switch (note_kind(number)) {
    case NoteKind::opens: {
      OpenFileRef file = describe(static_cast<int>(event.result), false);
      if (!file) return nullptr;
      note->opened.emplace_back(static_cast<int>(event.result), std::move(file));
      break;
    }
    case NoteKind::opens_pair: {
      if (event.writes.empty() || event.writes[0].bytes.size() < 2 * sizeof(int)) return nullptr;
      int pair[2];
      memcpy(pair, event.writes[0].bytes.data(), sizeof pair);
      for (int fd : pair) {
        if (OpenFileRef file = describe(fd, true)) note->opened.emplace_back(fd, std::move(file));
      }
      break;
    }
    case NoteKind::input: {
      const Input input = input_of(number);
      const uint64_t address = arguments[input.argument];
      if (address == 0) return nullptr;
      note->input.resize(input.bytes);
      tracee_->read(address, note->input.data(), note->input.size());
      break;
    }
    case NoteKind::position: note->position = position_of(tracee_->pid(), static_cast<int>(arguments[0])); break;
    case NoteKind::mask: note->mask = tracee_->signal_mask(); break;
    case NoteKind::directory: note->directory = describe_directory(++last_file_id_, tracee_->pid()); break;
    case NoteKind::none: {
      const OpenFile* file = number == SYS_write || number == SYS_writev ? kernel_.file(arguments[0]) : nullptr;
      if (!file || !file->is_seekable || !(file->flags & O_APPEND)) return nullptr;
      note->position = position_of(tracee_->pid(), static_cast<int>(arguments[0]));
      break;
    }
  }
  return note;
}

// Precondition: the kernel keeps what belongs to the position before `event`, which has just happened.
void Session::follow_kernel(const EventRef& event, bool is_from_tape) {
  const OpenFile* from = event->kind == EventKind::syscall && is_read(event->number) ? kernel_.file(event->arguments[0]) : nullptr;
  const bool takes_input = from && from->is_input && !is_error(event->result) && event->arguments[2] > 0;
  if (takes_input && !is_from_tape) tape_.add(from->id, event);
  kernel_.apply(*event);
  kernel_stands_at_ = is_scratch_ ? std::nullopt : std::optional(std::pair{branch_, cursor_});
}

// What the kernel should keep at the present position.
KernelState Session::wanted_kernel() const {
  KernelState state = first_kernel_;
  for (uint64_t event = 0; event < cursor_; event++) state.apply(*log()[event]);
  return state;
}

bool Session::is_kernel_here() const {
  return kernel_stands_at_ && kernel_stands_at_->first == branch_ && kernel_stands_at_->second == cursor_;
}

// Precondition: the tracee is in no system call, but perhaps at the entry of an emulated one. A timer that is set again starts anew:
// how much of it had passed is not known.
void Session::settle_kernel() {
  if (is_scratch_ ? is_scratch_settled_ : is_kernel_here()) return;
  const KernelState wanted = wanted_kernel();
  settle_descriptors(wanted);
  // A timer that runs must not fire before the actions for it are there.
  for (const auto& [which, timer] : kernel_.timers) set_timer(which, std::vector<uint8_t>(timer_bytes));
  settle_signals(wanted);
  for (const auto& [which, timer] : wanted.timers) set_timer(which, timer);
  for (int resource : keys_that_differ(kernel_.limits, wanted.limits)) {
    auto limit = wanted.limits.find(resource);
    rlimit value = first_limits_[static_cast<size_t>(resource)];
    if (limit != wanted.limits.end()) memcpy(&value, limit->second.data(), sizeof value);
    prlimit(tracee_->pid(), static_cast<__rlimit_resource>(resource), &value, nullptr);
  }
  if (wanted.umask != kernel_.umask) tracee_->inject(SYS_umask, {static_cast<uint64_t>(wanted.umask)});
  if (wanted.directory != kernel_.directory && wanted.directory) {
    const int64_t opened = open_in(*tracee_, wanted.directory->find().get(), O_RDONLY | O_DIRECTORY);
    if (opened >= 0) tracee_->inject(SYS_fchdir, {static_cast<uint64_t>(opened)});
    if (opened >= 0) tracee_->inject(SYS_close, {static_cast<uint64_t>(opened)});
  }
  kernel_ = wanted;
  kernel_stands_at_ = std::pair{branch_, cursor_};
  is_scratch_settled_ = is_scratch_;
}

void Session::set_timer(int which, const std::vector<uint8_t>& value) {
  tracee_->inject(SYS_setitimer, {static_cast<uint64_t>(which), tracee_->place(value), 0});
}

void Session::settle_signals(const KernelState& wanted) {
  // To ignore a signal drops one that waits.
  std::vector<uint8_t> ignore(action_bytes);
  ignore[0] = 1;  // SIG_IGN
  std::set<int> waiting;
  for (const QueuedSignal& each : kernel_.queued) waiting.insert(each.info.si_signo);
  for (const auto& [which, timer] : kernel_.timers) waiting.insert(signal_of_timer(which));
  for (int signal : waiting) {
    kernel_signals_.set_action(signal, ignore);
    kernel_.actions[signal] = ignore;
  }
  std::erase_if(held_signals_, [&](const auto& each) { return each.second.si_code == SI_KERNEL && waiting.contains(each.second.si_signo); });
  for (int signal : keys_that_differ(kernel_.actions, wanted.actions)) {
    auto action = wanted.actions.find(signal);
    kernel_signals_.set_action(signal, action == wanted.actions.end() ? std::vector<uint8_t>(action_bytes) : action->second);
  }
  for (const auto& [id, thread] : wanted.threads) {
    // A thread that has ended since then has blocked all signals for that.
    const auto now = kernel_.threads.find(id);
    const bool is_known = now != kernel_.threads.end();
    if (is_known && thread == now->second) continue;
    tracee_->select(tasks_.at(id).tid);
    leave_entry_stop();
    if (!is_known || thread.alternate_stack != now->second.alternate_stack) {
      std::vector<uint8_t> stack = thread.alternate_stack;
      if (stack.empty()) {
        stack.resize(stack_bytes);
        stack[stack_flags_offset] = SS_DISABLE;
      }
      tracee_->inject(SYS_sigaltstack, {tracee_->place(stack), 0});
    }
    tracee_->set_signal_mask(thread.mask);
  }
  tracee_->select(tasks_.at(thread_).tid);
  for (const auto& [tid, info] : wanted.queued) held_signals_.emplace_back(tid, info);
}

// Every descriptor that stands for another description than it should is closed or replaced; descriptions that are still open
// somewhere are used again, others are opened anew.
void Session::settle_descriptors(const KernelState& wanted) {
  const std::set<int> differ = keys_that_differ(kernel_.descriptors, wanted.descriptors);
  const RoomForDescriptors room(tracee_->pid());
  std::map<uint64_t, uint64_t> aside;  // description -> a descriptor out of the way
  for (int fd : differ) {
    auto meant = wanted.descriptors.find(fd);
    if (meant == wanted.descriptors.end() || aside.contains(meant->second.file->id)) continue;
    const OpenFile& file = *meant->second.file;
    auto open = std::find_if(kernel_.descriptors.begin(), kernel_.descriptors.end(),
                             [&](const auto& each) { return each.second.file->id == file.id; });
    int64_t from = open == kernel_.descriptors.end() ? -1 : open->first;
    const bool is_new = from < 0 && file.can_reopen;
    if (is_new) from = open_in(*tracee_, file.find().get(), file.flags & reopening_flags);
    if (from < 0) continue;
    const int64_t copy = tracee_->inject(SYS_fcntl, {static_cast<uint64_t>(from), F_DUPFD_CLOEXEC, room.first()});
    if (is_new) tracee_->inject(SYS_close, {static_cast<uint64_t>(from)});
    if (copy >= 0) aside[file.id] = static_cast<uint64_t>(copy);
    if (is_new) kernel_.positions[file.id] = 0;
  }
  for (int fd : differ) {
    auto meant = wanted.descriptors.find(fd);
    auto source = meant == wanted.descriptors.end() ? aside.end() : aside.find(meant->second.file->id);
    const uint64_t flags = meant != wanted.descriptors.end() && meant->second.closes_on_exec ? O_CLOEXEC : 0;
    if (source != aside.end())
      tracee_->inject(SYS_dup3, {source->second, static_cast<uint64_t>(fd), flags});
    else if (kernel_.descriptors.contains(fd))
      tracee_->inject(SYS_close, {static_cast<uint64_t>(fd)});
  }
  for (const auto& [id, copy] : aside) tracee_->inject(SYS_close, {copy});
  for (const auto& [fd, descriptor] : wanted.descriptors) {
    const OpenFile& file = *descriptor.file;
    auto position = wanted.positions.find(file.id);
    if (file.is_seekable && position != wanted.positions.end() && kernel_.positions[file.id] != position->second) {
      tracee_->inject(SYS_lseek, {static_cast<uint64_t>(fd), static_cast<uint64_t>(position->second), SEEK_SET});
      kernel_.positions[file.id] = position->second;
    }
    auto flags_in = [&](const KernelState& state) {
      auto changed = state.status_flags.find(file.id);
      return changed == state.status_flags.end() ? file.flags : changed->second;
    };
    const int meant = flags_in(wanted);
    if (meant != flags_in(kernel_))
      tracee_->inject(SYS_fcntl, {static_cast<uint64_t>(fd), F_SETFL, static_cast<uint64_t>(meant)});
  }
}

// A read whose input was read before on another line of history: given from the tape. Precondition: at the entry of the call.
std::optional<Halt> Session::feed(int number, const Arguments& arguments) {
  if (number == SYS_poll || number == SYS_ppoll) return feed_poll(number, arguments);
  if (number == SYS_select || number == SYS_pselect6) return feed_select(number, arguments);
  const OpenFile* from = is_read(number) && arguments[2] > 0 ? kernel_.file(arguments[0]) : nullptr;
  if (!from || !from->is_input || (number == SYS_recvfrom && arguments[4] != 0)) return std::nullopt;
  if (!tape_.has_more(from->id, kernel_.consumed[from->id])) return std::nullopt;
  const std::vector<uint8_t> bytes = tape_.next(from->id, kernel_.consumed[from->id]);
  std::vector<iovec> parts{{reinterpret_cast<void*>(arguments[1]), arguments[2]}};
  if (number == SYS_readv) {
    parts.resize(std::min<uint64_t>(arguments[2], IOV_MAX));
    parts.resize(tracee_->read(arguments[1], parts.data(), parts.size() * sizeof(iovec)) / sizeof(iovec));
  }
  std::vector<MemoryWrite> writes;
  size_t given = 0;
  for (const iovec& part : parts) {
    const size_t length = std::min(part.iov_len, bytes.size() - given);
    if (length == 0) continue;
    const auto start = bytes.begin() + static_cast<ptrdiff_t>(given);
    writes.push_back({reinterpret_cast<uint64_t>(part.iov_base), std::vector<uint8_t>(start, start + static_cast<ptrdiff_t>(length))});
    given += length;
  }
  return answer(number, arguments, static_cast<int64_t>(given), std::move(writes));
}

// The call does not happen: it has this result, and has written this.
Halt Session::answer(int number, const Arguments& arguments, int64_t result, std::vector<MemoryWrite> writes) {
  skip_syscall(result);
  Event event;
  event.number = number;
  event.arguments = arguments;
  event.result = result;
  event.writes = std::move(writes);
  apply_writes(event);
  append(std::move(event), true);
  return Halt::event;
}

bool Session::has_input_on_tape(int fd) {
  const OpenFile* file = kernel_.file(static_cast<uint64_t>(fd));
  return file && file->is_input && tape_.has_more(file->id, kernel_.consumed[file->id]);
}

std::optional<Halt> Session::feed_poll(int number, const Arguments& arguments) {
  std::vector<pollfd> polled(std::min<uint64_t>(arguments[1], most_polled));
  polled.resize(tracee_->read(arguments[0], polled.data(), polled.size() * sizeof(pollfd)) / sizeof(pollfd));
  int64_t ready = 0;
  for (pollfd& each : polled) {
    each.revents = 0;
    if ((each.events & POLLIN) && has_input_on_tape(each.fd)) each.revents = POLLIN, ready++;
  }
  if (ready == 0) return std::nullopt;
  const auto* bytes = reinterpret_cast<const uint8_t*>(polled.data());
  return answer(number, arguments, ready, {{arguments[0], std::vector<uint8_t>(bytes, bytes + polled.size() * sizeof(pollfd))}});
}

std::optional<Halt> Session::feed_select(int number, const Arguments& arguments) {
  const size_t count = std::min<uint64_t>(arguments[0], FD_SETSIZE), length = (count + 63) / 64 * 8;
  std::array<std::vector<uint8_t>, 3> sets;  // read, write, exceptional
  for (size_t i = 0; i < sets.size(); i++) {
    sets[i].resize(arguments[i + 1] ? length : 0);
    tracee_->read(arguments[i + 1], sets[i].data(), sets[i].size());
  }
  int64_t ready = 0;
  for (size_t fd = 0; fd < count && !sets[0].empty(); fd++) {
    const auto bit = static_cast<uint8_t>(1u << (fd % 8));
    if (!(sets[0][fd / 8] & bit)) continue;
    if (has_input_on_tape(static_cast<int>(fd)))
      ready++;
    else
      sets[0][fd / 8] &= static_cast<uint8_t>(~bit);
  }
  if (ready == 0) return std::nullopt;
  std::vector<MemoryWrite> writes;
  for (size_t i = 0; i < sets.size(); i++) {
    if (sets[i].empty()) continue;
    if (i > 0) std::fill(sets[i].begin(), sets[i].end(), 0);
    writes.push_back({arguments[i + 1], sets[i]});
  }
  return answer(number, arguments, ready, std::move(writes));
}

// What going live from the present position leaves undone, a line each.
std::vector<std::string> Session::lasting_effects() const {
  KernelState state = wanted_kernel();
  std::vector<std::string> lines;
  for (const auto& [fd, descriptor] : state.descriptors) {
    const OpenFileRef& file = descriptor.file;
    const bool is_open = std::any_of(kernel_.descriptors.begin(), kernel_.descriptors.end(),
                                     [&](const auto& each) { return each.second.file == file; });
    if (!is_open && !file->can_reopen)
      lines.push_back("descriptor " + std::to_string(fd) + " (" + file->path + ") was closed later and cannot be opened again.");
  }
  std::set<std::string> lasting;
  size_t children = 0;
  bool has_sent = false;
  for (uint64_t at = cursor_; at < log().size(); at++) {
    const Event& event = *log()[at];
    state.apply(event);
    if (event.kind != EventKind::syscall || is_error(event.result)) continue;
    switch (event.number) {
      case SYS_write:
      case SYS_writev:
      case SYS_pwrite64:
      case SYS_pwritev:
      case SYS_pwritev2:
      case SYS_sendfile:
      case SYS_ftruncate:
        if (const OpenFile* file = state.file(event.arguments[0])) lasting.insert("output to " + (file->is_terminal ? "the terminal" : file->path));
        break;
      case SYS_read:
      case SYS_readv:
      case SYS_recvfrom:
        if (const OpenFile* file = state.file(event.arguments[0]); file && !file->is_seekable && !file->can_reopen && !file->is_input)
          lasting.insert("data taken from " + file->path + ", which the program made itself");
        break;
      case SYS_sendto:
      case SYS_sendmsg:
      case SYS_sendmmsg: has_sent = true; break;
      case SYS_fork:
      case SYS_vfork:
      case SYS_clone: children++; break;
      default: break;
    }
  }
  if (has_sent) lasting.insert("data sent to sockets");
  if (children > 0) lasting.insert(std::to_string(children) + (children == 1 ? " child process" : " child processes"));
  if (lasting.empty()) return lines;
  std::string line = "cannot be undone, made after this point:";
  const char* separator = " ";
  for (const std::string& each : lasting) line += std::exchange(separator, ", ") + each;
  lines.push_back(line + ".");
  return lines;
}

}  // namespace fred
