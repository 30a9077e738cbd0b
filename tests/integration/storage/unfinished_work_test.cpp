#include "storage/unfinished_work.hpp"

#include "tests/integration/storage/delivery_field.hpp"

using namespace wutong;
using namespace wutong::tests;

TEST_CASE("unfinished work: what is on its way, and what waits for an operator, counts", "[deliveries]") {
    Field field;
    const auto look = [&] {
        return field.test.server().transact(field.site.scope(), "look", [&](Transaction& tx) {
            return lock_unfinished_work(tx, field.site.property, field.meter);
        });
    };
    CHECK_FALSE(look().any());
    field.open(yuan(100));
    CHECK_FALSE(look().any());
    field.sell(yuan(30));
    CHECK(look().deliveries == 1);
    CHECK(field.claim().at(0).bus_address == 1);
    field.test.as_superuser("UPDATE credit_delivery SET state = 'quarantined' WHERE state = 'queued'");
    CHECK(look().deliveries == 1);
    field.test.as_superuser(
        "INSERT INTO command (property_id, meter_id, kind, expires_at) SELECT property_id, meter_id, "
        "'read_now', now() + interval '1 hour' FROM meter");
    CHECK(look().commands == 1);
    field.test.as_superuser("UPDATE command SET state = 'done'");
    CHECK(look().commands == 0);
}
