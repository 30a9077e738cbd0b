#pragma once

#include <stdexcept>
#include <string>

/// What can go wrong with the database, as types that callers can act on. No message carries a password.
namespace wutong::storage {

class DatabaseError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The database can't be reached, or the connection broke again in every attempt. Nothing was committed.
class DatabaseUnavailable : public DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

/// All connections of the pool stayed in use for the whole acquire timeout. Nothing was begun.
class PoolExhausted : public DatabaseUnavailable {
public:
    using DatabaseUnavailable::DatabaseUnavailable;
};

/// The connection broke while COMMIT was under way: it may have happened or not. Never retried here;
/// the caller settles it by its request id.
class CommitUnknown : public DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

/// Serialization failures or deadlocks in every attempt. Nothing was committed; trying again later may help.
class TransactionConflict : public DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

/// The database refused a statement. Nothing was committed.
class StatementFailed : public DatabaseError {
public:
    StatementFailed(const std::string& message, std::string sqlstate, std::string constraint)
        : DatabaseError(message), sqlstate_(std::move(sqlstate)), constraint_(std::move(constraint)) {}
    /// Five characters, see PostgreSQL's appendix A; "" when not known.
    [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }
    /// Name of the constraint or unique index that refused; "" where there is none.
    [[nodiscard]] const std::string& constraint() const { return constraint_; }

private:
    std::string sqlstate_;
    std::string constraint_;
};

/// A row with this key is there already: constraint() says which key.
class UniqueViolation : public StatementFailed {
public:
    using StatementFailed::StatementFailed;
};

/// Something still refers to the row, or the row referred to is not there.
class ReferenceViolation : public StatementFailed {
public:
    using StatementFailed::StatementFailed;
};

/// statement_timeout or lock_timeout ended the statement.
class StatementTimeout : public StatementFailed {
public:
    using StatementFailed::StatementFailed;
};

/// The channel's lease is held by another collector, or under another epoch: whatever was to be written
/// is somebody else's business now. Nothing was changed.
class LeaseLost : public DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

/// A row that the caller named is not there, or not in the transaction's properties.
class NotFound : public DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

}  // namespace wutong::storage
