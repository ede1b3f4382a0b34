// A linked list built, reversed and merge-sorted.
#include <stdio.h>
#include <stdlib.h>

struct node {
  struct node *next;
  int value;
};

static struct node *list;

static struct node *push(struct node *next, int value) {
  struct node *node = malloc(sizeof *node);
  if (!node) abort();
  node->next = next;
  node->value = value; /* at: pushed */
  return node;
}

static struct node *reverse(struct node *node) {
  struct node *result = NULL;
  while (node) {
    struct node *next = node->next;
    node->next = result;
    result = node; /* at: relinked */
    node = next;
  }
  return result;
}

static struct node *merge(struct node *a, struct node *b) {
  struct node *first = NULL, **link = &first;
  while (a && b) {
    struct node **smaller = a->value <= b->value ? &a : &b;
    *link = *smaller;
    link = &(*smaller)->next;
    *smaller = *link;
  }
  *link = a ? a : b;
  return first;
}

static struct node *sort(struct node *node) {
  if (!node || !node->next) return node;
  struct node *slow = node, *fast = node->next;
  while (fast && fast->next) slow = slow->next, fast = fast->next->next;
  struct node *half = slow->next;
  slow->next = NULL;
  return merge(sort(node), sort(half)); /* at: merging */
}

int main(void) {
  for (int i = 0; i < 40; i++) list = push(list, i * 37 % 41);
  list = reverse(list); /* at: reversing */
  list = sort(list);    /* at: sorting */
  for (struct node *node = list; node; node = node->next) printf("%d%c", node->value, node->next ? ' ' : '\n');
  return 0; /* at: end */
}
