// The JavaScript class Engine: converts arguments and results, forwards to the tracer thread.
#pragma once

#include <napi.h>

#include <memory>

#include "binding/tracer_thread.h"

namespace fred::binding {

class EngineWrap : public Napi::ObjectWrap<EngineWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit EngineWrap(const Napi::CallbackInfo& info);
  ~EngineWrap() override;

 private:
  Napi::Value launch(const Napi::CallbackInfo& info);
  Napi::Value open(const Napi::CallbackInfo& info);
  Napi::Value save(const Napi::CallbackInfo& info);
  Napi::Value recording_status(const Napi::CallbackInfo& info);
  Napi::Value take_notes(const Napi::CallbackInfo& info);
  Napi::Value let_go(const Napi::CallbackInfo& info);
  Napi::Value host_pid(const Napi::CallbackInfo& info);
  Napi::Value auxiliary_vector(const Napi::CallbackInfo& info);
  Napi::Value kill(const Napi::CallbackInfo& info);
  Napi::Value resume(const Napi::CallbackInfo& info);
  Napi::Value reverse(const Napi::CallbackInfo& info);
  Napi::Value rewind(const Napi::CallbackInfo& info);
  void interrupt(const Napi::CallbackInfo& info);
  Napi::Value read_memory(const Napi::CallbackInfo& info);
  Napi::Value write_memory(const Napi::CallbackInfo& info);
  Napi::Value threads(const Napi::CallbackInfo& info);
  Napi::Value read_registers(const Napi::CallbackInfo& info);
  Napi::Value write_registers(const Napi::CallbackInfo& info);
  Napi::Value read_siginfo(const Napi::CallbackInfo& info);
  Napi::Value insert_breakpoint(const Napi::CallbackInfo& info);
  Napi::Value remove_breakpoint(const Napi::CallbackInfo& info);
  Napi::Value clear_breakpoints(const Napi::CallbackInfo& info);
  Napi::Value take_checkpoint(const Napi::CallbackInfo& info);
  Napi::Value restore(const Napi::CallbackInfo& info);
  Napi::Value timeline(const Napi::CallbackInfo& info);
  Napi::Value densify(const Napi::CallbackInfo& info);
  Napi::Value drop_temporary(const Napi::CallbackInfo& info);
  Napi::Value start_branch(const Napi::CallbackInfo& info);
  Napi::Value begin_scratch(const Napi::CallbackInfo& info);
  Napi::Value end_scratch(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  std::unique_ptr<TracerThread> tracer_;
  Napi::Env env_;
};

}  // namespace fred::binding
