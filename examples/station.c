// A weather station: a reading every minute for a year, averaged per hour, and a count of frosty days.
// The year has 68 frosty days; the report names 100. Somebody has changed the frost limit.
#include <stdio.h>

struct station {
  int hourly[24];   // today's averages, tenths of a degree
  int frost_limit;  // a day with an average below it is frosty
  int frosty_days;
};

struct station station = {.frost_limit = 0};

enum { SPRING_CHANGE = 86, AUTUMN_CHANGE = 299 };  // the clocks change on these days of the year

static int hours_of_day(int day) {
  if (day == SPRING_CHANGE) return 23;
  if (day == AUTUMN_CHANGE) return 25;
  return 24;
}

// A sensor: cold in January, warm in July, a wave every day, and some noise.
static int read_sensor(int day, int hour, int minute) {
  static unsigned noise = 2024;
  noise = noise * 1103515245u + 12345u;
  int season = (day < 197 ? day - 15 : 379 - day) * 240 / 182 - 20;
  int hours_from_noon = hour < 14 ? 14 - hour : hour - 14;
  return season - hours_from_noon * 5 + minute / 20 + (int)(noise >> 16 & 31) - 10;
}

static int average_of_hour(int day, int hour) {
  int sum = 0;
  for (int minute = 0; minute < 60; minute++) sum += read_sensor(day, hour, minute);
  return sum / 60;
}

static void store_hour(int hour, int average) {
  station.hourly[hour] = average; /* at: bug */
}

static int is_frosty(void) {
  int sum = 0;
  for (int hour = 0; hour < 24; hour++) sum += station.hourly[hour];
  return sum / 24 < station.frost_limit;
}

static void record_day(int day) {
  int hours = hours_of_day(day);
  for (int hour = 0; hour < hours; hour++) store_hour(hour, average_of_hour(day, hour));
  if (is_frosty()) station.frosty_days++;
}

static void report(void) {
  printf("%d frosty days\n", station.frosty_days);
}

int main(void) {
  for (int day = 1; day <= 365; day++) record_day(day);
  report();
  return 0;
}
