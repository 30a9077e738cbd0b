#include <catch2/catch.hpp>
#include <thread>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

TEST_CASE("commands for many meters: those that can't take one are named", "[services]") {
    Counter counter{4};
    const auto& meters = counter.site.meters;
    counter.database.as_superuser(
        "UPDATE meter SET profile = 'eastron-sdm630', role = 'monitor' WHERE code = 'M2'; "
        "UPDATE meter SET enabled = false WHERE code = 'M3'");
    const auto sent = counter.client().must(
        &Controls::SendCommand, counter.command("restore_prepaid", {meters[0], meters[1], meters[2],
                                                                    core::MeterId{77'777}, meters[3]}));
    REQUIRE(sent.commands_size() == 2);
    CHECK(sent.commands(0).meter_code() == "M1");
    CHECK(sent.commands(0).state() == "queued");
    REQUIRE(sent.skipped_size() == 3);
    CHECK(sent.skipped(0).reason() == "not_switchable");
    CHECK(sent.skipped(1).reason() == "disabled");
    CHECK(sent.skipped(2).reason() == "unknown_meter");
    // Reading is for every meter that is polled.
    CHECK(counter.client()
              .must(&Controls::SendCommand, counter.command("read_now", {meters[1]}))
              .commands_size() == 1);

    v1::WatchCommandsRequest watch;
    watch.set_property_id(counter.site.property.value);
    watch.set_batch_id(sent.batch_id());
    grpc::ClientContext context;
    counter.client().prepare(context);
    const auto stream = counter.client().stub<Controls>().WatchCommands(&context, watch);
    v1::Command command;
    REQUIRE(stream->Read(&command));
    CHECK(counter.field.obey() == 3);
    std::map<std::int64_t, std::string> last;
    while (stream->Read(&command)) {
        last[command.command_id()] = command.state();
    }
    CHECK(stream->Finish().ok());
    CHECK(last == std::map<std::int64_t, std::string>{{sent.commands(0).command_id(), "done"},
                                                      {sent.commands(1).command_id(), "done"}});
}

TEST_CASE("commands that make no sense are refused field by field", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    v1::SendCommandResponse response;
    const auto refused = [&](const v1::SendCommandRequest& request) {
        const auto answer = counter.client().call(&Controls::SendCommand, request, response);
        CHECK(answer.code == StatusCode::INVALID_ARGUMENT);
        return answer.fields;
    };
    CHECK(refused(counter.command("explode", {meter})) == std::vector<std::string>{"kind"});
    CHECK(refused(counter.command("set_price", {meter})) == std::vector<std::string>{"price_e4"});
    CHECK(refused(counter.command("set_settings", {meter})) == std::vector<std::string>{"kind"});
    CHECK(refused(counter.command("read_now", {})) == std::vector<std::string>{"meter_ids"});
    auto wrong = counter.command("switch_off", {meter});
    wrong.set_price_e4(1);
    wrong.set_expires_after_s(-1);
    CHECK(refused(wrong) == std::vector<std::string>{"price_e4", "expires_after_s"});
    CHECK(counter.count("command") == 0);
}

TEST_CASE("nobody who has paid is switched off", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 0}});

    // Switched off first, paid before it was sent: the command is cancelled by the sale.
    const auto first = counter.client().must(&Controls::SendCommand, counter.command("switch_off", {meter}));
    REQUIRE(first.commands_size() == 1);
    CHECK(counter.try_to_sell(account.account_id(), meter, 100'000).ok());
    v1::GetCommandRequest get;
    get.set_property_id(counter.site.property.value);
    get.set_command_id(first.commands(0).command_id());
    const auto cancelled = counter.client().must(&Controls::GetCommand, get);
    CHECK(cancelled.state() == "cancelled");
    CHECK(cancelled.reason().find("paid") != std::string::npos);

    // Paid first: no switching off while the payment is on its way.
    const auto second = counter.client().must(&Controls::SendCommand, counter.command("switch_off", {meter}));
    CHECK(second.commands_size() == 0);
    REQUIRE(second.skipped_size() == 1);
    CHECK(second.skipped(0).reason() == "payment_on_its_way");
    CHECK(second.skipped(0).text().find("payment is on its way") != std::string::npos);
    counter.field.deliver();
    CHECK(counter.client()
              .must(&Controls::SendCommand, counter.command("switch_off", {meter}))
              .commands_size() == 1);
}

TEST_CASE("a command that nobody fetched expires, and one that was not sent can be cancelled", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    v1::GetCommandRequest get;
    get.set_property_id(counter.site.property.value);

    auto soon = counter.command("switch_off", {meter});
    soon.set_expires_after_s(1);
    get.set_command_id(counter.client().must(&Controls::SendCommand, soon).commands(0).command_id());
    std::string state;
    for (int i = 0; i < 100 && state != "expired"; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        state = counter.client().must(&Controls::GetCommand, get).state();
    }
    CHECK(state == "expired");
    CHECK(counter.field.obey() == 0);

    const auto sent = counter.client().must(&Controls::SendCommand, counter.command("set_clock", {meter}));
    v1::CancelCommandRequest cancel;
    cancel.set_request_id(new_request_id());
    cancel.set_property_id(counter.site.property.value);
    cancel.set_command_id(sent.commands(0).command_id());
    CHECK(counter.client().must(&Controls::CancelCommand, cancel).state() == "cancelled");
    CHECK(counter.field.obey() == 0);

    const auto done = counter.client().must(&Controls::SendCommand, counter.command("set_clock", {meter}));
    CHECK(counter.field.obey() == 1);
    cancel.set_request_id(new_request_id());
    cancel.set_command_id(done.commands(0).command_id());
    v1::Command command;
    CHECK(counter.client().call(&Controls::CancelCommand, cancel, command).reason ==
          "command_not_cancellable");
    cancel.set_request_id(new_request_id());
    cancel.set_command_id(999'999);
    CHECK(counter.client().call(&Controls::CancelCommand, cancel, command).code == StatusCode::NOT_FOUND);

    v1::ListCommandsRequest list;
    list.set_property_id(counter.site.property.value);
    CHECK(counter.client().must(&Controls::ListCommands, list).commands_size() == 3);
    list.set_unfinished_only(true);
    CHECK(counter.client().must(&Controls::ListCommands, list).commands_size() == 0);
}
