// SSE floating point: a numeric integral, libm, rounding modes, NaN and infinity.
#include <fenv.h>
#include <math.h>
#include <stdio.h>

static double integral;

int main(void) {
  for (int i = 0; i < 1000; i++) integral += sin(i / 1000.0) / 1000.0; /* at: sum */
  volatile double third = 1.0;
  fesetround(FE_UPWARD); /* at: upward */
  double up = third / 3.0;
  fesetround(FE_DOWNWARD); /* at: downward */
  double down = third / 3.0;
  fesetround(FE_TONEAREST);
  float small = 0.1f;
  for (int i = 0; i < 20; i++) small = small * 1.5f - 0.01f; /* at: single */
  volatile double zero = 0.0;
  double infinite = 1.0 / zero, none = zero / zero;
  printf("%.9f %d %.4f %d %d %.6f\n", integral, up > down, small, isinf(infinite), isnan(none), pow(2.0, 0.5) + cbrt(27.0)); /* at: end */
  return 0;
}
