#include <catch2/catch.hpp>
#include <mutex>

#include "server/live/live_hub.hpp"
#include "tests/integration/services/base_stack.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::tests;
using namespace wutong::tests::base;

namespace {

/// Reads a stream on a thread of its own and keeps the newest of each meter.
class Wall {
public:
    Wall(const Wire& wire, std::int64_t property) : stub_{v1::LiveService::NewStub(wire.channel)} {
        wire.prepare(context_);
        v1::WatchRequest request;
        request.set_property_id(property);
        reader_ = stub_->Watch(&context_, request);
        thread_ = std::thread{[this] {
            v1::LiveUpdate update;
            while (reader_->Read(&update)) {
                const std::lock_guard lock{mutex_};
                complete_ = complete_ || update.snapshot_complete();
                ++messages_;
                for (const auto id : update.removed_meter_ids()) {
                    newest_.erase(id);
                }
                // As a client does: names stay as they were introduced.
                for (const auto& meter : update.meters()) {
                    auto& known = newest_[meter.meter_id()];
                    auto next = meter;
                    if (!meter.introduced()) {
                        next.set_code(known.code());
                        next.set_unit_code(known.unit_code());
                        next.set_unit_name(known.unit_name());
                    }
                    known = std::move(next);
                }
                if (update.has_summary()) {
                    summary_ = update.summary();
                }
            }
            const std::lock_guard lock{mutex_};
            end_ = std::make_unique<Reply>(reader_->Finish());
        }};
    }
    ~Wall() {
        context_.TryCancel();
        thread_.join();
    }
    Wall(const Wall&) = delete;
    Wall& operator=(const Wall&) = delete;

    [[nodiscard]] bool complete() const {
        const std::lock_guard lock{mutex_};
        return complete_;
    }
    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock{mutex_};
        return newest_.size();
    }
    [[nodiscard]] v1::LiveMeter newest(core::MeterId meter) const {
        const std::lock_guard lock{mutex_};
        const auto found = newest_.find(meter.value);
        return found == newest_.end() ? v1::LiveMeter{} : found->second;
    }
    [[nodiscard]] v1::LiveSummary summary() const {
        const std::lock_guard lock{mutex_};
        return summary_;
    }
    [[nodiscard]] std::string end_reason() const {
        const std::lock_guard lock{mutex_};
        return end_ ? end_->reason : "";
    }

private:
    std::unique_ptr<v1::LiveService::Stub> stub_;
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientReader<v1::LiveUpdate>> reader_;
    mutable std::mutex mutex_;
    std::map<std::int64_t, v1::LiveMeter> newest_;
    v1::LiveSummary summary_;
    bool complete_ = false;
    int messages_ = 0;
    std::unique_ptr<Reply> end_;
    std::thread thread_;
};

void set_balance(const TestDatabase& database, core::MeterId meter, std::int64_t balance_e4) {
    const auto result = database.as_superuser(
        "INSERT INTO meter_state (property_id, meter_id, balance_e4, answered_at) SELECT property_id, "
        "meter_id, " +
        std::to_string(balance_e4) + ", now() FROM meter WHERE meter_id = " + std::to_string(meter.value) +
        " ON CONFLICT (property_id, meter_id) DO UPDATE SET balance_e4 = excluded.balance_e4, answered_at = "
        "now(), "
        "changed_xid = pg_current_xact_id()");
    REQUIRE(result.affected_rows() == 1);
}

}  // namespace

TEST_CASE("live: many clients, one question; each sees a change within a second", "[services][live]") {
    Stack stack;
    const TestSite site{stack.database, "TOWER", 200};
    const TestSite other{stack.database, "OTHER", 3};
    auto wire = stack.signed_in();
    constexpr int kClients = 12;
    std::vector<std::unique_ptr<Wall>> walls;
    for (int i = 0; i < kClients; ++i) {
        walls.push_back(std::make_unique<Wall>(wire, site.property.value));
    }
    for (const auto& wall : walls) {
        REQUIRE(eventually([&] { return wall->complete(); }, std::chrono::seconds{10}));
        CHECK(wall->size() == 200);
    }
    CHECK(walls[0]->newest(site.meters[7]).unit_code() == "0101");

    const auto queries_before = stack.app->live().queries();
    const auto begun = std::chrono::steady_clock::now();
    set_balance(stack.database, site.meters[7], 123'400);
    for (const auto& wall : walls) {
        REQUIRE(eventually([&] { return wall->newest(site.meters[7]).state().balance_e4() == 123'400; },
                           std::chrono::seconds{5}));
    }
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{1});
    // A question per interval, not one per client.
    CHECK(stack.app->live().queries() - queries_before <= 6);
    CHECK(stack.app->live().watchers() == kClients);

    walls.clear();
    REQUIRE(eventually([&] { return stack.app->live().watchers() == 0; }, std::chrono::seconds{5}));
    const auto idle = stack.app->live().queries();
    std::this_thread::sleep_for(std::chrono::milliseconds{800});
    CHECK(stack.app->live().queries() - idle <= 1);
}

TEST_CASE("live: a long transaction of somebody else holds nothing up and hides nothing",
          "[services][live]") {
    Stack stack;
    const TestSite site{stack.database, "TOWER", 3};
    auto wire = stack.signed_in();
    const Wall wall{wire, site.property.value};
    REQUIRE(eventually([&] { return wall.complete(); }, std::chrono::seconds{10}));

    set_balance(stack.database, site.meters[0], 1);
    pqxx::connection slow{stack.database.url(Role::superuser) + "?options=-c%20search_path%3Dwutong"};
    pqxx::work long_one{slow};
    long_one.exec(
        "UPDATE meter_state SET balance_e4 = 777, changed_xid = pg_current_xact_id() WHERE meter_id = " +
        std::to_string(site.meters[0].value));
    set_balance(stack.database, site.meters[1], 888);
    CHECK(eventually([&] { return wall.newest(site.meters[1]).state().balance_e4() == 888; },
                     std::chrono::seconds{1}));
    std::this_thread::sleep_for(std::chrono::milliseconds{600});
    CHECK(wall.newest(site.meters[0]).state().balance_e4() != 777);
    long_one.commit();
    CHECK(eventually([&] { return wall.newest(site.meters[0]).state().balance_e4() == 777; },
                     std::chrono::seconds{1}));
}

TEST_CASE("live: credit on its way moves the wall", "[services][live]") {
    Stack stack;
    TestSite site{stack.database, "TOWER", 2};
    auto wire = stack.signed_in();
    const Wall wall{wire, site.property.value};
    REQUIRE(eventually([&] { return wall.complete(); }, std::chrono::seconds{10}));
    CHECK_FALSE(wall.newest(site.meters[0]).state().delivering());
    const auto p = std::to_string(site.property.value);
    const auto m = std::to_string(site.meters[0].value);
    stack.database.as_superuser(
        "WITH c AS (INSERT INTO customer (property_id, name) VALUES (" + p +
        ", 'Li Wei') RETURNING customer_id), "
        "a AS (INSERT INTO account (property_id, number, customer_id) SELECT " +
        p +
        ", '77', customer_id FROM c "
        "RETURNING account_id), l AS (INSERT INTO account_meter (property_id, account_id, meter_id) SELECT " +
        p + ", account_id, " + m +
        " FROM a) INSERT INTO credit_delivery (property_id, meter_id, account_id, kind, "
        "amount_e4) SELECT " +
        p + ", " + m + ", account_id, 'open', 0 FROM a");
    REQUIRE(eventually([&] { return wall.newest(site.meters[0]).state().delivering(); },
                       std::chrono::seconds{1}));
    CHECK(wall.newest(site.meters[0]).state().status() == v1::METER_STATUS_DELIVERING);
    CHECK(wall.newest(site.meters[0]).account_number() == "77");
    CHECK(wall.newest(site.meters[0]).customer() == "Li Wei");
    stack.database.as_superuser("UPDATE credit_delivery SET state = 'delivered'");
    CHECK(eventually([&] { return !wall.newest(site.meters[0]).state().delivering(); },
                     std::chrono::seconds{1}));
}

TEST_CASE("live: a stream ends with its session, and with the server", "[services][live]") {
    Stack stack;
    const TestSite site{stack.database, "TOWER", 1};
    auto stays = stack.signed_in();
    auto leaves = stack.signed_in();
    const Wall staying{stays, site.property.value};
    const Wall leaving{leaves, site.property.value};
    const Wall foreign{stays, 999'999};
    CHECK(
        eventually([&] { return foreign.end_reason() == "property_not_allowed"; }, std::chrono::seconds{5}));
    REQUIRE(eventually([&] { return staying.complete() && leaving.complete(); }, std::chrono::seconds{10}));
    google::protobuf::Empty empty;
    REQUIRE(leaves.call<v1::SessionService>(&v1::SessionService::Stub::SignOut, empty, empty).ok());
    CHECK(eventually([&] { return leaving.end_reason() == "session_ended"; }, std::chrono::seconds{15}));
    CHECK(staying.end_reason().empty());
    const auto begun = std::chrono::steady_clock::now();
    stack.server->stop();
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{5});
    CHECK(eventually([&] { return staying.end_reason() == "stopping"; }, std::chrono::seconds{5}));
}

TEST_CASE("live: a meter that is disabled vanishes at once, and comes back with its names",
          "[services][live]") {
    Stack stack;
    const TestSite site{stack.database, "TOWER", 3};
    auto wire = stack.signed_in();
    const Wall wall{wire, site.property.value};
    REQUIRE(eventually([&] { return wall.complete(); }, std::chrono::seconds{10}));
    CHECK(wall.size() == 3);
    v1::GetMeterRequest get;
    get.set_property_id(site.property.value);
    get.set_meter_id(site.meters[1].value);
    v1::Meter meter;
    REQUIRE(wire.call<v1::DeviceService>(&v1::DeviceService::Stub::GetMeter, get, meter).ok());
    const auto change = [&](bool enabled, const std::string& code) {
        v1::UpdateMeterRequest update;
        update.set_request_id(request_id());
        *update.mutable_meter() = meter;
        update.mutable_meter()->set_enabled(enabled);
        update.mutable_meter()->set_code(code);
        v1::Meter changed;
        REQUIRE(wire.call<v1::DeviceService>(&v1::DeviceService::Stub::UpdateMeter, update, changed).ok());
    };
    change(false, "M2");
    CHECK(eventually([&] { return wall.size() == 2; }, std::chrono::seconds{1}));
    change(true, "M2-NEW");
    CHECK(
        eventually([&] { return wall.newest(site.meters[1]).code() == "M2-NEW"; }, std::chrono::seconds{1}));
    CHECK(wall.newest(site.meters[1]).unit_code() == "0101");
    // Renamed while it is shown: introduced anew.
    change(true, "M2-THIRD");
    CHECK(eventually([&] { return wall.newest(site.meters[1]).code() == "M2-THIRD"; },
                     std::chrono::seconds{1}));
    // A change of values alone does not repeat the names.
    set_balance(stack.database, site.meters[1], 4'700);
    CHECK(eventually([&] { return wall.newest(site.meters[1]).state().balance_e4() == 4'700; },
                     std::chrono::seconds{1}));
    CHECK_FALSE(wall.newest(site.meters[1]).introduced());
    CHECK(wall.newest(site.meters[1]).code() == "M2-THIRD");
}

TEST_CASE("live: counts of what waits for somebody, and how the last round went", "[services][live]") {
    Stack stack;
    TestSite site{stack.database, "TOWER", 3};
    const TestSite other{stack.database, "OTHER", 1};
    auto wire = stack.signed_in();
    const Wall wall{wire, site.property.value};
    REQUIRE(eventually([&] { return wall.complete() && wall.summary().meter_count() == 3; },
                       std::chrono::seconds{10}));
    CHECK(wall.summary().never_read_count() == 3);
    CHECK_FALSE(wall.summary().has_oldest_answer_at());
    const auto p = std::to_string(site.property.value);
    const auto m = std::to_string(site.meters[0].value);
    stack.database.as_superuser(
        "INSERT INTO alarm (property_id, meter_id, kind, raised_at, acknowledged_at) VALUES (" + p + ", " +
        m + ", 'alarm_1', now(), NULL), (" + p + ", " + m +
        ", 'alarm_2', now(), now()); "
        "INSERT INTO alarm (property_id, meter_id, kind, raised_at, cleared_at) VALUES (" +
        p + ", " + m +
        ", 'arrears', now(), now()); "
        "INSERT INTO alarm (property_id, kind, raised_at) VALUES (" +
        std::to_string(other.property.value) +
        ", 'fault', now()); "
        "INSERT INTO command (property_id, meter_id, kind, expires_at) VALUES (" +
        p + ", " + m + ", 'set_clock', now() + interval '1 hour')");
    set_balance(stack.database, site.meters[0], 1);
    set_balance(stack.database, site.meters[1], 1);
    stack.database.as_superuser(
        "UPDATE meter_state SET answered_at = '2026-03-01 08:00:00+00', changed_xid = "
        "pg_current_xact_id() WHERE meter_id = " +
        m);
    CHECK(eventually(
        [&] {
            const auto summary = wall.summary();
            return summary.live_alarm_count() == 2 && summary.unacknowledged_alarm_count() == 1 &&
                   summary.unfinished_command_count() == 1 && summary.answered_count() == 2 &&
                   summary.never_read_count() == 1;
        },
        std::chrono::seconds{3}));
    CHECK(wall.summary().oldest_answer_at().seconds() == at(0).time_since_epoch().count() / 1'000'000);
    stack.database.as_superuser(
        "UPDATE meter_state SET failures = 1, changed_xid = pg_current_xact_id() WHERE "
        "meter_id = " +
        m);
    CHECK(eventually([&] { return wall.summary().answered_count() == 1; }, std::chrono::seconds{3}));
    CHECK(wall.summary().oldest_answer_at().seconds() > at(0).time_since_epoch().count() / 1'000'000);
}

TEST_CASE("live: use per day, price and days left, as far as they are known", "[services][live]") {
    Stack stack;
    TestSite site{stack.database, "TOWER", 3};
    const auto account = site.account({site.meters[0], site.meters[1]});
    site.opened(site.meters[0], core::Energy{0}, core::Price{9'500}, core::Money{1'900'000});
    site.opened(site.meters[1], core::Energy{0}, core::Price{9'500}, core::Money{1'900'000});
    // Ten kilowatt-hours a day for ten days; the days before the last fourteen are not asked.
    stack.database.as_superuser(
        "INSERT INTO daily_energy SELECT property_id, meter_id, (now() AT TIME ZONE 'Asia/Shanghai')::date - "
        "n, "
        "100000 - n * 10000, 100000 - n * 10000, now() - n * interval '1 day', now() - n * interval '1 day' "
        "FROM meter, generate_series(0, 10) AS n WHERE code = 'M1'; "
        "INSERT INTO daily_energy SELECT property_id, meter_id, (now() AT TIME ZONE 'Asia/Shanghai')::date - "
        "40, 1, "
        "1, now() - interval '40 days', now() - interval '40 days' FROM meter WHERE code = 'M1'");
    auto wire = stack.signed_in();
    const Wall wall{wire, site.property.value};
    REQUIRE(eventually([&] { return wall.complete(); }, std::chrono::seconds{10}));
    const auto known = wall.newest(site.meters[0]);
    CHECK(known.daily_use_wh() == 10'000);
    CHECK(known.daily_use_days() == 10);
    CHECK(known.price_e4() == 9'500);
    CHECK(known.days_left() == 20);
    CHECK(known.account_id() == account.value);
    CHECK(known.building_name() == "A");
    CHECK(known.floor_name() == "1F");
    CHECK(known.second_status() == v1::METER_STATUS_UNSPECIFIED);
    const auto unknown = wall.newest(site.meters[1]);
    CHECK_FALSE(unknown.has_daily_use_wh());
    CHECK_FALSE(unknown.has_days_left());
    // Without an account the price is what an opening would set.
    CHECK(wall.newest(site.meters[2]).price_e4() == 10'000);
    CHECK_FALSE(wall.newest(site.meters[2]).has_days_left());

    set_balance(stack.database, site.meters[0], 94'999);
    stack.database.as_superuser(
        "UPDATE meter_state SET alarm_level = 2, forced = true, relay_closed = false, "
        "changed_xid = pg_current_xact_id() WHERE balance_e4 = 94999");
    CHECK(eventually(
        [&] {
            const auto now = wall.newest(site.meters[0]);
            return now.days_left() == 0 && now.has_days_left() &&
                   now.state().status() == v1::METER_STATUS_FORCED_OFF &&
                   now.second_status() == v1::METER_STATUS_ALARM_2;
        },
        std::chrono::seconds{2}));
}
