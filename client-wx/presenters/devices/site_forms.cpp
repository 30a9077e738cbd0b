#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/devices/device_forms.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/site_service.pb.h"

namespace wutong::client {

namespace {

class PropertyForm final : public Form {
public:
    explicit PropertyForm(Context& context) : Form{context} {
        screen_.title = tr("Add property");
        screen_.intro = tr(
            "A property has its own buildings, meters, accounts and books; nobody else's staff sees them.");
        add({"code", FormField::Kind::text, tr("Code"), "", "", tr("Short and for good: TOWER")});
        add({"name", FormField::Kind::text, tr("Name")});
        add({"time_zone", FormField::Kind::text, tr("Time zone"), "Asia/Shanghai", "",
             tr("Days and months of bills begin in it.")});
        add({"currency", FormField::Kind::text, tr("Currency"), "CNY", "", tr("Three capital letters")});
    }

protected:
    void check() override {
        need("code");
        need("name");
        need("time_zone");
        need("currency");
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto name = value("name");
        return name.empty() ? tr("Add property") : fill(tr("Add property {}"), name);
    }
    void send() override {
        v1::CreatePropertyRequest request;
        request.set_request_id(new_request_id());
        request.set_code(value("code"));
        request.set_name(value("name"));
        request.set_time_zone(value("time_zone"));
        request.set_currency(value("currency"));
        change<v1::CreatePropertyRequest, v1::Property>(
            method::create_property, std::move(request), [](const v1::Property& made) {
                return fill(tr("Property {} added. It can be chosen from the next sign-in on."), made.name());
            });
    }
};

class BuildingForm final : public Form {
public:
    explicit BuildingForm(Context& context) : Form{context} {
        screen_.title = tr("Add building");
        add({"code", FormField::Kind::text, tr("Code"), "", "", tr("Short, as on the doors: A")});
        add({"name", FormField::Kind::text, tr("Name"), "", "", tr("Empty: the code")});
        add({"floors", FormField::Kind::number, tr("Floors"), "1", "", tr("Made at once, from 1 upwards")});
    }

protected:
    void check() override {
        need("code");
        whole("floors", 0, 500, true);
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto code = value("code");
        return code.empty() ? tr("Add building") : fill(tr("Add building {}"), code);
    }
    void send() override {
        v1::CreateBuildingRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_code(value("code"));
        request.set_name(value("name"));
        request.set_floors(static_cast<int>(whole("floors", 0, 500, true).value_or(0)));
        change<v1::CreateBuildingRequest, v1::Building>(
            method::create_building, std::move(request),
            [](const v1::Building& made) { return fill(tr("Building {} added."), made.code()); });
    }
};

class FloorForm final : public Form {
public:
    FloorForm(Context& context, std::int64_t building_id, const std::string& building, int next)
        : Form{context}, building_id_{building_id} {
        screen_.title = fill(tr("Add floor to {}"), building);
        add({"number", FormField::Kind::number, tr("Number"), std::to_string(next), "",
             tr("Basements are below 0")});
        add({"name", FormField::Kind::text, tr("Name"), "", "", tr("Empty: the number with F, as 3F")});
    }

protected:
    void check() override { whole("number", -100, 1000, true); }
    [[nodiscard]] std::string submit_label() const override {
        const auto number = value("number");
        return number.empty() ? tr("Add floor") : fill(tr("Add floor {}"), number);
    }
    void send() override {
        v1::CreateFloorRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_building_id(building_id_);
        request.set_number(static_cast<int>(whole("number", -100, 1000, true).value_or(0)));
        request.set_name(value("name"));
        change<v1::CreateFloorRequest, v1::Floor>(
            method::create_floor, std::move(request),
            [](const v1::Floor& made) { return fill(tr("Floor {} added."), made.name()); });
    }

private:
    std::int64_t building_id_;
};

class UnitForm final : public Form {
public:
    UnitForm(Context& context, std::int64_t floor_id, const std::string& where)
        : Form{context}, floor_id_{floor_id} {
        screen_.title = fill(tr("Add unit on {}"), where);
        add({"code", FormField::Kind::text, tr("Code"), "", "", tr("As on the door: A-301")});
        add({"name", FormField::Kind::text, tr("Name"), "", "", tr("What it is, if that helps: Warehouse")});
    }

protected:
    void check() override { need("code"); }
    [[nodiscard]] std::string submit_label() const override {
        const auto code = value("code");
        return code.empty() ? tr("Add unit") : fill(tr("Add unit {}"), code);
    }
    void send() override {
        v1::CreateUnitRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_floor_id(floor_id_);
        request.set_code(value("code"));
        request.set_name(value("name"));
        change<v1::CreateUnitRequest, v1::Unit>(
            method::create_unit, std::move(request),
            [](const v1::Unit& made) { return fill(tr("Unit {} added."), made.code()); });
    }

private:
    std::int64_t floor_id_;
};

}  // namespace

std::unique_ptr<Form> property_form(Context& context) {
    return std::make_unique<PropertyForm>(context);
}

std::unique_ptr<Form> building_form(Context& context) {
    return std::make_unique<BuildingForm>(context);
}

std::unique_ptr<Form> floor_form(Context& context, std::int64_t building_id, const std::string& building,
                                 int next) {
    return std::make_unique<FloorForm>(context, building_id, building, next);
}

std::unique_ptr<Form> unit_form(Context& context, std::int64_t floor_id, const std::string& where) {
    return std::make_unique<UnitForm>(context, floor_id, where);
}

}  // namespace wutong::client
