// AVX2 and FMA: integer sums, a gather and a fused multiply-add.
#include <immintrin.h>
#include <stdio.h>

static int numbers[512];
static double values[512];

__attribute__((target("avx2"))) static int sum_of_gathered(void) {
  __m256i sum = _mm256_setzero_si256();
  for (int i = 0; i < 64; i++) {
    __m256i indices = _mm256_add_epi32(_mm256_set1_epi32(i), _mm256_setr_epi32(0, 64, 128, 192, 256, 320, 384, 448));
    sum = _mm256_add_epi32(sum, _mm256_i32gather_epi32(numbers, indices, 4)); /* at: gather */
  }
  int parts[8], total = 0;
  _mm256_storeu_si256((__m256i *)parts, sum);
  for (int i = 0; i < 8; i++) total += parts[i];
  return total;
}

__attribute__((target("avx2,fma"))) static double polynomial(void) {
  __m256d result = _mm256_setzero_pd();
  for (int i = 0; i < 512; i += 4) result = _mm256_fmadd_pd(result, _mm256_set1_pd(0.5), _mm256_loadu_pd(values + i)); /* at: fma */
  double parts[4];
  _mm256_storeu_pd(parts, result);
  return parts[0] + parts[1] + parts[2] + parts[3];
}

int main(void) {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return puts("skipped: this CPU has no AVX2 or no FMA"), 0;
  for (int i = 0; i < 512; i++) numbers[i] = i * 3 % 101, values[i] = i % 9;
  printf("sum %d polynomial %.3f\n", sum_of_gathered(), polynomial()); /* at: end */
  return 0;
}
