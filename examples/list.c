// The "recent files" menu of an editor: newest first, nine entries at most.
// At the end the menu has twenty entries. Which statement made the tenth one, and why did nobody cut it off?
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECENT_MAX = 9 };

struct node {
  struct node *next;
  char path[40];
};

struct node *head;

int list_len(const struct node *node) {
  int count = 0;
  for (; node; node = node->next) count++;
  return count;
}

static void list_free(struct node *node) {
  while (node) {
    struct node *next = node->next;
    free(node);
    node = next;
  }
}

static struct node *list_find(struct node *node, const char *path) {
  while (node && strcmp(node->path, path) != 0) node = node->next;
  return node;
}

static void list_insert(const char *path) {
  struct node *node = calloc(1, sizeof *node);
  if (!node) abort();
  snprintf(node->path, sizeof node->path, "%s", path);
  node->next = head;
  head = node; /* at: insert */
}

// Drops the oldest entries, so that `keep` remain.
static void list_trim(int keep) {
  struct node *last = head;
  if (list_len(head) > keep) return; /* at: bug */
  while (last && keep-- > 1) last = last->next;
  if (last) {
    list_free(last->next);
    last->next = NULL;
  }
}

static void open_file(const char *path) {
  if (list_find(head, path)) return;
  list_insert(path);
  list_trim(RECENT_MAX);
}

static void finished(void) {
  int position = 1;
  for (const struct node *node = head; node; node = node->next) printf("%2d  %s\n", position++, node->path);
}

int main(void) {
  for (int chapter = 1; chapter <= 20; chapter++) {
    char path[40];
    snprintf(path, sizeof path, "book/chapter-%02d.txt", chapter);
    open_file(path);
    open_file("book/chapter-01.txt");
  }
  finished();
  list_free(head);
  return 0;
}
