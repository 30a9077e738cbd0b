-- Alarms for what only a person can settle, and the entry that ends a closed account at exactly zero.

-- not_stored: the database will not have what a collector found out. price_unknown: which price the meter charges is not known.
-- wrong_meter: another meter answers where this one should be. ledger_difference: a closed account's credit is off by more than rounding.
ALTER TABLE alarm DROP CONSTRAINT alarm_kind_check;
ALTER TABLE alarm ADD CONSTRAINT alarm_kind_check
    CHECK (kind IN ('alarm_1', 'alarm_2', 'arrears', 'lost_meter', 'lost_gateway', 'lost_channel', 'overload', 'fault', 'quarantine',
                    'foreign_write', 'not_stored', 'price_unknown', 'wrong_meter', 'ledger_difference'));

ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_kind_check;
ALTER TABLE journal_entry ADD CONSTRAINT journal_entry_kind_check
    CHECK (kind IN ('sale', 'delivery', 'release', 'consumption', 'refund_payout', 'reversal', 'correction', 'rounding'));
