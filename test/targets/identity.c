// Who and where am I: pid, uid, uname, cwd, limits, sysconf, sched_getaffinity, /proc/self; checked, not printed.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

static struct utsname machine;
static pid_t pid;
static char folder[4096], executable[4096];

int main(void) {
  pid = getpid();  /* at: pid */
  uname(&machine); /* at: uname */
  if (!getcwd(folder, sizeof folder)) return 1;
  ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1); /* at: exe */
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  cpu_set_t processors;
  sched_getaffinity(0, sizeof processors, &processors);
  const char *name = strrchr(executable, '/');
  printf("pid %d, %s, cwd %d, exe %s, uid %d, files %d, processors %d, page %ld\n", pid > 1, machine.sysname,
         folder[0] == '/', length > 0 && name ? name + 1 : "?", getuid() == geteuid(), limit.rlim_cur > 0,
         CPU_COUNT(&processors) > 0, sysconf(_SC_PAGESIZE)); /* at: end */
  return 0;
}
