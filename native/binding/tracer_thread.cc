// The tracer thread's loop, and its three ends.
#include "binding/tracer_thread.h"

#include <chrono>
#include <cstdlib>
#include <set>

#include "binding/convert.h"

namespace fred::binding {

namespace {

constexpr auto interrupt_interval = std::chrono::milliseconds(10);
constexpr auto stop_deadline = std::chrono::seconds(1);

// Threads to be stopped at exit(). Never destroyed: exit handlers of other libraries may still run engines' code.
struct LiveThreads {
  std::mutex mutex;
  std::set<TracerThread*> all;
};

LiveThreads& live_threads() {
  static LiveThreads* threads = new LiveThreads;
  return *threads;
}

void stop_all_at_exit() {
  std::set<TracerThread*> all;
  {
    std::lock_guard lock(live_threads().mutex);
    all = live_threads().all;
  }
  for (TracerThread* thread : all) thread->stop();
}

void register_live(TracerThread* thread) {
  std::lock_guard lock(live_threads().mutex);
  static bool is_registered = std::atexit(stop_all_at_exit) == 0;
  (void)is_registered;
  live_threads().all.insert(thread);
}

void unregister_live(TracerThread* thread) {
  std::lock_guard lock(live_threads().mutex);
  live_threads().all.erase(thread);
}

}  // namespace

TracerThread::TracerThread(Napi::Env env) : self_(std::make_shared<TracerThread*>(this)) {
  to_javascript_ = Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "fred engine", 0, 1,
                                                 [is_gone = is_function_gone_](Napi::Env) { *is_gone = true; });
  to_javascript_.Unref(env);
  thread_ = std::thread([this] { loop(); });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_ready_ || is_finished_; });
  if (start_error_) {
    lock.unlock();
    thread_.join();
    to_javascript_.Release();
    *self_ = nullptr;
    throw from_exception(env, start_error_);
  }
  register_live(this);
}

TracerThread::~TracerThread() {
  stop();
  *self_ = nullptr;
  // When the environment goes, it finalizes its functions before the objects that use them.
  if (!*is_function_gone_) to_javascript_.Release();
}

Napi::Value TracerThread::enqueue(Napi::Env env, std::unique_ptr<Job> job) {
  Napi::Promise promise = job->deferred.Promise();
  if (is_closed_) {
    job->deferred.Reject(make_error(env, "the engine is closed", "CLOSED", 0, "").Value());
    return promise;
  }
  if (pending_count_++ == 0) to_javascript_.Ref(env);
  std::lock_guard lock(mutex_);
  queue_.push_back(std::move(job));
  changed_.notify_all();
  return promise;
}

Napi::Value TracerThread::close(Napi::Env env) {
  auto job = std::make_unique<Job>(env);
  job->is_last = true;
  job->convert = [](Napi::Env at) { return at.Undefined(); };
  Napi::Value promise = enqueue(env, std::move(job));
  is_closed_ = true;
  return promise;
}

void TracerThread::stop() {
  is_closed_ = true;
  unregister_live(this);
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  is_stopping_ = true;
  changed_.notify_all();
  // interrupt() does nothing between two calls of the engine, so one is not enough.
  auto deadline = std::chrono::steady_clock::now() + stop_deadline;
  while (!is_finished_ && std::chrono::steady_clock::now() < deadline) {
    if (engine_) engine_->interrupt();
    changed_.wait_for(lock, interrupt_interval, [this] { return is_finished_; });
  }
  bool is_finished = is_finished_;
  lock.unlock();
  // An engine that does not come back must not keep Node from ending; the kernel kills the debuggee with its tracer.
  is_finished ? thread_.join() : thread_.detach();
}

std::unique_ptr<TracerThread::Job> TracerThread::next_job() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
  if (is_stopping_) return nullptr;
  auto job = std::move(queue_.front());
  queue_.pop_front();
  return job;
}

void TracerThread::loop() {
  std::unique_ptr<Engine> engine;
  try {
    engine = std::make_unique<Engine>();
  } catch (...) {
    start_error_ = std::current_exception();
  }
  {
    std::lock_guard lock(mutex_);
    engine_ = engine.get();
    is_ready_ = true;
    changed_.notify_all();
  }
  std::unique_ptr<Job> last;
  while (engine && !last) {
    auto job = next_job();
    if (!job) break;
    if (job->is_last) {
      last = std::move(job);
      break;
    }
    try {
      job->work(*engine);
    } catch (...) {
      job->error = std::current_exception();
    }
    deliver(std::move(job));
  }
  {
    std::lock_guard lock(mutex_);
    engine_ = nullptr;
  }
  engine.reset();
  if (last) deliver(std::move(last));
  std::lock_guard lock(mutex_);
  is_finished_ = true;
  changed_.notify_all();
}

void TracerThread::deliver(std::unique_ptr<Job> job) {
  {
    std::lock_guard lock(mutex_);
    if (is_stopping_) return;
  }
  Job* raw = job.release();
  auto self = self_;
  napi_status status = to_javascript_.NonBlockingCall(raw, [self](Napi::Env env, Napi::Function, Job* done) {
    std::unique_ptr<Job> owned(done);
    if (env != nullptr && *self) (*self)->settle(env, *owned);
  });
  if (status != napi_ok) delete raw;
}

void TracerThread::settle(Napi::Env env, Job& job) {
  if (--pending_count_ == 0) to_javascript_.Unref(env);
  if (job.error) {
    job.deferred.Reject(from_exception(env, job.error).Value());
    return;
  }
  try {
    job.deferred.Resolve(job.convert(env));
  } catch (const Napi::Error& error) {
    job.deferred.Reject(error.Value());
  }
}

}  // namespace fred::binding
