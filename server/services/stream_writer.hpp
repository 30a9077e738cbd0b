#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace wutong::server {

/// The server's end of one stream. It holds no thread: somebody else pushes, gRPC writes when the client can
/// take more. Messages have a key; a newer message with the same key replaces one that still waits, so that a
/// slow client gets fewer messages, never old ones, and the queue is bounded by the number of keys.
///
/// Life: made by make(), kept alive by itself until gRPC says that the call is done.
template <class Message>
class StreamWriter final : public grpc::ServerWriteReactor<Message> {
public:
    [[nodiscard]] static std::shared_ptr<StreamWriter> make() {
        std::shared_ptr<StreamWriter> writer{new StreamWriter};
        writer->self_ = writer;
        return writer;
    }
    /// For calls that are refused before they start.
    [[nodiscard]] static StreamWriter* refused(const grpc::Status& status) {
        const auto writer = make();
        writer->finish(status);
        return writer.get();
    }

    void push(std::int64_t key, Message message) {
        const std::lock_guard lock{mutex_};
        if (over_) {
            return;
        }
        if (const auto waiting = waiting_.find(key); waiting != waiting_.end()) {
            waiting->second = std::move(message);
        } else {
            waiting_.emplace(key, std::move(message));
            order_.push_back(key);
        }
        write_next();
    }

    /// Ends the stream once everything that waits was written.
    void finish(const grpc::Status& status) {
        const std::lock_guard lock{mutex_};
        if (!over_ && !last_word_) {
            last_word_ = status;
            write_next();
        }
    }

    /// True when nobody listens any more: the client went away or the stream was finished.
    [[nodiscard]] bool over() const {
        const std::lock_guard lock{mutex_};
        return over_ || cancelled_;
    }

private:
    StreamWriter() = default;

    void OnWriteDone(bool ok) override {
        const std::lock_guard lock{mutex_};
        writing_ = false;
        if (!ok) {
            cancelled_ = true;
        }
        write_next();
    }
    void OnCancel() override {
        const std::lock_guard lock{mutex_};
        cancelled_ = true;
        write_next();
    }
    void OnDone() override {
        std::shared_ptr<StreamWriter> last;
        {
            const std::lock_guard lock{mutex_};
            last = std::move(self_);
        }
    }

    /// @pre mutex_ is held. gRPC never calls back from inside these calls, so the lock is safe to keep.
    void write_next() {
        if (over_ || writing_) {
            return;
        }
        if (cancelled_) {
            over_ = true;
            this->Finish(grpc::Status::CANCELLED);
        } else if (!order_.empty()) {
            const auto key = order_.front();
            order_.pop_front();
            auto node = waiting_.extract(key);
            current_ = std::move(node.mapped());
            writing_ = true;
            this->StartWrite(&current_);
        } else if (last_word_) {
            over_ = true;
            this->Finish(*last_word_);
        }
    }

    mutable std::mutex mutex_;
    std::map<std::int64_t, Message> waiting_;
    std::deque<std::int64_t> order_;
    Message current_;
    std::optional<grpc::Status> last_word_;
    bool writing_ = false;
    bool cancelled_ = false;
    bool over_ = false;
    std::shared_ptr<StreamWriter> self_;
};

}  // namespace wutong::server
