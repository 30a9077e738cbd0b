#include <sys/socket.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/write.hpp>
#include <future>

#include "collector/protocols/acrel_4g.hpp"
#include "unit/transports/links.hpp"

/// Gateways that dial in, over real sockets.
namespace {

using namespace wutong::tests;
using namespace wutong;
using boost::asio::ip::tcp;
using protocols::Bytes;
using protocols::ByteView;

constexpr auto kPatience = 20s;  ///< for what has to happen; a slow machine takes its time

/// The box in the electrical room: a blocking socket.
class Box {
public:
    explicit Box(std::uint16_t port, const char* from = "127.0.0.1") : socket_{context_} {
        socket_.open(tcp::v4());
        socket_.bind({boost::asio::ip::make_address(from), 0});
        socket_.connect({boost::asio::ip::address_v4::loopback(), port});
        const timeval patience{20, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    void say(const std::string& text) { say(Bytes{text.begin(), text.end()}); }
    void say(const Bytes& bytes) {
        boost::system::error_code ignored;
        boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
    }
    /// @return fewer bytes when the other side closed
    Bytes hear(std::size_t count) {
        Bytes came(count);
        std::size_t at = 0;
        boost::system::error_code error;
        while (at < count && !error) {
            at += socket_.read_some(boost::asio::buffer(came.data() + at, count - at), error);
        }
        came.resize(at);
        return came;
    }
    bool closed() { return hear(1).empty(); }

private:
    boost::asio::io_context context_;
    tcp::socket socket_;
};

/// Collector's side: a hub on two threads, and clients of its links.
class Side {
public:
    explicit Side(collector::DialInOptions options = {}) {
        options.address = "127.0.0.1";
        hub_ = std::make_shared<collector::DialInHub>(context_, std::move(options));
        hub_->listen();
        for (int i = 0; i < 2; ++i) {
            threads_.emplace_back([this] { context_.run(); });
        }
    }
    ~Side() {
        hub_->stop();
        work_.reset();
        context_.stop();
        for (auto& thread : threads_) {
            thread.join();
        }
        hub_->forget();
    }
    [[nodiscard]] std::uint16_t port() const { return hub_->port(); }
    [[nodiscard]] collector::DialInCounts counts() const { return hub_->counts(); }

    template <class Condition>
    void eventually(Condition holds) const {
        const auto until = collector::Monotonic::now() + kPatience;
        while (!holds(counts())) {
            REQUIRE(collector::Monotonic::now() < until);
            std::this_thread::sleep_for(5ms);
        }
    }

    struct Line {
        std::shared_ptr<boost::asio::strand<boost::asio::io_context::executor_type>> strand;
        std::shared_ptr<ModbusClient> client;
    };
    Line line(const std::string& endpoint, const std::string& owner = "1/1") {
        collector::LinkSettings settings;
        settings.transport = collector::Transport::dial_in;
        settings.endpoint = endpoint;
        settings.owner = owner;
        settings.dial_in = hub_;
        settings.open_timeout = 10s;
        settings.late_answer_window = 300ms;
        auto strand = std::make_shared<boost::asio::strand<boost::asio::io_context::executor_type>>(
            boost::asio::make_strand(context_));
        return {strand, collector::make_modbus_client(*strand, workers_, settings)};
    }
    std::future<collector::ReadOutcome> read(const Line& line, std::uint8_t unit, std::uint16_t count,
                                             std::chrono::milliseconds timeout = 10s) {
        auto promise = std::make_shared<std::promise<collector::ReadOutcome>>();
        auto outcome = promise->get_future();
        boost::asio::spawn(*line.strand, [=](Yield yield) {
            promise->set_value(line.client->read_registers(unit, 3, 0, count, timeout, yield));
        });
        return outcome;
    }

private:
    boost::asio::io_context context_;
    boost::asio::thread_pool workers_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
        boost::asio::make_work_guard(context_);
    std::shared_ptr<collector::DialInHub> hub_;
    std::vector<std::thread> threads_;
};

Bytes answer_of(std::uint8_t unit, std::uint16_t first, std::size_t count) {
    return protocols::encode_rtu(unit, protocols::encode_read_reply(3, counting(first, count)));
}

}  // namespace

TEST_CASE("dial in: a box with a registration packet is read, heartbeats and all", "[dial_in]") {
    Side side;
    const auto line = side.line("plain:DTU-0042,heartbeat=ping");
    auto asked = side.read(line, 7, 3);  // before the box has dialled in: it is waited for
    Box box{side.port()};
    box.say("DTU-");
    box.say("0042");
    CHECK(box.hear(8).at(0) == 7);
    box.say("ping");
    auto answer = answer_of(7, 100, 3);
    answer.insert(answer.begin(), {'p', 'i', 'n', 'g'});
    box.say(answer);
    CHECK(words_of(asked.get()) == counting(100, 3));
    asked = side.read(line, 8, 2);
    CHECK(box.hear(8).at(0) == 8);
    box.say(answer_of(8, 5, 2));
    CHECK(words_of(asked.get()) == counting(5, 2));
    side.eventually([](const auto& counts) { return counts.heartbeats >= 3 && counts.registered == 1; });
}

TEST_CASE("dial in: an Acrel 4G meter registers, asks for the time and is read", "[dial_in]") {
    Side side;
    const auto line = side.line("acrel-4g:12307210720085");
    Box meter{side.port()};
    Bytes serial{'1', '2', '3', '0', '7', '2', '1', '0', '7', '2', '0', '0', '8', '5'};
    serial.resize(59);
    meter.say(protocols::acrel_4g::encode(0x84, serial));
    CHECK(protocols::to_hex(meter.hear(7)) == "7B 7B 84 BF 23 7D 7D");
    meter.say(protocols::acrel_4g::encode(0x93, ByteView{serial}.first(20)));
    CHECK(meter.hear(14).at(2) == 0x93);
    auto asked = side.read(line, 1, 2);
    const auto question = meter.hear(15);
    CHECK(protocols::to_hex(question).starts_with("7B 7B 90 01 03 00 00 00 02 C4 0B"));
    meter.say(protocols::acrel_4g::encode(0x94, {}));
    meter.say(protocols::acrel_4g::encode(0x90, answer_of(1, 9, 2)));
    CHECK(words_of(asked.get()) == counting(9, 2));
}

TEST_CASE("dial in: a second link of the same gateway takes the place of the first", "[dial_in]") {
    Side side;
    const auto line = side.line("plain:DTU-0042");
    Box first{side.port()};
    first.say("DTU-0042");
    side.eventually([](const auto& counts) { return counts.registered == 1; });
    auto asked = side.read(line, 1, 1, 2s);
    CHECK(first.hear(8).size() == 8);
    Box second{side.port()};
    second.say("DTU-0042");
    CHECK(fault_of(asked.get()).kind == Kind::closed);  // the question went out on a link that is gone
    CHECK(first.closed());
    CHECK(side.counts().replaced == 1);
    // The old box may still answer: a new question must not take its words for an answer. The unit and
    // function are the same, so the question waits until the owed answer has no time left.
    asked = side.read(line, 1, 1);
    CHECK(second.hear(8).size() == 8);
    second.say(answer_of(1, 77, 1));
    CHECK(words_of(asked.get()) == counting(77, 1));
}

TEST_CASE("dial in: two channels can't have one gateway, but a renewed channel can", "[dial_in]") {
    Side side;
    auto line = side.line("plain:DTU-0042", "1/1");
    CHECK_THROWS_WITH(side.line("plain:0x4454552D30303432", "1/2"), Catch::Contains("another channel"));
    auto renewed = side.line("plain:DTU-0042", "1/1");
    line.client.reset();  // in the wrong order on purpose
    Box box{side.port()};
    box.say("DTU-0042");
    auto asked = side.read(renewed, 1, 1);
    CHECK(box.hear(8).size() == 8);
    box.say(answer_of(1, 3, 1));
    CHECK(words_of(asked.get()) == counting(3, 1));
}

TEST_CASE("dial in: rubbish, slow loris and crowds are sent away, and nobody else notices", "[dial_in]") {
    collector::DialInOptions options;
    options.register_within = 700ms;
    options.unclaimed_max = 700ms;
    options.links_max = 8;
    options.links_per_address_max = 3;
    Side side{options};
    const auto line = side.line("plain:DTU-0042");
    Box good{side.port(), "127.0.0.9"};
    good.say("DTU-0042");
    side.eventually([](const auto& counts) { return counts.registered == 1; });

    Box chatter{side.port()};
    chatter.say(Bytes(4'000, 'x'));
    CHECK(chatter.closed());
    Box loris{side.port()};
    std::atomic<bool> over{false};
    std::thread drip{[&] {
        while (!over) {
            loris.say("D");
            std::this_thread::sleep_for(20ms);
        }
    }};
    Box broken{side.port()};
    broken.say(protocols::from_hex("1F 1F 01 FF FF FF FF"));
    CHECK(broken.closed());
    CHECK(loris.closed());
    over = true;
    drip.join();
    Box stranger{side.port()};
    stranger.say(protocols::acrel_4g::encode(0x84, Bytes{'9', '9', '9', '9'}));
    CHECK(stranger.hear(7).size() == 7);
    CHECK(stranger.closed());  // nobody here waits for it; another collector may
    side.eventually([](const auto& counts) {
        return counts.closed_rude == 2 && counts.closed_unnamed == 1 && counts.closed_unclaimed == 1 &&
               counts.links == 1;
    });

    std::vector<std::unique_ptr<Box>> crowd;
    for (int i = 0; i < 4; ++i) {
        crowd.push_back(std::make_unique<Box>(side.port(), "127.0.0.7"));
    }
    side.eventually([](const auto& counts) { return counts.refused_address == 1; });
    for (int i = 0; i < 5; ++i) {
        crowd.push_back(std::make_unique<Box>(side.port(), i < 3 ? "127.0.0.6" : "127.0.0.5"));
    }
    side.eventually([](const auto& counts) { return counts.refused_full >= 1; });

    auto asked = side.read(line, 1, 2);
    CHECK(good.hear(8).size() == 8);
    good.say(answer_of(1, 50, 2));
    CHECK(words_of(asked.get()) == counting(50, 2));
}
