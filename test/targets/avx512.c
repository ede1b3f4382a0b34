// AVX-512: 512-bit registers, the upper sixteen of them, and mask registers, alive over a system call.
#include <immintrin.h>
#include <stdio.h>
#include <unistd.h>

static int numbers[1024];

__attribute__((target("avx512f"))) static long masked_sum(void) {
  __m512i sum = _mm512_setzero_si512();
  for (int i = 0; i < 1024; i += 16) {
    __m512i part = _mm512_loadu_si512(numbers + i);
    __mmask16 large = _mm512_cmpgt_epi32_mask(part, _mm512_set1_epi32(50));
    sum = _mm512_mask_add_epi32(sum, large, sum, part); /* at: kernel */
  }
  return _mm512_reduce_add_epi32(sum);
}

// zmm31 and k5 are given values before a system call and read after it.
__attribute__((target("avx512f"))) static int survives_syscall(void) {
  int pattern[16], after[16], same = 1;
  unsigned short mask = 0;
  for (int i = 0; i < 16; i++) pattern[i] = i * 0x01010101;
  long result;
  __asm__ volatile(
      "vmovdqu32 %[pattern], %%zmm31\n\t"
      "movl $0xa5a5, %%ecx\n\t"
      "kmovw %%ecx, %%k5\n\t"
      "movl $110, %%eax\n\t"  // getppid
      "syscall\n\t"
      "vmovdqu32 %%zmm31, %[after]\n\t"
      "kmovw %%k5, %%ecx\n\t"
      "movw %%cx, %[mask]"
      : [after] "=m"(after), [mask] "=m"(mask), "=&a"(result)
      : [pattern] "m"(pattern)
      : "rcx", "r11", "xmm31", "k5", "memory"); /* at: asm */
  for (int i = 0; i < 16; i++) same &= after[i] == pattern[i];
  return same && mask == 0xa5a5;
}

int main(void) {
  if (!__builtin_cpu_supports("avx512f")) return puts("skipped: this CPU has no AVX-512"), 0;
  for (int i = 0; i < 1024; i++) numbers[i] = i * 7 % 103;
  printf("sum %ld survives %d\n", masked_sum(), survives_syscall()); /* at: end */
  return 0;
}
