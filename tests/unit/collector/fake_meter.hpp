#pragma once

#include <array>
#include <deque>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "collector/commands/field_work.hpp"
#include "collector/drivers/meter_bus.hpp"
#include "collector/protocols/acrel_frames.hpp"
#include "core/meter_profile.hpp"

/// An Acrel single-phase meter reduced to what commands can see, written from the register tables and sharing
/// no decision with the code under test.
namespace wutong::tests {

inline std::shared_ptr<const core::MeterProfile> acrel_profile() {
    static const auto profile = [] {
        std::ifstream in{WUTONG_SOURCE_DIR "/profiles/acrel-ddsy1352.toml"};
        std::ostringstream text;
        text << in.rdbuf();
        return std::make_shared<const core::MeterProfile>(
            core::parse_meter_profile(text.str(), "acrel-ddsy1352"));
    }();
    return profile;
}

inline core::Timestamp noon() {
    return std::chrono::sys_days{std::chrono::year{2026} / 3 / 4} + std::chrono::hours{12};
}

struct FakeMeter {
    std::int32_t balance = 5'000;  ///< × 0.01
    std::uint16_t number = 3;
    std::uint32_t energy = 12'345;  ///< × 0.01 kWh
    std::uint32_t price = 9'500;
    std::optional<std::uint32_t> price_valley;  ///< one that does not follow the others
    std::uint32_t alarm_1 = 2'000, alarm_2 = 1'000, overdraft = 0;
    std::uint16_t overload = 0;
    bool prepaid = true, forced = false, forced_open = false;
    protocols::MeterClock clock;
    bool ignores_clock = false;             ///< takes the order and does nothing
    bool faulty = false;                    ///< says that something in it is broken
    std::array<std::uint16_t, 3> serial{};  ///< BCD; zeros: never set
    int writes = 0;                         ///< money frames taken
    std::vector<std::string> log;           ///< "read 0200", "money", "relay", …

    [[nodiscard]] bool relay_closed() const {
        return forced ? !forced_open : !prepaid || balance > -static_cast<int>(overdraft);
    }

    [[nodiscard]] std::uint16_t word(int reg) const {
        const auto high = [](std::uint32_t v) { return static_cast<std::uint16_t>(v >> 16); };
        const auto low = [](std::uint32_t v) { return static_cast<std::uint16_t>(v & 0xFFFF); };
        const auto money = static_cast<std::uint32_t>(balance);
        switch (reg) {
            case 0x0215:
                return high(energy);
            case 0x0216:
                return low(energy);
            case 0x021F:
                return high(money);
            case 0x0220:
                return low(money);
            case 0x0221:
                return number;
            case 0x0224:
                return static_cast<std::uint16_t>((prepaid ? 1 << 3 : 0) |
                                                  (prepaid && balance <= 0 ? 1 << 5 : 0) |
                                                  (faulty ? 1 << 8 : 0) | (relay_closed() ? 1 << 13 | 1 : 0));
            case 0x0225:
                return static_cast<std::uint16_t>((forced ? 1 << 3 : 0) | (forced && !forced_open ? 1 : 0));
            case 0x0228:
                return static_cast<std::uint16_t>((clock.year % 100) << 8 | clock.month);
            case 0x0229:
                return static_cast<std::uint16_t>(clock.day << 8);
            case 0x022A:
                return static_cast<std::uint16_t>(clock.hour << 8 | clock.minute);
            case 0x022B:
                return static_cast<std::uint16_t>(clock.second << 8);
            case 0x0043:
            case 0x0044:
            case 0x0045:
                return serial.at(static_cast<std::size_t>(reg - 0x0043));
            case 0x0402:
            case 0x0404:
            case 0x0406:
                return high(price);
            case 0x0408:
                return high(price_valley.value_or(price));
            case 0x0403:
            case 0x0405:
            case 0x0407:
                return low(price);
            case 0x0409:
                return low(price_valley.value_or(price));
            case 0x040A:
                return high(alarm_1);
            case 0x040B:
                return low(alarm_1);
            case 0x040C:
                return high(alarm_2);
            case 0x040D:
                return low(alarm_2);
            case 0x040E:
                return high(overdraft);
            case 0x040F:
                return low(overdraft);
            case 0x0061:
                return overload;
            default:
                return 0;
        }
    }

    protocols::Words take(const protocols::Request& request) {
        if (const auto* read = std::get_if<protocols::ReadRequest>(&request)) {
            protocols::Words words;
            for (int i = 0; i < read->count; ++i) {
                words.push_back(word(read->address + i));
            }
            log.push_back("read");
            return words;
        }
        if (const auto* write = std::get_if<protocols::WriteRequest>(&request)) {
            const auto relay = std::get<protocols::RelayCommand>(protocols::decode_relay(*write));
            forced = relay != protocols::RelayCommand::follow_prepaid;
            forced_open = relay == protocols::RelayCommand::force_open;
            log.push_back("relay");
            return {};
        }
        take_vendor(std::get<protocols::VendorWriteRequest>(request));
        return {};
    }

private:
    void take_vendor(const protocols::VendorWriteRequest& request) {
        if (request.address == protocols::kMoneyRegister) {
            const auto command = std::get<protocols::MoneyCommand>(protocols::decode_money(request));
            prepaid = command.prepaid_enabled.value_or(prepaid);
            balance = command.balance.value_or(balance);
            number = command.purchase_number.value_or(number);
            overdraft = command.overdraft.value_or(overdraft);
            if (command.prices) {
                price = command.prices->sharp;
            }
            if (command.alarms) {
                alarm_1 = command.alarms->alarm_1;
                alarm_2 = command.alarms->alarm_2;
            }
            ++writes;
            log.push_back("money");
        } else if (request.address == protocols::kClockRegister) {
            const auto told = std::get<protocols::MeterClock>(protocols::decode_clock(request));
            clock = ignores_clock ? clock : told;
            log.push_back("clock");
        } else {
            const auto load = std::get<protocols::DecodedLoad>(protocols::decode_load(request));
            overload = load.command.limits ? load.command.limits->power_max : overload;
            log.push_back("load");
        }
    }
};

/// What becomes of the next frames that change something.
enum class Fate { good, request_lost, answer_lost, refused };

class FakeBus final : public collector::MeterBus {
public:
    explicit FakeBus(FakeMeter& meter) : meter_{meter} {}

    collector::BusReply exchange(const protocols::Request& request, collector::Repeat repeat) override {
        now_ += std::chrono::milliseconds{100};
        const auto* asked = std::get_if<protocols::ReadRequest>(&request);
        const bool read = asked != nullptr;
        if (dead || (read && (asked->address == lost_block || reads_lost-- > 0))) {
            return failure(collector::BusReply::Kind::silent, "timeout");
        }
        reads_lost = std::max(reads_lost, 0);
        Fate fate = Fate::good;
        if (!read) {
            never_repeat.push_back(repeat == collector::Repeat::never);
            frames_.push_back({now_, true, protocols::to_hex(protocols::encode_request(request))});
            if (!fates.empty()) {
                fate = fates.front();
                fates.pop_front();
            }
        }
        switch (fate) {
            case Fate::request_lost:
                return failure(collector::BusReply::Kind::silent, "timeout");
            case Fate::refused:
                return failure(collector::BusReply::Kind::refused, "illegal value (03)");
            case Fate::answer_lost:
                meter_.take(request);
                return failure(collector::BusReply::Kind::silent, "timeout");
            case Fate::good:
                break;
        }
        collector::BusReply reply;
        reply.kind = collector::BusReply::Kind::answered;
        reply.words = meter_.take(request);
        dead = dead || (!read && dies_after_change);
        return reply;
    }
    void pause(std::chrono::milliseconds duration) override { now_ += duration; }
    [[nodiscard]] core::Timestamp now() const override { return now_; }
    std::vector<collector::EvidenceFrame> take_frames() override { return std::exchange(frames_, {}); }

    std::deque<Fate> fates;
    int reads_lost = 0;
    std::optional<int> lost_block;  ///< reads that begin at this register are lost
    bool dead = false;
    bool dies_after_change = false;  ///< takes the next frame that changes something, and is gone
    std::vector<bool> never_repeat;  ///< of each frame that changed something

private:
    static collector::BusReply failure(collector::BusReply::Kind kind, const char* reason) {
        collector::BusReply reply;
        reply.kind = kind;
        reply.reason = reason;
        return reply;
    }

    FakeMeter& meter_;
    core::Timestamp now_ = noon();
    std::vector<collector::EvidenceFrame> frames_;
};

inline collector::FieldMeter field_meter() {
    collector::FieldMeter meter;
    meter.property = {1};
    meter.channel = {1};
    meter.id = {7};
    meter.code = "1201";
    meter.profile = acrel_profile();
    meter.price = core::Price{9'500};
    meter.utc_offset = std::chrono::hours{8};
    return meter;
}

}  // namespace wutong::tests
