// Reads CPUID leaf 0xD.
#include "binding/xsave_layout.h"

#include <cpuid.h>

namespace fred::binding {

Napi::Value xsave_layout(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  uint64_t features = 3;  // without XSAVE: x87 and SSE in the 512 bytes of FXSAVE
  uint32_t total = 512;
  if (__get_cpuid_count(0xd, 0, &eax, &ebx, &ecx, &edx) && eax != 0) {
    features = (static_cast<uint64_t>(edx) << 32) | eax;
    total = ebx;
  }
  Napi::Array components = Napi::Array::New(env);
  for (uint32_t index = 2; index < 63; ++index) {
    if (!(features >> index & 1) || !__get_cpuid_count(0xd, index, &eax, &ebx, &ecx, &edx)) continue;
    Napi::Object component = Napi::Object::New(env);
    component.Set("index", index);
    component.Set("offset", ebx);
    component.Set("size", eax);
    components.Set(components.Length(), component);
  }
  Napi::Object layout = Napi::Object::New(env);
  layout.Set("features", Napi::BigInt::New(env, features));
  layout.Set("size", total);
  layout.Set("components", components);
  return layout;
}

}  // namespace fred::binding
