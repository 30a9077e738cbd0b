#pragma once

#include <string>
#include <vector>

#include "tests/simulation/money_store.hpp"

namespace wutong::simulation {

class World;

/// People at counters: they sell, refund, open, close and pay out; they ask again with the same id when no
/// answer came, send a request twice by accident, and now and then reuse an id for something else. What they
/// took in and handed out is counted here, apart from the ledger.
class Cashiers {
public:
    void act(World& world);
    /// Asks again what had no answer.
    void ask_again(World& world);
    [[nodiscard]] bool waiting() const;
    /// What should lie in the drawers.
    [[nodiscard]] core::Money cash() const { return cash_; }
    [[nodiscard]] core::Money paid_out() const { return paid_out_; }
    [[nodiscard]] int sales() const { return sales_; }

private:
    struct Intent {
        Request request;
        Answer answer;
        bool answered = false;
        bool done = false;  ///< it has happened, whether the cashier knows or not
        bool counted = false;
    };
    void begin(World& world);
    [[nodiscard]] Request invent(World& world);
    void send(World& world, Intent& intent);
    void again(World& world, bool other_content);
    void count(const Intent& intent);
    [[nodiscard]] std::string fresh_id();

    std::vector<Intent> intents_;
    core::Money cash_, paid_out_;
    int sales_ = 0;
    int ids_ = 0;
};

}  // namespace wutong::simulation
