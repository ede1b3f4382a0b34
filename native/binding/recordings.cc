// Summaries and packing, on the JavaScript thread.
#include "binding/recordings.h"

#include "binding/convert.h"
#include "binding/enum_names.h"
#include "engine/recording/recording.h"

namespace fred::binding {
namespace {

constexpr std::array origin_names = std::to_array<EnumName<Origin>>({
    {Origin::launch, "launch"},
    {Origin::exec, "exec"},
    {Origin::fork, "fork"},
    {Origin::attach, "attach"},
});

constexpr std::array recorded_file_names = std::to_array<EnumName<RecordedFile::Kind>>({
    {RecordedFile::Kind::reference, "reference"},
    {RecordedFile::Kind::copy, "copy"},
    {RecordedFile::Kind::blank, "blank"},
});

Napi::Value from_ending(Napi::Env env, const std::optional<Ending>& ending) {
  if (!ending) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("kind", ending->is_exit ? "exited" : "killed");
  object.Set("number", ending->number);
  return object;
}

Napi::Value from_files(Napi::Env env, const RecordingSummary& summary, const std::string& directory) {
  Napi::Array files = Napi::Array::New(env);
  for (const RecordedFile& file : summary.files) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("path", file.path);
    object.Set("kind", name_of(recorded_file_names, file.kind));
    object.Set("at", file.kind == RecordedFile::Kind::copy ? path_of_copy(directory, file.number) : file.path);
    files.Set(files.Length(), object);
  }
  return files;
}

Napi::Value from_summary(Napi::Env env, const RecordingSummary& summary, const std::string& directory) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("origin", name_of(origin_names, summary.header.origin));
  object.Set("parent", summary.header.parent);
  object.Set("pid", summary.header.pid);
  object.Set("program", summary.header.path);
  Napi::Array words = Napi::Array::New(env);
  for (const std::string& word : summary.header.argv) words.Set(words.Length(), word);
  object.Set("argv", words);
  object.Set("cwd", summary.header.cwd);
  object.Set("startedMs", static_cast<double>(summary.header.started_ns) / 1e6);
  object.Set("events", static_cast<double>(summary.events));
  object.Set("states", static_cast<double>(summary.states));
  object.Set("bytes", static_cast<double>(summary.bytes));
  object.Set("cpuNs", static_cast<double>(summary.cpu_ns));
  object.Set("isWhole", summary.is_whole);
  object.Set("ending", from_ending(env, summary.ending));
  object.Set("files", from_files(env, summary, directory));
  return object;
}

template <typename Work>
Napi::Value guarded(const Napi::CallbackInfo& info, Work work) {
  const std::string directory = to_string(info[0], "directory");
  try {
    return work(directory);
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw from_exception(info.Env(), std::current_exception());
  }
}

}  // namespace

Napi::Value summarise_recording(const Napi::CallbackInfo& info) {
  return guarded(info, [&](const std::string& directory) { return from_summary(info.Env(), fred::summarise_recording(directory), directory); });
}

Napi::Value pack_recording(const Napi::CallbackInfo& info) {
  return guarded(info, [&](const std::string& directory) { return Napi::Number::New(info.Env(), static_cast<double>(fred::pack_recording(directory))); });
}

}  // namespace fred::binding
