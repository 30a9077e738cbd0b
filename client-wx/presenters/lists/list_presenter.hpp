#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/api/server.hpp"
#include "client-wx/api/timers.hpp"
#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/lists/list_screen.hpp"

namespace wutong::client {

/// The base of every list: asks for its pages one after the other, keeps them fresh while the page is open,
/// keeps what it has when an answer fails, and says how old that is.
///
/// A derived class keeps its items, starts the calls in fetch(), and writes rows in write().
class ListPresenter {
public:
    ListPresenter(const ListPresenter&) = delete;
    ListPresenter& operator=(const ListPresenter&) = delete;
    virtual ~ListPresenter() = default;

    [[nodiscard]] const ListScreen& screen() const { return screen_; }
    std::function<void()> on_changed;

    /// The page is shown: loads, then keeps fresh.
    void open();
    /// The page is hidden: asks no more; the rows stay.
    void close();
    void refresh();
    void sort_by(int column, bool ascending);
    [[nodiscard]] std::string csv() const { return to_csv(screen_); }

protected:
    /// @param every how often the rows are asked for again while open; 0: never by itself
    /// @param rows_max where fetching stops; the screen then says that there is more
    ListPresenter(Context& context, std::chrono::milliseconds every, std::size_t rows_max = 20'000);

    virtual void fetch() = 0;
    /// Columns, rows, texts for "nothing there"; `screen` comes with empty rows.
    virtual void write(ListScreen& screen) = 0;
    /// Another property is looked at: what is kept is of no use any more.
    virtual void forget() = 0;
    virtual void opened() {}
    virtual void closed() {}
    [[nodiscard]] bool is_open() const { return open_; }
    [[nodiscard]] std::size_t rows_max() const { return rows_max_; }

    /// Asks page after page; `take` gets each answer and returns how many rows are there by now, `first`
    /// tells that what was there before is to be dropped. Rows that are shown change when all are there.
    template <class Request, class Answer, class Take>
    void fetch_pages(const Unary<Request, Answer>& method, Request request, Take take, bool first = true) {
        request.mutable_page()->set_size(kPageSize);
        call_ = context_.server.call(
            method, request,
            std::function<void(Result<Answer>)>{
                [this, method, request, take = std::move(take), first](Result<Answer> result) mutable {
                    if (!result) {
                        refused(result.fault());
                        return;
                    }
                    const std::size_t rows = take(*result, first);
                    const auto token = result->next_page_token();
                    cut_ = !token.empty() && rows >= rows_max_;
                    if (token.empty() || cut_) {
                        answered();
                        return;
                    }
                    request.mutable_page()->set_token(token);
                    // Keeps what is captured alive: the new call replaces the one that is answering.
                    auto go_on = std::move(take);
                    fetch_pages(method, std::move(request), std::move(go_on), false);
                }});
    }

    /// The rows shown are of something else now (another filter at the server, another parent): loads anew.
    void restart();
    void answered();
    void refused(const Fault& fault);
    /// Items have changed without a call, or a filter has: writes the rows again.
    void redraw();

    static constexpr int kPageSize = 500;
    Context& context_;
    Call call_;

private:
    void ask();
    void schedule();

    std::chrono::milliseconds every_;
    std::size_t rows_max_;
    ListScreen screen_;
    Timer timer_;
    Subscription session_;
    std::int64_t property_id_;
    bool open_{false};
    bool asking_{false};
    bool cut_{false};
    std::optional<std::chrono::system_clock::time_point> answered_at_;
};

}  // namespace wutong::client
