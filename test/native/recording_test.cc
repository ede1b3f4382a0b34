// Recordings that were damaged: each is refused or read, whatever is in it.
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "engine/engine.h"
#include "engine/recording/recording.h"
#include "engine/session/session.h"
#include "harness.h"

using namespace fred;

namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/fred-recording-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Of a program with some memory, files and events. Its log.
std::string record(const std::string& folder) {
  Engine engine;
  LaunchOptions options;
  options.path = "/bin/ls";
  options.argv = {"/bin/ls", "-la", "/"};
  options.redirections = {{1, Redirection::Mode::write, "/dev/null", -1}};
  options.record_to = folder;
  options.checkpoint_hz = 500;
  engine.launch(options);
  engine.resume({});
  std::ifstream log(folder + "/0/log", std::ios::binary);
  return {std::istreambuf_iterator<char>(log), std::istreambuf_iterator<char>()};
}

void write_log(const std::string& folder, const std::string& bytes) {
  std::ofstream(folder + "/0/log", std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Whether it can be read. Anything else than a recording or an EngineError fails the test.
bool is_read(const std::string& folder) {
  try {
    return !load_recording(folder + "/0").states.empty();
  } catch (const EngineError&) {
    return false;
  }
}

struct Chunk {
  size_t head, payload, length;
};

constexpr size_t magic_bytes = 8, head_bytes = 16, crc_offset = 12;

std::vector<Chunk> chunks_of(const std::string& log) {
  std::vector<Chunk> chunks;
  for (size_t at = magic_bytes; at + head_bytes <= log.size();) {
    uint64_t length = 0;
    memcpy(&length, log.data() + at + 4, sizeof length);
    chunks.push_back({at, at + head_bytes, length});
    at += head_bytes + length;
  }
  return chunks;
}

// So that the damage is not found by the checksum alone.
void seal(std::string& log, const Chunk& chunk) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(log.data());
  const uint32_t head = crc32c(0, {bytes + chunk.head, crc_offset});
  const uint32_t crc = crc32c(head, {bytes + chunk.payload, chunk.length});
  memcpy(log.data() + chunk.head + crc_offset, &crc, sizeof crc);
}

}  // namespace

TEST("a recording that is cut anywhere is read up to there, or refused") {
  const Folder folder;
  const std::string log = record(folder.path());
  size_t readable = 0;
  for (size_t length = 0; length < log.size(); length += 97) {
    write_log(folder.path(), log.substr(0, length));
    readable += is_read(folder.path());
  }
  test::expect(readable > 100, "most cuts leave something to read: " + std::to_string(readable));
}

TEST("10,000 mutations of a recording, each with right checksums, are refused or read") {
  const Folder folder;
  const std::string log = record(folder.path());
  const std::vector<Chunk> chunks = chunks_of(log);
  const unsigned seed = std::random_device()();
  printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const auto below = [&](size_t limit) { return std::uniform_int_distribution<size_t>(0, limit - 1)(random); };
  for (int round = 0; round < 10'000; round++) {
    std::string bad = log;
    const Chunk& chunk = chunks[below(chunks.size())];
    if (chunk.length == 0) continue;
    for (size_t flips = 1 + below(4); flips > 0; flips--) {
      // The beginnings hold the numbers, the rest is mostly memory.
      const size_t at = chunk.payload + below(below(2) ? chunk.length : std::min<size_t>(chunk.length, 400));
      const size_t how = below(4);
      if (how == 0) bad[at] = static_cast<char>(0xff);
      else if (how == 1) bad[at] = static_cast<char>(below(256));
      else if (how == 2) bad[at] = static_cast<char>(bad[at] ^ (1 << below(8)));
      else memset(bad.data() + at, static_cast<int>(below(2) * 0x7f), std::min<size_t>(8, chunk.payload + chunk.length - at));
    }
    seal(bad, chunk);
    write_log(folder.path(), bad);
    is_read(folder.path());
  }
}

TEST("a replay that is not the recording says where, in which thread, and what was expected") {
  const Folder folder;
  record(folder.path());
  Recording recording = load_recording(folder.path() + "/0");
  const auto lost = std::find_if(recording.events.begin() + 60, recording.events.end(), [](const EventRef& event) {
    return event->kind == EventKind::syscall && event->number == SYS_getdents64;
  });
  test::expect(lost != recording.events.end(), "ls reads a directory");
  const std::string event = "event " + std::to_string(lost - recording.events.begin());
  const CheckpointId start = recording.states.front()->info.id;
  recording.events.erase(lost);
  Session session(std::move(recording), OpenOptions(), std::make_shared<Interrupter>());
  ResumeOptions forward;
  forward.limit = session.timeline().past.back().id;
  session.restore(start);
  const Stop stop = session.resume(forward);
  test::expect(stop.kind == StopKind::diverged, "the replay has diverged");
  for (const std::string& part : {event, std::string("thread "), std::string("getdents64"), std::string("libc.so"), std::string("record again")})
    test::expect(stop.text.find(part) != std::string::npos, part + " in: " + stop.text);
}

TEST("what cannot be written ends the recording, not the program") {
  const Folder folder;
  Engine engine;
  LaunchOptions options;
  options.path = "/bin/ls";
  options.argv = {"/bin/ls", "-la", "/"};
  options.redirections = {{1, Redirection::Mode::write, "/dev/null", -1}};
  options.record_to = folder.path();
  options.record_limit = 60'000;
  engine.launch(options);
  const Stop end = engine.resume({});
  test::expect(end.kind == StopKind::exited && end.number == 0, "the program ends as ever");
  test::expect(engine.recording_status().failure.find("largest size") != std::string::npos, "the failure is told");
}
