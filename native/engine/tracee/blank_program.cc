// The smallest program there is: one page that loops. Its memory is then replaced by that of a recording.
#include <elf.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "engine/tracee/launch.h"

namespace fred {
namespace {

constexpr uint64_t load_address = 0x100000;

struct Image {
  Elf64_Ehdr header{};
  Elf64_Phdr segment{};
  uint8_t code[2] = {0xeb, 0xfe};  // jmp to itself
};

Image make_image() {
  Image image;
  for (int i = 0; i < SELFMAG; i++) image.header.e_ident[i] = static_cast<unsigned char>(ELFMAG[i]);
  image.header.e_ident[EI_CLASS] = ELFCLASS64;
  image.header.e_ident[EI_DATA] = ELFDATA2LSB;
  image.header.e_ident[EI_VERSION] = EV_CURRENT;
  image.header.e_type = ET_EXEC;
  image.header.e_machine = EM_X86_64;
  image.header.e_version = EV_CURRENT;
  image.header.e_entry = load_address + offsetof(Image, code);
  image.header.e_phoff = offsetof(Image, segment);
  image.header.e_ehsize = sizeof(Elf64_Ehdr);
  image.header.e_phentsize = sizeof(Elf64_Phdr);
  image.header.e_phnum = 1;
  image.segment.p_type = PT_LOAD;
  image.segment.p_flags = PF_R | PF_X;
  image.segment.p_vaddr = load_address;
  image.segment.p_filesz = image.segment.p_memsz = sizeof(Image);
  image.segment.p_align = page_size;
  return image;
}

}  // namespace

Launched launch_blank(const std::string& name) {
  const Fd file(memfd_create("fred-ts", MFD_CLOEXEC));
  const Image image = make_image();
  if (!file.is_open() || write(file.get(), &image, sizeof image) != sizeof image) throw EngineError("EXEC", "memfd_create", errno, "");
  LaunchOptions options;
  options.path = "/proc/self/fd/" + std::to_string(file.get());
  options.argv = {name};
  Launched launched = launch_tracee(options);
  Tracee& tracee = *launched.tracee;
  tracee.inject(SYS_prctl, {PR_SET_NAME, tracee.place_string(name)});
  return launched;
}

}  // namespace fred
