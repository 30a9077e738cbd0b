#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "client-wx/api/fault.hpp"

namespace google::protobuf {
class Message;
}

/// How presenters reach wutong-server. One connection, calls off the UI thread, answers on the UI thread.
namespace wutong::client {

/// What may be done again by itself after a broken link.
enum class Repeat {
    freely,             ///< a read
    with_same_request,  ///< a change: the message carries a request_id, so the server answers as it did the
                        ///< first time
    never
};

template <class Request, class Answer>
struct Unary {
    const char* path;  ///< "/wutong.v1.SaleService/Sell"
    Repeat repeat;
    std::chrono::milliseconds deadline{8000};
};

template <class Request, class Update>
struct Stream {
    const char* path;
};

template <class Answer>
class Result {
public:
    Result(const Answer& answer) : answer_{&answer} {}  // NOLINT: implicit on purpose
    Result(const Fault& fault) : fault_{&fault} {}      // NOLINT
    [[nodiscard]] bool ok() const { return answer_ != nullptr; }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const Answer& operator*() const { return *answer_; }
    [[nodiscard]] const Answer* operator->() const { return answer_; }
    [[nodiscard]] const Fault& fault() const { return *fault_; }

private:
    const Answer* answer_{nullptr};  // both live for the callback only
    const Fault* fault_{nullptr};
};

/// A call under way. Destroying or cancelling it means that its callbacks will not run any more.
class [[nodiscard]] Call {
public:
    class State {
    public:
        virtual ~State() = default;
        virtual void cancel() = 0;
    };

    Call() = default;
    explicit Call(std::shared_ptr<State> state) : state_{std::move(state)} {}
    Call(Call&&) noexcept = default;
    Call& operator=(Call&& other) noexcept {
        cancel();
        state_ = std::move(other.state_);
        return *this;
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() { cancel(); }

    void cancel() {
        if (auto state = std::exchange(state_, nullptr)) {
            state->cancel();
        }
    }

private:
    std::shared_ptr<State> state_;
};

class Server {
public:
    using Message = google::protobuf::Message;

    Server() = default;
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    virtual ~Server() = default;

    /// `done` runs once, on the UI thread, never inside of call().
    template <class Request, class Answer>
    [[nodiscard]] Call call(const Unary<Request, Answer>& method, const Request& request,
                            std::type_identity_t<std::function<void(Result<Answer>)>> done) {
        auto answer = std::make_shared<Answer>();
        auto* raw = answer.get();
        return start({method.path, method.repeat, method.deadline}, request, std::move(answer),
                     [raw, done = std::move(done)](const Fault* fault) {
                         fault ? done(Result<Answer>{*fault}) : done(Result<Answer>{*raw});
                     });
    }

    /// As call(), once for somebody else than who is signed in here: a second person's word. It leaves the
    /// session in use alone. @param token of that person's own session
    template <class Request, class Answer>
    [[nodiscard]] Call call_as(const std::string& token, const Unary<Request, Answer>& method,
                               const Request& request,
                               std::type_identity_t<std::function<void(Result<Answer>)>> done) {
        auto answer = std::make_shared<Answer>();
        auto* raw = answer.get();
        return start({method.path, method.repeat, method.deadline, token}, request, std::move(answer),
                     [raw, done = std::move(done)](const Fault* fault) {
                         fault ? done(Result<Answer>{*fault}) : done(Result<Answer>{*raw});
                     });
    }

    /// `update` runs for each message; `end` once, with a fault unless the server ended the stream by itself.
    /// Opening the stream again is the caller's decision.
    template <class Request, class Update>
    [[nodiscard]] Call watch(const Stream<Request, Update>& method, const Request& request,
                             std::type_identity_t<std::function<void(const Update&)>> update,
                             std::function<void(const Fault*)> end) {
        return start_stream(
            method.path, request, std::make_shared<Update>(),
            [update = std::move(update)](const Message& message) {
                update(static_cast<const Update&>(message));
            },
            std::move(end));
    }

    /// From the next call on. @param token empty: none
    virtual void use_token(const std::string& token) = 0;
    /// @param language "zh" or "en": what the server's own sentences are asked in
    virtual void use_language(const std::string& language) = 0;
    /// Told when a call with a token was answered that its session has ended.
    void on_session_ended(std::function<void(const Fault&)> ended) { session_ended_ = std::move(ended); }

protected:
    void tell_session_ended(const Fault& fault) {
        if (session_ended_) {
            session_ended_(fault);
        }
    }

    struct MethodInfo {
        const char* path;
        Repeat repeat;
        std::chrono::milliseconds deadline;
        std::string token{};  ///< empty: the one in use
    };
    virtual Call start(const MethodInfo& method, const Message& request, std::shared_ptr<Message> answer,
                       std::function<void(const Fault*)> done) = 0;
    /// @param prototype an empty message of the stream's type
    virtual Call start_stream(const char* path, const Message& request, std::shared_ptr<Message> prototype,
                              std::function<void(const Message&)> update,
                              std::function<void(const Fault*)> end) = 0;

private:
    std::function<void(const Fault&)> session_ended_;
};

}  // namespace wutong::client
