#include "storage/requests.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "storage/operation_log.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::TestDatabase;
using tests::TestSite;
using tests::uuid;

TEST_CASE("requests: the same again gets the first answer, anything else is refused", "[requests]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    int done = 0;
    const auto call = [&](const std::string& id, const std::string& method, const std::string& content) {
        return test.server().transact(site.scope(), "call", [&](Transaction& tx) {
            if (const auto stored = begin_request(tx, site.property, id, method, content)) {
                return *stored;
            }
            std::string answer("answer\0", 7);
            answer += std::to_string(++done);
            finish_request(tx, site.property, id, answer);
            return answer;
        });
    };
    const std::string first(
        "answer\0"
        "1",
        8);
    CHECK(call(uuid(1), "Sell", "100.00") == first);
    CHECK(call(uuid(1), "Sell", "100.00") == first);
    CHECK_THROWS_AS(call(uuid(1), "Sell", "100.01"), RequestReused);
    CHECK_THROWS_AS(call(uuid(1), "Refund", "100.00"), RequestReused);
    CHECK(call(uuid(2), "Sell", "100.00") != first);
    CHECK(done == 2);
    for (const std::string id :
         {"", "1", "00000000-0000-4000-8000-00000000000g", "00000000-0000-4000-8000-0000000000001",
          "00000000x0000-4000-8000-000000000001"}) {
        CHECK_THROWS_AS(call(id, "Sell", ""), std::invalid_argument);
    }
    TestSite other{test, "P2", 1};  // ids belong to a property
    test.server().transact(other.scope(), "call", [&](Transaction& tx) {
        CHECK(!begin_request(tx, other.property, uuid(1), "Sell", "5"));
    });
}

TEST_CASE("requests: two at the same moment are done once", "[requests]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    std::atomic<int> done{0};
    std::atomic<int> faults{0};
    std::vector<std::string> answers(6);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        threads.emplace_back([&, i] {
            try {
                answers[i] = test.server().transact(site.scope(), "call", [&](Transaction& tx) {
                    if (const auto stored = begin_request(tx, site.property, uuid(1), "Sell", "100.00")) {
                        return *stored;
                    }
                    tx.exec("SELECT pg_sleep(0.1)");
                    const int n = ++done;
                    if (n == 1) {
                        throw std::runtime_error(
                            "the first one fails, and somebody else must take its place");
                    }
                    finish_request(tx, site.property, uuid(1), "answer " + std::to_string(n));
                    return "answer " + std::to_string(n);
                });
            } catch (const std::exception&) {
                ++faults;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(done == 2);
    CHECK(faults == 1);
    CHECK(std::count(answers.begin(), answers.end(), "answer 2") == 5);
}

TEST_CASE("operation log: who did what, newest first, in pages", "[log]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    test.server().transact(Scope::of({site.property, core::PropertyId{0}}), "log", [&](Transaction& tx) {
        for (int i = 1; i <= 5; ++i) {
            append_operation_log(tx, {0,
                                      site.property,
                                      {},
                                      core::OperatorId{i % 2 + 1},
                                      "sale.sell",
                                      "meter " + std::to_string(i),
                                      R"({"amount_e4": 5})",
                                      uuid(i)});
        }
        append_operation_log(tx, {0, {}, {}, {}, "session.sign_in", std::string(400, 'x') + "电", "{}", ""});
    });
    test.server().transact(site.scope(), "list", [&](Transaction& tx) {
        const auto page = list_operation_log(tx, {.property = site.property}, 0, 3);
        REQUIRE(page.size() == 3);
        CHECK(page[0].target == "meter 5");
        CHECK(page[0].details == R"({"amount_e4": 5})");
        CHECK(page[0].request_id == uuid(5));
        CHECK(list_operation_log(tx, {.property = site.property}, page.back().log_id, 3).size() == 2);
        CHECK(list_operation_log(tx, {.property = site.property, .operator_id = core::OperatorId{1}}, 0, 10)
                  .size() == 2);
        CHECK(list_operation_log(tx, {.property = site.property, .to = page[0].at}, 0, 10).empty());
        CHECK(list_operation_log(tx, {}, 0, 10).empty());  // the installation's own is another wall
    });
    CHECK(
        test.as_superuser("SELECT length(target) FROM operation_log WHERE property_id = 0")[0][0].as<int>() ==
        300);
}
