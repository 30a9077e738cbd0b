#include <catch2/catch.hpp>

#include "storage/commands.hpp"
#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

namespace {

v1::BatchRequest on_batch(const Counter& counter, const std::string& batch) {
    v1::BatchRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(counter.site.property.value);
    request.set_batch_id(batch);
    return request;
}

v1::RetryBatchRequest retry_of(const Counter& counter, const std::string& batch) {
    v1::RetryBatchRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(counter.site.property.value);
    request.set_batch_id(batch);
    return request;
}

v1::CommandBatch get_batch(Counter& counter, const std::string& batch) {
    v1::GetBatchRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_batch_id(batch);
    return counter.client().must(&Controls::GetBatch, request);
}

/// As if the collector had tried and got no answer.
void fail_all_that_wait(Counter& counter) {
    counter.database.as_superuser(
        "UPDATE command SET state = 'failed', reason = 'no answer', started_at = now(), finished_at = now() "
        "WHERE state = 'queued'");
}

}  // namespace

TEST_CASE("batch: the preview says who would be skipped and why, and sends nothing", "[services][batch]") {
    Counter counter{4};
    const auto& meters = counter.site.meters;
    counter.database.as_superuser("UPDATE meter SET enabled = false WHERE code = 'M3'");
    counter.field.poll(counter.site, meters[0]);
    auto request = counter.command("switch_off", {meters[0], meters[1], meters[2], core::MeterId{77'777}});
    request.clear_request_id();
    request.set_check_only(true);
    const auto preview = counter.client().must(&Controls::SendCommand, request);
    CHECK(preview.batch_id().empty());
    CHECK(preview.commands_size() == 0);
    REQUIRE(preview.accepted_meter_ids_size() == 2);
    CHECK(preview.accepted_meter_ids(0) == meters[0].value);
    CHECK(preview.unanswering() == 1);  // M2 was never read
    REQUIRE(preview.skipped_size() == 2);
    CHECK(preview.skipped(0).reason() == "disabled");
    CHECK(preview.skipped(0).meter_code() == "M3");
    CHECK(preview.skipped(0).unit_code() == "0101");
    CHECK(preview.skipped(1).reason() == "unknown_meter");
    CHECK(counter.count("command") == 0);
    CHECK(counter.count("command_batch") == 0);
    CHECK(counter.count("operation_log WHERE action = 'command.send'") == 0);
    CHECK(counter.count("request") == 0);
}

TEST_CASE("batch: paused, resumed, the rest stopped", "[services][batch]") {
    Counter counter{5};
    counter.database.as_superuser("UPDATE operator SET full_name = 'Zhang Min' WHERE name = 'cashier'");
    counter.database.as_superuser("UPDATE meter SET enabled = false WHERE code = 'M5'");
    const auto sent =
        counter.client().must(&Controls::SendCommand, counter.command("set_clock", counter.site.meters));
    REQUIRE(sent.commands_size() == 4);
    const auto batch = sent.batch_id();

    const auto pausing = on_batch(counter, batch);
    const auto paused = counter.client().must(&Controls::PauseBatch, pausing);
    CHECK(paused.state() == "paused");
    CHECK(paused.waiting() == 4);
    CHECK(paused.total() == 4);
    CHECK(paused.skipped() == 1);
    REQUIRE(paused.skipped_meters_size() == 1);
    CHECK(paused.skipped_meters(0).meter_code() == "M5");
    CHECK(paused.operator_() == "Zhang Min");
    CHECK_FALSE(paused.has_eta());
    CHECK(counter.field.obey() == 0);
    // Asked again, the same answer; pausing once more changes nothing.
    CHECK(counter.client().must(&Controls::PauseBatch, pausing).SerializeAsString() ==
          paused.SerializeAsString());
    CHECK(counter.client().must(&Controls::PauseBatch, on_batch(counter, batch)).state() == "paused");
    v1::GetCommandRequest get;
    get.set_property_id(counter.site.property.value);
    get.set_command_id(sent.commands(0).command_id());
    const auto command = counter.client().must(&Controls::GetCommand, get);
    CHECK(command.held());
    CHECK(command.operator_() == "Zhang Min");
    CHECK(command.unit_code() == "0101");

    CHECK(counter.client().must(&Controls::ResumeBatch, on_batch(counter, batch)).state() == "running");
    CHECK(counter.field.obey() == 4);
    const auto finished = get_batch(counter, batch);
    CHECK(finished.state() == "finished");
    CHECK(finished.done() == 4);
    CHECK(finished.has_finished_at());
    v1::CommandBatch none;
    CHECK(counter.client().call(&Controls::PauseBatch, on_batch(counter, batch), none).reason ==
          "batch_finished");
    CHECK(counter.client().call(&Controls::CancelBatch, on_batch(counter, batch), none).reason ==
          "batch_finished");

    const auto second =
        counter.client().must(&Controls::SendCommand, counter.command("set_clock", counter.site.meters));
    const auto stopped = counter.client().must(&Controls::CancelBatch, on_batch(counter, second.batch_id()));
    CHECK(stopped.state() == "stopped");
    CHECK(stopped.cancelled() == 4);
    CHECK(counter.field.obey() == 0);
    CHECK(counter.count("operation_log WHERE action IN ('batch.pause', 'batch.resume', 'batch.stop')") == 4);

    v1::ListBatchesRequest list;
    list.set_property_id(counter.site.property.value);
    list.mutable_page()->set_size(1);
    const auto first_page = counter.client().must(&Controls::ListBatches, list);
    REQUIRE(first_page.batches_size() == 1);
    CHECK(first_page.batches(0).batch_id() == second.batch_id());
    list.mutable_page()->set_token(first_page.next_page_token());
    CHECK(counter.client().must(&Controls::ListBatches, list).batches(0).batch_id() == batch);
    list.clear_page();
    list.set_meters_min(5);
    CHECK(counter.client().must(&Controls::ListBatches, list).batches_size() == 0);
    list.set_meters_min(0);
    list.set_unfinished_only(true);
    CHECK(counter.client().must(&Controls::ListBatches, list).batches_size() == 0);
}

TEST_CASE("batch: the failed ones again, as a batch of their own", "[services][batch]") {
    Counter counter{3};
    auto request = counter.command("set_price", counter.site.meters);
    request.set_price_e4(9'500);
    const auto sent = counter.client().must(&Controls::SendCommand, request);
    v1::SendCommandResponse response;
    CHECK(counter.client().call(&Controls::RetryBatch, retry_of(counter, sent.batch_id()), response).reason ==
          "nothing_to_retry");
    counter.database.as_superuser(
        "UPDATE command SET state = 'done', finished_at = now(), started_at = now() "
        "WHERE command_id = " +
        std::to_string(sent.commands(1).command_id()));
    CHECK(get_batch(counter, sent.batch_id()).has_eta());
    fail_all_that_wait(counter);
    CHECK(get_batch(counter, sent.batch_id()).retryable() == 2);

    const auto again = retry_of(counter, sent.batch_id());
    const auto retried = counter.client().must(&Controls::RetryBatch, again);
    REQUIRE(retried.commands_size() == 2);
    CHECK(retried.commands(0).arguments_json() == sent.commands(0).arguments_json());
    CHECK(retried.batch_id() != sent.batch_id());
    CHECK(get_batch(counter, retried.batch_id()).retry_of() == sent.batch_id());
    CHECK(get_batch(counter, sent.batch_id()).retried_by() == retried.batch_id());
    // The same request again sends nothing more, and neither does a new one.
    CHECK(counter.client().must(&Controls::RetryBatch, again).batch_id() == retried.batch_id());
    CHECK(counter.client().call(&Controls::RetryBatch, retry_of(counter, sent.batch_id()), response).reason ==
          "nothing_to_retry");
    CHECK(counter.count("command") == 5);
    CHECK(counter.field.obey() == 2);
}

TEST_CASE("batch: nobody who has paid meanwhile is switched off by a retry", "[services][batch]") {
    Counter counter{2};
    const auto paid = counter.open_and_deliver({{counter.site.meters[0], 0}});
    const auto other = counter.open_and_deliver({{counter.site.meters[1], 0}});
    const auto sent =
        counter.client().must(&Controls::SendCommand, counter.command("switch_off", counter.site.meters));
    REQUIRE(sent.commands_size() == 2);
    fail_all_that_wait(counter);
    CHECK(counter.try_to_sell(paid.account_id(), counter.site.meters[0], 100'000).ok());
    const auto retried = counter.client().must(&Controls::RetryBatch, retry_of(counter, sent.batch_id()));
    REQUIRE(retried.commands_size() == 1);
    CHECK(retried.commands(0).meter_id() == counter.site.meters[1].value);
    REQUIRE(retried.skipped_size() == 1);
    CHECK(retried.skipped(0).reason() == "payment_on_its_way");
    CHECK(other.state() == "open");
}

TEST_CASE("batch: bad names are refused, foreign ones are not there", "[services][batch]") {
    Counter counter{1};
    v1::CommandBatch batch;
    CHECK(counter.client().call(&Controls::PauseBatch, on_batch(counter, "12"), batch).fields ==
          std::vector<std::string>{"batch_id"});
    CHECK(counter.client().call(&Controls::PauseBatch, on_batch(counter, new_request_id()), batch).code ==
          StatusCode::NOT_FOUND);
    const TestSite other{counter.database, "OTHER", 1};
    counter.client().sign_in("cashier", "correct horse");  // the new property is theirs too
    const auto sent =
        counter.client().must(&Controls::SendCommand, counter.command("set_clock", counter.site.meters));
    auto foreign = on_batch(counter, sent.batch_id());
    foreign.set_property_id(other.property.value);
    CHECK(counter.client().call(&Controls::PauseBatch, foreign, batch).code == StatusCode::NOT_FOUND);
    CHECK(counter.field.obey() == 1);
}
