#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/control/bulk_command.hpp"
#include "client-wx/presenters/meter/meter_inspector.hpp"
#include "client-wx/presenters/wall/wall_model.hpp"
#include "client-wx/presenters/wall/wall_selection.hpp"
#include "client-wx/text/table_cell.hpp"
#include "client-wx/text/wall_source.hpp"

namespace wutong::client {

/// Around the cells: what stands in chips, toolbar and status line, and which panel is at the right.
struct WallScreen {
    struct Chip {
        std::optional<MeterStatus> status;  ///< none: All
        std::string name, count;
        bool chosen{false};
    };
    enum class Panel { nothing, inspector, several, batch };
    enum class Empty {
        no,
        loading,
        no_meters,     ///< none in the property
        nothing_fits,  ///< the filter hides all
        no_property
    };

    std::vector<Chip> chips;
    std::string property;
    bool several_properties{false};
    std::vector<std::string> buildings;  ///< "All", then one each
    int building{0};
    std::string search;
    bool list{false};
    Panel panel{Panel::nothing};
    Empty empty{Empty::loading};
    std::string empty_text, empty_action;
    std::string status_left;
    bool may_control{false};
};

/// Several selected: the bar of what can be done with them.
struct SeveralScreen {
    std::string title;   ///< "12 meters selected"
    std::string places;  ///< "Building A floor 2, floor 3"
    std::vector<std::pair<MeterStatus, std::string>> states;
    std::vector<Fact> facts;        ///< sum of load, of balances
    std::string guard, guard_note;  ///< how many of the units are guarded, and which
    bool can_send{false};
    std::string why_not;
};

/// The wall of meters: filter, selection, and what follows from them. It is the source of the cells too.
class WallPresenter final : public WallSource {
public:
    explicit WallPresenter(Context& context);
    WallPresenter(const WallPresenter&) = delete;
    WallPresenter& operator=(const WallPresenter&) = delete;

    // What the view hears of.
    std::function<void()> on_screen;                                   ///< screen() is another one
    std::function<void()> on_cells_reset;                              ///< other cells, or another order
    std::function<void(const std::vector<std::size_t>&)> on_cells;     ///< these positions say something else
    std::function<void()> on_selection;                                ///< selection or current cell
    std::function<void(const CutQuestion&)> on_ask;                    ///< answer with answer_cut()
    std::function<void(std::optional<std::size_t> position)> on_goto;  ///< bring it into view

    [[nodiscard]] const WallScreen& screen() const { return screen_; }
    [[nodiscard]] SeveralScreen several() const;
    [[nodiscard]] MeterInspector& inspector() { return inspector_; }
    [[nodiscard]] BulkCommand& batch() { return batch_; }

    // Filter.
    /// @param add to the others that are chosen (or take it out of them)
    void choose_chip(std::optional<MeterStatus> status, bool add);
    void choose_building(int index);
    void choose_property(std::int64_t property_id);
    void search(const std::string& text);
    void clear_filter();
    void show_list(bool list);

    // Gestures of wall and list; positions count the shown cells through.
    void pick(std::size_t position, WallPick pick);
    void open(std::size_t position);
    void select_all();
    /// Escape: batch panel, selection, filter, one after the other. @return false: nothing to leave
    bool leave_one();
    [[nodiscard]] std::optional<std::size_t> typed(const std::string& letters) const;
    /// Shows the wall with this meter chosen, whatever the filter.
    void go_to(std::int64_t meter_id);
    void select_positions(const std::vector<std::size_t>& positions);

    // Commands: of the one in the inspector, or of all selected.
    void sell();
    void query();
    void guarantee();
    void cut();
    void send_to_selected(CommandWish wish);
    void answer_cut(bool go_on);

    // WallSource
    [[nodiscard]] std::size_t section_count() const override { return model_.floors().size(); }
    [[nodiscard]] WallSection section(std::size_t section) const override;
    [[nodiscard]] std::size_t section_size(std::size_t section) const override {
        return model_.floors().at(section).size;
    }
    [[nodiscard]] WallCell cell(std::size_t index) const override;
    [[nodiscard]] std::size_t cells() const { return model_.shown().size(); }
    [[nodiscard]] std::optional<std::size_t> current() const {
        return model_.position_of(selection_.current());
    }
    [[nodiscard]] const WallSelection& selection() const { return selection_; }
    [[nodiscard]] std::optional<std::size_t> position_of(std::int64_t meter_id) const {
        return model_.position_of(meter_id);
    }
    [[nodiscard]] std::int64_t meter_at(std::size_t position) const { return model_.at(position).meter_id; }

    // The list (F8) shows the same meters in an order of its own.
    enum class Column { unit, state, name, account, balance, days, daily_use, power, relay, reading };
    static constexpr std::size_t kColumns = 10;
    void sort_list(Column column, bool ascending);
    [[nodiscard]] TableCell list_cell(std::size_t row, std::size_t column) const;
    [[nodiscard]] std::size_t list_position(std::size_t row) const { return list_order_.at(row); }
    [[nodiscard]] std::optional<std::size_t> list_row(std::int64_t meter_id) const;
    /// The whole wall as a table, for Ctrl+E.
    [[nodiscard]] Spreadsheet table() const;

private:
    void live_changed(const LiveChange& change);
    void rebuilt();
    void selection_changed(const std::vector<std::int64_t>& before);
    void update_screen();
    void sort_now();
    [[nodiscard]] WallSelection::Order order() const;
    [[nodiscard]] std::string floor_title(const WallModel::Floor& floor) const;
    [[nodiscard]] std::string note_of(const LiveMeter& meter) const;
    [[nodiscard]] std::string status_line() const;
    [[nodiscard]] std::vector<std::int64_t> selected_in_order() const;

    Context& context_;
    WallModel model_;
    WallSelection selection_;
    MeterInspector inspector_;
    BulkCommand batch_;
    WallScreen screen_;
    std::vector<std::size_t> list_order_;
    Column sort_column_{Column::unit};
    bool sort_ascending_{true};
    bool asking_for_one_{false};
    Timer ages_;
    Subscription live_, connection_, session_;
};

}  // namespace wutong::client
