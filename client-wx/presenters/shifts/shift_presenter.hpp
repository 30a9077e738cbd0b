#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/kept_change.hpp"
#include "client-wx/text/table_cell.hpp"

namespace wutong::client {

/// What one shift shows: how to open it, what is in it, its count.
struct ShiftScreen {
    enum class Stage { loading, failed, none, open, closed };
    /// One kind of note or coin, or one way of paying without cash.
    struct Counted {
        std::string label;  ///< "¥100", "Bank card"
        std::string typed;
        std::string sum;  ///< "¥4,800.00"; of notes and coins
        std::string error;
    };
    /// One way of paying, counted and expected.
    struct Compared {
        std::string name, counted, expected, difference;
        Ink ink{Ink::normal};
    };
    Stage stage{Stage::loading};
    bool own{true};
    std::string fault;

    // none: opening one
    std::vector<std::string> points;
    int point{-1};
    std::string point_error, float_typed, float_error;
    std::string open_words;
    bool can_open{false};
    std::string why_not_open;

    // open and closed
    std::string title, facts;
    std::string sold, receipts, paid_out, moved;
    std::vector<std::vector<TableCell>> moves;
    std::string note;

    // counting
    bool by_total{false};
    std::vector<Counted> notes;
    std::string total_typed, total_error;
    std::string counted_cash;
    std::vector<Counted> others;
    bool compared{false};  ///< what is expected is shown
    std::vector<Compared> result;
    std::string difference;  ///< "¥2.00 short", "No difference"
    Ink difference_ink{Ink::normal};
    bool reason_needed{false};
    std::string reason, reason_error;
    std::string close_words;
    bool can_close{false};
    std::string why_not_close;

    bool busy{false};
    std::string notice;
    bool notice_is_error{false};
    bool may_move_cash{false};
};

/// A cashier's shift from the float to the count. What the books expect is told only after it was counted.
class ShiftPresenter {
public:
    ShiftPresenter(Context& context, std::function<void()> changed);
    ShiftPresenter(const ShiftPresenter&) = delete;
    ShiftPresenter& operator=(const ShiftPresenter&) = delete;
    ~ShiftPresenter();

    [[nodiscard]] const ShiftScreen& screen() const { return screen_; }
    /// The operator's own was opened, closed.
    std::function<void()> on_opened, on_closed;

    /// The page comes to the front. @param shift_id 0: the operator's own
    void show(std::int64_t shift_id);
    void leave() { again_.stop(); }
    void refresh();

    void choose_point(int index);
    void type_float(const std::string& text);
    void open_shift();
    /// Null unless the operator's own is open.
    [[nodiscard]] std::unique_ptr<Form> cash_form(bool out);

    void count_by_total(bool total);
    void type_note(std::size_t index, const std::string& text);
    void type_total(const std::string& text);
    void type_other(std::size_t index, const std::string& text);
    void type_reason(const std::string& text);
    /// First compares, then, with the difference on the screen, closes.
    void go_on();
    void count_again();

private:
    void load_points();
    void take(const v1::Shift& shift);
    void show_shift();
    void compare(const v1::Shift& shift);
    void close();
    [[nodiscard]] bool check_count();
    [[nodiscard]] std::optional<std::int64_t> cash_counted() const;
    [[nodiscard]] std::int64_t other_counted(std::size_t index) const;
    void fail(const Fault& fault);
    void update();

    Context& context_;
    std::function<void()> changed_;
    ShiftScreen screen_;
    std::int64_t wanted_id_{0};
    std::unique_ptr<v1::Shift> shift_;
    struct Point {
        std::int64_t id{0};
        std::string code, taken_by;
        bool enabled{true};
    };
    std::vector<Point> points_;
    std::vector<std::int64_t> notes_e4_;
    std::vector<int> other_methods_;
    std::int64_t difference_e4_{0};
    std::string expected_shown_;  ///< what stood in the books when they were compared
    KeptChange change_;
    Call shift_call_, points_call_, fresh_call_;
    bool asking_fresh_{false};
    Timer again_;
    Subscription connection_;
};

}  // namespace wutong::client
