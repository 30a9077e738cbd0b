#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "client-wx/presenters/change.hpp"
#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/lists/list_screen.hpp"

namespace wutong::v1 {
class Parameters;
}

namespace wutong::client {

/// The property's parameters: what meters get that have no setting of their own, and how often they are
/// asked.
class ParametersPresenter {
public:
    struct Row {
        std::string key{};
        std::string label{};    ///< what it is
        std::string meaning{};  ///< what it does, and what 0 means
        std::string unit{};     ///< "¥", "s", "W"; empty: none
        bool toggle{false};     ///< value "1" or "0"
        bool text{false};       ///< not a number
        std::string value{};    ///< as typed
        std::string note{};     ///< "Default" · "Changed, was 20.00"
        bool changed{false};
        bool is_default{false};
        std::string error{};
    };
    struct Group {
        std::string title{};
        std::vector<std::size_t> rows{};
    };
    struct Screen {
        ListPhase phase{ListPhase::loading};
        std::string failure{};  ///< could not be fetched
        std::vector<Row> rows{};
        std::vector<Group> groups{};
        std::string save{};  ///< "Save 2 changes"
        std::string off{};   ///< not empty: the button is off, and why
        std::size_t changes{0};
        bool busy{false};
        std::string note{};     ///< waits for the server
        std::string refusal{};  ///< the whole was refused
        int first_fault{-1};
        unsigned shape{0};  ///< another number when other rows are there
    };

    explicit ParametersPresenter(Context& context);

    [[nodiscard]] const Screen& screen() const { return screen_; }
    std::function<void()> on_changed;

    void open();
    void set(std::size_t row, const std::string& value);
    void save();
    /// Back to what the server has.
    void discard();

private:
    void load();
    void take(const v1::Parameters& parameters, bool keep_typed);
    void write_screen();
    void tell();

    struct Kept {
        std::string key{}, raw{};  ///< as the server has it
        std::string shown{};       ///< as it stands in the field
        bool is_default{false};
        std::string meaning{}, unit{};
    };
    Context& context_;
    std::vector<Kept> kept_;
    Screen screen_;
    Call load_;
    Subscription session_;
    std::int64_t property_id_;
    bool opened_{false};
    Change change_;
};

}  // namespace wutong::client
