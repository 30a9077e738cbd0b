#include "storage/connection.hpp"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

namespace wutong::storage {

namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

[[noreturn]] void fail(PGconn* connection, const PGresult* result, const char* statement) {
    const std::string text = PQresultErrorMessage(result);
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == nullptr || PQstatus(connection) != CONNECTION_OK) {
        throw pqxx::broken_connection(text.empty() ? PQerrorMessage(connection) : text);
    }
    if (std::string_view(state) == "23505") {
        throw pqxx::unique_violation(text, statement, state);
    }
    if (std::string_view(state) == "40001" || std::string_view(state) == "40P01") {
        throw pqxx::transaction_rollback(text);
    }
    throw pqxx::sql_error(text, statement, state);
}

/// To the end of what the server says, so that the connection can be used again.
/// @return the first error, or the last answer
Result drain(PGconn* connection) {
    Result kept{nullptr, PQclear};
    while (PGresult* next = PQgetResult(connection)) {
        Result result{next, PQclear};
        const auto status = PQresultStatus(next);
        if (!kept || PQresultStatus(kept.get()) != PGRES_FATAL_ERROR) {
            kept = std::move(result);
        }
        if (status == PGRES_COPY_IN) {
            PQputCopyEnd(connection, "given up");
        }
        if (PQstatus(connection) != CONNECTION_OK) {
            break;
        }
    }
    return kept;
}

}  // namespace

HandlePolicy::handle HandlePolicy::do_startconnect(handle before) {
    return current_ = pqxx::connect_direct::do_startconnect(before);
}

HandlePolicy::handle HandlePolicy::do_completeconnect(handle before) {
    return current_ = pqxx::connect_direct::do_completeconnect(before);
}

HandlePolicy::handle HandlePolicy::do_dropconnect(handle before) noexcept {
    return current_ = pqxx::connect_direct::do_dropconnect(before);
}

HandlePolicy::handle HandlePolicy::do_disconnect(handle before) noexcept {
    return current_ = pqxx::connect_direct::do_disconnect(before);
}

Connection::Connection(const std::string& target)
    : HandlePolicy{target}, pqxx::connection_base{static_cast<HandlePolicy&>(*this)} {
    init();
}

Connection::~Connection() noexcept {
    close();
}

void Connection::copy_in(const char* statement, const NextPiece& next) {
    PGconn* connection = current();
    if (connection == nullptr || PQtransactionStatus(connection) != PQTRANS_INTRANS) {
        throw pqxx::broken_connection("no transaction is open to copy into");
    }
    const Result begun{PQexec(connection, statement), PQclear};
    if (PQresultStatus(begun.get()) != PGRES_COPY_IN) {
        fail(connection, begun.get(), statement);
    }
    bool sent = true;
    try {
        std::string piece;
        for (bool more = true; sent && more;) {
            piece.clear();
            more = next(piece);
            sent = PQputCopyData(connection, piece.data(), static_cast<int>(piece.size())) == 1;
        }
    } catch (...) {
        PQputCopyEnd(connection, "given up");
        drain(connection);
        throw;
    }
    sent = sent && PQputCopyEnd(connection, nullptr) == 1;
    const auto result = drain(connection);
    if (!sent || !result || PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
        fail(connection, result.get(), statement);
    }
}

}  // namespace wutong::storage
