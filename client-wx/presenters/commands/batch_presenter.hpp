#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client-wx/presenters/change.hpp"
#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/lists/list_presenter.hpp"

namespace wutong::v1 {
class Command;
class CommandBatch;
}  // namespace wutong::v1

namespace wutong::client {

/// One order and its meters, followed while it is under way: progress, who failed and why, pause, stop,
/// retry.
class BatchPresenter : public ListPresenter {
public:
    static constexpr std::chrono::milliseconds kEvery{1500};
    static constexpr std::size_t kRowsMax = 10'000;

    struct Count {
        std::string words{}, icon{};
        Tone tone{Tone::normal};
        int number{0};
    };
    struct Action {
        std::string words{};
        std::string off{};  ///< not empty: off, and why
        bool shown{false};
    };
    struct Extra {
        bool there{false};
        std::string title{}, detail{};        ///< "Switch off" – "42 meters · by Wang · 10:41"
        std::string progress{};               ///< "37 of 42 · about 20 s left"
        double done{0}, failed{0}, other{0};  ///< shares of the bar, 0…1
        std::vector<Count> counts{};
        Action pause{}, stop{}, retry{}, cancel_chosen{};
        bool paused{false};
        bool busy{false};
        std::string note{};     ///< a change waits for the server
        std::string failure{};  ///< a change was refused
    };

    explicit BatchPresenter(Context& context);
    ~BatchPresenter() override;

    /// @param batch_id "": none
    void show(const std::string& batch_id);
    [[nodiscard]] const std::string& batch_id() const { return batch_id_; }
    [[nodiscard]] const Extra& extra() const { return extra_; }

    void pause_or_resume();
    void stop_rest();
    void retry_failed();
    /// Which meters' rows are chosen, for cancelling one.
    void select(std::int64_t command);
    void cancel_selected();
    void open_meter(std::int64_t command);
    /// The list of all orders should be asked for again: something was changed here.
    std::function<void()> on_order_changed;

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Item {
        std::int64_t id{0}, meter_id{0};
        std::string meter{}, unit{}, state{}, reason{};
        bool held{false}, sent{false};
        int attempts{0};
        std::optional<std::chrono::system_clock::time_point> finished_at{};
    };
    struct Facts;

    void take(const v1::CommandBatch& batch);
    void fill_extra();
    void tell();
    template <class Method, class Request>
    void change_batch(const Method& method, Request request);
    void changed(const Fault* fault);

    std::string batch_id_;
    std::unique_ptr<Facts> facts_;
    std::vector<Item> items_;
    std::int64_t selected_{0};
    bool ask_anyway_{false};
    Extra extra_;
    Change change_;
};

}  // namespace wutong::client
