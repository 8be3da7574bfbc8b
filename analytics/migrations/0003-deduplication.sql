-- An insert that is repeated because its answer was lost is stored once: each insert names its rows with a token, and
-- the tables remember the tokens of the last 1000 inserts. A sink has two under way for a table.

ALTER TABLE campaigns MODIFY SETTING non_replicated_deduplication_window = 1000;

ALTER TABLE contacts MODIFY SETTING non_replicated_deduplication_window = 1000;

ALTER TABLE attempts MODIFY SETTING non_replicated_deduplication_window = 1000;

ALTER TABLE dispositions MODIFY SETTING non_replicated_deduplication_window = 1000;

ALTER TABLE payments MODIFY SETTING non_replicated_deduplication_window = 1000;

ALTER TABLE loads MODIFY SETTING non_replicated_deduplication_window = 1000;
