#include "client-wx/api/grpc_server.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client-wx/api/methods.hpp"
#include "proto/client/pinned_channel.hpp"
#include "tests/support/hand_queue.hpp"
#include "tests/unit/client/grpc_peer.hpp"

using namespace std::chrono_literals;
using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;

namespace {

struct Seat {
    HandQueue queue;
    GrpcServer server;
    std::vector<Fault> lost;
    std::string fingerprint;
    Call held;

    explicit Seat(GrpcServer::Limits limits = {}) : server{queue, limits} {
        server.on_lost([this](const Fault& fault) { lost.push_back(fault); });
    }

    /// @return the fault, if any
    std::optional<Fault> dial(const std::string& address, const std::string& pinned) {
        std::optional<Fault> failed;
        bool over = false;
        const auto call = server.dial({address, pinned}, [&](const Result<Link::Dialled>& result) {
            over = true;
            if (!result) {
                failed = result.fault();
            }
        });
        REQUIRE(queue.run_until([&] { return over; }));
        return failed;
    }
    void reach(const Peer& peer) {
        fingerprint = api::fetch_certificate(peer.address(), 5000ms).fingerprint;
        const auto failed = dial(peer.address(), fingerprint);
        REQUIRE_FALSE(failed);
    }

    struct Outcome {
        std::optional<v1::QuoteResponse> answer;
        std::optional<Fault> fault;
        [[nodiscard]] bool over() const { return answer || fault; }
    };
    Call quote(Outcome& outcome, std::int64_t amount = 100, std::chrono::milliseconds deadline = 8000ms) {
        auto method = method::quote;
        method.deadline = deadline;
        v1::QuoteRequest request;
        request.set_amount_e4(amount);
        return server.call(method, request, [&outcome](const Result<v1::QuoteResponse>& result) {
            if (result) {
                outcome.answer = *result;
            } else {
                outcome.fault = result.fault();
            }
        });
    }
    Fault quote_fault(std::chrono::milliseconds deadline = 8000ms) {
        Outcome outcome;
        const auto call = quote(outcome, 100, deadline);
        REQUIRE(queue.run_until([&] { return outcome.over(); }));
        REQUIRE(outcome.fault);
        return *outcome.fault;
    }
    Fault sell_fault(std::chrono::milliseconds deadline, const std::function<void()>& meanwhile = {}) {
        auto method = method::sell;
        method.deadline = deadline;
        std::optional<Fault> fault;
        bool over = false;
        const auto call = server.call(method, v1::SellRequest{}, [&](const Result<v1::SaleReceipt>& result) {
            over = true;
            if (!result) {
                fault = result.fault();
            }
        });
        if (meanwhile) {
            meanwhile();
        }
        REQUIRE(queue.run_until([&] { return over; }));
        REQUIRE(fault);
        return *fault;
    }
};

}  // namespace

TEST_CASE("grpc server: calls are answered on the UI thread, with token and language", "[client][grpc]") {
    Peer peer;
    Seat seat;
    seat.reach(peer);
    seat.server.use_token("abc");
    seat.server.use_language("zh");
    Seat::Outcome outcome;
    const auto call = seat.quote(outcome, 700);
    CHECK_FALSE(outcome.over());  // never inside of call()
    REQUIRE(seat.queue.run_until([&] { return outcome.over(); }));
    REQUIRE(outcome.answer);
    CHECK(outcome.answer->energy_wh() == 1400);
    CHECK(peer.authorization == "Bearer abc");
    CHECK(peer.language == "zh");
    CHECK(seat.lost.empty());
}

TEST_CASE("grpc server: refusals keep their reason, fields and details", "[client][grpc]") {
    Peer peer;
    Seat seat;
    seat.reach(peer);
    using grpc::StatusCode;
    const std::vector<std::pair<StatusCode, Fault::Kind>> kinds{
        {StatusCode::FAILED_PRECONDITION, Fault::Kind::refused},
        {StatusCode::ALREADY_EXISTS, Fault::Kind::refused},
        {StatusCode::RESOURCE_EXHAUSTED, Fault::Kind::refused},
        {StatusCode::UNAVAILABLE, Fault::Kind::refused},
        {StatusCode::ABORTED, Fault::Kind::refused},
        {StatusCode::INVALID_ARGUMENT, Fault::Kind::invalid},
        {StatusCode::NOT_FOUND, Fault::Kind::not_found},
        {StatusCode::PERMISSION_DENIED, Fault::Kind::not_permitted},
        {StatusCode::UNAUTHENTICATED, Fault::Kind::unauthenticated},
        {StatusCode::INTERNAL, Fault::Kind::internal},
    };
    for (const auto& [status, kind] : kinds) {
        CAPTURE(static_cast<int>(status));
        peer.quote_status = refusal(status, "above_hoarding_limit", "Too much.");
        const auto fault = seat.quote_fault();
        CHECK(fault.kind == kind);
        CHECK(fault.reason == "above_hoarding_limit");
        CHECK(fault.text == "Too much.");
        CHECK(fault.details.at("tries_left") == "3");
        REQUIRE(fault.fields.size() == 1);
        CHECK(fault.fields[0].name == "amount_e4");
    }
    peer.quote_status = refusal(StatusCode::ABORTED, "outcome_unknown", "who knows");
    CHECK(seat.quote_fault().kind == Fault::Kind::outcome_unknown);
    peer.quote_status = {StatusCode::PERMISSION_DENIED, "permission_denied: operator x has not the right"};
    const auto gate = seat.quote_fault();
    CHECK(gate.reason == "permission_denied");
    CHECK(gate.text == "operator x has not the right");
    peer.quote_status = {StatusCode::UNIMPLEMENTED, ""};
    CHECK(seat.quote_fault().reason == "no_such_method");
    CHECK(seat.lost.empty());
}

TEST_CASE("grpc server: a session that ended is told once a call with its token finds out",
          "[client][grpc]") {
    Peer peer;
    peer.session_ended = true;
    Seat seat;
    seat.reach(peer);
    int told = 0;
    seat.server.on_session_ended([&](const Fault&) { ++told; });
    CHECK(seat.quote_fault().kind == Fault::Kind::unauthenticated);
    CHECK(told == 0);  // there was no session
    seat.server.use_token("old");
    Seat::Outcome outcome;
    const auto call = seat.quote(outcome);
    seat.server.use_token("new");  // signed in anew meanwhile: the answer is about the old one
    REQUIRE(seat.queue.run_until([&] { return outcome.over(); }));
    CHECK(told == 0);
    CHECK(seat.quote_fault().reason == "session_ended");
    CHECK(told == 1);
}

TEST_CASE("grpc server: a cancelled call never answers", "[client][grpc]") {
    Peer peer;
    Seat seat;
    seat.reach(peer);
    Seat::Outcome outcome;
    { const auto call = seat.quote(outcome); }
    auto call = seat.quote(outcome);
    // Without running the queue: the answer arrives and waits there.
    for (int i = 0; i < 500 && peer.asked == 0; ++i) {
        std::this_thread::sleep_for(10ms);
    }
    REQUIRE(peer.asked >= 1);
    // Answered already, but not delivered: too late as well.
    std::this_thread::sleep_for(100ms);
    call.cancel();
    seat.queue.run_for(300ms);
    CHECK_FALSE(outcome.over());
    CHECK(seat.lost.empty());
}

TEST_CASE("grpc server: a slow server: reads time out, changes stay unknown", "[client][grpc]") {
    Peer peer;
    Seat seat;
    seat.reach(peer);
    peer.slow = true;
    CHECK(seat.quote_fault(300ms).kind == Fault::Kind::timed_out);
    CHECK(seat.sell_fault(300ms).kind == Fault::Kind::outcome_unknown);
    peer.slow = false;
    Seat::Outcome outcome;
    const auto call = seat.quote(outcome);
    REQUIRE(seat.queue.run_until([&] { return outcome.over(); }));
    CHECK(outcome.answer);
}

TEST_CASE(
    "grpc server: a dying server: the loss is told once, a change is unknown, a read that comes back in time "
    "is answered",
    "[client][grpc]") {
    auto peer = std::make_unique<Peer>();
    const int port = peer->port();
    Seat seat;
    seat.reach(*peer);
    peer->slow = true;
    const auto sold = seat.sell_fault(15'000ms, [&] {
        while (peer->asked == 0) {
            std::this_thread::sleep_for(1ms);
        }
        peer->die();
    });
    CHECK(sold.kind == Fault::Kind::outcome_unknown);
    CHECK(seat.lost.size() == 1);
    // A read made now is repeated, and finds the server back.
    Seat::Outcome outcome;
    const auto call = seat.quote(outcome, 5);
    peer = std::make_unique<Peer>(right_one(), port);
    REQUIRE(seat.queue.run_until([&] { return outcome.over(); }));
    REQUIRE(outcome.answer);
    CHECK(outcome.answer->energy_wh() == 10);
    CHECK(seat.lost.size() == 1);
    CHECK_FALSE(seat.dial(peer->address(), seat.fingerprint));
}

TEST_CASE("grpc server: without a link calls end at once, and a change was not done", "[client][grpc]") {
    Seat seat;
    CHECK(seat.quote_fault().kind == Fault::Kind::unreachable);
    CHECK(seat.sell_fault(15'000ms).kind == Fault::Kind::unreachable);
    bool ended = false;
    const auto stream = seat.server.watch(
        method::watch_live, v1::WatchRequest{}, [](const v1::LiveUpdate&) {},
        [&](const Fault* fault) { ended = fault != nullptr && fault->kind == Fault::Kind::unreachable; });
    CHECK_FALSE(ended);
    CHECK(seat.queue.run_until([&] { return ended; }));
    CHECK(seat.lost.empty());
}

TEST_CASE("grpc server: another certificate is refused, whenever it shows", "[client][grpc]") {
    auto peer = std::make_unique<Peer>();
    const int port = peer->port();
    Seat seat;
    seat.reach(*peer);
    peer.reset();
    Peer impostor{wrong_one(), port};
    seat.server.use_token("precious");
    // On the old channel: TLS itself refuses, nothing is sent.
    const auto fault = seat.quote_fault(2000ms);
    CHECK(fault.kind == Fault::Kind::unreachable);
    CHECK(impostor.asked == 0);
    const auto dialled = seat.dial(impostor.address(), seat.fingerprint);
    REQUIRE(dialled);
    CHECK(dialled->kind == Fault::Kind::certificate_changed);
    CHECK(dialled->details.at("pinned") == seat.fingerprint);
    CHECK(dialled->details.at("presented").size() == 64);
    CHECK(dialled->details.at("presented") != seat.fingerprint);
    CHECK(impostor.asked == 0);
}

TEST_CASE("grpc server: first contact shows the certificate without trusting it", "[client][grpc]") {
    Peer peer;
    Seat seat;
    std::string seen;
    bool failed = false;
    const auto ask = [&](const std::string& address) {
        seen.clear();
        failed = false;
        return seat.server.fetch_certificate(address, [&](const Result<PresentedCertificate>& result) {
            seen = result ? result->fingerprint : "";
            failed = !result;
        });
    };
    {
        const auto call = ask(peer.address());
        REQUIRE(seat.queue.run_until([&] { return !seen.empty() || failed; }));
        CHECK(seen.size() == 64);
    }
    const auto call = ask("127.0.0.1:1");
    REQUIRE(seat.queue.run_until([&] { return failed; }));
    CHECK(seat.dial("127.0.0.1:1", std::string(64, 'a'))->kind == Fault::Kind::unreachable);
    CHECK(seat.dial("no such host:7443", std::string(64, 'a'))->kind == Fault::Kind::unreachable);
    CHECK(seat.dial(peer.address(), "not a fingerprint")->kind == Fault::Kind::unreachable);
}

TEST_CASE("grpc server: a huge answer is refused, not swallowed", "[client][grpc]") {
    Peer peer;
    Seat seat;
    seat.reach(peer);
    peer.huge = true;
    CHECK(seat.quote_fault().reason == "answer_too_large");
    peer.huge = false;
    Seat::Outcome outcome;
    const auto call = seat.quote(outcome);
    REQUIRE(seat.queue.run_until([&] { return outcome.over(); }));
    CHECK(outcome.answer);
    CHECK(seat.lost.empty());
}

TEST_CASE("grpc server: a flood waits in the server, not in our memory", "[client][grpc]") {
    Peer peer;
    peer.updates = 400;  // 100 kB each
    Seat seat;
    seat.reach(peer);
    int got = 0;
    bool ended = false;
    const auto stream = seat.server.watch(
        method::watch_live, v1::WatchRequest{}, [&](const v1::LiveUpdate&) { ++got; },
        [&](const Fault* fault) { ended = fault == nullptr; });
    std::this_thread::sleep_for(700ms);  // the UI thread is busy
    CHECK(seat.queue.waiting() <= 32);
    CHECK(peer.written < 200);
    CHECK(seat.queue.run_until([&] { return ended; }));
    CHECK(got == 400);
}

TEST_CASE("grpc server: a stream may be cancelled from its own update, or while it waits", "[client][grpc]") {
    Peer peer;
    peer.updates = 300;
    peer.mute = false;
    Seat seat;
    seat.reach(peer);
    int got = 0;
    Call stream = seat.server.watch(
        method::watch_live, v1::WatchRequest{},
        [&](const v1::LiveUpdate&) {
            ++got;
            stream.cancel();
        },
        [&](const Fault*) { got += 1000; });
    seat.queue.run_for(500ms);
    CHECK(got == 1);
    stream = seat.server.watch(
        method::watch_live, v1::WatchRequest{}, [&](const v1::LiveUpdate&) { ++got; },
        [&](const Fault*) { got += 1000; });
    std::this_thread::sleep_for(300ms);  // it has filled up and paused
    stream.cancel();
    seat.queue.run_for(300ms);
    CHECK(got == 1);
}

TEST_CASE("grpc server: silence is noticed by asking for a sign of life", "[client][grpc]") {
    Peer peer;
    GrpcServer::Limits limits;
    limits.silence = 100ms;
    limits.sign_of_life = 300ms;
    Seat seat{limits};
    seat.reach(peer);
    seat.queue.run_for(600ms);
    CHECK(seat.lost.empty());  // it answers
    peer.mute = true;
    REQUIRE(seat.queue.run_until([&] { return !seat.lost.empty(); }, 5000ms));
    seat.queue.run_for(500ms);
    CHECK(seat.lost.size() == 1);
    peer.mute = false;
}

TEST_CASE("grpc server: may end with calls, streams and a dial under way", "[client][grpc]") {
    Peer peer;
    peer.updates = 500;
    for (int round = 0; round < 3; ++round) {
        HandQueue queue;
        Seat::Outcome outcome;
        bool linked = false;
        {
            GrpcServer server{queue};
            const auto fingerprint = api::fetch_certificate(peer.address(), 5000ms).fingerprint;
            auto dial = server.dial({peer.address(), fingerprint},
                                    [&](const Result<Link::Dialled>& result) { linked = result.ok(); });
            REQUIRE(queue.run_until([&] { return linked; }));
            peer.slow = true;
            auto call = server.call(method::quote, v1::QuoteRequest{},
                                    [&](const Result<v1::QuoteResponse>&) { outcome.fault = Fault{}; });
            auto stream = server.watch(
                method::watch_live, v1::WatchRequest{},
                [&](const v1::LiveUpdate&) { outcome.fault = Fault{}; },
                [&](const Fault*) { outcome.fault = Fault{}; });
            auto again = server.dial({peer.address(), fingerprint},
                                     [&](const Result<Link::Dialled>&) { outcome.fault = Fault{}; });
            std::this_thread::sleep_for(round * 60ms);
            peer.slow = false;
        }
        CHECK_FALSE(outcome.over());
    }
}
