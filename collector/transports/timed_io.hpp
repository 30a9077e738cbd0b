#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <utility>

#include "collector/transports/byte_stream.hpp"

/// For the streams only: one asynchronous operation with a deadline.
namespace wutong::collector::detail {

class TimedIo {
public:
    explicit TimedIo(const boost::asio::any_io_executor& executor)
        : timer_{executor}, shared_{std::make_shared<Shared>()} {}

    /// Runs `operation(yield[error])`; at the deadline `cancel()` is called, which must end it.
    /// @return true when it was the deadline that ended it
    template <class Operation, class Cancel>
    bool run(Deadline deadline, Yield yield, boost::system::error_code& error, Operation operation,
             Cancel cancel) {
        // A timer that has fired can't be called back: its handler may be queued already when the operation
        // ends by itself. The generation keeps it from cancelling the next operation.
        const auto generation = ++shared_->generation;
        shared_->expired = false;
        timer_.expires_at(deadline);
        timer_.async_wait([shared = shared_, generation, cancel](const boost::system::error_code& stopped) {
            if (!stopped && shared->generation == generation) {
                shared->expired = true;
                cancel();
            }
        });
        operation(yield[error]);
        ++shared_->generation;
        timer_.cancel();
        return shared_->expired && error == boost::asio::error::operation_aborted;
    }

private:
    struct Shared {
        std::uint64_t generation = 0;
        bool expired = false;
    };
    boost::asio::steady_timer timer_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace wutong::collector::detail
