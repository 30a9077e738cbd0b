#include "client-wx/api/grpc_call.hpp"

#include <utility>

#include "client-wx/api/grpc_fault.hpp"

namespace wutong::client {
namespace {

void add_metadata(grpc::ClientContext& context, const Wire& wire, const std::string& token) {
    context.AddMetadata("language", wire.language);
    if (!token.empty()) {
        context.AddMetadata("authorization", "Bearer " + token);
    }
}

/// Wrong credentials are UNAUTHENTICATED as well, but say nothing about the session in use.
bool ends_session(const Fault& fault, const std::string& sent, const std::string& in_use) {
    return fault.kind == Fault::Kind::unauthenticated && !sent.empty() && sent == in_use &&
           (fault.reason == "session_ended" || fault.reason == "not_signed_in");
}

/// The link first, so that whoever is told of the fault already finds the connection lost.
void tell_the_rest(Wire& wire, const grpc::Status& status, const Fault& fault, const std::string& token) {
    if (link_broke(status) && wire.broke) {
        wire.broke(fault);
    }
    if (ends_session(fault, token, wire.token) && wire.session_ended) {
        wire.session_ended(fault);
    }
}

/// Neither under the lock: gRPC may call back from within.
void try_cancel(const std::shared_ptr<WireContext>& context, std::mutex& mutex) {
    std::shared_ptr<WireContext> now;
    {
        const std::lock_guard lock{mutex};
        now = context;
    }
    if (now) {
        now->grpc().TryCancel();
    }
}

void drop(std::shared_ptr<WireContext>& context, std::mutex& mutex) {
    std::shared_ptr<WireContext> last;  // destroyed after the lock
    const std::lock_guard lock{mutex};
    last.swap(context);
}

}  // namespace

UnaryCall::UnaryCall(std::shared_ptr<Wire> wire, What what, const Message& request,
                     std::shared_ptr<Message> answer, std::function<void(const Fault*)> done)
    : wire_{std::move(wire)},
      what_{std::move(what)},
      until_{std::chrono::system_clock::now() + what_.deadline},
      answer_{std::move(answer)},
      done_{std::move(done)},
      token_{what_.token.empty() ? wire_->token : what_.token},
      request_{to_bytes(request)} {}

void UnaryCall::start() {
    if (!wire_->stub) {
        wire_->post([self = shared_from_this()] {
            self->finish(grpc::Status{grpc::StatusCode::UNAVAILABLE, "no connection"});
        });
        return;
    }
    wire_->began(shared_from_this());
    begin();
}

void UnaryCall::begin() {
    ++attempts_;
    auto context = std::make_shared<WireContext>(wire_);
    auto* raw = &context->grpc();
    raw->set_deadline(until_);
    raw->set_wait_for_ready(what_.patient || attempts_ > 1);
    add_metadata(*raw, *wire_, what_.token.empty() ? wire_->token : what_.token);
    {
        const std::lock_guard lock{mutex_};
        context_ = std::move(context);
    }
    response_.Clear();
    wire_->stub->UnaryCall(
        raw, what_.path, grpc::StubOptions{}, &request_, &response_,
        [self = shared_from_this()](grpc::Status status) {
            if (!link_broke(status) && status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED) {
                self->wire_->heard();
            }
            if (status.ok() && !from_bytes(self->response_, *self->answer_)) {
                status =
                    grpc::Status{grpc::StatusCode::DATA_LOSS, "bad_answer: the answer is no such message"};
            }
            auto* wire = self->wire_.get();
            if (!wire->post([self, status] { self->finish(status); })) {
                self->drop_context();
            }
            wire->ended(self.get());
        });
}

void UnaryCall::drop_context() {
    drop(context_, mutex_);
}

void UnaryCall::cancel() {
    cancelled_ = true;
    done_ = nullptr;
    hang_up();
}

void UnaryCall::hang_up() {
    try_cancel(context_, mutex_);
}

void UnaryCall::finish(const grpc::Status& status) {
    drop_context();
    if (cancelled_) {
        return;
    }
    const auto done = std::exchange(done_, nullptr);
    if (status.ok()) {
        done(nullptr);
        return;
    }
    const bool was_sent = attempts_ > 0;
    const bool again = what_.repeat == Repeat::freely && was_sent && attempts_ < kAttemptsMax &&
                       link_broke(status) && wire_->stub && std::chrono::system_clock::now() < until_;
    if (again) {
        done_ = done;
        wire_->began(shared_from_this());
        begin();
        return;
    }
    // What never left this machine was not done.
    Fault fault = fault_of(status, was_sent ? what_.repeat : Repeat::never);
    if (fault.kind == Fault::Kind::timed_out && attempts_ > 1) {
        fault.kind = Fault::Kind::unreachable;
    }
    if (was_sent) {
        tell_the_rest(*wire_, status, fault, token_);
    }
    if (!cancelled_) {
        done(&fault);
    }
}

StreamCall::StreamCall(std::shared_ptr<Wire> wire, const char* path, const Message& request,
                       std::shared_ptr<Message> prototype, std::size_t waiting_max,
                       std::function<void(const Message&)> update, std::function<void(const Fault*)> end)
    : wire_{std::move(wire)},
      path_{path},
      prototype_{std::move(prototype)},
      waiting_max_{waiting_max},
      update_{std::move(update)},
      end_{std::move(end)},
      token_{wire_->token},
      request_{to_bytes(request)} {}

void StreamCall::start() {
    if (!wire_->stub) {
        wire_->post([self = shared_from_this()] {
            self->finish(grpc::Status{grpc::StatusCode::UNAVAILABLE, "no connection"});
        });
        return;
    }
    self_ = shared_from_this();
    started_ = true;
    wire_->began(shared_from_this());
    const auto context = std::make_shared<WireContext>(wire_);
    {
        const std::lock_guard lock{mutex_};
        context_ = context;
    }
    add_metadata(context->grpc(), *wire_, wire_->token);
    wire_->stub->PrepareBidiStreamingCall(&context->grpc(), path_, grpc::StubOptions{}, this);
    // Reading goes on from the UI thread after a pause: gRPC wants to know that beforehand.
    AddHold();
    StartWriteLast(&request_, grpc::WriteOptions{});
    StartRead(&incoming_);
    StartCall();
}

void StreamCall::OnReadDone(bool ok) {
    if (!ok) {
        RemoveHold();
        return;
    }
    wire_->heard();
    std::shared_ptr<Message> message{prototype_->New()};
    if (!from_bytes(incoming_, *message)) {
        damaged_ = true;
        try_cancel(context_, mutex_);
        StartRead(&incoming_);  // fails, and ends the stream
        return;
    }
    bool room = false;
    {
        const std::lock_guard lock{mutex_};
        ++waiting_;
        room = waiting_ < waiting_max_;
        paused_ = !room;
    }
    if (!wire_->post(
            [self = shared_from_this(), message = std::move(message)] { self->deliver(*message); })) {
        // Nobody will make room any more; the stream is being cancelled, and reading on shows it its end.
        const std::lock_guard lock{mutex_};
        paused_ = false;
        room = true;
    }
    if (room) {
        StartRead(&incoming_);
    }
}

void StreamCall::deliver(const Message& message) {
    if (!cancelled_) {
        // A copy, because an update may cancel the stream that it came from.
        const auto update = update_;
        update(message);
    }
    bool go_on = false;
    {
        const std::lock_guard lock{mutex_};
        --waiting_;
        go_on = paused_ && waiting_ * 2 <= waiting_max_;
        paused_ = paused_ && !go_on;
    }
    if (go_on) {
        StartRead(&incoming_);
    }
}

void StreamCall::go_on_reading() {
    bool paused = false;
    {
        const std::lock_guard lock{mutex_};
        paused = std::exchange(paused_, false);
    }
    if (paused) {
        StartRead(&incoming_);
    }
}

void StreamCall::cancel() {
    cancelled_ = true;
    update_ = nullptr;
    end_ = nullptr;
    hang_up();
}

void StreamCall::hang_up() {
    try_cancel(context_, mutex_);
    go_on_reading();  // so that it hears of its end
}

void StreamCall::drop_context() {
    drop(context_, mutex_);
}

void StreamCall::OnDone(const grpc::Status& status) {
    const auto self = std::exchange(self_, nullptr);
    if (!wire_->post([self, status] { self->finish(status); })) {
        drop_context();
    }
    wire_->ended(this);
}

void StreamCall::finish(const grpc::Status& status) {
    drop_context();
    if (cancelled_) {
        return;
    }
    const auto end = std::exchange(end_, nullptr);
    if (status.ok()) {
        end(nullptr);
        return;
    }
    Fault fault = fault_of(status, Repeat::freely);
    if (damaged_) {
        fault.kind = Fault::Kind::internal;
        fault.reason = "bad_answer";
    } else if (started_) {
        tell_the_rest(*wire_, status, fault, token_);
    }
    if (!cancelled_) {
        end(&fault);
    }
}

}  // namespace wutong::client
