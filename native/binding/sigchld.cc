// SA_NOCLDSTOP for libuv's SIGCHLD handler.
#include "binding/sigchld.h"

#include <csignal>

namespace fred::binding {

void quiet_sigchld() {
  struct sigaction action {};
  if (sigaction(SIGCHLD, nullptr, &action) != 0 || (action.sa_flags & SA_NOCLDSTOP)) return;
  if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN) return;
  action.sa_flags |= SA_NOCLDSTOP;
  sigaction(SIGCHLD, &action, nullptr);
}

}  // namespace fred::binding
