// A real program recorded, replayed to the same state, and stepped back, without Node.
#include "engine/engine.h"
#include "harness.h"

using namespace fred;

namespace {

LaunchOptions program(std::vector<std::string> argv) {
  LaunchOptions options;
  options.path = argv[0];
  options.argv = std::move(argv);
  options.redirections = {{1, Redirection::Mode::write, "/dev/null", -1}};
  return options;
}

}  // namespace

TEST("a recorded run is replayed to the very state it ended in, twice, by either tracker") {
  for (const char* tracker : {"auto", "compare"}) {
    Engine engine;
    LaunchOptions options = program({"/bin/ls", "-la", "/"});
    options.tracker = tracker;
    options.checkpoint_hz = 200;
    engine.launch(options);
    const CheckpointInfo start = engine.take_checkpoint(CheckpointKind::user);
    test::expect(engine.resume({}).kind == StopKind::exited, "the program ends");
    const CheckpointInfo head = engine.take_checkpoint(CheckpointKind::head);
    for (int round = 0; round < 2; round++) {
      engine.restore(start.id);
      ResumeOptions forward;
      forward.limit = head.id;
      test::expect(engine.resume(forward).kind == StopKind::history_end, std::string("the end is reached again with ") + tracker);
    }
  }
}

TEST("a reverse step from the end, stepped forward again, arrives where it came from") {
  Engine engine;
  engine.launch(program({"/bin/true"}));
  engine.resume({});
  const CheckpointInfo end = engine.take_checkpoint(CheckpointKind::head);
  for (int i = 0; i < 5; i++) test::expect(engine.reverse_step(0).kind == StopKind::step, "a step back");
  ResumeOptions step;
  step.mode = ResumeOptions::Mode::step;
  for (int i = 0; i < 4; i++) test::expect(engine.resume(step).kind == StopKind::step, "a step forward");
  step.limit = end.id;
  test::expect(engine.resume(step).kind == StopKind::history_end, "the last step ends in the state that the first began in");
}

TEST("a program that cannot be executed is refused with the reason") {
  Engine engine;
  try {
    engine.launch(program({"/nonexistent/program"}));
  } catch (const EngineError& error) {
    test::expect(error.code == "EXEC" && error.error == ENOENT, error.what());
    return;
  }
  test::expect(false, "the launch succeeded");
}
