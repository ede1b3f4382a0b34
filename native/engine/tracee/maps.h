// The address space of a process as /proc/PID/maps shows it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace fred {

struct Vma {
  uint64_t start = 0;
  uint64_t end = 0;
  int protection = 0;  // PROT_*
  bool is_shared = false;
  uint64_t offset = 0;
  uint64_t device = 0;
  uint64_t inode = 0;  // 0: anonymous
  std::string name;    // path, or [heap], [stack] …

  bool is_file() const { return inode != 0; }
  bool is_stack() const { return name == "[stack]"; }
  bool is_heap() const { return name == "[heap]"; }
  // vDSO and friends: not ours to save or restore.
  bool is_kernel() const { return name == "[vdso]" || name == "[vvar]" || name == "[vvar_vclock]" || name == "[vsyscall]"; }
  bool operator==(const Vma&) const = default;
};

// Neighbours that differ in nothing but their bounds become one region.
std::vector<Vma> join_neighbours(std::vector<Vma> vmas);
// Sorted by address; neighbours that differ in nothing but their bounds are joined; kernel regions and `hidden` pages are left out.
std::vector<Vma> read_maps(int pid, const std::set<uint64_t>& hidden);
const Vma* find_vma(const std::vector<Vma>& vmas, uint64_t address);

}  // namespace fred
