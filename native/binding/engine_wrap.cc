// The JavaScript class Engine: one method per engine call.
#include "binding/engine_wrap.h"

#include <string>

#include "binding/convert.h"
#include "binding/sigchld.h"

namespace fred::binding {

namespace {

Napi::Value from_nothing(Napi::Env env) { return env.Undefined(); }

// node-addon-api registers the raw pointer; the hook must not outlive the wrapper, which removes it.
void stop_tracer(void* tracer) { static_cast<TracerThread*>(tracer)->stop(); }

}  // namespace

Napi::Function EngineWrap::define(Napi::Env env) {
  return DefineClass(env, "Engine",
                     {
                         InstanceMethod<&EngineWrap::launch>("launch"),
                         InstanceMethod<&EngineWrap::open>("open"),
                         InstanceMethod<&EngineWrap::save>("save"),
                         InstanceMethod<&EngineWrap::recording_status>("recordingStatus"),
                         InstanceMethod<&EngineWrap::take_notes>("takeNotes"),
                         InstanceMethod<&EngineWrap::let_go>("letGo"),
                         InstanceMethod<&EngineWrap::host_pid>("hostPid"),
                         InstanceMethod<&EngineWrap::auxiliary_vector>("auxiliaryVector"),
                         InstanceMethod<&EngineWrap::kill>("kill"),
                         InstanceMethod<&EngineWrap::resume>("resume"),
                         InstanceMethod<&EngineWrap::reverse>("reverse"),
                         InstanceMethod<&EngineWrap::rewind>("rewind"),
                         InstanceMethod<&EngineWrap::interrupt>("interrupt"),
                         InstanceMethod<&EngineWrap::read_memory>("readMemory"),
                         InstanceMethod<&EngineWrap::write_memory>("writeMemory"),
                         InstanceMethod<&EngineWrap::threads>("threads"),
                         InstanceMethod<&EngineWrap::read_registers>("readRegisters"),
                         InstanceMethod<&EngineWrap::write_registers>("writeRegisters"),
                         InstanceMethod<&EngineWrap::read_siginfo>("readSiginfo"),
                         InstanceMethod<&EngineWrap::insert_breakpoint>("insertBreakpoint"),
                         InstanceMethod<&EngineWrap::remove_breakpoint>("removeBreakpoint"),
                         InstanceMethod<&EngineWrap::clear_breakpoints>("clearBreakpoints"),
                         InstanceMethod<&EngineWrap::take_checkpoint>("takeCheckpoint"),
                         InstanceMethod<&EngineWrap::restore>("restore"),
                         InstanceMethod<&EngineWrap::timeline>("timeline"),
                         InstanceMethod<&EngineWrap::densify>("densify"),
                         InstanceMethod<&EngineWrap::drop_temporary>("dropTemporary"),
                         InstanceMethod<&EngineWrap::start_branch>("startBranch"),
                         InstanceMethod<&EngineWrap::begin_scratch>("beginScratch"),
                         InstanceMethod<&EngineWrap::end_scratch>("endScratch"),
                         InstanceMethod<&EngineWrap::close>("close"),
                     });
}

EngineWrap::EngineWrap(const Napi::CallbackInfo& info)
    : ObjectWrap(info), tracer_(std::make_unique<TracerThread>(info.Env())), env_(info.Env()) {
  napi_add_env_cleanup_hook(env_, stop_tracer, tracer_.get());
}

EngineWrap::~EngineWrap() { napi_remove_env_cleanup_hook(env_, stop_tracer, tracer_.get()); }

Napi::Value EngineWrap::launch(const Napi::CallbackInfo& info) {
  return tracer_->run(
      info.Env(), [options = to_launch_options(info[0])](Engine& engine) { quiet_sigchld(); return engine.launch(options); },
      from_stop);
}

Napi::Value EngineWrap::open(const Napi::CallbackInfo& info) {
  return tracer_->run(
      info.Env(), [options = to_open_options(info[0])](Engine& engine) { quiet_sigchld(); return engine.open(options); }, from_stop);
}

Napi::Value EngineWrap::save(const Napi::CallbackInfo& info) {
  return tracer_->run(
      info.Env(), [directory = to_string(info[0], "directory")](Engine& engine) { engine.save(directory); }, from_nothing);
}

Napi::Value EngineWrap::recording_status(const Napi::CallbackInfo& info) {
  return tracer_->run(info.Env(), [](Engine& engine) { return engine.recording_status(); }, from_recording_status);
}

Napi::Value EngineWrap::take_notes(const Napi::CallbackInfo& info) {
  return tracer_->run(info.Env(), [](Engine& engine) { return engine.take_notes(); }, from_lines);
}

Napi::Value EngineWrap::let_go(const Napi::CallbackInfo& info) {
  return tracer_->run(info.Env(), [](Engine& engine) { return engine.let_go(); }, from_stop);
}

Napi::Value EngineWrap::host_pid(const Napi::CallbackInfo& info) {
  const Engine* engine = tracer_->engine();
  const int pid = engine ? engine->host_pid() : 0;
  return pid ? Napi::Number::New(info.Env(), pid) : info.Env().Null();
}

Napi::Value EngineWrap::auxiliary_vector(const Napi::CallbackInfo& info) {
  const Engine* engine = tracer_->engine();
  return from_bytes(info.Env(), engine ? engine->auxiliary_vector() : std::vector<uint8_t>());
}

Napi::Value EngineWrap::kill(const Napi::CallbackInfo& info) {
  return tracer_->run(info.Env(), [](Engine& engine) { engine.kill(); }, from_nothing);
}

Napi::Value EngineWrap::resume(const Napi::CallbackInfo& info) {
  return tracer_->run(
      info.Env(), [options = to_resume_options(info[0])](Engine& engine) { quiet_sigchld(); return engine.resume(options); },
      from_stop);
}

Napi::Value EngineWrap::reverse(const Napi::CallbackInfo& info) {
  std::string mode = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : "";
  if (mode != "continue" && mode != "step")
    throw Napi::TypeError::New(info.Env(), "mode must be \"continue\" or \"step\"");
  return tracer_->run(
      info.Env(),
      [is_step = mode == "step", tid = to_thread(info[1])](Engine& engine) {
        quiet_sigchld();
        return is_step ? engine.reverse_step(tid) : engine.reverse_continue();
      },
      from_stop);
}

Napi::Value EngineWrap::rewind(const Napi::CallbackInfo& info) {
  Napi::Object options = to_object(info[0], "options");
  return tracer_->run(
      info.Env(),
      [addresses = to_addresses(options.Get("addresses"), "addresses"), sp_min = to_address(options.Get("spMin"), "spMin"),
       sp_max = to_address(options.Get("spMax"), "spMax")](Engine& engine) {
        quiet_sigchld();
        return engine.rewind(addresses, sp_min, sp_max);
      },
      from_stop);
}

void EngineWrap::interrupt(const Napi::CallbackInfo&) {
  if (Engine* engine = tracer_->engine()) engine->interrupt();
}

Napi::Value EngineWrap::read_memory(const Napi::CallbackInfo& info) {
  Engine* engine = tracer_->engine();
  if (!engine) throw make_error(info.Env(), "the engine is closed", "CLOSED", 0, "");
  uint64_t address = to_address(info[0], "address");
  uint32_t length = to_unsigned(info[1], "length");
  try {
    return from_bytes(info.Env(), engine->read_memory(address, length));
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw from_exception(info.Env(), std::current_exception());
  }
}

Napi::Value EngineWrap::write_memory(const Napi::CallbackInfo& info) {
  return tracer_->run(
      info.Env(),
      [address = to_address(info[0], "address"), bytes = to_bytes(info[1], "bytes")](Engine& engine) {
        engine.write_memory(address, bytes);
      },
      from_nothing);
}

Napi::Value EngineWrap::threads(const Napi::CallbackInfo& info) {
  return tracer_->run(info.Env(), [](Engine& engine) { return engine.threads(); }, from_numbers);
}

Napi::Value EngineWrap::read_registers(const Napi::CallbackInfo& info) {
  return tracer_->run(
      info.Env(), [tid = to_thread(info[0])](Engine& engine) { return engine.read_registers(tid); }, from_registers);
}

Napi::Value EngineWrap::write_registers(const Napi::CallbackInfo& info) {
  return tracer_->run(
      info.Env(),
      [registers = to_registers(info[0]), tid = to_thread(info[1])](Engine& engine) { engine.write_registers(registers, tid); },
      from_nothing);
}

Napi::Value EngineWrap::read_siginfo(const Napi::CallbackInfo& info) {
  return tracer_->run(info.Env(), [](Engine& engine) { return engine.read_siginfo(); }, from_bytes);
}

Napi::Value EngineWrap::insert_breakpoint(const Napi::CallbackInfo& info) {
  return tracer_->run(
      info.Env(), [spec = to_breakpoint_spec(info[0])](Engine& engine) { engine.insert_breakpoint(spec); }, from_nothing);
}

Napi::Value EngineWrap::remove_breakpoint(const Napi::CallbackInfo& info) {
  return tracer_->run(
      info.Env(), [spec = to_breakpoint_spec(info[0])](Engine& engine) { engine.remove_breakpoint(spec); }, from_nothing);
}

Napi::Value EngineWrap::clear_breakpoints(const Napi::CallbackInfo& info) {
  return tracer_->run(info.Env(), [](Engine& engine) { engine.clear_breakpoints(); }, from_nothing);
}

Napi::Value EngineWrap::take_checkpoint(const Napi::CallbackInfo& info) {
  return tracer_->run(
      info.Env(), [kind = to_checkpoint_kind(info[0])](Engine& engine) { return engine.take_checkpoint(kind); },
      from_checkpoint);
}

Napi::Value EngineWrap::restore(const Napi::CallbackInfo& info) {
  return tracer_->run(
      info.Env(), [id = to_unsigned(info[0], "id")](Engine& engine) { return engine.restore(id); }, from_stop);
}

Napi::Value EngineWrap::timeline(const Napi::CallbackInfo& info) {
  return tracer_->run(info.Env(), [](Engine& engine) { return engine.timeline(); }, from_timeline);
}

Napi::Value EngineWrap::densify(const Napi::CallbackInfo& info) {
  Napi::Object options = to_object(info[0], "options");
  return tracer_->run(
      info.Env(),
      [from = to_unsigned(options.Get("from"), "from"), to = to_unsigned(options.Get("to"), "to"),
       count = to_unsigned(options.Get("count"), "count")](Engine& engine) {
        quiet_sigchld();
        return engine.densify(from, to, count);
      },
      from_checkpoints);
}

Napi::Value EngineWrap::drop_temporary(const Napi::CallbackInfo& info) {
  return tracer_->run(info.Env(), [](Engine& engine) { engine.drop_temporary(); }, from_nothing);
}

Napi::Value EngineWrap::start_branch(const Napi::CallbackInfo& info) {
  return tracer_->run(info.Env(), [](Engine& engine) { return engine.start_branch(); }, from_lines);
}

Napi::Value EngineWrap::begin_scratch(const Napi::CallbackInfo& info) {
  const bool is_mute = info[0].ToBoolean();
  return tracer_->run(info.Env(), [is_mute](Engine& engine) { engine.begin_scratch(is_mute); }, from_nothing);
}

Napi::Value EngineWrap::end_scratch(const Napi::CallbackInfo& info) {
  return tracer_->run(info.Env(), [](Engine& engine) { engine.end_scratch(); }, from_nothing);
}

Napi::Value EngineWrap::close(const Napi::CallbackInfo& info) { return tracer_->close(info.Env()); }

}  // namespace fred::binding
