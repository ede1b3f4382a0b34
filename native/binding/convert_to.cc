// JavaScript values → engine structures.
#include "binding/convert.h"
#include "binding/enum_names.h"

namespace fred::binding {

namespace {

[[noreturn]] void throw_type(const Napi::Value& value, const char* property, const char* wanted) {
  throw Napi::TypeError::New(value.Env(), std::string(property) + " must be " + wanted);
}

Napi::Array to_array(const Napi::Value& value, const char* property) {
  if (!value.IsArray()) throw_type(value, property, "an array");
  return value.As<Napi::Array>();
}

std::vector<std::string> to_strings(const Napi::Value& value, const char* property) {
  Napi::Array array = to_array(value, property);
  std::vector<std::string> strings;
  strings.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); ++i) strings.push_back(to_string(array.Get(i), property));
  return strings;
}

bool is_absent(const Napi::Value& value) { return value.IsUndefined() || value.IsNull(); }

Redirection to_redirection(const Napi::Value& value) {
  Napi::Object object = to_object(value, "redirection");
  Redirection redirection;
  redirection.fd = static_cast<int>(to_unsigned(object.Get("fd"), "redirection.fd"));
  redirection.mode = value_of(redirection_mode_names, value.Env(), "redirection.mode",
                              to_string(object.Get("mode"), "redirection.mode"));
  Napi::Value target = object.Get("target");
  if (redirection.mode == Redirection::Mode::duplicate)
    redirection.source_fd = static_cast<int>(to_unsigned(target, "redirection.target"));
  else
    redirection.path = to_string(target, "redirection.target");
  return redirection;
}

}  // namespace

std::string to_string(const Napi::Value& value, const char* property) {
  if (!value.IsString()) throw_type(value, property, "a string");
  return value.As<Napi::String>().Utf8Value();
}

Napi::Object to_object(const Napi::Value& value, const char* property) {
  if (!value.IsObject()) throw_type(value, property, "an object");
  return value.As<Napi::Object>();
}

uint32_t to_unsigned(const Napi::Value& value, const char* property) {
  if (!value.IsNumber()) throw_type(value, property, "a number");
  double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 0 && number <= 0xffffffffu && number == static_cast<uint32_t>(number)))
    throw_type(value, property, "a whole number of 32 bits");
  return static_cast<uint32_t>(number);
}

uint64_t to_address(const Napi::Value& value, const char* property) {
  if (!value.IsBigInt()) throw_type(value, property, "a bigint");
  bool is_lossless = true;
  return value.As<Napi::BigInt>().Uint64Value(&is_lossless);
}

int to_thread(const Napi::Value& value) { return is_absent(value) ? 0 : static_cast<int>(to_unsigned(value, "thread")); }

std::vector<uint64_t> to_addresses(const Napi::Value& value, const char* property) {
  Napi::Array array = to_array(value, property);
  std::vector<uint64_t> addresses;
  for (uint32_t i = 0; i < array.Length(); ++i) addresses.push_back(to_address(array.Get(i), property));
  return addresses;
}

std::vector<uint8_t> to_bytes(const Napi::Value& value, const char* property) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    throw_type(value, property, "a Uint8Array");
  Napi::Uint8Array array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.Data() + array.ElementLength()};
}

LaunchOptions to_launch_options(const Napi::Value& value) {
  Napi::Object object = to_object(value, "options");
  LaunchOptions options;
  options.path = to_string(object.Get("path"), "path");
  options.argv = to_strings(object.Get("argv"), "argv");
  options.env = to_strings(object.Get("env"), "env");
  options.cwd = to_string(object.Get("cwd"), "cwd");
  options.disable_aslr = object.Get("disableAslr").ToBoolean();
  if (Napi::Value tty = object.Get("tty"); !is_absent(tty)) options.tty = to_string(tty, "tty");
  if (Napi::Value list = object.Get("redirections"); !is_absent(list)) {
    Napi::Array array = to_array(list, "redirections");
    for (uint32_t i = 0; i < array.Length(); ++i) options.redirections.push_back(to_redirection(array.Get(i)));
  }
  Napi::Value hz = object.Get("checkpointHz");
  if (!hz.IsNumber()) throw_type(hz, "checkpointHz", "a number");
  options.checkpoint_hz = hz.As<Napi::Number>().DoubleValue();
  options.tracker = to_string(object.Get("tracker"), "tracker");
  if (Napi::Value folder = object.Get("recordTo"); !is_absent(folder)) options.record_to = to_string(folder, "recordTo");
  if (Napi::Value limit = object.Get("recordLimit"); limit.IsNumber()) options.record_limit = static_cast<uint64_t>(limit.As<Napi::Number>().Int64Value());
  options.follows_children = object.Get("followsChildren").ToBoolean();
  options.keeps_group = object.Get("keepsGroup").ToBoolean();
  return options;
}

OpenOptions to_open_options(const Napi::Value& value) {
  Napi::Object object = to_object(value, "options");
  OpenOptions options;
  options.directory = to_string(object.Get("directory"), "directory");
  Napi::Value hz = object.Get("checkpointHz");
  if (!hz.IsNumber()) throw_type(hz, "checkpointHz", "a number");
  options.checkpoint_hz = hz.As<Napi::Number>().DoubleValue();
  options.tracker = to_string(object.Get("tracker"), "tracker");
  return options;
}

ResumeOptions to_resume_options(const Napi::Value& value) {
  Napi::Object object = to_object(value, "options");
  ResumeOptions options;
  options.mode = value_of(resume_mode_names, value.Env(), "mode", to_string(object.Get("mode"), "mode"));
  if (options.mode == ResumeOptions::Mode::range) {
    options.range_start = to_address(object.Get("rangeStart"), "rangeStart");
    options.range_end = to_address(object.Get("rangeEnd"), "rangeEnd");
  }
  if (Napi::Value signal = object.Get("signal"); !is_absent(signal))
    options.signal = static_cast<int>(to_unsigned(signal, "signal"));
  options.tid = to_thread(object.Get("thread"));
  options.is_alone = object.Get("isAlone").ToBoolean();
  if (Napi::Value limit = object.Get("limit"); !is_absent(limit)) options.limit = to_unsigned(limit, "limit");
  return options;
}

BreakpointSpec to_breakpoint_spec(const Napi::Value& value) {
  Napi::Object object = to_object(value, "breakpoint");
  BreakpointSpec spec;
  spec.kind = value_of(breakpoint_kind_names, value.Env(), "kind", to_string(object.Get("kind"), "kind"));
  spec.address = to_address(object.Get("address"), "address");
  spec.length = to_unsigned(object.Get("length"), "length");
  if (Napi::Value list = object.Get("conditions"); !is_absent(list)) {
    Napi::Array array = to_array(list, "conditions");
    for (uint32_t i = 0; i < array.Length(); ++i) spec.conditions.push_back(to_bytes(array.Get(i), "conditions"));
  }
  return spec;
}

CheckpointKind to_checkpoint_kind(const Napi::Value& value) {
  return value_of(checkpoint_kind_names, value.Env(), "kind", to_string(value, "kind"));
}

Registers to_registers(const Napi::Value& value) {
  Napi::Object object = to_object(value, "registers");
  Registers registers;
  if (Napi::Value general = object.Get("general"); !is_absent(general)) registers.general = to_bytes(general, "general");
  if (Napi::Value xstate = object.Get("xstate"); !is_absent(xstate)) registers.xstate = to_bytes(xstate, "xstate");
  return registers;
}

}  // namespace fred::binding
