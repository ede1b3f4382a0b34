// A doubly linked list whose remove forgets one direction for the last element.
#include <stdio.h>
#include <stdlib.h>

struct node {
  struct node *next, *previous;
  int value;
};

static struct node *head, *tail;

static void append(int value) {
  struct node *node = calloc(1, sizeof *node);
  node->value = value;
  node->previous = tail;
  if (tail) tail->next = node;
  else head = node;
  tail = node; /* at: appended */
}

static void unlink_node(struct node *node) {
  if (node->previous) node->previous->next = node->next;
  else head = node->next;
  if (node->next) node->next->previous = node->previous; /* at: bug */
}

int list_ok(void) {
  struct node *last = NULL;
  for (struct node *node = head; node; node = node->next) {
    if (node->previous != last) return 0;
    last = node;
  }
  return tail == last;
}

int main(void) {
  for (int value = 1; value <= 30; value++) {
    append(value);
    if (value % 7 == 0) unlink_node(value == 21 ? tail : head->next); /* at: remove */
  }
  printf("list ok: %d\n", list_ok()); /* at: end */
  return 0;
}
