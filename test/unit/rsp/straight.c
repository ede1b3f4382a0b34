/* A program without branches, calls or libraries: the fake engine walks along its instructions. */
int counter;
int other;

void _start(void) {
  counter = 1; /* at: first */
  other = 2;   /* at: second */
  counter = 3; /* at: third */
  other = 4;   /* at: fourth */
  counter = 5; /* at: fifth */
  __asm__ volatile("mov $60,%eax; xor %edi,%edi; syscall");
}
