#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/change.hpp"
#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/lists/list_presenter.hpp"

namespace wutong::client {

/// downloaded | at_the_sale | server_held | not_possible
[[nodiscard]] std::string placement_words(const std::string& placement);

/// Plans of the property, those in use first.
class PlansPresenter : public ListPresenter {
public:
    explicit PlansPresenter(Context& context);
    ~PlansPresenter() override;
    [[nodiscard]] bool may_write() const { return context_.session.may("tariff.write"); }
    [[nodiscard]] bool may_assign() const { return context_.session.may("tariff.assign"); }
    /// For assigning: those that are not retired.
    [[nodiscard]] std::vector<FormOption> options() const;
    [[nodiscard]] bool retired(std::int64_t id) const;
    /// A plan that is not to be assigned any more.
    void retire(std::int64_t id);
    [[nodiscard]] const std::string& said() const { return said_; }

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Items;
    std::unique_ptr<Items> items_;
    Change change_;
    std::string said_;
};

/// Which plan is charged by where, and from when.
class AssignmentsPresenter : public ListPresenter {
public:
    explicit AssignmentsPresenter(Context& context);
    ~AssignmentsPresenter() override;
    void show_past(bool past);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Items;
    std::unique_ptr<Items> items_;
    bool past_{false};
};

/// Meters whose price is not yet the one of their plan.
class DownloadsPresenter : public ListPresenter {
public:
    explicit DownloadsPresenter(Context& context);
    ~DownloadsPresenter() override;

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Items;
    std::unique_ptr<Items> items_;
};

/// Assigns a plan to the property, a building or one meter; who would charge by it is said before.
/// @param chosen the plan that is proposed; 0: the first
[[nodiscard]] std::unique_ptr<Form> assign_form(Context& context, std::vector<FormOption> plans,
                                                std::int64_t chosen);

}  // namespace wutong::client
