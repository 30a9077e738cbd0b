#include "simulator/replay_line.hpp"

#include "simulator/paced_line.hpp"

namespace wutong::simulator {
namespace {
/// What is no question after so long will not become one.
constexpr std::chrono::milliseconds kSilence{20};
constexpr std::size_t kHeardMax = 4'096;
}  // namespace

ReplayLine::ReplayLine(const boost::asio::any_io_executor& executor, Recording recording, Output output)
    : executor_{executor}, recording_{std::move(recording)}, output_{std::move(output)}, silence_{executor} {}

void ReplayLine::stop() {
    stopped_ = true;
    silence_.cancel();
}

void ReplayLine::receive(protocols::ByteView bytes) {
    stats_.bytes_in += bytes.size();
    heard_.insert(heard_.end(), bytes.begin(), bytes.end());
    take_questions();
    if (heard_.size() > kHeardMax || (!heard_.empty() && !recording_.may_become(heard_))) {
        heard_.clear();
        ++stats_.bad_frames;
    }
    silence_.expires_after(kSilence);
    silence_.async_wait([this](const boost::system::error_code& fault) {
        if (!fault && !stopped_ && !heard_.empty()) {
            heard_.clear();
            ++stats_.bad_frames;
        }
    });
}

void ReplayLine::take_questions() {
    while (const auto length = recording_.question_in(heard_)) {
        ++stats_.requests;
        answer(protocols::ByteView{heard_}.first(length));
        heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(length));
    }
}

void ReplayLine::answer(protocols::ByteView question) {
    const auto now = SimClock::Steady::now();
    auto pieces = recording_.next_answer(question);
    stats_.answers += pieces.empty() ? 0U : 1U;
    for (auto& piece : pieces) {
        auto timer = std::make_shared<boost::asio::steady_timer>(executor_, now + piece.after);
        timer->async_wait(
            [this, timer, bytes = std::move(piece.bytes)](const boost::system::error_code& fault) {
                if (!fault && !stopped_) {
                    stats_.bytes_out += bytes.size();
                    output_(bytes);
                }
            });
    }
}

std::unique_ptr<Wire> make_wire(const boost::asio::any_io_executor& executor, const LinePlan& plan,
                                Building& building, const SimClock& clock, std::size_t grain,
                                Wire::Output output) {
    if (!plan.replay.empty()) {
        return std::make_unique<ReplayLine>(executor, Recording::read(plan.replay), std::move(output));
    }
    return std::make_unique<PacedLine>(executor, plan, building, clock, grain, std::move(output));
}

}  // namespace wutong::simulator
