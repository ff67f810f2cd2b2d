-- Which categorizer gave an outcome its error_category, as PLUGIN/NAME. NULL where whoever recorded the outcome gave it, or
-- nobody did: `arc recategorize` leaves those that people gave alone.
alter table outcomes add column categorized_by text;
