-- Prepaid water. What a meter measures decides the unit of its figures, and of the prices that it is charged by: registers, use, steps and
-- watermarks count in thousandths of the unit that has a price, so a column called energy_wh (first_wh, used_wh, …) has the litres of a
-- water meter, and price_e4 is of a cubic metre. Nobody adds the two up: whoever sums over several meters keeps to one commodity.
-- The server takes it from the meter's profile, and it never changes.

ALTER TABLE meter ADD COLUMN commodity text NOT NULL DEFAULT 'electricity' CHECK (commodity IN ('electricity', 'water'));
UPDATE meter SET commodity = 'water' WHERE profile = 'cjt188-valve-water';

-- A plan has one price list, so it is for one of them, and so is what is assigned (or ended) for a building, a group or a whole property.
ALTER TABLE tariff_plan ADD COLUMN commodity text NOT NULL DEFAULT 'electricity' CHECK (commodity IN ('electricity', 'water'));
ALTER TABLE tariff_assignment ADD COLUMN commodity text NOT NULL DEFAULT 'electricity' CHECK (commodity IN ('electricity', 'water'));
