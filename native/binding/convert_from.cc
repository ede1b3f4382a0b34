// Engine structures → JavaScript values.
#include <algorithm>

#include "binding/convert.h"
#include "binding/enum_names.h"

namespace fred::binding {

namespace {

double to_double(uint64_t value) { return static_cast<double>(value); }

// The fields that only some kinds of stop have.
void set_reason(Napi::Env env, Napi::Object& object, const Stop& stop) {
  switch (stop.kind) {
    case StopKind::watchpoint:
      object.Set("access", name_of(access_names, stop.access));
      [[fallthrough]];
    case StopKind::breakpoint:
    case StopKind::hardware_breakpoint:
      object.Set("address", Napi::BigInt::New(env, stop.address));
      break;
    case StopKind::signal:
    case StopKind::killed:
      object.Set("signal", stop.number);
      break;
    case StopKind::exited:
      object.Set("code", stop.number);
      break;
    case StopKind::unsupported:
    case StopKind::diverged:
      object.Set("text", stop.text);
      break;
    default:
      break;
  }
}

Napi::Value from_id(Napi::Env env, CheckpointId id) {
  return id == no_checkpoint ? env.Null() : Napi::Number::New(env, id);
}

}  // namespace

Napi::Value from_stop(Napi::Env env, const Stop& stop) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("kind", name_of(stop_kind_names, stop.kind));
  set_reason(env, object, stop);
  object.Set("pid", stop.pid);
  object.Set("tid", stop.tid);
  object.Set("pc", Napi::BigInt::New(env, stop.pc));
  object.Set("event", to_double(stop.event));
  object.Set("isAtHead", Napi::Boolean::New(env, stop.is_at_head));
  return object;
}

Napi::Value from_checkpoint(Napi::Env env, const CheckpointInfo& info) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("id", Napi::Number::New(env, info.id));
  object.Set("kind", name_of(checkpoint_kind_names, info.kind));
  object.Set("event", to_double(info.event));
  object.Set("pc", Napi::BigInt::New(env, info.pc));
  object.Set("cpuNs", to_double(info.cpu_ns));
  object.Set("parent", from_id(env, info.parent));
  object.Set("pageCount", to_double(info.page_count));
  return object;
}

Napi::Value from_checkpoints(Napi::Env env, const std::vector<CheckpointInfo>& infos) {
  Napi::Array array = Napi::Array::New(env, infos.size());
  for (uint32_t i = 0; i < infos.size(); ++i) array.Set(i, from_checkpoint(env, infos[i]));
  return array;
}

Napi::Value from_timeline(Napi::Env env, const Timeline& timeline) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("past", from_checkpoints(env, timeline.past));
  object.Set("future", from_checkpoints(env, timeline.future));
  object.Set("here", from_id(env, timeline.here));
  object.Set("event", to_double(timeline.event));
  object.Set("eventCount", to_double(timeline.event_count));
  object.Set("isAtHead", Napi::Boolean::New(env, timeline.is_at_head));
  object.Set("tracker", timeline.tracker);
  return object;
}

Napi::Value from_registers(Napi::Env env, const Registers& registers) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("general", from_bytes(env, registers.general));
  object.Set("xstate", from_bytes(env, registers.xstate));
  return object;
}

Napi::Value from_recording_status(Napi::Env env, const RecordingStatus& status) {
  if (status.directory.empty()) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("directory", status.directory);
  object.Set("bytes", to_double(status.bytes));
  object.Set("events", to_double(status.events));
  object.Set("states", to_double(status.states));
  object.Set("failure", status.failure.empty() ? env.Null() : Napi::String::New(env, status.failure));
  return object;
}

Napi::Value from_bytes(Napi::Env env, const std::vector<uint8_t>& bytes) {
  Napi::Uint8Array array = Napi::Uint8Array::New(env, bytes.size());
  std::copy(bytes.begin(), bytes.end(), array.Data());
  return array;
}

Napi::Value from_lines(Napi::Env env, const std::vector<std::string>& lines) {
  Napi::Array array = Napi::Array::New(env, lines.size());
  for (uint32_t i = 0; i < lines.size(); ++i) array.Set(i, lines[i]);
  return array;
}

Napi::Value from_numbers(Napi::Env env, const std::vector<int>& numbers) {
  Napi::Array array = Napi::Array::New(env, numbers.size());
  for (uint32_t i = 0; i < numbers.size(); ++i) array.Set(i, numbers[i]);
  return array;
}

Napi::Error make_error(Napi::Env env, const std::string& text, const std::string& code, int error, const std::string& call) {
  Napi::Error result = Napi::Error::New(env, text);
  result.Set("code", Napi::String::New(env, code));
  result.Set("errno", Napi::Number::New(env, error));
  result.Set("syscall", Napi::String::New(env, call));
  return result;
}

Napi::Error from_exception(Napi::Env env, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const EngineError& failure) {
    return make_error(env, failure.what(), failure.code, failure.error, failure.call);
  } catch (const std::exception& failure) {
    return make_error(env, failure.what(), "INTERNAL", 0, "");
  } catch (...) {
    return make_error(env, "unknown C++ exception", "INTERNAL", 0, "");
  }
}

}  // namespace fred::binding
