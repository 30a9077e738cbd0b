#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "core/meter_profile.hpp"
#include "unit/core/profile_files.hpp"
#include "unit/core/seeded.hpp"

using namespace wutong::core;

namespace {

/// Every line has its number behind it, so that the table below can be checked by eye.
const char* const kGood = R"(vendor = "Example"
model = "E1"
description = "An example"
phases = 1
sources = ["a sheet"]
[link]
registers_max = 60
[credit]
kind = "absolute_counted"
balance_max_e4 = 1000000
[commands]
dialect = "acrel_prepaid"
[[block]]
name = "live"
group = "state"
function = 3
address = 0x0200
count = 20
fields = [
    { quantity = "energy_total", address = 0x0200, type = "u32", scale = 10 },
    { quantity = "balance", address = 0x0202, type = "s32", scale = 100 },
    { quantity = "purchase_number", address = 0x0204, type = "u16" },
    { quantity = "relay_closed", address = 0x0205, type = "bit", bit = 0 },
]
)";

std::vector<std::string> faults_of(const std::string& text, const std::string& name = "example") {
    try {
        (void)parse_meter_profile(text, name);
    } catch (const ProfileError& error) {
        return error.faults();
    }
    return {};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) {
        throw std::logic_error("the example has no " + from);
    }
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("every shipped profile parses and says where it comes from", "[profile]") {
    int count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(WUTONG_SOURCE_DIR) + "/profiles")) {
        if (entry.path().extension() != ".toml") {
            continue;
        }
        const std::string id = entry.path().stem().string();
        CAPTURE(id);
        const MeterProfile profile = test::shipped_profile(id);
        CHECK(profile.id == id);
        CHECK_FALSE(profile.sources.empty());
        // No public list has the energy register of the ACR10R.
        CHECK((profile.has(Quantity::energy_total) || profile.commodity() == Commodity::water ||
               id == "acrel-acr10r"));
        for (const Block& block : profile.blocks) {
            for (const Field& field : block.fields) {
                CHECK((field.confirmed || !field.note.empty()));
            }
        }
        ++count;
    }
    CHECK(count >= 4);
}

TEST_CASE("what the Acrel profiles can do", "[profile]") {
    const auto id = GENERATE("acrel-ddsy1352", "acrel-dtsy1352", "acrel-adf300");
    CAPTURE(id);
    const MeterProfile profile = test::shipped_profile(id);
    CHECK(profile.credit == CreditKind::absolute_counted);
    CHECK(profile.dialect == CommandDialect::acrel_prepaid);
    CHECK(profile.switchable());
    CHECK(profile.credit_quantum == Money{100});
    CHECK(profile.energy_quantum == Energy{10});
    CHECK(profile.number_max == 65'534);
    CHECK(profile.phases == (std::string(id) == "acrel-dtsy1352" ? 3 : 1));
    CHECK(profile.all_circuits_register == (std::string(id) == "acrel-adf300"));
    for (const Quantity quantity :
         {Quantity::balance, Quantity::purchase_number, Quantity::price, Quantity::alarm_1, Quantity::alarm_2,
          Quantity::overdraft, Quantity::overload_power, Quantity::clock, Quantity::relay_closed,
          Quantity::forced_enabled, Quantity::prepaid_enabled}) {
        CAPTURE(to_string(quantity));
        CHECK(profile.has(quantity));
    }
    CHECK(profile.has(Quantity::voltage_c) == (profile.phases == 3));
}

TEST_CASE("a meter that only measures", "[profile]") {
    const MeterProfile profile = test::shipped_profile("eastron-sdm630");
    CHECK(profile.credit == CreditKind::none);
    CHECK_FALSE(profile.switchable());
    CHECK(profile.phases == 3);
    CHECK_FALSE(profile.has(Quantity::balance));
}

TEST_CASE("the example is right as it stands", "[profile]") {
    const MeterProfile profile = parse_meter_profile(kGood, "/usr/share/wutong/profiles/example.toml");
    CHECK(profile.id == "example");
    CHECK(profile.blocks.size() == 1);
    CHECK(profile.blocks[0].fields[1].scale_num == 100);
    CHECK(profile.balance_max == Money{1'000'000});
    CHECK(faults_of(kGood).empty());
}

TEST_CASE("each kind of fault is told with its line", "[profile]") {
    const auto [from, to, fault] = GENERATE(table<std::string, std::string, std::string>({
        {"model = \"E1\"", "modell = \"E1\"", "example.toml:2: unknown key \"modell\""},
        {"model = \"E1\"", "modell = \"E1\"", "example.toml:1: model is missing"},
        {"vendor = \"Example\"", "vendor = 5", "example.toml:1: vendor must be a text"},
        {"phases = 1", "phases = 2", "example.toml:4: phases must be 1 or 3"},
        {"phases = 1", "phases = \"1\"", "example.toml:4: phases must be a whole number"},
        {"sources = [\"a sheet\"]", "sources = []", "example.toml:5: sources must be a list"},
        {"sources = [\"a sheet\"]", "sources = [7]", "example.toml:5: each of sources must be a text"},
        {"registers_max = 60", "registers_max = 126",
         "example.toml:7: link.registers_max must be a whole number from 1 to 125"},
        {"registers_max = 60", "registers_min = 1", "example.toml:7: unknown key \"registers_min\" in link"},
        {"registers_max = 60", "registers_max = 10",
         "example.toml:13: block \"live\" has 20 registers, more than one read"},
        {"\"absolute_counted\"", "\"prepaid\"",
         "example.toml:9: unknown credit kind \"prepaid\"; known are: none, absolute_counted"},
        {"balance_max_e4 = 1000000", "balance_max_e4 = 0",
         "example.toml:10: credit.balance_max_e4 must be a whole number from 1"},
        {"balance_max_e4 = 1000000", "",
         "example.toml:8: credit kind \"absolute_counted\" needs balance_max_e4"},
        {"balance_max_e4 = 1000000", "quantum_e4 = 0", "example.toml:10: credit.quantum_e4 must be"},
        {"\"acrel_prepaid\"", "\"acrel\"", "example.toml:12: unknown command dialect \"acrel\""},
        {"\"absolute_counted\"", "\"uncounted\"",
         "example.toml:11: the dialect \"acrel_prepaid\" writes balance and number"},
        {"group = \"state\"", "group = \"status\"",
         "example.toml:15: unknown group \"status\"; known are: state, reading, settings"},
        {"group = \"state\"", "group = \"reading\"",
         "example.toml:8: credit kind \"absolute_counted\" needs balance in a block of group"},
        {"group = \"state\"", "group = \"settings\"",
         "example.toml:1: no block of group \"state\" or \"reading\""},
        {"function = 3", "function = 5",
         "example.toml:16: block.function must be a whole number from 3 to 4"},
        {"address = 0x0200\n", "address = 0x10000\n", "example.toml:17: block.address must be"},
        {"address = 0x0200\n", "address = 0xFFFF\n",
         "example.toml:13: block \"live\" ends beyond register 0xFFFF"},
        {"count = 20", "count = 0", "example.toml:18: block.count must be"},
        {"count = 20", "count = 5",
         "example.toml:23: relay_closed at 0x0205 lies outside its block 0x0200..0x0204"},
        {"count = 20", "count = 1.5", "example.toml:18: block.count must be a whole number"},
        {"\"energy_total\"", "\"energy\"", "example.toml:20: unknown quantity \"energy\""},
        {"type = \"u16\"", "type = \"uint16\"",
         "example.toml:22: unknown register type \"uint16\"; known are: u16"},
        {"scale = 100", "scale = 0", "example.toml:21: scale must be a whole number other than 0"},
        {"scale = 100", "scale = [1, 0]", "example.toml:21: scale must be"},
        {"scale = 100", "scale = [1, 2, 3]", "example.toml:21: scale must be"},
        {"scale = 100", "scale = 0.01", "example.toml:21: scale must be"},
        {"scale = 100", "confirmed = false", "example.toml:21: field.note is missing"},
        {"scale = 100", "confirmed = 1", "example.toml:21: field.confirmed must be true or false"},
        {"scale = 100", "bit = 3", "example.toml:21: bit and invert belong to type \"bit\" only"},
        {", bit = 0", "", "example.toml:23: field.bit is missing"},
        {", bit = 0", ", bit = 16", "example.toml:23: field.bit must be a whole number from 0 to 15"},
        {", bit = 0", ", bit = 0, scale = 2", "example.toml:23: a bit or a clock has no scale"},
        {"\"balance\", address = 0x0202", "\"balance\", address = 0x0201",
         "example.toml:21: balance at 0x0201..0x0202 overlaps energy_total at 0x0200..0x0201 of line 20"},
        {"\"relay_closed\", address = 0x0205", "\"relay_closed\", address = 0x0204",
         "example.toml:23: relay_closed at 0x0204 overlaps purchase_number at 0x0204 of line 22"},
        {"\"relay_closed\"", "\"fault_flag\"",
         "example.toml:11: a meter that takes commands needs relay_closed"},
        {"\"purchase_number\"", "\"voltage_a\"",
         "example.toml:8: credit kind \"absolute_counted\" needs purchase_number"},
        {"\"relay_closed\"", "\"balance\"",
         "example.toml:23: balance is given twice in group \"state\", the first time in line 21"},
        {"{ quantity = \"purchase_number\", address = 0x0204, type = \"u16\" }", "5",
         "example.toml:22: each field must be a table"},
        {"[link]", "[link", "example.toml:6: not TOML"},
        {"[[block]]", "[block]", "example.toml:13: block must be a list"},
        {"kind = ", "kind = 4 #", "example.toml:9: credit.kind must be a text in quotes"},
    }));
    CAPTURE(from, to);
    const auto faults = faults_of(replaced(kGood, from, to));
    INFO("all faults: " << Catch::StringMaker<std::vector<std::string>>::convert(faults));
    CHECK(std::any_of(faults.begin(), faults.end(),
                      [&fault = fault](const std::string& text) { return text.rfind(fault, 0) == 0; }));
}

TEST_CASE("blocks of the same function must not overlap", "[profile]") {
    const std::string second = R"([[block]]
name = "more"
group = "reading"
function = 3
address = 0x0213
count = 4
fields = [ { quantity = "voltage_a", address = 0x0214, type = "u16" } ]
)";
    const auto faults = faults_of(kGood + second);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0] ==
          "example.toml:25: block \"more\" 0x0213..0x0216 overlaps block \"live\" 0x0200..0x0213 of line 13; "
          "join them or "
          "move one");
    CHECK(faults_of(kGood + replaced(second, "function = 3", "function = 4")).empty());
    CHECK(faults_of(kGood + replaced(second, "address = 0x0213", "address = 0x0214")).empty());
    const auto same_name = faults_of(
        kGood + replaced(replaced(second, "\"more\"", "\"live\""), "address = 0x0213", "address = 0x0214"));
    REQUIRE(same_name.size() == 1);
    CHECK_THAT(same_name[0],
               Catch::Contains("example.toml:25: the name \"live\" is taken by the block of line 13"));
}

TEST_CASE("all faults of a file are told at once", "[profile]") {
    std::string text = replaced(kGood, "phases = 1", "phases = 9");
    text = replaced(text, "function = 3", "function = 1");
    text = replaced(text, "scale = 100", "scale = 0");
    try {
        (void)parse_meter_profile(text, "example");
        FAIL("accepted");
    } catch (const ProfileError& error) {
        CHECK(error.faults().size() >= 3);
        CHECK_THAT(error.what(), Catch::Contains("example.toml:4: ") &&
                                     Catch::Contains("example.toml:16: ") &&
                                     Catch::Contains("example.toml:21: "));
    }
}

TEST_CASE("a profile's name is a plain file name", "[profile]") {
    const auto name = GENERATE(as<std::string>{}, "", "Upper", "a b", "..", std::string(65, 'a'));
    CAPTURE(name);
    const auto faults = faults_of(kGood, name);
    REQUIRE(faults.size() == 1);
    CHECK_THAT(faults[0], Catch::Contains("file name is made of"));
}

TEST_CASE("files that are no profiles", "[profile]") {
    CHECK_THAT(faults_of(std::string(300'000, ' ')).at(0), Catch::Contains("larger than"));
    CHECK(faults_of("").size() >= 5);
    CHECK_THAT(faults_of("\xff\xfe").at(0), Catch::Contains("example.toml:1: not TOML"));
    CHECK_THAT(faults_of(std::string(5'000, '[')).at(0), Catch::Contains("not TOML"));
}

TEST_CASE("damaged files are refused or read, never anything else", "[profile][property]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    const std::string whole = test::profile_text("acrel-dtsy1352");
    int refused = 0;
    for (int i = 0; i < 400; ++i) {
        std::string text = whole;
        const auto edits = random.between(1, 4);
        for (std::int64_t j = 0; j < edits; ++j) {
            const auto at =
                static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(text.size()) - 1));
            if (random.chance(40)) {
                text.erase(at, static_cast<std::size_t>(random.between(1, 60)));
            } else {
                text[at] = static_cast<char>(random.between(9, 126));
            }
        }
        try {
            (void)parse_meter_profile(text, "damaged");
        } catch (const ProfileError& error) {
            ++refused;
            for (const std::string& fault : error.faults()) {
                REQUIRE_THAT(fault, Catch::StartsWith("damaged.toml:"));
            }
        }
    }
    CHECK(refused > 50);
}

TEST_CASE("quantity names are unique and read as they are written", "[profile]") {
    std::set<std::string> names;
    for (int i = 0; i <= static_cast<int>(Quantity::fault_flag); ++i) {
        const auto quantity = static_cast<Quantity>(i);
        CHECK(names.insert(to_string(quantity)).second);
        CHECK(parse_quantity(to_string(quantity)) == quantity);
    }
    CHECK_FALSE(parse_quantity("energy"));
    CHECK_FALSE(parse_quantity(""));
}
