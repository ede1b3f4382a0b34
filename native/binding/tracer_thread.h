// The one thread on which an engine lives: a queue of jobs whose results settle JavaScript promises.
#pragma once

#include <napi.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>

#include "engine/engine.h"

namespace fred::binding {

// Constructed and used on the JavaScript thread of one environment. ptrace belongs to a thread, so the engine is
// made, used and destroyed (which kills the debuggee) on the thread started here. That thread calls no JavaScript.
//
// Three ends, whichever comes first: close() from JavaScript, stop() when the environment or the wrapper goes (a
// cleanup hook, joins), and exit() of the process (process.exit runs no cleanup hooks; an atexit handler calls
// stop() then).
class TracerThread {
 public:
  explicit TracerThread(Napi::Env env);  // throws Napi::Error when the engine cannot be made
  ~TracerThread();
  TracerThread(const TracerThread&) = delete;
  TracerThread& operator=(const TracerThread&) = delete;

  // Runs `work(engine)` on the tracer thread, then `convert(env, result)` on the JavaScript thread; returns a
  // promise of that.
  template <typename Work, typename Convert>
  Napi::Value run(Napi::Env env, Work work, Convert convert) {
    using Result = std::invoke_result_t<Work, Engine&>;
    auto job = std::make_unique<Job>(env);
    if constexpr (std::is_void_v<Result>) {
      job->work = std::move(work);
      job->convert = std::move(convert);
    } else {
      auto result = std::make_shared<Result>();
      job->work = [work = std::move(work), result](Engine& engine) { *result = work(engine); };
      job->convert = [convert = std::move(convert), result](Napi::Env at) { return convert(at, *result); };
    }
    return enqueue(env, std::move(job));
  }

  // For the calls that any thread may make; null after close() or stop().
  Engine* engine() const { return is_closed_ ? nullptr : engine_; }

  // The engine is destroyed after the jobs queued so far; the promise resolves then.
  Napi::Value close(Napi::Env env);

  // Interrupts what runs, drops what is queued, ends the debuggee and joins. Calls no JavaScript. Idempotent.
  void stop();

 private:
  struct Job {
    explicit Job(Napi::Env env) : deferred(Napi::Promise::Deferred::New(env)) {}
    std::function<void(Engine&)> work;
    std::function<Napi::Value(Napi::Env)> convert;
    Napi::Promise::Deferred deferred;
    std::exception_ptr error;
    bool is_last = false;
  };

  Napi::Value enqueue(Napi::Env env, std::unique_ptr<Job> job);
  std::unique_ptr<Job> next_job();
  void loop();
  void deliver(std::unique_ptr<Job> job);
  void settle(Napi::Env env, Job& job);

  Napi::ThreadSafeFunction to_javascript_;
  std::shared_ptr<TracerThread*> self_;  // null inside when `this` is gone: for deliveries that come late
  std::shared_ptr<bool> is_function_gone_ = std::make_shared<bool>(false);
  int pending_count_ = 0;                // JavaScript thread: while above 0 the event loop is kept alive
  bool is_closed_ = false;               // JavaScript thread
  Engine* engine_ = nullptr;             // owned by loop()

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Job>> queue_;
  bool is_ready_ = false;
  bool is_stopping_ = false;
  bool is_finished_ = false;
  std::exception_ptr start_error_;

  std::thread thread_;
};

}  // namespace fred::binding
