// A directory made, filled, listed in sorted order, and removed again.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/fred-target-XXXXXX";
static int found;

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

int main(void) {
  if (!mkdtemp(folder) || chdir(folder) != 0) return 1; /* at: make */
  const char *names[] = {"pear", "apple", "quince", "fig"};
  for (int i = 0; i < 4; i++) {
    int fd = open(names[i], O_CREAT | O_WRONLY, 0600);
    if (fd < 0 || write(fd, names[i], strlen(names[i])) < 0) return 1;
    close(fd); /* at: created */
  }
  struct dirent **entries;
  found = scandir(".", &entries, is_visible, alphasort); /* at: list */
  for (int i = 0; i < found; i++) {
    struct stat status;
    if (stat(entries[i]->d_name, &status) != 0) return 1;
    printf("%s %ld\n", entries[i]->d_name, (long)status.st_size); /* at: entry */
    unlink(entries[i]->d_name);
    free(entries[i]);
  }
  free(entries);
  if (chdir("/") != 0 || rmdir(folder) != 0) return 1; /* at: remove */
  printf("%d files\n", found);                         /* at: end */
  return 0;
}
