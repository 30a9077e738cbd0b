#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <variant>

#include "core/credit_delivery.hpp"
#include "core/tariff.hpp"
#include "storage/commands.hpp"
#include "storage/credit_deliveries.hpp"
#include "tests/support/test_database.hpp"
#include "tests/support/test_site.hpp"

namespace wutong::tests {

inline core::Timestamp wall_clock() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// A prepaid meter in memory, of the kind that is written its new balance and number in one frame.
struct TinyMeter {
    core::CreditLook now{0, core::Money{0}, core::Energy{1'000'000}, {}, false};
    core::Price price{10'000};
    core::Remainder remainder;
    bool dead = false;
    bool refuses_writes = false;
    bool foreign_write_next = false;  ///< somebody else writes right after us: nothing explains what is found
    int writes = 0;

    void use(core::Energy energy) {
        const auto cost = core::charge({price}, energy, remainder);
        now.energy = now.energy + energy;
        now.balance -= cost.amount;
        remainder = cost.remainder;
    }

    core::DeliveryEvent take(core::DeliveryKind kind, const core::CreditWrite& write) {
        if (refuses_writes) {
            return core::WriteRefused{"exception 3"};
        }
        ++writes;
        now.purchase_number = write.purchase_number;
        now.balance = write.balance;
        now.prepaid_enabled = kind != core::DeliveryKind::clear;
        if (foreign_write_next) {
            foreign_write_next = false;
            now.balance += core::Money{1'234'500};
        }
        return core::WriteAnswered{};
    }
};

/// Plays the collector's part with the functions that the collector uses.
class TinyCollector {
public:
    TinyCollector(TestDatabase& database, const TestSite& site) : database_{database}, site_{site} {
        for (const auto meter : site.meters) {
            meters_[meter] = {};
        }
    }

    [[nodiscard]] TinyMeter& meter(core::MeterId id) { return meters_.at(id); }

    /// Works on all deliveries that wait, until nothing does. @return how many were finished
    int deliver() {
        int finished = 0;
        for (int round = 0; round < 1000; ++round) {
            const auto claimed = database_.collector().transact(
                storage::Scope::none(), "claim", [&](storage::Transaction& tx) {
                    return storage::claim_deliveries(tx, {site_.fence}, wall_clock(), 100);
                });
            if (claimed.empty()) {
                return finished;
            }
            for (const auto& delivery : claimed) {
                finished += work_on(delivery) ? 1 : 0;
            }
        }
        throw std::runtime_error("deliveries without end");
    }

    /// Sends every command that waits and calls it done.
    int obey() {
        const auto claimed =
            database_.collector().transact(storage::Scope::none(), "claim", [&](storage::Transaction& tx) {
                return storage::claim_commands(tx, {site_.fence}, wall_clock(), 1000);
            });
        int done = 0;
        for (const auto& command : claimed) {
            done +=
                database_.collector().transact(storage::Scope::none(), "obey", [&](storage::Transaction& tx) {
                    if (storage::is_still_wanted(tx, site_.fence, command.id, wall_clock()) !=
                        storage::StillWanted::yes) {
                        return 0;
                    }
                    storage::finish_command(tx, site_.fence, command.id, core::CommandState::done, "", "{}",
                                            wall_clock());
                    return 1;
                });
        }
        return done;
    }

    /// What a poll of the meter would have stored.
    void poll(TestSite& site, core::MeterId id) {
        const auto& now = meter(id).now;
        site.read(id, now.energy, now.balance, wall_clock());
    }

private:
    bool work_on(const storage::StoredDelivery& stored) {
        auto& meter = meters_.at(stored.meter);
        core::CreditRules rules;
        rules.price = meter.price;
        auto step = core::step(stored.delivery, rules, core::Restarted{});
        for (int i = 0; i < 100; ++i) {
            if (std::holds_alternative<core::Done>(step.action)) {
                database_.collector().transact(
                    storage::Scope::none(), "finish", [&](storage::Transaction& tx) {
                        storage::finish_delivery(tx, site_.fence, stored.id, step.delivery, wall_clock());
                    });
                return true;
            }
            const bool later = std::holds_alternative<core::TryLater>(step.action);
            database_.collector().transact(storage::Scope::none(), "step", [&](storage::Transaction& tx) {
                storage::store_step(tx, site_.fence, stored.id, step.delivery, wall_clock());
                if (later) {
                    storage::put_back_delivery(tx, site_.fence, stored.id,
                                               wall_clock() + std::chrono::hours{1});
                }
            });
            if (later) {
                return false;
            }
            if (const auto* write = std::get_if<core::Write>(&step.action)) {
                step = core::step(step.delivery, rules, meter.take(stored.delivery.kind, write->write));
            } else if (meter.dead) {
                step = core::step(step.delivery, rules, core::LookFailed{});
            } else {
                meter.now.at = wall_clock();
                step = core::step(step.delivery, rules, core::Looked{meter.now});
            }
        }
        throw std::runtime_error("a delivery without end");
    }

    TestDatabase& database_;
    const TestSite& site_;
    std::map<core::MeterId, TinyMeter> meters_;
};

}  // namespace wutong::tests
