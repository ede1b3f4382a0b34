// Where each component lies in the XSAVE area of this CPU (CPUID leaf 0xD): needed to read AVX and AVX-512 registers.
#pragma once

#include <napi.h>

namespace fred::binding {

// { features: bigint (XCR0), size: number, components: { index, offset, size }[] }, for the standard (not
// compacted) format.
Napi::Value xsave_layout(const Napi::CallbackInfo& info);

}  // namespace fred::binding
