#include "unit/transports/scripted_peer.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace wutong::tests {
namespace {

using namespace std::chrono_literals;

void shut(int& descriptor) {
    if (descriptor >= 0) {
        ::close(descriptor);
        descriptor = -1;
    }
}

int listen_on(std::uint16_t& port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener, generic, length) != 0 || ::listen(listener, 4) != 0 ||
        ::getsockname(listener, generic, &length) != 0) {
        throw std::runtime_error("cannot listen");
    }
    port = ntohs(address.sin_port);
    return listener;
}

}  // namespace

protocols::Bytes tiny_frame(std::uint8_t unit, protocols::ByteView content) {
    protocols::Bytes frame{'#', unit, static_cast<std::uint8_t>(content.size())};
    frame.insert(frame.end(), content.begin(), content.end());
    unsigned sum = 0;
    for (const auto byte : content) {
        sum += byte;
    }
    frame.push_back(static_cast<std::uint8_t>(sum & 0xFFU));
    return frame;
}

ScriptedPeer::ScriptedPeer(Wire wire) : wire_{wire} {
    std::string pattern = "/tmp/wutong-peer-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("no temporary folder");
    }
    folder_ = pattern;
    come_back();
}

ScriptedPeer::~ScriptedPeer() {
    hang_up();
    std::filesystem::remove_all(folder_);
}

std::string ScriptedPeer::endpoint() const {
    return wire_ == Wire::pty ? (folder_ / "bus").string() : "127.0.0.1:" + std::to_string(port_);
}

void ScriptedPeer::script(std::vector<Action> actions) {
    const std::lock_guard lock{mutex_};
    actions_.assign(actions.begin(), actions.end());
}

std::vector<Asked> ScriptedPeer::asked() const {
    const std::lock_guard lock{mutex_};
    return asked_;
}

void ScriptedPeer::hang_up() {
    stop_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
    shut(terminal_);
    shut(line_);
    shut(listener_);
    std::filesystem::remove(folder_ / "bus");
}

void ScriptedPeer::come_back() {
    if (wire_ == Wire::pty) {
        line_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        std::array<char, 128> name{};
        if (line_ < 0 || ::grantpt(line_) != 0 || ::unlockpt(line_) != 0 ||
            ::ptsname_r(line_, name.data(), name.size()) != 0) {
            throw std::runtime_error("no pseudo-terminal");
        }
        terminal_ = ::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
        std::filesystem::create_symlink(name.data(), folder_ / "bus");
    } else {
        listener_ = listen_on(port_);
    }
    stop_ = false;
    thread_ = std::thread{[this] { serve(); }};
}

void ScriptedPeer::send(protocols::ByteView bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto count = wire_ == Wire::pty
                               ? ::write(line_, bytes.data() + done, bytes.size() - done)
                               : ::send(line_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (count <= 0) {
            return;  // the client has gone, which some tests are about
        }
        done += static_cast<std::size_t>(count);
    }
}

protocols::Bytes ScriptedPeer::envelope(const Asked& asked, std::uint8_t unit,
                                        protocols::ByteView pdu) const {
    return wire_ == Wire::modbus_tcp
               ? protocols::encode_tcp({asked.transaction, unit, protocols::Bytes(pdu.begin(), pdu.end())})
               : protocols::encode_rtu(unit, pdu);
}

/// Accepts a client; a new one takes the place of the old one, as with a serial server.
bool ScriptedPeer::await_peer() {
    std::array<pollfd, 2> waiting{pollfd{line_, POLLIN, 0}, pollfd{listener_, POLLIN, 0}};
    ::poll(waiting.data(), waiting.size(), 5);
    if ((waiting[1].revents & POLLIN) != 0) {
        shut(line_);
        line_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int on = 1;
        ::setsockopt(line_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return false;
    }
    return line_ >= 0 && (waiting[0].revents & (POLLIN | POLLHUP)) != 0;
}

void ScriptedPeer::serve() {
    protocols::RequestDeframer rtu;
    protocols::TcpDeframer tcp;
    protocols::Bytes tiny;
    int served = line_;
    while (!stop_) {
        const bool readable = await_peer();
        if (line_ != served) {
            rtu = {};
            tcp.reset();
            tiny.clear();
            served = line_;
        }
        if (!readable) {
            continue;
        }
        std::array<std::uint8_t, 512> chunk{};
        const auto count = ::read(line_, chunk.data(), chunk.size());
        if (count <= 0) {
            if (wire_ != Wire::pty) {
                shut(line_);
                served = -1;
            }
            continue;
        }
        const auto bytes = protocols::ByteView{chunk}.first(static_cast<std::size_t>(count));
        if (wire_ == Wire::modbus_tcp) {
            tcp.feed(bytes);
            while (auto frame = tcp.next()) {
                handle({frame->unit, std::move(frame->pdu), frame->transaction});
            }
        } else if (!tiny.empty() || bytes.front() == '#') {
            tiny.insert(tiny.end(), bytes.begin(), bytes.end());
            if (tiny.size() >= 4 && tiny.size() == std::size_t{4} + tiny[2]) {
                const auto frame = std::exchange(tiny, {});
                handle({frame[1], {frame.begin() + 3, frame.end() - 1}, 0});
            }
        } else {
            rtu.feed(bytes);
            while (auto frame = rtu.next()) {
                handle({frame->unit, std::move(frame->pdu), 0});
            }
        }
    }
}

void ScriptedPeer::handle(const Asked& asked) {
    Action action = actions::good(0);
    {
        const std::lock_guard lock{mutex_};
        asked_.push_back(asked);
        if (!actions_.empty()) {
            action = actions_.front();
            actions_.pop_front();
        }
    }
    action(*this, asked);
}

protocols::Words counting(std::uint16_t first, std::size_t count) {
    protocols::Words words;
    for (std::size_t i = 0; i < count; ++i) {
        words.push_back(static_cast<std::uint16_t>(first + i));
    }
    return words;
}

protocols::Bytes good_pdu(const Asked& asked, std::uint16_t first) {
    const auto parsed = protocols::parse_request(asked.pdu);
    if (const auto* request = std::get_if<protocols::Request>(&parsed)) {
        if (const auto* read = std::get_if<protocols::ReadRequest>(request)) {
            return protocols::encode_read_reply(read->function, counting(first, read->count));
        }
        if (const auto* write = std::get_if<protocols::WriteRequest>(request)) {
            return protocols::encode_write_reply(write->address,
                                                 static_cast<std::uint16_t>(write->words.size()));
        }
        return protocols::encode_vendor_reply(std::get<protocols::VendorWriteRequest>(*request));
    }
    return protocols::encode_exception(asked.pdu.empty() ? std::uint8_t{0} : asked.pdu[0],
                                       std::get<protocols::ExceptionCode>(parsed));
}

namespace actions {

ScriptedPeer::Action good(std::uint16_t first) {
    return [=](ScriptedPeer& peer, const Asked& asked) { peer.answer(asked, good_pdu(asked, first)); };
}
ScriptedPeer::Action silence() {
    return [](ScriptedPeer&, const Asked&) {};
}
ScriptedPeer::Action late(std::uint16_t first, std::chrono::milliseconds delay) {
    return [=](ScriptedPeer& peer, const Asked& asked) {
        std::this_thread::sleep_for(delay);
        peer.answer(asked, good_pdu(asked, first));
    };
}
ScriptedPeer::Action late_exception(std::chrono::milliseconds delay) {
    return [=](ScriptedPeer& peer, const Asked& asked) {
        std::this_thread::sleep_for(delay);
        peer.answer(asked,
                    protocols::encode_exception(asked.pdu[0], protocols::ExceptionCode::device_failure));
    };
}
ScriptedPeer::Action exception(protocols::ExceptionCode code) {
    return [=](ScriptedPeer& peer, const Asked& asked) {
        peer.answer(asked, protocols::encode_exception(asked.pdu[0], code));
    };
}
ScriptedPeer::Action torn(std::uint16_t first, std::chrono::milliseconds rest_after) {
    return [=](ScriptedPeer& peer, const Asked& asked) {
        const auto frame = peer.envelope(asked, asked.unit, good_pdu(asked, first));
        const auto half = protocols::ByteView{frame}.first(frame.size() - 4);
        peer.send(half);
        if (rest_after > 0ms) {
            std::this_thread::sleep_for(rest_after);
            peer.send(protocols::ByteView{frame}.subspan(half.size()));
        }
    };
}
/// A bit flipped on the way: in the data on a serial line, in the header over TCP, which checks the rest
/// itself.
ScriptedPeer::Action garbled(std::uint16_t first) {
    return [=](ScriptedPeer& peer, const Asked& asked) {
        auto frame = peer.envelope(asked, asked.unit, good_pdu(asked, first));
        frame[peer.wire() == Wire::modbus_tcp ? 2 : 4] ^= 0x04;
        peer.send(frame);
    };
}
ScriptedPeer::Action twice(std::uint16_t first) {
    return [=](ScriptedPeer& peer, const Asked& asked) {
        auto frame = peer.envelope(asked, asked.unit, good_pdu(asked, first));
        const auto once = frame;
        frame.insert(frame.end(), once.begin(), once.end());
        peer.send(frame);
    };
}
ScriptedPeer::Action single_bytes(std::uint16_t first) {
    return [=](ScriptedPeer& peer, const Asked& asked) {
        for (const auto byte : peer.envelope(asked, asked.unit, good_pdu(asked, first))) {
            peer.send({&byte, 1});
            std::this_thread::sleep_for(500us);
        }
    };
}
ScriptedPeer::Action foreign(std::uint16_t first) {
    return [=](ScriptedPeer& peer, const Asked& asked) {
        peer.send(peer.envelope(asked, static_cast<std::uint8_t>(asked.unit + 1), good_pdu(asked, first)));
    };
}
ScriptedPeer::Action pdu(protocols::Bytes bytes) {
    return [=](ScriptedPeer& peer, const Asked& asked) { peer.answer(asked, bytes); };
}

}  // namespace actions
}  // namespace wutong::tests
