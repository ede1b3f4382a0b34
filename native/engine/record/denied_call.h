// Calls that are recorded, but not with every argument: some would take from the engine what it works with.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/tracee/tracee.h"

namespace fred {

// The result to give for a call that must not be made. Nothing: make it.
std::optional<int64_t> denied_result(int number, const Arguments& arguments);

}  // namespace fred
