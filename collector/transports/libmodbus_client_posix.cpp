#include <boost/asio/post.hpp>
#include <stdexcept>

#include "collector/platform/libmodbus_link.hpp"
#include "collector/transports/libmodbus_client.hpp"

namespace wutong::collector {
namespace {

/// Runs `work` on the pool and resumes the coroutine with its result.
template <class Work>
ReadOutcome on_worker(boost::asio::thread_pool& workers, Yield yield, Work work) {
    return boost::asio::async_initiate<Yield, void(ReadOutcome)>(
        [&workers, &work](auto handler) {
            auto executor = boost::asio::get_associated_executor(handler);
            // Without this the coroutine's context could think that it has nothing left to do.
            auto tracked = boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
            boost::asio::post(workers, [handler = std::move(handler), tracked, work]() mutable {
                auto outcome = work();
                boost::asio::post(tracked,
                                  [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
                                      handler(std::move(outcome));
                                  });
            });
        },
        yield);
}

}  // namespace

LibmodbusClient::LibmodbusClient(const boost::asio::any_io_executor& executor,
                                 boost::asio::thread_pool& workers, std::string path, SerialSettings settings,
                                 LibmodbusOptions options)
    : executor_{executor},
      workers_{workers},
      options_{options},
      link_{std::make_shared<Link>(std::move(path), settings, options.open_timeout)} {}

LibmodbusClient::LibmodbusClient(const boost::asio::any_io_executor& executor,
                                 boost::asio::thread_pool& workers, TcpEndpoint endpoint,
                                 LibmodbusOptions options)
    : executor_{executor},
      workers_{workers},
      options_{options},
      link_{std::make_shared<Link>(std::move(endpoint), options.open_timeout)} {}

// A worker that is still at it keeps the link alive.
LibmodbusClient::~LibmodbusClient() = default;

const std::string& LibmodbusClient::name() const {
    return link_->name();
}

Deadline LibmodbusClient::clear_at(std::uint8_t unit, int function) const {
    return late_.clear_at(unit, static_cast<std::uint8_t>(function));
}

void LibmodbusClient::close() {
    if (busy_) {
        throw std::logic_error(name() + ": closed during an exchange");
    }
    link_->close();
}

ReadOutcome LibmodbusClient::run(std::uint8_t unit, const protocols::Request& request,
                                 Milliseconds answer_timeout, Yield yield) {
    if (unit < protocols::kUnitMin || unit > protocols::kUnitMax) {
        throw std::invalid_argument("unit " + std::to_string(unit) + ", must be 1..247");
    }
    if (busy_) {
        throw std::logic_error(name() + ": two exchanges at once on one channel");
    }
    (void)protocols::encode_request(request);  // refuses what can't be asked
    struct Reset {
        bool& flag;
        ~Reset() { flag = false; }
    } reset{busy_};
    busy_ = true;

    const protocols::ExpectedReply expected{unit, protocols::reply_shape(request)};
    late_.expire(Monotonic::now());
    if (late_.owed(unit, expected.shape.function)) {
        sleep_until(executor_, late_.clear_at(unit, expected.shape.function), yield);
    }
    auto outcome = on_worker(workers_, yield, [link = link_, unit, request, answer_timeout] {
        return link->exchange(unit, request, answer_timeout);
    });
    late_.settle(unit, expected.shape.function);
    const auto* fault = std::get_if<ModbusFault>(&outcome);
    const bool answered = fault == nullptr || fault->kind == ModbusFault::Kind::exception ||
                          fault->kind == ModbusFault::Kind::crc;
    if (!answered && fault->request_sent && link_->serial()) {
        late_.expect(expected, Monotonic::now() + options_.late_answer_window);
    }
    return outcome;
}

ReadOutcome LibmodbusClient::read_registers(std::uint8_t unit, int function, std::uint16_t address,
                                            std::uint16_t count, Milliseconds answer_timeout, Yield yield) {
    if (function != protocols::kReadHolding && function != protocols::kReadInput) {
        throw std::invalid_argument("function " + std::to_string(function) +
                                    " does not read registers, use 3 or 4");
    }
    return run(unit, protocols::ReadRequest{static_cast<std::uint8_t>(function), address, count},
               answer_timeout, yield);
}

WriteOutcome LibmodbusClient::write_registers(std::uint8_t unit, std::uint16_t address,
                                              const protocols::Words& words, Milliseconds answer_timeout,
                                              Yield yield) {
    auto outcome = run(unit, protocols::WriteRequest{address, words}, answer_timeout, yield);
    if (auto* bad = std::get_if<ModbusFault>(&outcome)) {
        return std::move(*bad);
    }
    return Acknowledged{};
}

WriteOutcome LibmodbusClient::vendor_write(std::uint8_t /*unit*/,
                                           const protocols::VendorWriteRequest& /*request*/,
                                           Milliseconds /*answer_timeout*/, Yield /*yield*/) {
    return ModbusFault{
        ModbusFault::Kind::unsupported, {}, false, name() + ": libmodbus does not know function 20h"};
}

}  // namespace wutong::collector
