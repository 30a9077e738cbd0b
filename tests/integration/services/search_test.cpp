#include <catch2/catch.hpp>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

namespace {

v1::FindRequest question(const Counter& counter, const std::string& text, int limit = 0) {
    v1::FindRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_text(text);
    request.set_limit(limit);
    return request;
}

std::vector<std::string> kinds(const v1::FindResponse& response) {
    std::vector<std::string> all;
    for (const auto& hit : response.hits()) {
        all.push_back(hit.kind() + " " + hit.title());
    }
    return all;
}

}  // namespace

TEST_CASE("search: one box finds meters, units, accounts, customers and receipts", "[services][search]") {
    Counter counter{12};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 0}});
    const auto sold = counter.client().must(&Sales::Sell, counter.sale(account.account_id(), meter, 100'000));
    counter.database.as_superuser("UPDATE unit SET name = 'Harbour Café 茶馆'");
    using Words = std::vector<std::string>;
    const auto find = [&](const std::string& text, int limit = 0) {
        return counter.client().must(&Search::Find, question(counter, text, limit));
    };
    // What is exactly so comes first, then the shorter ones that begin so.
    CHECK(kinds(find("m1")) == Words{"meter M1", "meter M10", "meter M11", "meter M12"});
    CHECK(kinds(find("m1", 2)) == Words{"meter M1", "meter M10"});
    auto found = find("M1", 1);
    REQUIRE(found.hits_size() == 1);
    CHECK(found.hits(0).meter_id() == meter.value);
    CHECK(found.hits(0).unit_code() == "0101");
    CHECK(found.hits(0).customer() == "Li Wei");
    CHECK(found.hits(0).account_id() == account.account_id());
    CHECK(found.hits(0).status() == v1::METER_STATUS_DELIVERING);

    CHECK(kinds(find("0101")) == Words{"unit 0101"});
    found = find("caf");
    REQUIRE(kinds(found) == Words{"unit Harbour Café 茶馆"});
    CHECK(found.hits(0).unit_code() == "0101");
    CHECK(found.hits(0).meter_id() == meter.value);
    CHECK(kinds(find("茶馆")).empty());  // two characters in the middle of a name
    CHECK(kinds(find("é 茶")) == Words{"unit Harbour Café 茶馆"});

    found = find("li wei");
    REQUIRE(found.hits_size() == 1);
    CHECK(found.hits(0).kind() == "customer");
    CHECK(found.hits(0).account_number() == account.number());
    CHECK(found.hits(0).meter_id() == meter.value);
    found = find(account.number());
    CHECK(found.hits(found.hits_size() - 1).kind() == "account");
    found = find(sold.receipt_number());
    REQUIRE(found.hits_size() >= 1);
    CHECK(found.hits(0).kind() == "receipt");
    CHECK(found.hits(0).sale_id() == sold.sale_id());
    CHECK(found.hits(0).amount_e4() == 100'000);
    CHECK(find("  m12 ").hits_size() == 1);
    CHECK(find("nothing is called so").hits_size() == 0);
    CHECK(find("%%%").hits_size() == 0);
    CHECK(find("___").hits_size() == 0);
}

TEST_CASE("search: keeps to the wall, to the rights of the caller, and to its limits", "[services][search]") {
    Counter counter{1};
    const auto account = counter.open({{counter.site.meters[0], 0}});
    const TestSite other{counter.database, "OTHER", 1};
    counter.client().sign_in("cashier", "correct horse");  // the new property is theirs too
    auto request = question(counter, "M1");
    request.set_property_id(other.property.value);
    const auto foreign = counter.client().must(&Search::Find, request);
    REQUIRE(foreign.hits_size() == 1);
    CHECK(foreign.hits(0).meter_id() == other.meters[0].value);

    v1::FindResponse none;
    for (const auto& text : {std::string{}, std::string{"   "}, std::string(101, 'x')}) {
        CHECK(counter.client().call(&Search::Find, question(counter, text), none).fields ==
              std::vector<std::string>{"text"});
    }
    CHECK(counter.client().call(&Search::Find, question(counter, "M1", 51), none).fields ==
          std::vector<std::string>{"limit"});

    counter.database.as_superuser(
        "INSERT INTO role (code, permissions) VALUES ('porter', '{site.read,device.read}'); "
        "INSERT INTO operator (name, password_hash, all_properties) SELECT 'porter', password_hash, true "
        "FROM "
        "operator WHERE name = 'cashier'; "
        "INSERT INTO operator_role SELECT o.operator_id, r.role_id FROM operator o, role r WHERE o.name = "
        "'porter' "
        "AND r.code = 'porter'");
    const auto porter = counter.stack.another_client();
    porter->sign_in("porter", "correct horse");
    const auto seen = porter->must(&Search::Find, question(counter, "M1"));
    REQUIRE(seen.hits_size() == 1);
    CHECK(seen.hits(0).customer().empty());
    CHECK(seen.hits(0).account_id() == 0);
    CHECK(porter->must(&Search::Find, question(counter, "Li Wei")).hits_size() == 0);
    CHECK(porter->must(&Search::Find, question(counter, account.number())).hits_size() == 0);
}
