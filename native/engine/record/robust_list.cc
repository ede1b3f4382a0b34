// The walk over a thread's robust list, as set_robust_list(2) tells where it is.
#include "engine/record/robust_list.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

namespace fred {

std::vector<MemoryWrite> dying_locks(const Tracee& tracee) {
  std::vector<MemoryWrite> writes;
  uint64_t at = 0;
  size_t length = 0;
  robust_list_head head{};
  if (syscall(SYS_get_robust_list, tracee.tid(), &at, &length) != 0 || tracee.read(at, &head, sizeof head) != sizeof head) return writes;
  const auto add = [&](uint64_t entry) {
    const uint64_t lock = (entry & ~1ull) + static_cast<uint64_t>(head.futex_offset);  // bit 0: the lock inherits priority
    uint32_t word = 0;
    if (tracee.read(lock, &word, sizeof word) != sizeof word || (word & FUTEX_TID_MASK) != static_cast<uint32_t>(tracee.tid())) return;
    word = (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
    MemoryWrite write{lock, std::vector<uint8_t>(sizeof word)};
    memcpy(write.bytes.data(), &word, sizeof word);
    writes.push_back(std::move(write));
  };
  const auto pending = reinterpret_cast<uint64_t>(head.list_op_pending);
  auto entry = reinterpret_cast<uint64_t>(head.list.next);
  for (int count = 0; (entry & ~1ull) != at && count < ROBUST_LIST_LIMIT; count++) {
    if (entry != pending) add(entry);
    if (tracee.read(entry & ~1ull, &entry, sizeof entry) != sizeof entry) break;
  }
  if (pending) add(pending);
  return writes;
}

}  // namespace fred
