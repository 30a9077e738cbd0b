// Sales that come at the same moment are written together: the same rows, the same answers, nobody held up.
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <map>
#include <thread>
#include <vector>

#include "server/metrics/metrics.hpp"
#include "tests/integration/services/till.hpp"

using namespace wutong;
using namespace wutong::tests;

namespace {

double metric(Counter& counter, const std::string& name) {
    const auto text = counter.stack.app().metrics().text();
    const auto at = text.find("\n" + name + " ");
    REQUIRE(at != std::string::npos);
    return std::stod(text.substr(at + name.size() + 2));
}

double sold_together(Counter& counter) {
    return metric(counter, "wutong_server_sales_together_total");
}

/// Every row that a sale leaves, without its keys and times, as text.
std::vector<std::string> rows_of(Counter& counter, std::int64_t sale_id) {
    const auto sale = "(SELECT * FROM sale WHERE sale_id = " + std::to_string(sale_id) + ") s";
    std::vector<std::string> rows;
    for (const auto& query : {
             "SELECT to_jsonb(s) - '{sale_id,request_id,entry_id,delivery_id,sold_at,receipt_no}'::text[] "
             "FROM " +
                 sale,
             "SELECT to_jsonb(e) - '{entry_id,request_id,booked_at,xact}'::text[] || "
             "jsonb_build_object('same', "
             "e.request_id = s.request_id) FROM journal_entry e JOIN " +
                 sale + " USING (property_id, entry_id)",
             "SELECT to_jsonb(p) - 'entry_id' FROM posting p JOIN " + sale +
                 " USING (property_id, entry_id) ORDER BY "
                 "line",
             "SELECT to_jsonb(d) - '{delivery_id,sale_id,queued_at}'::text[] || jsonb_build_object('same', "
             "d.sale_id = "
             "s.sale_id) FROM credit_delivery d JOIN " +
                 sale + " USING (property_id, delivery_id)",
             "SELECT to_jsonb(l) - '{log_id,at,request_id,details}'::text[] || (l.details - 'sale_id') || "
             "jsonb_build_object('same', (l.details ->> 'sale_id')::bigint = s.sale_id) FROM operation_log l "
             "JOIN " +
                 sale + " USING (property_id, request_id)",
             "SELECT jsonb_build_object('method', r.method, 'answer', length(r.response) > 0) FROM request r "
             "JOIN " +
                 sale + " USING (property_id, request_id)",
         }) {
        rows.emplace_back("--");
        for (const auto& row : counter.database.as_superuser(query)) {
            rows.emplace_back(row[0].c_str());
        }
    }
    return rows;
}

struct Sold {
    Answer answer;
    v1::SaleReceipt receipt;
};

/// All at the same moment, each over a connection of its own.
std::vector<Sold> sell_at_once(Counter& counter, const std::vector<v1::SellRequest>& requests) {
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        clients.push_back(counter.stack.another_client());
    }
    std::vector<Sold> results(requests.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        threads.emplace_back(
            [&, i] { results[i].answer = clients[i]->call(&Sales::Sell, requests[i], results[i].receipt); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    return results;
}

}  // namespace

TEST_CASE("a sale written together with others leaves the same rows as one written alone",
          "[services][lane]") {
    Counter counter{1};
    Till till{counter};
    till.point("P1");
    till.open("P1", 2'000'000);
    const auto meter = counter.site.meters[0];
    const auto id = counter.open_and_deliver({{meter, 0}}).account_id();
    const auto together = counter.client().must(&Sales::Sell, counter.sale(id, meter, 120'000));
    CHECK(sold_together(counter) == 1);
    // A limit of the day is read under its lock: such a sale is written alone.
    counter.database.as_superuser(
        "INSERT INTO cashier_limit (property_id, operator_id, day_max_e4) SELECT property_id, operator_id, "
        "1000000000 "
        "FROM sale WHERE sale_id = " +
        std::to_string(together.sale_id()));
    const auto alone = counter.client().must(&Sales::Sell, counter.sale(id, meter, 120'000));
    CHECK(sold_together(counter) == 1);
    const auto rows = rows_of(counter, together.sale_id());
    CHECK(rows.size() == 13);  // six kinds of rows, two of them postings
    CHECK(rows == rows_of(counter, alone.sale_id()));
    CHECK(together.receipt_number() == "P1-00000002");  // the opening was the first
    CHECK(alone.receipt_number() == "P1-00000003");
    auto first = together;
    auto second = alone;
    for (auto* receipt : {&first, &second}) {
        receipt->clear_sale_id();
        receipt->clear_delivery_id();
        receipt->clear_sold_at();
        receipt->clear_receipt_number();
    }
    CHECK(first.DebugString() == second.DebugString());
}

TEST_CASE(
    "sales at the same moment: receipts without gaps, books that balance, fewer transactions than sales",
    "[services][lane]") {
    constexpr int kMeters = 12;
    Counter counter{kMeters};
    Till till{counter};
    till.point("P1");
    till.open("P1", 2'000'000);
    std::vector<std::pair<core::MeterId, std::int64_t>> all;
    for (const auto meter : counter.site.meters) {
        all.emplace_back(meter, 0);
    }
    const auto id = counter.open_and_deliver(all).account_id();
    for (int round = 0; round < 5; ++round) {
        std::vector<v1::SellRequest> requests;
        for (const auto meter : counter.site.meters) {
            requests.push_back(counter.sale(id, meter, 10'000));
        }
        for (const auto& sold : sell_at_once(counter, requests)) {
            CHECK(sold.answer.message == "");
        }
    }
    CHECK(sold_together(counter) >= 5 * kMeters * 0.5);  // the others met a locked shift and went alone
    CHECK(metric(counter, "wutong_server_sale_lane_transactions_total") < sold_together(counter));
    const auto numbers = counter.database.as_superuser(
        "SELECT count(*), count(DISTINCT receipt_no), max(receipt_no) - min(receipt_no) + 1 FROM sale");
    CHECK(numbers[0][0].as<int>() == numbers[0][1].as<int>());
    CHECK(numbers[0][0].as<int>() == numbers[0][2].as<int>());
    CHECK(counter.trial_balance().sold_e4() == 5 * kMeters * 10'000);
    CHECK(counter.field.deliver() == 5 * kMeters);
    check_identity(counter.trial_balance());
}

TEST_CASE("one of several sales is refused, repeated or odd: the others are sold, and it gets its own answer",
          "[services][lane]") {
    Counter counter{6};
    std::vector<std::pair<core::MeterId, std::int64_t>> all;
    for (const auto meter : counter.site.meters) {
        all.emplace_back(meter, 0);
    }
    const auto id = counter.open_and_deliver(all).account_id();
    const auto& meters = counter.site.meters;
    counter.database.as_superuser("UPDATE meter SET balance_max_e4 = 50000 WHERE meter_id = " +
                                  std::to_string(meters[1].value));
    const auto first = counter.sale(id, meters[4], 10'000);
    const auto before = counter.client().must(&Sales::Sell, first);
    auto other_content = first;
    other_content.set_amount_e4(20'000);
    other_content.set_meter_id(meters[5].value);
    auto no_id = counter.sale(id, meters[3], 10'000);
    no_id.set_request_id("seventeen");
    for (int round = 0; round < 4; ++round) {
        const auto sold =
            sell_at_once(counter, {counter.sale(id, meters[0], 10'000), counter.sale(id, meters[1], 60'000),
                                   counter.sale(999'999, meters[2], 10'000), no_id, first, other_content,
                                   counter.sale(id, meters[2], 10'000), counter.sale(id, meters[3], 10'050)});
        CHECK(sold[0].answer.ok());
        CHECK(sold[1].answer.reason == "above_hoarding_limit");
        CHECK(sold[2].answer.code == grpc::StatusCode::NOT_FOUND);
        CHECK(sold[3].answer.fields == std::vector<std::string>{"request_id"});
        CHECK(sold[4].receipt.sale_id() == before.sale_id());
        CHECK(sold[5].answer.reason == "request_id_reused");
        CHECK(sold[6].answer.ok());
        CHECK(sold[7].answer.reason == "amount_not_multiple_of_quantum");
    }
    CHECK(counter.trial_balance().sold_e4() == (1 + 4 * 2) * 10'000);
    CHECK(counter.count("request r WHERE response IS NULL") == 0);
}

TEST_CASE("two sales with the same request id at the same moment, of different content: one is sold",
          "[services][lane]") {
    Counter counter{2};
    const auto& meters = counter.site.meters;
    const auto id = counter.open_and_deliver({{meters[0], 0}, {meters[1], 0}}).account_id();
    for (int round = 0; round < 6; ++round) {
        const auto one = counter.sale(id, meters[0], 10'000);
        auto other = one;
        other.set_meter_id(meters[1].value);
        const auto sold = sell_at_once(counter, {one, other});
        const int done = (sold[0].answer.ok() ? 1 : 0) + (sold[1].answer.ok() ? 1 : 0);
        CHECK(done == 1);
        CHECK((sold[0].answer.ok() ? sold[1] : sold[0]).answer.reason == "request_id_reused");
    }
    CHECK(counter.trial_balance().sold_e4() == 6 * 10'000);
}

TEST_CASE("a meter that another transaction holds delays its own sale only", "[services][lane]") {
    Counter counter{4};
    std::vector<std::pair<core::MeterId, std::int64_t>> all;
    for (const auto meter : counter.site.meters) {
        all.emplace_back(meter, 0);
    }
    const auto id = counter.open_and_deliver(all).account_id();
    const auto held = counter.site.meters[0];
    std::promise<void> release;
    std::promise<void> locked;
    std::thread holder{[&] {
        pqxx::connection connection{counter.database.url(Role::superuser)};
        pqxx::work work{connection};
        work.exec("SELECT 1 FROM wutong.account_meter WHERE meter_id = " + std::to_string(held.value) +
                  " FOR UPDATE");
        locked.set_value();
        release.get_future().wait();
        work.commit();
    }};
    locked.get_future().wait();
    auto waiting = std::async(std::launch::async, [&, client = counter.stack.another_client()] {
        v1::SaleReceipt receipt;
        return client->call(&Sales::Sell, counter.sale(id, held, 10'000), receipt);
    });
    for (int round = 0; round < 3; ++round) {
        std::vector<v1::SellRequest> requests;
        for (std::size_t i = 1; i < counter.site.meters.size(); ++i) {
            requests.push_back(counter.sale(id, counter.site.meters[i], 10'000));
        }
        for (const auto& sold : sell_at_once(counter, requests)) {
            CHECK(sold.answer.message == "");
        }
    }
    CHECK(waiting.wait_for(std::chrono::milliseconds{0}) == std::future_status::timeout);
    release.set_value();
    holder.join();
    CHECK(waiting.get().ok());
    CHECK(counter.trial_balance().sold_e4() == 10 * 10'000);
}

TEST_CASE(
    "a counter that goes away while its sale waits: the sale is whole, once, and answered when asked again",
    "[services][lane]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto id = counter.open_and_deliver({{meter, 0}}).account_id();
    const auto request = counter.sale(id, meter, 10'000);
    {
        pqxx::connection connection{counter.database.url(Role::superuser)};
        pqxx::work holder{connection};
        holder.exec("SELECT 1 FROM wutong.account_meter WHERE meter_id = " + std::to_string(meter.value) +
                    " FOR UPDATE");
        v1::SaleReceipt receipt;
        const auto impatient = counter.stack.another_client();
        grpc::ClientContext context;
        impatient->prepare(context);
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds{300});
        CHECK(impatient->stub<Sales>().Sell(&context, request, &receipt).error_code() ==
              grpc::StatusCode::DEADLINE_EXCEEDED);
    }
    const auto receipt = counter.client().must(&Sales::Sell, request);
    CHECK(receipt.sale_id() > 0);
    CHECK(counter.trial_balance().sold_e4() == 10'000);
    CHECK(counter.count("request r WHERE response IS NULL") == 0);
}
