#include "collector/transports/standby_stream.hpp"

#include <algorithm>

namespace wutong::collector {

namespace {
constexpr std::chrono::milliseconds kLookTakes{3'000};
constexpr std::chrono::milliseconds kGlance{10};
/// A main path that has answered for so long is as good as ever.
constexpr std::chrono::seconds kTrusted{60};
}  // namespace

struct StandbyStream::Paths {
    std::unique_ptr<ByteStream> main, standby;
    bool looking = false;    ///< a coroutine of its own opens the main path
    bool abandoned = false;  ///< nobody wants to know any more
    bool main_ready = false;
};

StandbyStream::StandbyStream(const boost::asio::any_io_executor& executor, std::unique_ptr<ByteStream> main,
                             std::unique_ptr<ByteStream> standby, StandbyRules rules,
                             std::function<void(bool)> tell)
    : executor_{executor},
      paths_{std::make_shared<Paths>()},
      rules_{rules},
      tell_{std::move(tell)},
      silence_{rules.silence_first},
      return_after_{rules.return_first} {
    paths_->main = std::move(main);
    paths_->standby = std::move(standby);
}

StandbyStream::~StandbyStream() {
    paths_->abandoned = true;
}

ByteStream& StandbyStream::current() const {
    return on_standby_ ? *paths_->standby : *paths_->main;
}

void StandbyStream::change(bool to_standby) {
    current().close();
    on_standby_ = to_standby;
    unanswered_ = 0;
    waited_ = std::chrono::nanoseconds{0};
    const auto now = Monotonic::now();
    if (to_standby) {
        // Each time that the main path did not hold, it is given longer.
        if (main_since_ != Deadline{} && now - main_since_ < kTrusted) {
            return_after_ = std::min(rules_.return_max, return_after_ * 2);
        } else {
            return_after_ = rules_.return_first;
        }
        look_at_ = now + return_after_;
    } else {
        main_since_ = now;
    }
    paths_->main_ready = false;
    if (tell_) {
        tell_(to_standby);
    }
}

void StandbyStream::heard() {
    unanswered_ = 0;
    waited_ = std::chrono::nanoseconds{0};
    silence_ = rules_.silence_first;
}

/// How long bytes are still waited for on this path.
std::chrono::nanoseconds StandbyStream::patience() const {
    const std::chrono::nanoseconds most = rules_.waiting_max * (silence_ / rules_.silence_first);
    return std::max(most - waited_, std::chrono::nanoseconds{0});
}

void StandbyStream::look_at_main() {
    paths_->looking = true;
    boost::asio::spawn(executor_, [paths = paths_](Yield yield) {
        const auto opened = paths->main->open(Monotonic::now() + kLookTakes, yield);
        paths->main_ready = std::holds_alternative<std::size_t>(opened);
        paths->looking = false;
        if (paths->abandoned) {
            paths->main->close();
        }
    });
}

StreamResult StandbyStream::try_path(bool standby, Deadline deadline, Yield yield) {
    while (!standby && paths_->looking && Monotonic::now() < deadline) {
        sleep_until(executor_, Monotonic::now() + kGlance, yield);
    }
    if (!standby && paths_->looking) {
        return StreamFault{StreamFault::Kind::closed, paths_->main->name() + ": no connection in time"};
    }
    auto& path = standby ? *paths_->standby : *paths_->main;
    return path.open(std::min(deadline, Monotonic::now() + rules_.open_within), yield);
}

StreamResult StandbyStream::open(Deadline deadline, Yield yield) {
    const auto now = Monotonic::now();
    const bool silent = unanswered_ >= 2 && now - asked_at_ >= silence_;
    if (silent || patience().count() == 0) {
        silence_ = std::min(rules_.silence_max, silence_ * 2);
        change(!on_standby_);
    } else if (on_standby_ && paths_->main_ready) {
        change(false);
        if (paths_->main->is_open()) {
            return std::size_t{0};
        }
    } else if (on_standby_ && !paths_->looking && now >= look_at_) {
        look_at_ = now + return_after_;
        look_at_main();
    }
    if (current().is_open()) {
        return std::size_t{0};
    }
    const bool first = on_standby_;
    auto opened = try_path(first, deadline, yield);
    if (std::holds_alternative<std::size_t>(opened)) {
        return opened;
    }
    auto other = try_path(!first, deadline, yield);
    if (std::holds_alternative<std::size_t>(other)) {
        change(!first);
        return other;
    }
    return StreamFault{StreamFault::Kind::closed,
                       std::get<StreamFault>(opened).detail + "; and " + std::get<StreamFault>(other).detail};
}

void StandbyStream::close() {
    current().close();
}

bool StandbyStream::is_open() const {
    return current().is_open();
}

StreamResult StandbyStream::write(protocols::ByteView bytes, Deadline deadline, Yield yield) {
    tapped(TapDirection::sent, bytes);
    if (unanswered_++ == 0) {
        asked_at_ = Monotonic::now();
    }
    return current().write(bytes, deadline, yield);
}

StreamResult StandbyStream::read_some(std::span<std::uint8_t> into, Deadline deadline, Yield yield) {
    const auto begin = Monotonic::now();
    auto result = current().read_some(into, std::min(deadline, begin + patience()), yield);
    waited_ += Monotonic::now() - begin;
    if (const auto* count = std::get_if<std::size_t>(&result)) {
        heard();
        tapped(TapDirection::received, into.first(*count));
    }
    return result;
}

std::size_t StandbyStream::take_pending(protocols::Bytes* into) {
    const auto count = current().take_pending(into);
    if (count > 0) {
        unanswered_ = 0;
        waited_ = std::chrono::nanoseconds{0};
    }
    return count;
}

bool StandbyStream::reopening_discards() const {
    return current().reopening_discards();
}

LineTiming StandbyStream::timing() const {
    return current().timing();
}

bool StandbyStream::can_set_speed() const {
    return current().can_set_speed();
}

StreamResult StandbyStream::set_speed(int baud) {
    return current().set_speed(baud);
}

const std::string& StandbyStream::name() const {
    return current().name();
}

}  // namespace wutong::collector
