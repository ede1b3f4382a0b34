// The strings by which the engine's enums travel to JavaScript: one table per enum, read in both directions.
#pragma once

#include <napi.h>

#include <array>
#include <string>

#include "engine/engine.h"

namespace fred::binding {

template <typename Enum>
struct EnumName {
  Enum value;
  const char* name;
};

inline constexpr std::array stop_kind_names = std::to_array<EnumName<StopKind>>({
    {StopKind::launched, "launched"},
    {StopKind::breakpoint, "breakpoint"},
    {StopKind::hardware_breakpoint, "hardwareBreakpoint"},
    {StopKind::watchpoint, "watchpoint"},
    {StopKind::step, "step"},
    {StopKind::signal, "signal"},
    {StopKind::interrupted, "interrupted"},
    {StopKind::exited, "exited"},
    {StopKind::killed, "killed"},
    {StopKind::history_begin, "historyBegin"},
    {StopKind::history_end, "historyEnd"},
    {StopKind::travelled, "travelled"},
    {StopKind::executed, "executed"},
    {StopKind::unsupported, "unsupported"},
    {StopKind::diverged, "diverged"},
});

inline constexpr std::array access_names = std::to_array<EnumName<Access>>({
    {Access::write, "write"},
    {Access::read, "read"},
    {Access::access, "access"},
});

inline constexpr std::array redirection_mode_names = std::to_array<EnumName<Redirection::Mode>>({
    {Redirection::Mode::read, "read"},
    {Redirection::Mode::write, "write"},
    {Redirection::Mode::append, "append"},
    {Redirection::Mode::duplicate, "duplicate"},
});

inline constexpr std::array resume_mode_names = std::to_array<EnumName<ResumeOptions::Mode>>({
    {ResumeOptions::Mode::run, "continue"},
    {ResumeOptions::Mode::step, "step"},
    {ResumeOptions::Mode::range, "range"},
});

inline constexpr std::array breakpoint_kind_names = std::to_array<EnumName<BreakpointSpec::Kind>>({
    {BreakpointSpec::Kind::software, "software"},
    {BreakpointSpec::Kind::hardware, "hardware"},
    {BreakpointSpec::Kind::write, "write"},
    {BreakpointSpec::Kind::read, "read"},
    {BreakpointSpec::Kind::access, "access"},
});

inline constexpr std::array checkpoint_kind_names = std::to_array<EnumName<CheckpointKind>>({
    {CheckpointKind::start, "start"},
    {CheckpointKind::automatic, "automatic"},
    {CheckpointKind::stop, "stop"},
    {CheckpointKind::user, "user"},
    {CheckpointKind::temporary, "temporary"},
    {CheckpointKind::head, "head"},
});

template <typename Enum, size_t count>
const char* name_of(const std::array<EnumName<Enum>, count>& names, Enum value) {
  for (const auto& row : names)
    if (row.value == value) return row.name;
  return "unknown";
}

// Throws a JavaScript TypeError that names the property and the string.
template <typename Enum, size_t count>
Enum value_of(const std::array<EnumName<Enum>, count>& names, Napi::Env env, const char* property, const std::string& name) {
  for (const auto& row : names)
    if (name == row.name) return row.value;
  throw Napi::TypeError::New(env, std::string(property) + ": unknown value \"" + name + "\"");
}

}  // namespace fred::binding
