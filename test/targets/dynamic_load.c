// A shared library loaded, used and unloaded at run time.
#include <dlfcn.h>
#include <stdio.h>

static double (*cosine)(double);

int main(void) {
  void *library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL); /* at: load */
  if (!library) return 1;
  *(void **)&cosine = dlsym(library, "cos"); /* at: find */
  double one = cosine(0.0);                  /* at: call */
  void *absent = dlopen("libabsent-fred.so", RTLD_NOW);
  dlclose(library); /* at: unload */
  printf("%.1f absent %d\n", one, absent == NULL); /* at: end */
  return 0;
}
