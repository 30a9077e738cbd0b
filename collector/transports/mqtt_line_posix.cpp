#include <fcntl.h>
#include <fmt/format.h>
#include <mosquitto.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "collector/transports/message_queue.hpp"
#include "collector/transports/mqtt_line.hpp"
#include "collector/transports/mqtt_session.hpp"

namespace wutong::collector {

namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;

constexpr int kQuality = 1;
constexpr int kRefused = 0x80;
constexpr std::size_t kTopicsAtOnce = 50;
constexpr std::chrono::seconds kTick{1};

class Session : public std::enable_shared_from_this<Session> {
public:
    Session(const asio::any_io_executor& executor, asio::thread_pool& workers, MqttOptions options,
            std::function<void()> changed)
        : executor_{executor},
          workers_{workers},
          options_{std::move(options)},
          changed_{std::move(changed)},
          descriptor_{executor},
          tick_{executor},
          retry_{executor},
          queue_{options_.limits},
          retry_wait_{options_.retry_first},
          return_wait_{options_.return_first} {}

    void listen(std::vector<std::string> topics) {
        std::sort(topics.begin(), topics.end());
        const auto before = std::exchange(topics_, std::move(topics));
        if (state_ == State::idle && !closed_) {
            connect();
        } else if (state_ == State::subscribing || state_ == State::up) {
            std::vector<std::string> added, removed;
            std::set_difference(topics_.begin(), topics_.end(), before.begin(), before.end(),
                                std::back_inserter(added));
            std::set_difference(before.begin(), before.end(), topics_.begin(), topics_.end(),
                                std::back_inserter(removed));
            for (const auto& topic : removed) {
                mosquitto_unsubscribe(session_.get(), nullptr, topic.c_str());
            }
            subscribe(added);
            after(MOSQ_ERR_SUCCESS);
        }
    }
    std::optional<Message> take() { return queue_.take(); }
    void unwanted(const std::string& topic) {
        if (state_ == State::up && !std::binary_search(topics_.begin(), topics_.end(), topic)) {
            mosquitto_unsubscribe(session_.get(), nullptr, topic.c_str());
            watch_writing();
        }
    }
    bool publish(const Message& message) {
        if (state_ != State::up) {
            return false;
        }
        const int result =
            mosquitto_publish(session_.get(), nullptr, message.topic.c_str(),
                              static_cast<int>(message.payload.size()), message.payload.data(), 0, false);
        watch_writing();
        return result == MOSQ_ERR_SUCCESS;
    }
    [[nodiscard]] bool up() const { return state_ == State::up; }
    [[nodiscard]] const std::string& why_down() const { return why_; }
    [[nodiscard]] std::uint64_t dropped() const { return queue_.dropped(); }

    void close() {
        if (closed_.exchange(true)) {
            return;
        }
        changed_ = {};
        options_.path_told = {};
        if (session_ && state_ != State::connecting) {
            mosquitto_disconnect(session_.get());
        }
        drop();
        retry_.cancel();
    }

private:
    enum class State { idle, connecting, greeting, subscribing, up };

    [[nodiscard]] const core::BrokerName& broker() const { return options_.brokers.at(broker_); }

    void connect() {
        state_ = State::connecting;
        ++generation_;
        try {
            session_ = make_mqtt_session(broker(), options_.access, options_.session, this);
        } catch (const std::runtime_error& wrong) {
            failed(wrong.what());
            return;
        }
        hear();
        asio::post(workers_, [self = shared_from_this(), broker = broker()] {
            // Nobody else touches the session while the state is `connecting`.
            auto why = reach(broker, self->options_.connect_within, self->closed_);
            if (why.empty()) {
                const int result = mosquitto_connect(self->session_.get(), broker.host.c_str(), broker.port,
                                                     static_cast<int>(self->options_.keep_alive.count()));
                if (result != MOSQ_ERR_SUCCESS) {
                    why = fmt::format("{}:{}: {}", broker.host, broker.port,
                                      result == MOSQ_ERR_ERRNO ? std::generic_category().message(errno)
                                                               : mosquitto_strerror(result));
                }
            }
            asio::post(self->executor_, [self, why = std::move(why)] { self->connected(why); });
        });
    }

    void hear() {
        mosquitto_connect_callback_set(session_.get(), [](mosquitto*, void* self, int code) {
            static_cast<Session*>(self)->greeted(code);
        });
        mosquitto_subscribe_callback_set(session_.get(),
                                         [](mosquitto*, void* self, int, int count, const int* granted) {
                                             static_cast<Session*>(self)->subscribed(count, granted);
                                         });
        mosquitto_message_callback_set(session_.get(),
                                       [](mosquitto*, void* self, const mosquitto_message* message) {
                                           static_cast<Session*>(self)->came(*message);
                                       });
    }

    void connected(const std::string& why) {
        if (closed_) {
            session_.reset();
            return;
        }
        if (!why.empty()) {
            failed(why);
            return;
        }
        state_ = State::greeting;
        greet_until_ = std::chrono::steady_clock::now() + options_.connect_within;
        // A copy of the descriptor: the library closes its own whenever it likes.
        const int copy = fcntl(mosquitto_socket(session_.get()), F_DUPFD_CLOEXEC, 0);
        if (copy < 0) {
            failed("no more files can be opened");
            return;
        }
        descriptor_.assign(copy);
        watch_reading();
        watch_writing();
        watch_time();
    }

    void greeted(int code) {
        if (code != 0) {
            why_ = fmt::format("{}:{} refused us: {}", broker().host, broker().port,
                               mosquitto_connack_string(code));
            refused_ = true;
            return;
        }
        state_ = State::subscribing;
        awaited_ = 0;
        subscribe(topics_);
        if (awaited_ == 0) {
            arrived();
        }
    }

    void subscribe(std::vector<std::string> topics) {
        for (std::size_t i = 0; i < topics.size(); i += kTopicsAtOnce) {
            std::vector<char*> filters;
            for (std::size_t j = i; j < std::min(topics.size(), i + kTopicsAtOnce); ++j) {
                filters.push_back(topics[j].data());
            }
            if (mosquitto_subscribe_multiple(session_.get(), nullptr, static_cast<int>(filters.size()),
                                             filters.data(), kQuality, 0, nullptr) == MOSQ_ERR_SUCCESS) {
                ++awaited_;
            }
        }
    }

    void subscribed(int count, const int* granted) {
        if (std::any_of(granted, granted + count, [](int quality) { return quality >= kRefused; })) {
            why_ = fmt::format("{}:{} refuses topics: its access list", broker().host, broker().port);
            refused_ = true;
            return;
        }
        awaited_ -= awaited_ > 0 ? 1 : 0;
        if (awaited_ == 0 && state_ == State::subscribing) {
            arrived();
        }
    }

    void arrived() {
        state_ = State::up;
        retry_wait_ = options_.retry_first;
        const bool on_standby = broker_ != 0;
        return_at_ = std::chrono::steady_clock::now() + return_wait_;
        if (!on_standby) {
            return_wait_ = options_.return_first;
        }
        if (std::exchange(on_standby_, on_standby) != on_standby && options_.path_told) {
            options_.path_told(on_standby);
        }
        tell();
    }

    void came(const mosquitto_message& message) {
        const auto* payload = static_cast<const char*>(message.payload);
        queue_.put({message.topic, {payload, payload + message.payloadlen}, message.retain});
    }

    void watch_reading() {
        descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                               [self = shared_from_this(), generation = generation_](const Error& error) {
                                   if (!error && generation == self->generation_) {
                                       const int result = mosquitto_loop_read(self->session_.get(), 1);
                                       self->after(result);
                                       if (generation == self->generation_ && self->descriptor_.is_open()) {
                                           self->watch_reading();
                                       }
                                   }
                               });
    }

    void watch_writing() {
        if (writing_ || !descriptor_.is_open() || !mosquitto_want_write(session_.get())) {
            return;
        }
        writing_ = true;
        descriptor_.async_wait(asio::posix::stream_descriptor::wait_write,
                               [self = shared_from_this(), generation = generation_](const Error& error) {
                                   if (!error && generation == self->generation_) {
                                       self->writing_ = false;
                                       self->after(mosquitto_loop_write(self->session_.get(), 1));
                                   }
                               });
    }

    void watch_time() {
        tick_.expires_after(kTick);
        tick_.async_wait([self = shared_from_this(), generation = generation_](const Error& error) {
            if (error || generation != self->generation_ || self->closed_) {
                return;
            }
            const auto now = std::chrono::steady_clock::now();
            if (self->state_ != State::up && now > self->greet_until_ + self->options_.connect_within) {
                self->why_ = self->broker().host + ": no answer from the broker";
                self->after(MOSQ_ERR_CONN_LOST);
                return;
            }
            self->after(mosquitto_loop_misc(self->session_.get()));
            if (self->state_ == State::up && self->on_standby_ && now >= self->return_at_) {
                self->look_at_main();
            }
            if (generation == self->generation_ && self->descriptor_.is_open()) {
                self->watch_time();
            }
        });
    }

    /// Is the main broker back? Only then the standby is left.
    void look_at_main() {
        return_at_ = std::chrono::steady_clock::now() + options_.return_max;
        asio::post(workers_, [self = shared_from_this(), main = options_.brokers.front()] {
            const bool there = reach(main, self->options_.connect_within, self->closed_).empty();
            asio::post(self->executor_, [self, there] {
                self->return_at_ = std::chrono::steady_clock::now() + self->return_wait_;
                if (there && self->state_ == State::up && self->on_standby_ && !self->closed_) {
                    // Longer each time, for one that takes connections and then refuses us.
                    self->return_wait_ = std::min(self->options_.return_max, self->return_wait_ * 2);
                    self->broker_ = 0;
                    self->why_ = "back to the main broker";
                    mosquitto_disconnect(self->session_.get());
                    self->drop();
                    self->connect();
                    self->tell();
                }
            });
        });
    }

    /// After each call of the library.
    void after(int result) {
        if (closed_ || !session_) {
            return;
        }
        if (result != MOSQ_ERR_SUCCESS || refused_ || mosquitto_socket(session_.get()) < 0) {
            failed(refused_ ? why_
                            : fmt::format("{}:{}: {}", broker().host, broker().port,
                                          result == MOSQ_ERR_SUCCESS ? "connection closed"
                                                                     : mosquitto_strerror(result)));
            return;
        }
        watch_writing();
        if (!queue_.empty()) {
            tell();
        }
    }

    void drop() {
        ++generation_;
        Error ignored;
        descriptor_.close(ignored);
        tick_.cancel();
        writing_ = false;
        refused_ = false;
        if (state_ != State::connecting) {
            session_.reset();
        }
        state_ = State::idle;
    }

    void failed(const std::string& why) {
        const bool was_up = state_ == State::up;
        state_ = State::greeting;  // whatever it was, no worker is at the session any more
        drop();
        why_ = why;
        // The other one at once; only when all have failed there is a wait.
        broker_ = (broker_ + 1) % options_.brokers.size();
        const bool all_failed = broker_ == 0 && !was_up;
        const auto wait =
            all_failed || options_.brokers.size() == 1 ? retry_wait_ : std::chrono::milliseconds{0};
        if (all_failed) {
            retry_wait_ = std::min(options_.retry_max, retry_wait_ * 2);
        }
        retry_.expires_after(wait);
        retry_.async_wait([self = shared_from_this()](const Error& error) {
            if (!error && !self->closed_ && self->state_ == State::idle) {
                self->connect();
            }
        });
        tell();
    }

    void tell() {
        if (changed_) {
            changed_();
        }
    }

    asio::any_io_executor executor_;
    asio::thread_pool& workers_;
    MqttOptions options_;
    std::function<void()> changed_;
    MqttSession session_;
    asio::posix::stream_descriptor descriptor_;
    asio::steady_timer tick_, retry_;
    State state_ = State::idle;
    std::uint64_t generation_ = 0;  ///< of the connection: what belongs to an earlier one is of no interest
    std::size_t broker_ = 0;
    bool on_standby_ = false;
    bool writing_ = false;
    bool refused_ = false;
    std::atomic<bool> closed_{false};
    int awaited_ = 0;  ///< answers to subscriptions
    std::vector<std::string> topics_;
    MessageQueue queue_;
    std::string why_ = "not connected yet";
    std::chrono::milliseconds retry_wait_, return_wait_;
    std::chrono::steady_clock::time_point greet_until_, return_at_;
};

/// Owns the session; what is still under way when it goes keeps the inner part alive.
class MqttLine final : public MessageLine {
public:
    explicit MqttLine(std::shared_ptr<Session> session) : session_{std::move(session)} {}
    ~MqttLine() override { session_->close(); }
    void listen(std::vector<std::string> topics) override { session_->listen(std::move(topics)); }
    [[nodiscard]] std::optional<Message> take() override { return session_->take(); }
    void unwanted(const std::string& topic) override { session_->unwanted(topic); }
    bool publish(const Message& message) override { return session_->publish(message); }
    [[nodiscard]] bool up() const override { return session_->up(); }
    [[nodiscard]] const std::string& why_down() const override { return session_->why_down(); }
    [[nodiscard]] std::uint64_t dropped() const override { return session_->dropped(); }
    void close() override { session_->close(); }

private:
    std::shared_ptr<Session> session_;
};

}  // namespace

std::unique_ptr<MessageLine> make_mqtt_line(const asio::any_io_executor& executor, asio::thread_pool& workers,
                                            MqttOptions options, std::function<void()> changed) {
    if (options.brokers.empty()) {
        throw std::invalid_argument("a channel of transport mqtt needs a broker, e.g. mqtts://broker:8883");
    }
    return std::make_unique<MqttLine>(
        std::make_shared<Session>(executor, workers, std::move(options), std::move(changed)));
}

}  // namespace wutong::collector
