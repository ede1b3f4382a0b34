// The addon's exports: class Engine, the layout of this CPU's XSAVE area, and what can be asked of recordings.
#include <napi.h>

#include "binding/engine_wrap.h"
#include "binding/recordings.h"
#include "binding/xsave_layout.h"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("Engine", fred::binding::EngineWrap::define(env));
  exports.Set("xsaveLayout", Napi::Function::New(env, fred::binding::xsave_layout, "xsaveLayout"));
  exports.Set("summariseRecording", Napi::Function::New(env, fred::binding::summarise_recording, "summariseRecording"));
  exports.Set("packRecording", Napi::Function::New(env, fred::binding::pack_recording, "packRecording"));
  return exports;
}

NODE_API_MODULE(fred_addon, init)
