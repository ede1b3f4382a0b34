// The addon's exports: class Engine, and the layout of this CPU's XSAVE area.
#include <napi.h>

#include "binding/engine_wrap.h"
#include "binding/xsave_layout.h"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("Engine", fred::binding::EngineWrap::define(env));
  exports.Set("xsaveLayout", Napi::Function::New(env, fred::binding::xsave_layout, "xsaveLayout"));
  return exports;
}

NODE_API_MODULE(fred_addon, init)
