// A copy of a name that is too long runs over the fields behind it.
#include <stdio.h>
#include <string.h>

struct person {
  char name[12];
  int age;
};

static struct person people[4] = {{"Ada", 36}, {"Alan", 41}, {"Grace", 85}, {"Edsger", 72}};

static void rename_person(int index, const char *name) {
  char *to = people[index].name;
  do *to++ = *name; /* at: bug */
  while (*name++);
}

int main(void) {
  rename_person(0, "Augusta");
  rename_person(2, "Grace Murray"); /* at: too-long */
  rename_person(1, "A. M.");
  int sum = 0;
  for (int i = 0; i < 4; i++) sum += people[i].age; /* at: sum */
  printf("ages together %d\n", sum); /* at: end */
  return 0;
}
