#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/change.hpp"
#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/lists/item_list.hpp"
#include "client-wx/text/format.hpp"

namespace wutong::v1 {
class TariffAssignment;
class TariffDownload;
class TariffPlan;
}  // namespace wutong::v1

namespace wutong::client {

/// downloaded | at_the_sale | server_held | not_possible
[[nodiscard]] std::string placement_words(const std::string& placement);

/// A plan that can be assigned.
struct PlanOption {
    std::int64_t id{0};
    std::string name;
    Commodity commodity{Commodity::electricity};
};

/// Plans of the property, those in use first.
class PlansPresenter : public ItemList<v1::TariffPlan> {
public:
    explicit PlansPresenter(Context& context);
    ~PlansPresenter() override;
    [[nodiscard]] bool may_write() const { return context_.session.may("tariff.write"); }
    [[nodiscard]] bool may_assign() const { return context_.session.may("tariff.assign"); }
    /// For assigning: those that are not retired.
    [[nodiscard]] std::vector<PlanOption> options() const;
    [[nodiscard]] bool retired(std::int64_t id) const;
    /// A plan that is not to be assigned any more.
    void retire(std::int64_t id);
    [[nodiscard]] const std::string& said() const { return said_; }

protected:
    void fetch() override;
    void write(ListScreen& screen) override;

private:
    Change change_;
    std::string said_;
};

/// Which plan is charged by where, and from when.
class AssignmentsPresenter : public ItemList<v1::TariffAssignment> {
public:
    explicit AssignmentsPresenter(Context& context);
    ~AssignmentsPresenter() override;
    void show_past(bool past);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;

private:
    bool past_{false};
};

/// Meters whose price is not yet the one of their plan.
class DownloadsPresenter : public ItemList<v1::TariffDownload> {
public:
    explicit DownloadsPresenter(Context& context);
    ~DownloadsPresenter() override;

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
};

/// "Electricity meters", "Water meters"
[[nodiscard]] std::string meters_of(Commodity commodity);

/// Assigns a plan to the property, a building or one meter; who would charge by it is said before. For a
/// meter the plans of what it measures are offered.
/// @param chosen the plan that is proposed; 0: the first
[[nodiscard]] std::unique_ptr<Form> assign_form(Context& context, std::vector<PlanOption> plans,
                                                std::int64_t chosen);

}  // namespace wutong::client
