#pragma once

#include <array>
#include <atomic>
#include <deque>

#include "collector/transports/dial_in_hub.hpp"

/// For the hub and its streams only.
namespace wutong::collector {

/// What one bus has to say, between its link's strand and its channel's.
struct DialInSlot {
    /// What nobody takes out is unasked; it is not kept for ever.
    static constexpr std::size_t kInboxMax = 16 * 1024;

    explicit DialInSlot(std::string owned_by) : owner{std::move(owned_by)} {}

    const std::string owner;
    std::mutex mutex;
    protocols::Bytes inbox;
    std::shared_ptr<DialInLink> link;  ///< none: the gateway is not there
    std::uint64_t generation = 0;      ///< grows with each link
    bool waiting = false;              ///< the channel wants to be woken
    std::function<void()> wake;        ///< posts to the channel; called under the mutex

    void put(protocols::ByteView bytes);
    void set_link(std::shared_ptr<DialInLink> now);
};

/// A gateway as it is known here: its link, and the slots of the channels that want it. Guarded by the hub.
struct DialInStation {
    std::string registration;
    std::string heartbeat;
    std::shared_ptr<DialInLink> link;
    std::map<int, std::shared_ptr<DialInSlot>> slots;  ///< by serial port
};

/// One accepted connection. Everything but the constants runs on its strand.
class DialInLink : public std::enable_shared_from_this<DialInLink> {
public:
    DialInLink(std::shared_ptr<DialInHub> hub, boost::asio::ip::tcp::socket socket, std::string peer,
               boost::asio::ip::address address);

    // ---- from any thread ----
    void start();
    void close(const std::string& why);
    /// Queues a frame for a meter. @return false: the gateway does not take what is sent
    bool send(int port, protocols::ByteView frame);
    [[nodiscard]] const std::string& peer() const { return peer_; }
    [[nodiscard]] const boost::asio::ip::address& address() const { return address_; }
    [[nodiscard]] Deadline accepted_at() const { return accepted_at_; }
    [[nodiscard]] Deadline heard_at() const { return Deadline{Deadline::duration{heard_at_.load()}}; }
    [[nodiscard]] bool named() const { return named_.load(); }
    /// Lets a name that might have gone on count.
    void look_again();

private:
    void read();
    void handle(protocols::DialInEvents events);
    void queue(protocols::Bytes bytes);
    void write();
    void shut(const std::string& why);

    std::shared_ptr<DialInHub> hub_;
    boost::asio::ip::tcp::socket socket_;
    std::string peer_;
    boost::asio::ip::address address_;
    protocols::DialInSession session_;
    std::array<std::uint8_t, 512> buffer_{};
    std::deque<protocols::Bytes> outgoing_;
    std::atomic<std::size_t> outgoing_bytes_{0};
    std::shared_ptr<DialInStation> station_;
    Deadline accepted_at_;
    std::atomic<Deadline::rep> heard_at_;
    std::atomic<bool> named_{false};
    bool open_ = true;
};

}  // namespace wutong::collector
