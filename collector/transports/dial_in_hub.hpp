#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "collector/protocols/dial_in_session.hpp"
#include "collector/transports/byte_stream.hpp"

namespace wutong::collector {

struct DialInOptions {
    std::string address = "0.0.0.0";
    std::uint16_t port = 0;  ///< 0: any free one (tests)
    std::size_t links_max = 6'000;
    std::size_t links_per_address_max = 64;
    std::chrono::milliseconds register_within{15'000};
    std::chrono::milliseconds idle_max{600'000};      ///< a link that has said nothing for so long is dead
    std::chrono::milliseconds unclaimed_max{60'000};  ///< nobody here serves it: it may try another collector
    std::filesystem::path secrets;  ///< a file for each Acrel gateway, named as its gateway_id
    std::function<void(const std::string&)> log = [](const std::string&) {};  ///< from any thread
};

/// Since the start, but for `links` and `registered`, which are now.
struct DialInCounts {
    std::uint64_t links = 0, registered = 0;
    std::uint64_t accepted = 0, replaced = 0, heartbeats = 0, uploads = 0, rubbish_bytes = 0;
    std::uint64_t refused_full = 0, refused_address = 0;
    std::uint64_t closed_unnamed = 0, closed_idle = 0, closed_unclaimed = 0, closed_rude = 0;
};

class DialInLink;
struct DialInStation;
struct DialInSlot;

/// Listens for gateways that dial in and gives their links to the channels that they belong to. Links cost a
/// socket and a few hundred bytes, no thread and no coroutine; their handlers run on strands of `context`.
/// All functions are safe from any thread.
class DialInHub : public std::enable_shared_from_this<DialInHub> {
public:
    /// @throws std::invalid_argument when the address is none
    DialInHub(boost::asio::io_context& context, DialInOptions options);
    ~DialInHub();
    DialInHub(const DialInHub&) = delete;
    DialInHub& operator=(const DialInHub&) = delete;

    /// @throws std::runtime_error when the port can't be had
    void listen();
    void stop();
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] DialInCounts counts() const;

    /// After the threads of the context have ended and before it is destroyed: lets go of all links.
    void forget();

    /// The bytes of one bus behind the gateway `name`. There is one stream for a name at a time; a new one of
    /// the same owner takes the place of the old one, which then counts as closed.
    /// @param timing of the bus, where it is known
    /// @throws std::invalid_argument when another channel has it
    [[nodiscard]] std::unique_ptr<ByteStream> stream(const boost::asio::any_io_executor& executor,
                                                     const core::DialInName& name, const std::string& owner,
                                                     LineTiming timing);

private:
    friend class DialInLink;
    friend class DialInStream;
    using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;

    void accept();
    void sweep();
    void take(boost::asio::ip::tcp::socket socket);
    /// The link has said its name. @return its station
    std::shared_ptr<DialInStation> attach(const std::shared_ptr<DialInLink>& link,
                                          const core::DialInName& name);
    /// @param station null: it never said its name
    void detach(const std::shared_ptr<DialInLink>& link, const std::shared_ptr<DialInStation>& station);
    void give_back(const core::DialInName& name, const std::shared_ptr<DialInSlot>& slot);
    [[nodiscard]] protocols::DialInFacts::PlainMatch find_plain(const std::string& received) const;
    [[nodiscard]] std::optional<std::string> secret(const std::string& gateway_id) const;

    boost::asio::io_context& context_;
    DialInOptions options_;
    protocols::DialInFacts facts_;
    Strand strand_;  ///< of acceptor and sweep
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer sweep_timer_;
    boost::asio::steady_timer breath_;  ///< after an accept that failed
    std::uint16_t port_ = 0;

    mutable std::mutex mutex_;
    bool stopped_ = false;
    std::map<std::string, std::shared_ptr<DialInStation>> stations_;  ///< by registration, without port
    std::map<std::string, std::shared_ptr<DialInStation>> plain_;     ///< the plain ones, by packet
    std::map<DialInLink*, std::shared_ptr<DialInLink>> links_;
    std::map<boost::asio::ip::address, std::size_t> per_address_;
    DialInCounts counts_;
};

}  // namespace wutong::collector
