#pragma once

#include <wutong/v1/control_service.pb.h>

#include <string>
#include <vector>

#include "tests/support/client_scene.hpp"

namespace wutong::client::test {

/// A live wall: building A with floors 1 and 2, building B with floor 1, four meters each (ids 1 to 12).
struct WallScene : ClientScene {
    explicit WallScene(const std::vector<std::string>& permissions = {
                           "device.read", "control.write", "sale.write", "account.read", "reading.read"}) {
        sign_in(permissions);
        live.watch(1);
        v1::LiveUpdate snapshot;
        snapshot.set_snapshot(true);
        snapshot.set_snapshot_complete(true);
        stamp(snapshot);
        std::int64_t id = 0;
        for (const auto& [building, floor] :
             std::vector<std::pair<std::string, int>>{{"A", 1}, {"A", 2}, {"B", 1}}) {
            for (int unit = 1; unit <= 4; ++unit) {
                auto& meter = *snapshot.add_meters();
                meter.set_meter_id(++id);
                const auto code = building + "-" + std::to_string(floor * 100 + unit);
                meter.set_code("M" + code);
                meter.set_unit_code(code);
                meter.set_building_code(building);
                meter.set_floor_number(floor);
                meter.set_role("prepaid");
                meter.set_serial_number("0002418730" + std::to_string(10 + id));
                meter.set_account_id(1000 + id);
                meter.set_account_number("1004" + std::to_string(id));
                meter.set_customer(id == 3 ? "Noodle House" : "Tenant " + std::to_string(id));
                meter.set_price_e4(10'500);
                meter.set_daily_use_wh(9'000);
                meter.set_days_left(20);
                meter.set_introduced(true);
                fill_state(*meter.mutable_state(), v1::METER_STATUS_NORMAL, 2'000'000);
            }
        }
        server.push(method::watch_live, snapshot);
        clock.advance(LiveMeters::kTellEvery);
    }

    void stamp(v1::LiveUpdate& update) {
        update.mutable_at()->set_seconds(
            std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count());
    }

    void fill_state(v1::MeterState& state, v1::MeterStatus status, std::int64_t balance_e4) {
        state.set_status(status);
        state.set_balance_e4(balance_e4);
        state.set_power_w(1'420);
        state.set_relay_closed(true);
        state.set_purchase_number(27);
        const auto now =
            std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count();
        state.mutable_answered_at()->set_seconds(now);
        state.mutable_attempted_at()->set_seconds(now);
    }

    /// One meter is another one now.
    template <class Change>
    void change(std::int64_t id, Change apply) {
        v1::LiveUpdate update;
        stamp(update);
        auto& meter = *update.add_meters();
        meter.set_meter_id(id);
        const auto* known = live.find(id);
        meter.set_account_number(known->account_number);
        meter.set_customer(known->customer);
        meter.set_account_id(known->account_id);
        meter.set_price_e4(10'500);
        fill_state(*meter.mutable_state(), v1::METER_STATUS_NORMAL, 2'000'000);
        apply(meter);
        server.push(method::watch_live, update);
        clock.advance(LiveMeters::kTellEvery);
    }

    /// What SendCommand answers to a check: everyone gets it but `skipped` (id → reason).
    static v1::SendCommandResponse check_answer(const v1::SendCommandRequest& asked,
                                                const std::map<std::int64_t, std::string>& skipped = {}) {
        v1::SendCommandResponse answer;
        for (const auto id : asked.meter_ids()) {
            if (const auto found = skipped.find(id); found != skipped.end()) {
                auto& out = *answer.add_skipped();
                out.set_meter_id(id);
                out.set_reason(found->second);
                out.set_meter_code("M" + std::to_string(id));
            } else {
                answer.add_accepted_meter_ids(id);
            }
        }
        return answer;
    }
    static v1::SendCommandResponse sent_answer(const v1::SendCommandRequest& asked) {
        v1::SendCommandResponse answer;
        answer.set_batch_id(asked.request_id());
        for (const auto id : asked.meter_ids()) {
            *answer.add_commands() = command(id, "queued", asked.request_id());
            answer.add_accepted_meter_ids(id);
        }
        return answer;
    }
    static v1::Command command(std::int64_t meter_id, const std::string& state, const std::string& batch,
                               const std::string& reason = {}, std::int64_t command_id = 0) {
        v1::Command made;
        made.set_command_id(command_id == 0 ? 500 + meter_id : command_id);
        made.set_meter_id(meter_id);
        made.set_meter_code("M" + std::to_string(meter_id));
        made.set_unit_code("U" + std::to_string(meter_id));
        made.set_kind("set_price");
        made.set_state(state);
        made.set_reason(reason);
        made.set_batch_id(batch);
        return made;
    }
    /// Checks are answered at once; real sends are kept in `sends` and answered as queued.
    void answer_commands(std::map<std::int64_t, std::string> skipped = {}) {
        server.on(method::send_command, [this, skipped](const v1::SendCommandRequest& asked) {
            if (asked.check_only()) {
                return check_answer(asked, skipped);
            }
            sends.push_back(asked);
            return sent_answer(asked);
        });
    }
    std::vector<v1::SendCommandRequest> sends;
};

}  // namespace wutong::client::test
