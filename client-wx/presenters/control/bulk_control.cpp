#include <wutong/v1/control_service.pb.h>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/control/bulk_command.hpp"

/// Pause, resume, stop the rest, retry.
namespace wutong::client {

void BulkCommand::change_batch(bool pause) {
    v1::BatchRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_batch_id(batch_id_);
    screen_.fault.clear();
    change_.ask<v1::BatchRequest, v1::CommandBatch>(pause ? method::pause_batch : method::resume_batch,
                                                    request, [this](Result<v1::CommandBatch> answer) {
                                                        if (answer) {
                                                            take(*answer);
                                                            settle();
                                                        } else {
                                                            refused(answer.fault());
                                                        }
                                                    });
    update();
}

void BulkCommand::pause() {
    if (screen_.can_pause) {
        change_batch(true);
    }
}

void BulkCommand::resume() {
    if (screen_.can_resume) {
        change_batch(false);
    }
}

void BulkCommand::stop_rest() {
    if (!screen_.can_stop) {
        return;
    }
    v1::BatchRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_batch_id(batch_id_);
    screen_.fault.clear();
    change_.ask<v1::BatchRequest, v1::CommandBatch>(method::cancel_batch, request,
                                                    [this](Result<v1::CommandBatch> answer) {
                                                        if (answer) {
                                                            take(*answer);
                                                            settle();
                                                        } else {
                                                            refused(answer.fault());
                                                        }
                                                    });
    update();
}

void BulkCommand::retry_failed() {
    if (screen_.retry.empty() || change_.open()) {
        return;
    }
    v1::RetryBatchRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_batch_id(batch_id_);
    screen_.fault.clear();
    change_.ask<v1::RetryBatchRequest, v1::SendCommandResponse>(
        method::retry_batch, request, [this](Result<v1::SendCommandResponse> answer) {
            if (answer) {
                sent(*answer);
            } else {
                refused(answer.fault());
            }
        });
    update();
}

}  // namespace wutong::client
