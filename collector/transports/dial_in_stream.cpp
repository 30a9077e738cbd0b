#include "collector/transports/dial_in_stream.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace wutong::collector {

DialInStream::DialInStream(std::shared_ptr<DialInHub> hub, const boost::asio::any_io_executor& executor,
                           core::DialInName name, std::shared_ptr<DialInSlot> slot, LineTiming timing)
    : hub_{std::move(hub)},
      name_{std::move(name)},
      shown_{core::registration_of(name_)},
      slot_{std::move(slot)},
      timing_{timing},
      timer_{std::make_shared<boost::asio::steady_timer>(executor)} {
    const std::lock_guard lock{slot_->mutex};
    slot_->wake = [weak = std::weak_ptr{timer_}, executor] {
        boost::asio::post(executor, [weak] {
            if (const auto timer = weak.lock()) {
                timer->cancel();
            }
        });
    };
}

DialInStream::~DialInStream() {
    {
        const std::lock_guard lock{slot_->mutex};
        slot_->wake = {};
        slot_->link.reset();
    }
    hub_->give_back(name_, slot_);
}

void DialInStream::wait(Deadline deadline, Yield yield) {
    timer_->expires_at(deadline);
    boost::system::error_code woken;
    timer_->async_wait(yield[woken]);
}

StreamFault DialInStream::gone() {
    open_ = false;
    return {StreamFault::Kind::closed, shown_ + ": the gateway's link is gone"};
}

bool DialInStream::is_open() const {
    const std::lock_guard lock{slot_->mutex};
    return linked();
}

StreamResult DialInStream::open(Deadline deadline, Yield yield) {
    for (;;) {
        {
            const std::lock_guard lock{slot_->mutex};
            if (linked()) {
                return std::size_t{0};
            }
            if (slot_->link) {
                generation_ = slot_->generation;
                slot_->inbox.clear();
                open_ = true;
                return std::size_t{0};
            }
            slot_->waiting = true;
        }
        if (Monotonic::now() >= deadline) {
            return StreamFault{StreamFault::Kind::closed, shown_ + ": the gateway has not dialled in"};
        }
        wait(deadline, yield);
    }
}

StreamResult DialInStream::write(protocols::ByteView bytes, Deadline, Yield) {
    std::shared_ptr<DialInLink> link;
    {
        const std::lock_guard lock{slot_->mutex};
        if (linked()) {
            link = slot_->link;
        }
    }
    if (!link) {
        return gone();
    }
    tapped(TapDirection::sent, bytes);
    if (!link->send(name_.port, bytes)) {
        link->close("does not take what is sent");
        return gone();
    }
    return bytes.size();
}

StreamResult DialInStream::read_some(std::span<std::uint8_t> into, Deadline deadline, Yield yield) {
    for (;;) {
        {
            const std::lock_guard lock{slot_->mutex};
            if (!linked()) {
                return gone();
            }
            auto& inbox = slot_->inbox;
            if (!inbox.empty()) {
                const auto count = std::min(inbox.size(), into.size());
                std::copy_n(inbox.begin(), count, into.begin());
                inbox.erase(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(count));
                tapped(TapDirection::received, into.first(count));
                return count;
            }
            slot_->waiting = true;
        }
        if (Monotonic::now() >= deadline) {
            return StreamFault{StreamFault::Kind::timeout, shown_ + ": no bytes in time"};
        }
        wait(deadline, yield);
    }
}

std::size_t DialInStream::take_pending(protocols::Bytes* into) {
    const std::lock_guard lock{slot_->mutex};
    if (!linked()) {
        open_ = false;
        return 0;
    }
    const auto count = slot_->inbox.size();
    tapped(TapDirection::received, slot_->inbox);
    if (into != nullptr) {
        into->insert(into->end(), slot_->inbox.begin(), slot_->inbox.end());
    }
    slot_->inbox.clear();
    return count;
}

}  // namespace wutong::collector
