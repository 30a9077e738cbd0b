#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/api/connection.hpp"
#include "client-wx/api/server.hpp"

namespace wutong::client::test {

/// A Server that answers what the test tells it to.
///
///     ScriptedServer server;
///     server.on(method::quote, [](const v1::QuoteRequest& asked) { v1::QuoteResponse a; …; return a; });
///     presenter.type("200");
///     server.deliver();                                  // answers all that waits and has a rule
///     server.asked(method::quote)                        // every request so far, in order
///     server.answer(method::sell, receipt);              // the oldest waiting call, by hand
///     server.fail(method::sell, unreachable());          // likewise
///     server.push(method::watch_live, update);           // to every open stream of the method
///     server.end(method::watch_live);
///
/// Calls without a rule wait. A cancelled call is never answered, as with the real one.
class ScriptedServer final : public Server {
public:
    template <class Answer>
    using Outcome = std::pair<Answer, std::optional<Fault>>;

    /// From now on each call of the method is answered by `rule` when deliver() runs.
    template <class Request, class Answer, class Rule>
    void on(const Unary<Request, Answer>& method, Rule rule) {
        rules_[method.path] = [rule = std::move(rule)](const Message& request, Message& answer) {
            static_cast<Answer&>(answer) = rule(static_cast<const Request&>(request));
            return std::optional<Fault>{};
        };
    }
    template <class Request, class Answer>
    void on_fault(const Unary<Request, Answer>& method, Fault fault) {
        rules_[method.path] = [fault = std::move(fault)](const Message&, Message&) {
            return std::optional<Fault>{fault};
        };
    }
    /// Calls of the method wait again.
    template <class Request, class Answer>
    void no_rule(const Unary<Request, Answer>& method) {
        rules_.erase(method.path);
    }

    /// Answers waiting calls that have a rule, also those made meanwhile. @return how many
    int deliver() {
        int delivered = 0;
        for (bool more = true; more;) {
            more = false;
            for (std::size_t i = 0; i < waiting_.size(); ++i) {
                const auto rule = rules_.find(waiting_[i]->path);
                if (rule == rules_.end()) {
                    continue;
                }
                const auto call = take(i);
                if (!call->cancelled) {
                    const auto fault = rule->second(*call->request, *call->answer);
                    finish(*call, fault);
                    if (++delivered > 10'000) {
                        throw std::logic_error(call->path + " is called again and again");
                    }
                }
                more = true;
                break;
            }
        }
        return delivered;
    }

    template <class Request, class Answer>
    void answer(const Unary<Request, Answer>& method, const Answer& answer) {
        const auto call = oldest(method.path);
        static_cast<Answer&>(*call->answer) = answer;
        finish(*call, std::nullopt);
    }
    template <class Request, class Answer>
    void fail(const Unary<Request, Answer>& method, const Fault& fault) {
        finish(*oldest(method.path), fault);
    }

    /// Every request of the method so far, answered or not.
    template <class Request, class Answer>
    [[nodiscard]] std::vector<Request> asked(const Unary<Request, Answer>& method) const {
        return recorded<Request>(method.path);
    }
    template <class Request, class Update>
    [[nodiscard]] std::vector<Request> asked(const Stream<Request, Update>& method) const {
        return recorded<Request>(method.path);
    }
    /// Calls of the method that nobody has answered or cancelled.
    template <class Request, class Answer>
    [[nodiscard]] std::size_t waiting(const Unary<Request, Answer>& method) const {
        std::size_t count = 0;
        for (const auto& call : waiting_) {
            count += call->path == method.path && !call->cancelled ? 1U : 0U;
        }
        return count;
    }

    template <class Request, class Update>
    [[nodiscard]] std::size_t open_streams(const Stream<Request, Update>& method) const {
        return streams_of(method.path).size();
    }
    template <class Request, class Update>
    void push(const Stream<Request, Update>& method, const Update& update) {
        for (const auto& stream : must_have_streams(method.path)) {
            if (!stream->cancelled) {
                stream->update(update);
            }
        }
    }
    /// Ends every open stream of the method. @param fault none: the server ended it by itself
    template <class Request, class Update>
    void end(const Stream<Request, Update>& method, const std::optional<Fault>& fault = std::nullopt) {
        for (const auto& stream : must_have_streams(method.path)) {
            std::erase(streams_, stream);
            if (!stream->cancelled) {
                stream->end(fault ? &*fault : nullptr);
            }
        }
    }

    void end_session() {
        Fault fault;
        fault.kind = Fault::Kind::unauthenticated;
        fault.reason = "session_ended";
        tell_session_ended(fault);
    }

    [[nodiscard]] const std::string& token() const { return token_; }
    /// Whose token the last call of the method had; empty: the one in use.
    template <class Request, class Answer>
    [[nodiscard]] std::string asked_as(const Unary<Request, Answer>& method) const {
        const auto found = last_token_.find(method.path);
        return found == last_token_.end() ? std::string{} : found->second;
    }
    [[nodiscard]] const std::string& language() const { return language_; }
    void use_token(const std::string& token) override { token_ = token; }
    void use_language(const std::string& language) override { language_ = language; }

private:
    struct Pending final : Call::State {
        void cancel() override { cancelled = true; }
        std::string path;
        bool cancelled{false};
        std::unique_ptr<Message> request;
        std::shared_ptr<Message> answer;
        std::function<void(const Fault*)> done;
        std::function<void(const Message&)> update;
        std::function<void(const Fault*)> end;
    };
    using Rule = std::function<std::optional<Fault>(const Message&, Message&)>;

    static std::unique_ptr<Message> copy_of(const Message& message) {
        std::unique_ptr<Message> copy{message.New()};
        copy->CopyFrom(message);
        return copy;
    }

    Call start(const MethodInfo& method, const Message& request, std::shared_ptr<Message> answer,
               std::function<void(const Fault*)> done) override {
        auto call = std::make_shared<Pending>();
        call->path = method.path;
        call->request = copy_of(request);
        call->answer = std::move(answer);
        call->done = std::move(done);
        record(call->path, request);
        last_token_[call->path] = method.token;
        waiting_.push_back(call);
        return Call{call};
    }

    Call start_stream(const char* path, const Message& request, std::shared_ptr<Message> /*prototype*/,
                      std::function<void(const Message&)> update,
                      std::function<void(const Fault*)> end) override {
        auto stream = std::make_shared<Pending>();
        stream->path = path;
        stream->update = std::move(update);
        stream->end = std::move(end);
        record(path, request);
        streams_.push_back(stream);
        return Call{stream};
    }

    void record(const std::string& path, const Message& request) {
        requests_[path].push_back(copy_of(request));
    }

    template <class Request>
    std::vector<Request> recorded(const char* path) const {
        std::vector<Request> all;
        if (const auto found = requests_.find(path); found != requests_.end()) {
            for (const auto& request : found->second) {
                all.push_back(static_cast<const Request&>(*request));
            }
        }
        return all;
    }

    std::shared_ptr<Pending> take(std::size_t index) {
        auto call = waiting_[index];
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
        return call;
    }

    std::shared_ptr<Pending> oldest(const char* path) {
        for (std::size_t i = 0; i < waiting_.size(); ++i) {
            if (waiting_[i]->path == path && !waiting_[i]->cancelled) {
                return take(i);
            }
        }
        throw std::logic_error(std::string("nobody waits for an answer of ") + path);
    }

    static void finish(Pending& call, const std::optional<Fault>& fault) {
        call.done(fault ? &*fault : nullptr);
    }

    std::vector<std::shared_ptr<Pending>> streams_of(const char* path) const {
        std::vector<std::shared_ptr<Pending>> open;
        for (const auto& stream : streams_) {
            if (stream->path == path && !stream->cancelled) {
                open.push_back(stream);
            }
        }
        return open;
    }

    std::vector<std::shared_ptr<Pending>> must_have_streams(const char* path) const {
        auto open = streams_of(path);
        if (open.empty()) {
            throw std::logic_error(std::string("no stream is open of ") + path);
        }
        return open;
    }

    std::map<std::string, Rule> rules_;
    std::map<std::string, std::vector<std::unique_ptr<Message>>> requests_;
    std::vector<std::shared_ptr<Pending>> waiting_;
    std::vector<std::shared_ptr<Pending>> streams_;
    std::map<std::string, std::string> last_token_;
    std::string token_;
    std::string language_;
};

inline Fault refused(std::string reason, std::string text = {}) {
    Fault fault;
    fault.kind = Fault::Kind::refused;
    fault.reason = std::move(reason);
    fault.text = std::move(text);
    return fault;
}
inline Fault unreachable() {
    Fault fault;
    fault.kind = Fault::Kind::unreachable;
    return fault;
}
inline Fault outcome_unknown() {
    Fault fault;
    fault.kind = Fault::Kind::outcome_unknown;
    return fault;
}

/// A Link whose attempts end as the test says.
class ScriptedLink final : public Link {
public:
    Call fetch_certificate(const std::string& address,
                           std::function<void(Result<PresentedCertificate>)> done) override {
        asked_address = address;
        certificate_done = std::move(done);
        return {};
    }
    Call dial(const ServerAddress& server, std::function<void(Result<Dialled>)> done) override {
        ++dials;
        dialled = server;
        dial_done = std::move(done);
        return {};
    }
    void hang_up() override { ++hang_ups; }
    void on_lost(std::function<void(const Fault&)> lost) override { lost_ = std::move(lost); }

    /// The attempt under way succeeds.
    void succeed(std::chrono::milliseconds round_trip = std::chrono::milliseconds{12}) {
        const auto done = std::exchange(dial_done, nullptr);
        done(Result<Dialled>{Dialled{round_trip}});
    }
    void fail(const Fault& fault = unreachable()) {
        const auto done = std::exchange(dial_done, nullptr);
        done(Result<Dialled>{fault});
    }
    /// The server stops answering.
    void lose(const Fault& fault = unreachable()) { lost_(fault); }

    int dials{0};
    int hang_ups{0};
    ServerAddress dialled;
    std::string asked_address;
    std::function<void(Result<Dialled>)> dial_done;
    std::function<void(Result<PresentedCertificate>)> certificate_done;

private:
    std::function<void(const Fault&)> lost_;
};

}  // namespace wutong::client::test
