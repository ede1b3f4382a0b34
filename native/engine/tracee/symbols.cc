// Reads the symbol tables of an ELF file: .symtab where there is one, else .dynsym. A damaged file has no symbols.
#include "engine/tracee/symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>

#include "engine/tracee/tracee.h"

namespace fred {
namespace {

constexpr size_t most_entries = 1 << 20, most_name = 200;

class ElfImage {
 public:
  explicit ElfImage(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    const auto header = read<Elf64_Ehdr>(0, 1);
    if (header.empty() || memcmp(header[0].e_ident, ELFMAG, SELFMAG) != 0 || header[0].e_ident[EI_CLASS] != ELFCLASS64) return;
    sections_ = read<Elf64_Shdr>(header[0].e_shoff, header[0].e_shnum);
    segments_ = read<Elf64_Phdr>(header[0].e_phoff, header[0].e_phnum);
  }

  // The address that the file itself gives to a place in it.
  std::optional<uint64_t> address_at(uint64_t offset) const {
    for (const Elf64_Phdr& segment : segments_)
      if (segment.p_type == PT_LOAD && offset >= segment.p_offset && offset - segment.p_offset < segment.p_filesz)
        return segment.p_vaddr + (offset - segment.p_offset);
    return std::nullopt;
  }

  // "name+distance"; empty where no function is known.
  std::string function_at(uint64_t address) const {
    for (const uint32_t type : {SHT_SYMTAB, SHT_DYNSYM}) {
      const auto table = std::find_if(sections_.begin(), sections_.end(), [&](const Elf64_Shdr& section) { return section.sh_type == type; });
      if (table == sections_.end() || table->sh_link >= sections_.size()) continue;
      const Elf64_Sym* nearest = nullptr;
      const auto symbols = read<Elf64_Sym>(table->sh_offset, table->sh_size / sizeof(Elf64_Sym));
      for (const Elf64_Sym& symbol : symbols) {
        const bool is_function = ELF64_ST_TYPE(symbol.st_info) == STT_FUNC || ELF64_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC;
        if (is_function && symbol.st_shndx != SHN_UNDEF && symbol.st_value <= address && (!nearest || symbol.st_value > nearest->st_value)) nearest = &symbol;
      }
      if (!nearest) continue;
      const auto bytes = read<char>(sections_[table->sh_link].sh_offset + nearest->st_name, most_name, true);
      const std::string name(bytes.begin(), std::find(bytes.begin(), bytes.end(), '\0'));
      return address == nearest->st_value ? name : name + "+" + std::to_string(address - nearest->st_value);
    }
    return "";
  }

 private:
  // `may_be_short`: what there is up to the file's end.
  template <typename T>
  std::vector<T> read(uint64_t offset, size_t count, bool may_be_short = false) const {
    if (!fd_.is_open() || count > most_entries) return {};
    std::vector<T> entries(count);
    const ssize_t n = pread(fd_.get(), entries.data(), count * sizeof(T), static_cast<off_t>(offset));
    if (n < 0 || (!may_be_short && static_cast<size_t>(n) != count * sizeof(T))) return {};
    entries.resize(static_cast<size_t>(n) / sizeof(T));
    return entries;
  }

  Fd fd_;
  std::vector<Elf64_Shdr> sections_;
  std::vector<Elf64_Phdr> segments_;
};

}  // namespace

std::string describe_address(const std::vector<Vma>& vmas, uint64_t address) {
  const Vma* vma = find_vma(vmas, address);
  if (!vma) return "";
  if (!vma->is_file()) return vma->name.empty() ? "memory of its own" : vma->name;
  const uint64_t offset = vma->offset + (address - vma->start);
  const ElfImage image(vma->name);
  const std::optional<uint64_t> within = image.address_at(offset);
  const std::string function = within ? image.function_at(*within) : "";
  char place[32];
  snprintf(place, sizeof place, "+%#lx", offset);
  return function.empty() ? vma->name + place : function + " in " + vma->name;
}

}  // namespace fred
