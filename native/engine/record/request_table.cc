// Requests of ioctl, fcntl, prctl and the control calls of System V. Sizes are those of the x86-64 kernel structures.
#include "engine/record/request_table.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/sockios.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include <algorithm>
#include <iterator>

namespace fred {
namespace {

struct RequestRow {
  int number;
  uint8_t at;       // the argument that says what is asked for
  uint64_t request;
  uint8_t output;   // the argument that points to what is written
  uint16_t bytes;   // 0: nothing is written
};

constexpr uint16_t termios_bytes = 36, termios2_bytes = 44, winsize_bytes = 8, ifreq_bytes = 40, flock_bytes = 32;
constexpr uint16_t shmid_bytes = 112, semid_bytes = 104, msqid_bytes = 120, ipc_info_bytes = 72;
constexpr uint64_t ipc_64 = 0x100;  // of old libraries; x86-64 has only the new structures
// Newer than the headers of Debian 12, or of headers that do not go together.
constexpr uint64_t tcgets2 = 0x802c542a, tiocgpkt = 0x80045438, tiocgptlck = 0x80045439, tiocgexcl = 0x80045440, tiocgptpeer = 0x5441,
                   f_getown_ex = 16, f_ofd_getlk = 36, f_ofd_setlk = 37, f_ofd_setlkw = 38, f_dupfd_query = 1027;

constexpr RequestRow rows[] = {
    {SYS_ioctl, 1, TCGETS, 2, termios_bytes},
    {SYS_ioctl, 1, TCSETS, 2, 0},
    {SYS_ioctl, 1, TCSETSW, 2, 0},
    {SYS_ioctl, 1, TCSETSF, 2, 0},
    {SYS_ioctl, 1, tcgets2, 2, termios2_bytes},
    {SYS_ioctl, 1, TCSBRK, 2, 0},
    {SYS_ioctl, 1, TCXONC, 2, 0},
    {SYS_ioctl, 1, TCFLSH, 2, 0},
    {SYS_ioctl, 1, TIOCEXCL, 2, 0},
    {SYS_ioctl, 1, TIOCNXCL, 2, 0},
    {SYS_ioctl, 1, TIOCSCTTY, 2, 0},
    {SYS_ioctl, 1, TIOCNOTTY, 2, 0},
    {SYS_ioctl, 1, TIOCGPGRP, 2, 4},
    {SYS_ioctl, 1, TIOCSPGRP, 2, 0},
    {SYS_ioctl, 1, TIOCOUTQ, 2, 4},
    {SYS_ioctl, 1, TIOCSTI, 2, 0},
    {SYS_ioctl, 1, TIOCGWINSZ, 2, winsize_bytes},
    {SYS_ioctl, 1, TIOCSWINSZ, 2, 0},
    {SYS_ioctl, 1, TIOCMGET, 2, 4},
    {SYS_ioctl, 1, TIOCMSET, 2, 0},
    {SYS_ioctl, 1, TIOCGETD, 2, 4},
    {SYS_ioctl, 1, TIOCSETD, 2, 0},
    {SYS_ioctl, 1, TIOCGSID, 2, 4},
    {SYS_ioctl, 1, TIOCPKT, 2, 0},
    {SYS_ioctl, 1, TIOCGPTN, 2, 4},
    {SYS_ioctl, 1, TIOCSPTLCK, 2, 0},
    {SYS_ioctl, 1, tiocgptlck, 2, 4},
    {SYS_ioctl, 1, tiocgpkt, 2, 4},
    {SYS_ioctl, 1, tiocgexcl, 2, 4},
    {SYS_ioctl, 1, tiocgptpeer, 2, 0},
    {SYS_ioctl, 1, FIONREAD, 2, 4},
    {SYS_ioctl, 1, FIONBIO, 2, 0},
    {SYS_ioctl, 1, FIOASYNC, 2, 0},
    {SYS_ioctl, 1, FIOCLEX, 2, 0},
    {SYS_ioctl, 1, FIONCLEX, 2, 0},
    {SYS_ioctl, 1, FIOQSIZE, 2, 8},
    {SYS_ioctl, 1, SIOCATMARK, 2, 4},
    {SYS_ioctl, 1, SIOCGIFNAME, 2, ifreq_bytes},
    {SYS_ioctl, 1, SIOCGIFFLAGS, 2, ifreq_bytes},
    {SYS_ioctl, 1, SIOCGIFADDR, 2, ifreq_bytes},
    {SYS_ioctl, 1, SIOCGIFNETMASK, 2, ifreq_bytes},
    {SYS_ioctl, 1, SIOCGIFBRDADDR, 2, ifreq_bytes},
    {SYS_ioctl, 1, SIOCGIFMTU, 2, ifreq_bytes},
    {SYS_ioctl, 1, SIOCGIFHWADDR, 2, ifreq_bytes},
    {SYS_ioctl, 1, SIOCGIFINDEX, 2, ifreq_bytes},
    {SYS_ioctl, 1, FICLONE, 2, 0},
    {SYS_ioctl, 1, FICLONERANGE, 2, 0},
    {SYS_ioctl, 1, FS_IOC_GETFLAGS, 2, 4},
    {SYS_ioctl, 1, FS_IOC_SETFLAGS, 2, 0},
    {SYS_ioctl, 1, FS_IOC_GETVERSION, 2, 4},
    {SYS_ioctl, 1, BLKGETSIZE64, 2, 8},
    {SYS_ioctl, 1, BLKSSZGET, 2, 4},

    {SYS_fcntl, 1, F_DUPFD, 2, 0},
    {SYS_fcntl, 1, F_DUPFD_CLOEXEC, 2, 0},
    {SYS_fcntl, 1, F_GETFD, 2, 0},
    {SYS_fcntl, 1, F_SETFD, 2, 0},
    {SYS_fcntl, 1, F_GETFL, 2, 0},
    {SYS_fcntl, 1, F_SETFL, 2, 0},
    {SYS_fcntl, 1, F_GETLK, 2, flock_bytes},
    {SYS_fcntl, 1, F_SETLK, 2, 0},
    {SYS_fcntl, 1, F_SETLKW, 2, 0},
    {SYS_fcntl, 1, f_ofd_getlk, 2, flock_bytes},
    {SYS_fcntl, 1, f_ofd_setlk, 2, 0},
    {SYS_fcntl, 1, f_ofd_setlkw, 2, 0},
    {SYS_fcntl, 1, F_SETOWN, 2, 0},
    {SYS_fcntl, 1, F_GETOWN, 2, 0},
    {SYS_fcntl, 1, f_getown_ex, 2, 8},
    {SYS_fcntl, 1, F_SETSIG, 2, 0},
    {SYS_fcntl, 1, F_GETSIG, 2, 0},
    {SYS_fcntl, 1, F_SETLEASE, 2, 0},
    {SYS_fcntl, 1, F_GETLEASE, 2, 0},
    {SYS_fcntl, 1, F_NOTIFY, 2, 0},
    {SYS_fcntl, 1, f_dupfd_query, 2, 0},
    {SYS_fcntl, 1, F_SETPIPE_SZ, 2, 0},
    {SYS_fcntl, 1, F_GETPIPE_SZ, 2, 0},
    {SYS_fcntl, 1, F_ADD_SEALS, 2, 0},
    {SYS_fcntl, 1, F_GET_SEALS, 2, 0},
    {SYS_fcntl, 1, F_GET_RW_HINT, 2, 8},
    {SYS_fcntl, 1, F_SET_RW_HINT, 2, 0},

    {SYS_prctl, 0, PR_SET_NAME, 1, 0},
    {SYS_prctl, 0, PR_GET_NAME, 1, 16},
    {SYS_prctl, 0, PR_SET_PDEATHSIG, 1, 0},
    {SYS_prctl, 0, PR_GET_PDEATHSIG, 1, 4},
    {SYS_prctl, 0, PR_SET_DUMPABLE, 1, 0},
    {SYS_prctl, 0, PR_GET_DUMPABLE, 1, 0},
    {SYS_prctl, 0, PR_SET_KEEPCAPS, 1, 0},
    {SYS_prctl, 0, PR_GET_KEEPCAPS, 1, 0},
    {SYS_prctl, 0, PR_CAPBSET_READ, 1, 0},
    {SYS_prctl, 0, PR_CAPBSET_DROP, 1, 0},
    {SYS_prctl, 0, PR_CAP_AMBIENT, 1, 0},
    {SYS_prctl, 0, PR_SET_TIMERSLACK, 1, 0},
    {SYS_prctl, 0, PR_GET_TIMERSLACK, 1, 0},
    {SYS_prctl, 0, PR_SET_NO_NEW_PRIVS, 1, 0},
    {SYS_prctl, 0, PR_GET_NO_NEW_PRIVS, 1, 0},
    {SYS_prctl, 0, PR_SET_CHILD_SUBREAPER, 1, 0},
    {SYS_prctl, 0, PR_GET_CHILD_SUBREAPER, 1, 4},
    {SYS_prctl, 0, PR_GET_SECCOMP, 1, 0},
    {SYS_prctl, 0, PR_SET_VMA, 1, 0},
    {SYS_prctl, 0, PR_GET_TSC, 1, 4},
    {SYS_prctl, 0, PR_SET_THP_DISABLE, 1, 0},
    {SYS_prctl, 0, PR_GET_THP_DISABLE, 1, 0},
    {SYS_prctl, 0, PR_SET_PTRACER, 1, 0},
    {SYS_prctl, 0, PR_GET_TID_ADDRESS, 1, 8},

    {SYS_shmctl, 1, IPC_RMID, 2, 0},
    {SYS_shmctl, 1, IPC_SET, 2, 0},
    {SYS_shmctl, 1, IPC_STAT, 2, shmid_bytes},
    {SYS_shmctl, 1, SHM_STAT, 2, shmid_bytes},
    {SYS_shmctl, 1, IPC_INFO, 2, ipc_info_bytes},
    {SYS_shmctl, 1, SHM_LOCK, 2, 0},
    {SYS_shmctl, 1, SHM_UNLOCK, 2, 0},
    {SYS_semctl, 2, IPC_RMID, 3, 0},
    {SYS_semctl, 2, IPC_SET, 3, 0},
    {SYS_semctl, 2, IPC_STAT, 3, semid_bytes},
    {SYS_semctl, 2, GETVAL, 3, 0},
    {SYS_semctl, 2, SETVAL, 3, 0},
    {SYS_semctl, 2, SETALL, 3, 0},
    {SYS_semctl, 2, GETPID, 3, 0},
    {SYS_semctl, 2, GETNCNT, 3, 0},
    {SYS_semctl, 2, GETZCNT, 3, 0},
    {SYS_msgctl, 1, IPC_RMID, 2, 0},
    {SYS_msgctl, 1, IPC_SET, 2, 0},
    {SYS_msgctl, 1, IPC_STAT, 2, msqid_bytes},
};

// The requests that take a number of 32 bits ignore the upper half.
constexpr uint64_t request_of(const RequestRow& row, const Arguments& arguments) {
  const uint64_t request = arguments[row.at] & 0xffffffff;
  return row.number == SYS_shmctl || row.number == SYS_semctl || row.number == SYS_msgctl ? request & ~ipc_64 : request;
}

}  // namespace

SyscallRow row_of(int number, const Arguments& arguments) {
  const SyscallRow* row = find_syscall(number);
  if (!row) return {number, "unknown", SyscallClass::pages};
  const auto found = std::find_if(std::begin(rows), std::end(rows), [&](const RequestRow& each) {
    return each.number == number && (each.request & 0xffffffff) == request_of(each, arguments);
  });
  if (found == std::end(rows)) return *row;
  SyscallRow asked{number, row->name};
  if (found->bytes) asked.outputs[0] = {found->output, Output::Size::fixed, found->bytes};
  return asked;
}

}  // namespace fred
