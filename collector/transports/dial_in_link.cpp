#include "collector/transports/dial_in_link.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace wutong::collector {

namespace {
/// A gateway that does not take more than this is gone, whatever its socket says.
constexpr std::size_t kOutgoingMax = 64 * 1024;
}  // namespace

void DialInSlot::put(protocols::ByteView bytes) {
    const std::lock_guard lock{mutex};
    if (inbox.size() + bytes.size() > kInboxMax) {
        inbox.clear();
    }
    inbox.insert(inbox.end(), bytes.begin(), bytes.end());
    if (std::exchange(waiting, false) && wake) {
        wake();
    }
}

void DialInSlot::set_link(std::shared_ptr<DialInLink> now) {
    const std::lock_guard lock{mutex};
    if (link == now) {
        return;
    }
    link = std::move(now);
    ++generation;
    inbox.clear();
    if (std::exchange(waiting, false) && wake) {
        wake();
    }
}

DialInLink::DialInLink(std::shared_ptr<DialInHub> hub, boost::asio::ip::tcp::socket socket, std::string peer,
                       boost::asio::ip::address address)
    : hub_{std::move(hub)},
      socket_{std::move(socket)},
      peer_{std::move(peer)},
      address_{std::move(address)},
      session_{hub_->facts_},
      accepted_at_{Monotonic::now()},
      heard_at_{accepted_at_.time_since_epoch().count()} {}

void DialInLink::start() {
    boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->read(); });
}

void DialInLink::close(const std::string& why) {
    boost::asio::post(socket_.get_executor(), [self = shared_from_this(), why] { self->shut(why); });
}

bool DialInLink::send(int port, protocols::ByteView frame) {
    if (outgoing_bytes_.load() > kOutgoingMax) {
        return false;
    }
    boost::asio::post(socket_.get_executor(), [self = shared_from_this(), port,
                                               frame = protocols::Bytes{frame.begin(), frame.end()}] {
        if (self->open_) {
            self->queue(self->session_.request(port, frame, Monotonic::now()));
        }
    });
    return true;
}

void DialInLink::look_again() {
    boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
        if (self->open_) {
            self->handle(self->session_.look_again(Monotonic::now()));
        }
    });
}

void DialInLink::read() {
    socket_.async_read_some(
        boost::asio::buffer(buffer_),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t length) {
            if (!self->open_) {
                return;
            }
            if (error) {
                self->shut(error == boost::asio::error::eof ? "closed by the gateway" : error.message());
                return;
            }
            const auto now = Monotonic::now();
            self->heard_at_.store(now.time_since_epoch().count());
            self->handle(self->session_.receive(protocols::ByteView{self->buffer_.data(), length}, now));
            if (self->open_) {
                self->read();
            }
        });
}

void DialInLink::handle(protocols::DialInEvents events) {
    if (!events.reply.empty() && events.hang_up.empty()) {
        queue(std::move(events.reply));
    } else if (!events.reply.empty() && outgoing_.empty()) {
        // The last words (an authentication that failed) go out if the socket takes them at once.
        boost::system::error_code ignored;
        socket_.non_blocking(true, ignored);
        socket_.write_some(boost::asio::buffer(events.reply), ignored);
    }
    if (!station_ && session_.name()) {
        named_.store(true);
        station_ = hub_->attach(shared_from_this(), *session_.name());
    }
    {
        const std::lock_guard lock{hub_->mutex_};
        hub_->counts_.heartbeats += static_cast<std::uint64_t>(events.heartbeats);
        hub_->counts_.uploads += static_cast<std::uint64_t>(events.uploads);
        hub_->counts_.rubbish_bytes += events.rubbish;
        // A link that was replaced meanwhile speaks for nobody any more.
        if (station_ && station_->link.get() == this) {
            for (const auto& [port, bytes] : events.payloads) {
                if (const auto slot = station_->slots.find(port); slot != station_->slots.end()) {
                    slot->second->put(bytes);
                }
            }
        }
        if (!events.hang_up.empty()) {
            ++hub_->counts_.closed_rude;
        }
    }
    if (!events.hang_up.empty()) {
        shut(events.hang_up);
    }
}

void DialInLink::queue(protocols::Bytes bytes) {
    outgoing_bytes_.fetch_add(bytes.size());
    outgoing_.push_back(std::move(bytes));
    if (outgoing_.size() == 1) {
        write();
    }
}

void DialInLink::write() {
    boost::asio::async_write(
        socket_, boost::asio::buffer(outgoing_.front()),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
            if (!self->open_) {
                return;
            }
            if (error) {
                self->shut(error.message());
                return;
            }
            self->outgoing_bytes_.fetch_sub(self->outgoing_.front().size());
            self->outgoing_.pop_front();
            if (!self->outgoing_.empty()) {
                self->write();
            }
        });
}

void DialInLink::shut(const std::string& why) {
    if (!open_) {
        return;
    }
    open_ = false;
    boost::system::error_code ignored;
    socket_.close(ignored);
    hub_->options_.log("event=dial_in_closed peer=" + peer_ +
                       " gateway=" + (station_ ? station_->registration : std::string{"unnamed"}) +
                       " reason=\"" + why + "\"");
    hub_->detach(shared_from_this(), std::exchange(station_, nullptr));
}

}  // namespace wutong::collector
