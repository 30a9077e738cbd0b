// bench_tariff FOLDER SECONDS: calculates the case in FOLDER (as those of tests/golden) again and again on
// one core and prints one line of JSON: what it comes to, and how many intervals a second.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>

#include "unit/core/tariff_case.hpp"

using namespace wutong::core;
using namespace wutong::core::test;

namespace {

/// Runs `once` for about `seconds` and says how often a second.
double rate_of(double seconds, const std::function<void()>& once) {
    once();  // the first one fills caches and allocates
    const auto start = std::chrono::steady_clock::now();
    std::int64_t rounds = 0;
    double passed = 0;
    do {
        once();
        ++rounds;
        passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    } while (passed < seconds);
    return static_cast<double>(rounds) / passed;
}

Bill bill_of(const std::variant<Bill, TariffFault>& result) {
    if (const auto* fault = std::get_if<TariffFault>(&result)) {
        throw std::runtime_error(fault->text);
    }
    return std::get<Bill>(result);
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: bench_tariff FOLDER SECONDS\n");
        return 2;
    }
    try {
        const auto one = load_tariff_case(arguments[1]);
        const double seconds = std::atof(arguments[2]);
        const PreparedPlan plan{one.plan};
        const LocalTime local{one.offsets};
        const auto energy = std::get<EnergySeries>(energy_between(one.series));
        const auto intervals = static_cast<double>(energy.intervals.size());
        std::int64_t total = 0;
        const auto expect = [&](const Bill& bill) {
            if (total != 0 && bill.total.ten_thousandths() != total) {
                throw std::runtime_error("two rounds came to different totals");
            }
            total = bill.total.ten_thousandths();
        };
        const double sorted =
            rate_of(seconds, [&] { expect(bill_of(calculate(plan, local, energy, one.period, one.state))); });
        // Everything that a job would do: plan and offsets made ready, registers subtracted and checked.
        const double from_registers = rate_of(seconds, [&] {
            const auto read = std::get<EnergySeries>(energy_between(one.series));
            expect(bill_of(
                calculate(PreparedPlan{one.plan}, LocalTime{one.offsets}, read, one.period, one.state)));
        });
        const nlohmann::json out = {{"outcome", tariff_outcome(one)},
                                    {"intervals", energy.intervals.size()},
                                    {"calculated_per_s", sorted * intervals},
                                    {"from_registers_per_s", from_registers * intervals}};
        std::printf("%s\n", out.dump().c_str());
        return 0;
    } catch (const std::exception& wrong) {
        std::fprintf(stderr, "bench_tariff: %s\n", wrong.what());
        return 1;
    }
}
