#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/command.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"

/// How the price of a plan comes to a meter that charges by itself: sent when its time has come, tried again
/// with pauses, and looked after until the meter has confirmed it.
namespace wutong::core {

struct PlanPrice {
    std::int64_t plan = 0;
    std::chrono::local_days version;
    Price price;
    Timestamp effective_at;  ///< from then on the meter should charge it
    /// Not when it began: what is known of that may change while it is on its way.
    [[nodiscard]] bool same_as(const PlanPrice& other) const {
        return plan == other.plan && version == other.version && price == other.price;
    }
};

/// What is kept of a price that is on its way.
struct PriceDownload {
    PlanPrice wanted;
    int attempts = 0;                          ///< commands made for it
    std::optional<Timestamp> next_attempt_at;  ///< none: a command was made, or it was given up
    bool given_up = false;
    std::optional<CommandState> last;  ///< of the newest command
    std::string last_reason;
};

struct PriceDownloadFacts {
    std::optional<Price> held;        ///< confirmed by the meter; none: nobody knows
    std::optional<PlanPrice> wanted;  ///< none: no plan that this meter is told
    std::optional<PriceDownload> kept;
    bool command_open = false;  ///< a set_price for the meter, of whoever, has not ended
    Timestamp now;
};

enum class PriceDownloadStep {
    nothing,
    begin,      ///< keep it, send
    send,       ///< the first time or again
    pause,      ///< the last command ended without the price: keep why, and when to try again
    give_up,    ///< so often that a person has to look; it stays listed
    supersede,  ///< another price of the plan has begun: note how long the old one was late, keep the new one
    confirm,    ///< the meter charges it: note it, keep nothing
    drop,       ///< no plan wants it any more
};
[[nodiscard]] const char* to_string(PriceDownloadStep step);

struct PriceDownloadDecision {
    PriceDownloadStep step = PriceDownloadStep::nothing;
    std::optional<Timestamp> next_attempt_at;  ///< for `pause`
    std::string why;                           ///< for `pause` and `give_up`
};

/// One command waits so long for a meter that is away.
inline constexpr std::chrono::hours kPriceCommandLife{24};
/// With a day for each that is a month: then nobody should believe that it comes by itself.
inline constexpr int kPriceAttemptsMax = 30;
inline constexpr std::chrono::minutes kPricePauseFirst{1};
inline constexpr std::chrono::hours kPricePauseMost{6};

[[nodiscard]] PriceDownloadDecision decide_price_download(const PriceDownloadFacts& facts);

/// After `attempts` commands in vain: doubled each time, up to the most.
[[nodiscard]] std::chrono::seconds price_pause(int attempts);

/// What the tenant was charged too little (above zero) or too much for energy used at the old price while the
/// new one was due; rounded towards zero to a ten-thousandth. @throws QuantityOverflow
[[nodiscard]] Money late_price_difference(Energy used, Price old_price, Price new_price);

}  // namespace wutong::core
