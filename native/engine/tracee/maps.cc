// Parsing of /proc/PID/maps.
#include "engine/tracee/maps.h"

#include <sys/mman.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <memory>

#include "engine/engine.h"

namespace fred {
namespace {

bool parse_line(const char* line, Vma& vma) {
  char flags[5];
  unsigned major = 0, minor = 0;
  int at = 0;
  if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &vma.start, &vma.end, flags, &vma.offset,
             &major, &minor, &vma.inode, &at) < 7)
    return false;
  vma.protection = (flags[0] == 'r' ? PROT_READ : 0) | (flags[1] == 'w' ? PROT_WRITE : 0) | (flags[2] == 'x' ? PROT_EXEC : 0);
  vma.is_shared = flags[3] == 's';
  vma.device = (static_cast<uint64_t>(major) << 32) | minor;
  vma.name = line + at;
  while (!vma.name.empty() && vma.name.back() == '\n') vma.name.pop_back();
  return true;
}

bool joins(const Vma& a, const Vma& b) {
  if (a.end != b.start || a.protection != b.protection || a.is_shared != b.is_shared || a.inode != b.inode ||
      a.device != b.device || a.name != b.name)
    return false;
  return !a.is_file() || a.offset + (a.end - a.start) == b.offset;
}

}  // namespace

std::vector<Vma> join_neighbours(std::vector<Vma> vmas) {
  std::vector<Vma> joined;
  for (Vma& vma : vmas) {
    if (!joined.empty() && joins(joined.back(), vma))
      joined.back().end = vma.end;
    else
      joined.push_back(std::move(vma));
  }
  return joined;
}

std::vector<Vma> read_maps(int pid, const std::set<uint64_t>& hidden) {
  std::string path = "/proc/" + std::to_string(pid) + "/maps";
  std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(path.c_str(), "re"), fclose);
  if (!file) throw EngineError("GONE", "open " + path, errno, "");
  std::vector<Vma> vmas;
  char line[4352];
  while (fgets(line, sizeof line, file.get())) {
    Vma vma;
    if (!parse_line(line, vma) || vma.is_kernel() || hidden.contains(vma.start)) continue;
    if (!vma.is_file()) vma.offset = 0;
    vmas.push_back(std::move(vma));
  }
  return join_neighbours(std::move(vmas));
}

const Vma* find_vma(const std::vector<Vma>& vmas, uint64_t address) {
  auto after = std::upper_bound(vmas.begin(), vmas.end(), address, [](uint64_t a, const Vma& v) { return a < v.start; });
  if (after == vmas.begin()) return nullptr;
  const Vma& vma = *std::prev(after);
  return address < vma.end ? &vma : nullptr;
}

}  // namespace fred
