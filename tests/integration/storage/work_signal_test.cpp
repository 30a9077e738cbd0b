#include "storage/work_signal.hpp"

#include <catch2/catch.hpp>

#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::Role;
using tests::TestDatabase;
using Wake = WorkSignal::Wake;
using std::chrono::milliseconds;

namespace {

void signal(TestDatabase& test) {
    test.server().transact(Scope::none(), "signal", [](Transaction& tx) { signal_work(tx); });
}

void kill_listeners(const TestDatabase& test) {
    test.as_superuser(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'wutong_collector' AND "
        "datname = '" +
        test.name() + "'");
}

}  // namespace

TEST_CASE("work signal: heard when the transaction commits, not before and not after a rollback",
          "[signal]") {
    TestDatabase test;
    WorkSignal work{test.options(Role::collector)};
    CHECK(work.wait(milliseconds{0}) == Wake::reconnected);
    CHECK(work.wait(milliseconds{20}) == Wake::nothing);
    test.server().transact(Scope::none(), "signal", [&](Transaction& tx) {
        signal_work(tx);
        CHECK(work.wait(milliseconds{100}) == Wake::nothing);
    });
    CHECK(work.wait(milliseconds{2000}) == Wake::work);
    CHECK(work.wait(milliseconds{20}) == Wake::nothing);
    CHECK_THROWS(test.server().transact(Scope::none(), "signal", [&](Transaction& tx) {
        signal_work(tx);
        throw std::runtime_error("rolled back");
    }));
    CHECK(work.wait(milliseconds{100}) == Wake::nothing);
}

TEST_CASE("work signal: what is signalled while nobody listens is lost, and the reconnect says so",
          "[signal]") {
    TestDatabase test;
    WorkSignal work{test.options(Role::collector)};
    CHECK(work.wait(milliseconds{0}) == Wake::reconnected);
    kill_listeners(test);
    signal(test);
    // However the loss shows, it ends with `reconnected`, never with the signal itself: the caller has to
    // look.
    Wake wake = Wake::nothing;
    for (int i = 0; i < 5 && wake != Wake::reconnected; ++i) {
        wake = work.wait(milliseconds{1500});
        CHECK(wake != Wake::work);
    }
    CHECK(wake == Wake::reconnected);
    CHECK(work.wait(milliseconds{50}) == Wake::nothing);
    signal(test);
    CHECK(work.wait(milliseconds{2000}) == Wake::work);
}

TEST_CASE("work signal: a database that is away costs neither an exception nor a busy loop", "[signal]") {
    TestDatabase test;
    auto options = test.options(Role::collector);
    options.url = "postgresql://wutong_collector:x@127.0.0.1:1/none";
    WorkSignal work{options};
    const auto begin = std::chrono::steady_clock::now();
    CHECK(work.wait(milliseconds{200}) == Wake::away);
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK(took >= milliseconds{190});
    CHECK(took < milliseconds{5000});
}
