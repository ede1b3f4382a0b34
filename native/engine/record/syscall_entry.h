// A system call that the tracee is about to make: what its registers say of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/checkpoint/checkpoint.h"
#include "engine/tracee/tracee.h"

namespace fred {

Arguments arguments_of(const GeneralRegisters& registers);

// Back to the state just before the call, so that a resume makes it again.
GeneralRegisters before_call(GeneralRegisters registers, int number);

std::string hex(uint64_t value);
std::string render_call(int number, const Arguments& arguments);

// The program's end, where this call is it: exit, or a signal to itself that nothing can stop.
std::optional<Ending> ending_by(pid_t pid, int number, const Arguments& arguments);

// A write to a terminal, or to where standard output or error go: how many bytes. Nothing for any other call.
std::optional<int64_t> shown_length(const Tracee& tracee, int number, const Arguments& arguments);

}  // namespace fred
