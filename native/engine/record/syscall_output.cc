// What a system call wrote: by its row in the table, or by comparing pages.
#include "engine/record/syscall_output.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace fred {
namespace {

constexpr size_t most_message_bytes = 1 << 20;
constexpr uint64_t most_descriptors = 1 << 20;

void add(std::vector<MemoryWrite>& writes, const Tracee& tracee, uint64_t address, size_t length) {
  if (address == 0 || length == 0) return;
  MemoryWrite write{address, std::vector<uint8_t>(length)};
  write.bytes.resize(tracee.read(address, write.bytes.data(), length));
  if (!write.bytes.empty()) writes.push_back(std::move(write));
}

void add_iovecs(std::vector<MemoryWrite>& writes, const Tracee& tracee, uint64_t address, uint64_t count, int64_t total) {
  std::vector<iovec> vectors(std::min<uint64_t>(count, 1024));
  vectors.resize(tracee.read(address, vectors.data(), vectors.size() * sizeof(iovec)) / sizeof(iovec));
  for (const iovec& vector : vectors) {
    if (total <= 0) break;
    size_t length = std::min<size_t>(vector.iov_len, static_cast<size_t>(total));
    add(writes, tracee, reinterpret_cast<uint64_t>(vector.iov_base), length);
    total -= static_cast<int64_t>(length);
  }
}

// What recvmsg has filled in: buffers with `total` bytes, name, control data, and the header with their lengths.
void add_message(std::vector<MemoryWrite>& writes, const Tracee& tracee, uint64_t address, int64_t total) {
  msghdr header{};
  if (tracee.read(address, &header, sizeof header) != sizeof header) return;
  add(writes, tracee, address, sizeof header);
  add_iovecs(writes, tracee, reinterpret_cast<uint64_t>(header.msg_iov), header.msg_iovlen, total);
  add(writes, tracee, reinterpret_cast<uint64_t>(header.msg_name), std::min<size_t>(header.msg_namelen, most_message_bytes));
  add(writes, tracee, reinterpret_cast<uint64_t>(header.msg_control), std::min<size_t>(header.msg_controllen, most_message_bytes));
}

void add_messages(std::vector<MemoryWrite>& writes, const Tracee& tracee, uint64_t address, int64_t count) {
  for (int64_t i = 0; i < count; i++, address += sizeof(mmsghdr)) {
    mmsghdr message{};
    if (tracee.read(address, &message, sizeof message) != sizeof message) return;
    add_message(writes, tracee, address, message.msg_len);
    add(writes, tracee, address + offsetof(mmsghdr, msg_len), sizeof message.msg_len);
  }
}

// Runs that are less than this apart are one write.
constexpr size_t join_distance = 16;

void add_page(std::vector<MemoryWrite>& writes, uint64_t address, const uint8_t* before, const uint8_t* after) {
  for (size_t at = 0; at < page_size;) {
    if (before[at] == after[at]) {
      at++;
      continue;
    }
    size_t end = at + 1;
    for (size_t next = end; next < page_size && next - end < join_distance; next++)
      if (before[next] != after[next]) end = next + 1;
    writes.push_back({address + at, std::vector<uint8_t>(after + at, after + end)});
    at = end;
  }
}

}  // namespace

std::vector<MemoryWrite> read_outputs(const Tracee& tracee, const SyscallRow& row, const Arguments& arguments,
                                      int64_t result) {
  std::vector<MemoryWrite> writes;
  const bool has_failed = is_error(result);
  for (const Output& output : row.outputs) {
    if (output.size == Output::Size::none || (has_failed && !output.also_on_error)) continue;
    uint64_t address = arguments[output.argument], other = arguments[output.other];
    switch (output.size) {
      case Output::Size::fixed: add(writes, tracee, address, output.unit); break;
      case Output::Size::by_result: add(writes, tracee, address, static_cast<size_t>(result) * output.unit); break;
      case Output::Size::by_argument: add(writes, tracee, address, std::min<uint64_t>(other, 1 << 20) * output.unit); break;
      case Output::Size::by_pointer: {
        uint32_t length = 0;
        if (address == 0 || other == 0 || tracee.read(other, &length, 4) != 4) break;
        add(writes, tracee, address, std::min<uint32_t>(length, 1 << 20));
        add(writes, tracee, other, 4);
        break;
      }
      case Output::Size::behind_type: add(writes, tracee, address, sizeof(long) + static_cast<size_t>(result)); break;
      case Output::Size::descriptor_set:
        add(writes, tracee, address, (std::min(arguments[0] & 0xffffffff, most_descriptors) + 63) / 64 * 8);
        break;
      case Output::Size::message: add_message(writes, tracee, address, result); break;
      case Output::Size::messages: add_messages(writes, tracee, address, result); break;
      case Output::Size::iovec: add_iovecs(writes, tracee, address, other, result); break;
      default: break;
    }
  }
  return writes;
}

std::vector<MemoryWrite> changed_bytes(const PageIndex& before, const PageIndex& after) {
  std::vector<MemoryWrite> writes;
  PageIndex::for_each_difference(before, after, [&](uint64_t address, const PageRef& old, const PageRef& now) {
    if (!now) return;
    // A page that was not held may have had its file's content: keep all of it.
    if (!old)
      writes.push_back({address, std::vector<uint8_t>(now->bytes.begin(), now->bytes.end())});
    else
      add_page(writes, address, old->bytes.data(), now->bytes.data());
  });
  return writes;
}

}  // namespace fred
