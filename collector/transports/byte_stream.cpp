#include "collector/transports/byte_stream.hpp"

#include <boost/asio/steady_timer.hpp>

namespace wutong::collector {

LineTiming serial_timing(int baud, int bits_per_character) {
    using std::chrono::nanoseconds;
    const nanoseconds character{std::int64_t{1'000'000'000} * bits_per_character / baud};
    const nanoseconds gap = baud > 19'200 ? nanoseconds{1'750'000} : character * 7 / 2;
    return {character, gap, nanoseconds{0}, baud};
}

void sleep_until(const boost::asio::any_io_executor& executor, Deadline until, Yield yield) {
    boost::asio::steady_timer timer{executor, until};
    boost::system::error_code ignored;
    timer.async_wait(yield[ignored]);
}

}  // namespace wutong::collector
