// AVX: a dot product that keeps sums in 256-bit registers over calls and system calls.
#include <immintrin.h>
#include <stdio.h>
#include <unistd.h>

static float left[1024], right[1024];

__attribute__((target("avx"))) static float dot(void) {
  __m256 sum = _mm256_setzero_ps();
  for (int i = 0; i < 1024; i += 8) {
    __m256 product = _mm256_mul_ps(_mm256_loadu_ps(left + i), _mm256_loadu_ps(right + i));
    sum = _mm256_add_ps(sum, product); /* at: kernel */
    if (i % 256 == 0) getppid();       /* at: syscall */
  }
  float parts[8], total = 0;
  _mm256_storeu_ps(parts, sum);
  for (int i = 0; i < 8; i++) total += parts[i];
  return total;
}

int main(void) {
  if (!__builtin_cpu_supports("avx")) return puts("skipped: this CPU has no AVX"), 0;
  for (int i = 0; i < 1024; i++) left[i] = (float)(i % 7), right[i] = (float)(i % 5);
  printf("dot %.1f\n", dot()); /* at: end */
  return 0;
}
