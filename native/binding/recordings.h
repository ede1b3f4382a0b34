// What can be asked of a recording without replaying it.
#pragma once

#include <napi.h>

namespace fred::binding {

// (directory) → what it holds. Throws an Error with `code` "RECORDING".
Napi::Value summarise_recording(const Napi::CallbackInfo& info);
// (directory) → number of files that were copied into it.
Napi::Value pack_recording(const Napi::CallbackInfo& info);

}  // namespace fred::binding
