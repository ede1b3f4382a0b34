// Conversions between JavaScript values and the engine's structures; JavaScript thread only.
#pragma once

#include <napi.h>

#include <exception>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace fred::binding {

// Reading: each throws a JavaScript TypeError that names the property when the value has the wrong type.
LaunchOptions to_launch_options(const Napi::Value& value);
OpenOptions to_open_options(const Napi::Value& value);
std::string to_string(const Napi::Value& value, const char* property);
ResumeOptions to_resume_options(const Napi::Value& value);
BreakpointSpec to_breakpoint_spec(const Napi::Value& value);
CheckpointKind to_checkpoint_kind(const Napi::Value& value);
Registers to_registers(const Napi::Value& value);
uint64_t to_address(const Napi::Value& value, const char* property);
std::vector<uint64_t> to_addresses(const Napi::Value& value, const char* property);
// A thread number; 0 when absent.
int to_thread(const Napi::Value& value);
uint32_t to_unsigned(const Napi::Value& value, const char* property);
std::vector<uint8_t> to_bytes(const Napi::Value& value, const char* property);
Napi::Object to_object(const Napi::Value& value, const char* property);

Napi::Value from_stop(Napi::Env env, const Stop& stop);
Napi::Value from_checkpoint(Napi::Env env, const CheckpointInfo& info);
Napi::Value from_checkpoints(Napi::Env env, const std::vector<CheckpointInfo>& infos);
Napi::Value from_timeline(Napi::Env env, const Timeline& timeline);
Napi::Value from_registers(Napi::Env env, const Registers& registers);
Napi::Value from_recording_status(Napi::Env env, const RecordingStatus& status);
Napi::Value from_bytes(Napi::Env env, const std::vector<uint8_t>& bytes);
Napi::Value from_lines(Napi::Env env, const std::vector<std::string>& lines);
Napi::Value from_numbers(Napi::Env env, const std::vector<int>& numbers);

// A JavaScript Error; an EngineError's has `code`, `errno` and `syscall`.
Napi::Error from_exception(Napi::Env env, const std::exception_ptr& error);
Napi::Error make_error(Napi::Env env, const std::string& text, const std::string& code, int error, const std::string& call);

}  // namespace fred::binding
