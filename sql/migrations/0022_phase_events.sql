-- Unbalanced phases and phases in the wrong order are events of meters, and alarms.

ALTER TABLE meter_event DROP CONSTRAINT meter_event_kind_check;
ALTER TABLE meter_event ADD CONSTRAINT meter_event_kind_check
    CHECK (kind IN ('cover_open', 'terminal_cover_open', 'voltage_loss', 'current_loss', 'reverse_power', 'overload', 'relay_fault',
                    'fault', 'battery_low', 'voltage_unbalance', 'current_unbalance', 'phase_order'));

ALTER TABLE alarm DROP CONSTRAINT alarm_kind_check;
ALTER TABLE alarm ADD CONSTRAINT alarm_kind_check
    CHECK (kind IN ('alarm_1', 'alarm_2', 'arrears', 'lost_meter', 'lost_gateway', 'lost_channel', 'overload', 'fault', 'quarantine',
                    'foreign_write', 'not_stored', 'price_unknown', 'wrong_meter', 'ledger_difference', 'balance_unexplained',
                    'not_charged', 'implausible', 'cover_open', 'terminal_cover_open', 'voltage_loss', 'current_loss',
                    'reverse_power', 'relay_fault', 'battery_low', 'clock_drift', 'voltage_unbalance', 'current_unbalance',
                    'phase_order'));
