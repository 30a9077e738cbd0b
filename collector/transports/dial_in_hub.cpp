#include "collector/transports/dial_in_hub.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <fstream>
#include <random>
#include <stdexcept>

#include "collector/transports/dial_in_link.hpp"
#include "collector/transports/dial_in_stream.hpp"

namespace wutong::collector {

namespace {

using boost::asio::ip::tcp;
constexpr std::chrono::milliseconds kSweepEvery{250};
constexpr std::chrono::milliseconds kBreath{500};
constexpr std::size_t kSecretFileMax = 256;

std::string station_key(const core::DialInName& name) {
    auto whole = name;
    whole.port = 0;
    return core::registration_of(whole);
}

protocols::DialInFacts::LocalTime wall_time() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm local{};
#ifdef _WIN32
    localtime_s(&local, &now);
#else
    localtime_r(&now, &local);
#endif
    return {local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_wday,
            local.tm_hour,        local.tm_min,     local.tm_sec};
}

std::string random_digits() {
    std::random_device random;
    std::string digits;
    while (digits.size() < 30) {
        digits += std::to_string(random() % 1'000'000'000U + 1'000'000'000U);
    }
    return digits;
}

}  // namespace

DialInHub::DialInHub(boost::asio::io_context& context, DialInOptions options)
    : context_{context},
      options_{std::move(options)},
      strand_{boost::asio::make_strand(context)},
      acceptor_{strand_},
      sweep_timer_{strand_},
      breath_{strand_} {
    boost::system::error_code error;
    boost::asio::ip::make_address(options_.address, error);
    if (error) {
        throw std::invalid_argument("\"" + options_.address + "\" is no address to listen on");
    }
    facts_.find_plain = [this](const std::string& received) { return find_plain(received); };
    facts_.secret = [this](const std::string& gateway) { return secret(gateway); };
    facts_.new_sequence = random_digits;
    facts_.local_time = wall_time;
}

DialInHub::~DialInHub() = default;

void DialInHub::listen() {
    const tcp::endpoint endpoint{boost::asio::ip::make_address(options_.address), options_.port};
    try {
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address{true});
        acceptor_.bind(endpoint);
        acceptor_.listen(boost::asio::socket_base::max_listen_connections);
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("can't listen on " + options_.address + ":" + std::to_string(options_.port) +
                                 " for gateways that dial in: " + error.code().message());
    }
    port_ = acceptor_.local_endpoint().port();
    boost::asio::post(strand_, [self = shared_from_this()] {
        self->accept();
        self->sweep();
    });
}

void DialInHub::stop() {
    std::map<DialInLink*, std::shared_ptr<DialInLink>> links;
    {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
        links = links_;
    }
    boost::asio::post(strand_, [self = shared_from_this()] {
        boost::system::error_code ignored;
        self->acceptor_.close(ignored);
        self->sweep_timer_.cancel();
        self->breath_.cancel();
    });
    for (const auto& [raw, link] : links) {
        link->close("the collector ends");
    }
}

void DialInHub::forget() {
    std::map<DialInLink*, std::shared_ptr<DialInLink>> links;
    const std::lock_guard lock{mutex_};
    stopped_ = true;
    links.swap(links_);
    for (const auto& [key, station] : stations_) {
        station->link.reset();
        for (const auto& [port, slot] : station->slots) {
            slot->set_link(nullptr);
        }
    }
}

DialInCounts DialInHub::counts() const {
    const std::lock_guard lock{mutex_};
    auto counts = counts_;
    counts.links = links_.size();
    counts.registered = static_cast<std::uint64_t>(std::count_if(
        stations_.begin(), stations_.end(), [](const auto& each) { return each.second->link != nullptr; }));
    return counts;
}

void DialInHub::accept() {
    acceptor_.async_accept(
        boost::asio::any_io_executor{boost::asio::make_strand(context_)},
        [self = shared_from_this()](const boost::system::error_code& error, tcp::socket socket) {
            boost::asio::post(self->strand_, [self, error, socket = std::move(socket)]() mutable {
                if (!self->acceptor_.is_open()) {
                    return;
                }
                if (!error) {
                    self->take(std::move(socket));
                    self->accept();
                    return;
                }
                // Out of descriptors, most likely: a pause, not a busy loop.
                self->options_.log("event=dial_in_not_accepted reason=\"" + error.message() + "\"");
                self->breath_.expires_after(kBreath);
                self->breath_.async_wait([self](const boost::system::error_code& stopped) {
                    if (!stopped) {
                        self->accept();
                    }
                });
            });
        });
}

void DialInHub::take(tcp::socket socket) {
    boost::system::error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error) {
        return;  // gone already
    }
    std::shared_ptr<DialInLink> link;
    {
        const std::lock_guard lock{mutex_};
        auto& from_there = per_address_[peer.address()];
        const bool full = links_.size() >= options_.links_max;
        if (stopped_ || full || from_there >= options_.links_per_address_max) {
            ++(full ? counts_.refused_full : counts_.refused_address);
            if (from_there == 0) {
                per_address_.erase(peer.address());
            }
            return;  // the socket closes itself
        }
        ++from_there;
        ++counts_.accepted;
        const auto shown =
            (peer.address().is_v6() ? "[" + peer.address().to_string() + "]" : peer.address().to_string()) +
            ":" + std::to_string(peer.port());
        link = std::make_shared<DialInLink>(shared_from_this(), std::move(socket), shown, peer.address());
        links_.emplace(link.get(), link);
    }
    link->start();
}

void DialInHub::sweep() {
    const auto now = Monotonic::now();
    std::vector<std::pair<std::shared_ptr<DialInLink>, const char*>> late;
    std::vector<std::shared_ptr<DialInLink>> unnamed;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [raw, link] : links_) {
            if (!link->named()) {
                if (now - link->accepted_at() > options_.register_within) {
                    ++counts_.closed_unnamed;
                    late.emplace_back(link, "did not say who it is in time");
                } else {
                    unnamed.push_back(link);
                }
            } else if (now - link->heard_at() > options_.idle_max) {
                ++counts_.closed_idle;
                late.emplace_back(link, "has been silent for too long");
            }
        }
        for (const auto& [key, station] : stations_) {
            if (station->link && station->slots.empty() &&
                now - station->link->accepted_at() > options_.unclaimed_max) {
                ++counts_.closed_unclaimed;
                late.emplace_back(station->link, "no channel of this collector waits for it");
            }
        }
    }
    for (const auto& [link, why] : late) {
        link->close(why);
    }
    for (const auto& link : unnamed) {
        link->look_again();
    }
    sweep_timer_.expires_after(kSweepEvery);
    sweep_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& stopped) {
        if (!stopped) {
            self->sweep();
        }
    });
}

std::shared_ptr<DialInStation> DialInHub::attach(const std::shared_ptr<DialInLink>& link,
                                                 const core::DialInName& name) {
    std::shared_ptr<DialInLink> before;
    std::shared_ptr<DialInStation> station;
    {
        const std::lock_guard lock{mutex_};
        auto& place = stations_[station_key(name)];
        if (!place) {
            place = std::make_shared<DialInStation>();
            place->registration = station_key(name);
        }
        station = place;
        before = std::exchange(station->link, link);
        for (const auto& [port, slot] : station->slots) {
            slot->set_link(link);
        }
        if (before) {
            ++counts_.replaced;
        }
    }
    options_.log("event=dial_in_registered peer=" + link->peer() + " gateway=" + station->registration +
                 (before ? " replaces=" + before->peer() : std::string{}));
    if (before) {
        before->close("replaced by a new link of the same gateway");
    }
    return station;
}

void DialInHub::detach(const std::shared_ptr<DialInLink>& link,
                       const std::shared_ptr<DialInStation>& station) {
    const std::lock_guard lock{mutex_};
    if (links_.erase(link.get()) == 0) {
        return;
    }
    if (const auto found = per_address_.find(link->address());
        found != per_address_.end() && --found->second == 0) {
        per_address_.erase(found);
    }
    if (!station || station->link != link) {
        return;  // unnamed, or replaced meanwhile
    }
    station->link.reset();
    for (const auto& [port, slot] : station->slots) {
        slot->set_link(nullptr);
    }
    if (station->slots.empty()) {
        stations_.erase(station->registration);
    }
}

std::unique_ptr<ByteStream> DialInHub::stream(const boost::asio::any_io_executor& executor,
                                              const core::DialInName& name, const std::string& owner,
                                              LineTiming timing) {
    auto slot = std::make_shared<DialInSlot>(owner);
    std::shared_ptr<DialInLink> outdated;
    {
        const std::lock_guard lock{mutex_};
        auto& station = stations_[station_key(name)];
        if (!station) {
            station = std::make_shared<DialInStation>();
            station->registration = station_key(name);
        }
        auto& place = station->slots[name.port];
        if (place && place->owner != owner) {
            throw std::invalid_argument("another channel has the gateway " + core::registration_of(name) +
                                        " already");
        }
        if (place) {
            place->set_link(nullptr);
        }
        place = slot;
        if (name.kind == core::DialInKind::plain) {
            if (station->link && station->heartbeat != name.heartbeat) {
                outdated = station->link;  // it takes out the heartbeats of old
            }
            station->heartbeat = name.heartbeat;
            plain_[name.id] = station;
        }
        slot->set_link(station->link);
    }
    if (outdated) {
        outdated->close("its heartbeat was configured anew");
    }
    return std::make_unique<DialInStream>(shared_from_this(), executor, name, std::move(slot), timing);
}

void DialInHub::give_back(const core::DialInName& name, const std::shared_ptr<DialInSlot>& slot) {
    const std::lock_guard lock{mutex_};
    const auto found = stations_.find(station_key(name));
    if (found == stations_.end()) {
        return;
    }
    auto& slots = found->second->slots;
    const auto place = slots.find(name.port);
    if (place == slots.end() || place->second != slot) {
        return;  // somebody newer has it
    }
    slots.erase(place);
    if (name.kind == core::DialInKind::plain) {
        plain_.erase(name.id);
    }
    if (slots.empty() && !found->second->link) {
        stations_.erase(found);
    }
}

protocols::DialInFacts::PlainMatch DialInHub::find_plain(const std::string& received) const {
    protocols::DialInFacts::PlainMatch match;
    const std::lock_guard lock{mutex_};
    for (auto length = std::min(received.size(), core::kRegistrationBytesMax); length >= 2; --length) {
        if (const auto found = plain_.find(received.substr(0, length)); found != plain_.end()) {
            match.id = found->first;
            match.heartbeat = found->second->heartbeat;
            break;
        }
    }
    const auto next = plain_.upper_bound(received);
    match.may_grow = next != plain_.end() && next->first.starts_with(received);
    return match;
}

std::optional<std::string> DialInHub::secret(const std::string& gateway_id) const {
    // The id has passed the codec: letters, digits, - and _ only, so it can't lead out of the folder.
    if (options_.secrets.empty() || gateway_id.empty()) {
        return std::nullopt;
    }
    std::ifstream file{options_.secrets / gateway_id, std::ios::binary};
    std::string line;
    if (!file || !std::getline(file, line) || line.size() > kSecretFileMax) {
        return std::nullopt;
    }
    if (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    return line;
}

}  // namespace wutong::collector
