#include <catch2/catch.hpp>

#include "client-wx/presenters/devices/import_presenter.hpp"
#include "tests/support/client_scene.hpp"
#include "wutong/v1/device_service.pb.h"

using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;
using Step = ImportPresenter::Step;

namespace {

struct ImportScene : ClientScene {
    ImportScene() { sign_in({"device.write", "site.write"}); }
    ImportPresenter presenter{context};
};

v1::ImportResponse two_meters() {
    v1::ImportResponse answer;
    answer.set_meters(2);
    answer.set_channels(1);
    answer.set_unchanged(4);
    return answer;
}

}  // namespace

TEST_CASE("import: files are checked first, then taken with one request", "[client][import]") {
    ImportScene scene;
    scene.presenter.choose({{"meters.csv", "property,…"}});
    CHECK(scene.presenter.screen().step == Step::checking);
    CHECK(scene.server.asked(method::import_files)[0].check_only());
    scene.presenter.import();  // too early
    scene.server.answer(method::import_files, two_meters());
    CHECK(scene.presenter.screen().step == Step::ready);
    CHECK(scene.presenter.screen().import_words == "Import 2 meters");
    scene.presenter.import();
    scene.presenter.import();
    const auto asked = scene.server.asked(method::import_files);
    REQUIRE(asked.size() == 2);
    CHECK_FALSE(asked[1].check_only());
    CHECK(asked[1].files(0).content() == "property,…");
    scene.server.fail(method::import_files, outcome_unknown());
    CHECK(scene.presenter.screen().step == Step::importing);
    scene.clock.advance(std::chrono::seconds{1});
    scene.server.answer(method::import_files, two_meters());
    CHECK(scene.presenter.screen().step == Step::done);
    CHECK(scene.server.asked(method::import_files)[2].request_id() == asked[1].request_id());
}

TEST_CASE("import: faults are listed by file, line and column, and nothing is imported", "[client][import]") {
    ImportScene scene;
    scene.presenter.choose({{"meters.csv", "x"}});
    v1::ImportResponse answer;
    auto* fault = answer.add_faults();
    fault->set_file("meters.csv");
    fault->set_line(17);
    fault->set_column("address");
    fault->set_text("is empty");
    scene.server.answer(method::import_files, answer);
    const auto& screen = scene.presenter.screen();
    CHECK(screen.step == Step::faults);
    REQUIRE(screen.faults.rows.size() == 1);
    CHECK(screen.faults.rows[0].cells[0].text == "meters.csv");
    CHECK(screen.faults.rows[0].cells[1].text == "17");
    CHECK(screen.faults.rows[0].cells[2].text == "address");
    CHECK(screen.sentence.find("1 fault was found. Nothing was imported.") == 0);
    scene.presenter.import();
    CHECK(scene.server.asked(method::import_files).size() == 1);
}

TEST_CASE("import: wrong and too large files are not sent", "[client][import]") {
    ImportScene scene;
    scene.presenter.choose({{"meters.xlsx", "x"}});
    CHECK(scene.presenter.screen().failure.find("meters.xlsx") == 0);
    scene.presenter.choose({{"meters.csv", std::string(5 * 1024 * 1024, 'x')}});
    CHECK(scene.presenter.screen().failure.find("4 MB") != std::string::npos);
    CHECK(scene.server.asked(method::import_files).empty());
}

TEST_CASE("import: what is there already leaves nothing to do", "[client][import]") {
    ImportScene scene;
    scene.presenter.choose({{"site.toml", "x"}});
    v1::ImportResponse answer;
    answer.set_unchanged(200);
    scene.server.answer(method::import_files, answer);
    CHECK(scene.presenter.screen().off == "Everything is there already.");
    scene.presenter.import();
    CHECK(scene.server.asked(method::import_files).size() == 1);
}
