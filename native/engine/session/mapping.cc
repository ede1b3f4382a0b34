// Calls that change the address space: followed when recorded, made again at the same addresses in a replay.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "engine/session/session.h"
#include "engine/tracee/descriptors.h"
#include "engine/tracee/raised_limit.h"

namespace fred {

// Of the region that starts there now, or in the image when it was just unmapped.
uint64_t Session::end_of_region(uint64_t start) const {
  const std::vector<Vma> now = tracee_->maps();
  for (const std::vector<Vma>* vmas : {&now, memory_->image().vmas.get()})
    if (const Vma* vma = find_vma(*vmas, start)) return vma->end;
  return start;
}

// At the entry of shmat. Nothing: go on.
std::optional<Halt> Session::prepare_attach(const Arguments& arguments) {
  if (!FileKeeper::can_keep_nameless(tracee_->pid()))
    return refuse("the program is about to attach System V shared memory, which can be recorded by root only (CAP_CHECKPOINT_RESTORE); travel "
                  "back from here, or run it in plain gdb.");
  shmid_ds segment{};
  if (shmctl(static_cast<int>(arguments[0]), IPC_STAT, &segment) == 0 && segment.shm_cpid != program_pid_) tell_shared();
  return std::nullopt;
}

void Session::tell_shared() {
  tell_once("the program shares memory with processes that are not recorded: what they write there is missing in the past, and a replay may "
            "diverge because of it.");
}

// Keeps the memory image true to what the call did to the address space.
void Session::note_mapping(int number, const Arguments& arguments, int64_t result) {
  if (is_error(result)) return;
  const uint64_t at = static_cast<uint64_t>(result);
  auto whole = [](uint64_t length) { return (length + page_size - 1) & ~(page_size - 1); };
  auto gone = [this](uint64_t start, uint64_t end) {
    memory_->forget(start, end);
    forget_random_instructions(start, end);
  };
  switch (number) {
    case SYS_brk: {
      const uint64_t old = memory_->image().program_break;
      if (at < old) memory_->forget(page_of(at + page_size - 1), old + page_size);
      memory_->set_program_break(at);
      break;
    }
    case SYS_mmap:
      gone(at, at + whole(arguments[1]));
      if (arguments[3] & MAP_GROWSDOWN) memory_->note_growing(at + whole(arguments[1]));
      break;
    case SYS_shmat: gone(at, end_of_region(at)); break;
    case SYS_shmdt: gone(arguments[0], end_of_region(arguments[0])); break;
    case SYS_munmap:
    case SYS_remap_file_pages: gone(arguments[0], arguments[0] + whole(arguments[1])); break;
    case SYS_mremap:
      if (at == arguments[0]) {  // in place: what stays mapped stays as it was
        gone(at + whole(std::min(arguments[1], arguments[2])), at + whole(std::max(arguments[1], arguments[2])));
      } else {
        gone(arguments[0], arguments[0] + whole(arguments[1]));
        gone(at, at + whole(arguments[2]));
      }
      break;
    case SYS_madvise:
      if (arguments[2] == MADV_DONTNEED || arguments[2] == MADV_REMOVE || arguments[2] == MADV_FREE)
        memory_->forget(arguments[0], arguments[0] + whole(arguments[1]));
      break;
    default: break;
  }
  memory_->watch_new();
  const bool may_add_text = (number == SYS_mmap || number == SYS_mprotect) && (arguments[2] & PROT_EXEC);
  if (may_add_text) {
    breakpoints_.lift_all();
    find_random_instructions();
  }
}

// Where a stack overflows is a result of the program: the limit is that of the position, also in the past.
void Session::limit_stack(uint64_t bytes) {
  if (bytes == largest_stack_) return;
  largest_stack_ = bytes;
  rlimit limit{};
  if (prlimit(tracee_->pid(), RLIMIT_STACK, nullptr, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(bytes, limit.rlim_max);
  prlimit(tracee_->pid(), RLIMIT_STACK, &limit, nullptr);
}

// The call has just been made, or replayed.
void Session::note_stack_limit(const Event& event) {
  const bool is_prlimit = event.number == SYS_prlimit64;
  if (event.kind != EventKind::syscall || is_error(event.result) || (!is_prlimit && event.number != SYS_setrlimit)) return;
  const size_t first = is_prlimit ? 1 : 0;
  const bool is_other = is_prlimit && event.arguments[0] != 0 && static_cast<pid_t>(event.arguments[0]) != program_pid_;
  rlimit limit{};
  if (is_other || event.arguments[first] != RLIMIT_STACK || tracee_->read(event.arguments[first + 1], &limit, sizeof limit) != sizeof limit) return;
  limit_stack(limit.rlim_cur);
}

int64_t Session::replay_mapping(const Event& event) {
  Arguments a = event.arguments;
  int number = event.number;
  if (is_error(event.result)) return event.result;
  const RoomForMemory room(tracee_->pid());
  int64_t opened = -1;
  if (event.number == SYS_mmap) {
    a[0] = static_cast<uint64_t>(event.result);
    a[3] = (a[3] & ~static_cast<uint64_t>(MAP_FIXED_NOREPLACE | MAP_32BIT)) | MAP_FIXED;
    if (!(a[3] & MAP_ANONYMOUS)) {
      const bool writes_through = (a[3] & MAP_TYPE) != MAP_PRIVATE && (a[2] & PROT_WRITE);
      opened = open_in(*tracee_, event.file, writes_through ? O_RDWR : O_RDONLY);
      if (opened < 0) return opened;
      a[4] = static_cast<uint64_t>(opened);
    }
  } else if (event.number == SYS_brk) {
    a[0] = static_cast<uint64_t>(event.result);  // where it stands after a failure too, whatever limit was the cause
  } else if (event.number == SYS_shmat) {
    struct stat status{};
    opened = event.file < 0 || fstat(event.file, &status) != 0 ? -EBADF : open_in(*tracee_, event.file, a[2] & SHM_RDONLY ? O_RDONLY : O_RDWR);
    if (opened < 0) return opened;
    const uint64_t protection = PROT_READ | (a[2] & SHM_RDONLY ? 0 : PROT_WRITE) | (a[2] & SHM_EXEC ? PROT_EXEC : 0);
    const uint64_t length = (static_cast<uint64_t>(status.st_size) + page_size - 1) & ~(page_size - 1);
    a = {static_cast<uint64_t>(event.result), length, protection, MAP_SHARED | MAP_FIXED, static_cast<uint64_t>(opened), 0};
    number = SYS_mmap;
  } else if (event.number == SYS_shmdt) {
    a = {a[0], end_of_region(a[0]) - a[0]};
    number = SYS_munmap;
  } else if (event.number == SYS_mremap && event.result != static_cast<int64_t>(a[0])) {
    a[3] |= MREMAP_FIXED | MREMAP_MAYMOVE;
    a[4] = static_cast<uint64_t>(event.result);
  }
  const int64_t result = event.number == SYS_brk ? memory_->move_break(a[0]) : tracee_->inject(number, a);
  if (opened >= 0) tracee_->inject(SYS_close, {static_cast<uint64_t>(opened)});
  note_mapping(event.number, event.arguments, event.result);
  return result;
}

}  // namespace fred
