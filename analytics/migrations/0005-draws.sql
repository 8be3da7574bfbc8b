-- What was drawn as one, what a campaign tries by chance, and what other channels sent.

-- Matching numbers is three times as fast as matching texts.
ALTER TABLE contacts ADD COLUMN IF NOT EXISTS cluster_key UInt64 MATERIALIZED if(cluster = '', sipHash64(phone_hash), sipHash64(cluster)) COMMENT 'What counts as one draw: the cluster, else the first phone; equal for equal ones' AFTER cluster;

ALTER TABLE contacts ADD COLUMN IF NOT EXISTS attempts_allowed UInt8 COMMENT 'Attempts the contact was drawn for, where the campaign tries several numbers; 0: it does not' AFTER cluster_key;

ALTER TABLE contacts ADD COLUMN IF NOT EXISTS first_hour Int8 DEFAULT -1 COMMENT 'Hour of the callee before which the first call was not to be placed, where the campaign tries several; -1: it does not' AFTER attempts_allowed;

ALTER TABLE contacts ADD COLUMN IF NOT EXISTS message_version LowCardinality(String) COMMENT 'Version of the message the contact was drawn for, where the campaign tries several; empty: it does not' AFTER first_hour;

CREATE TABLE IF NOT EXISTS touches (
    account_id String COMMENT 'The account in billing',
    channel    LowCardinality(String) COMMENT 'sms, letter, e-mail, visit, …, as the list that was imported names it',
    at         DateTime64(3, 'UTC') COMMENT 'When it went out',
    told_at    DateTime64(3, 'UTC') COMMENT 'When it was imported'
) ENGINE = ReplacingMergeTree
ORDER BY (account_id, channel, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000
COMMENT 'What reached people by other channels than calls: covariates of the effect of calling';

CREATE OR REPLACE VIEW v_contacts AS SELECT *, cluster_key FROM contacts FINAL;

CREATE OR REPLACE VIEW v_touches AS SELECT * FROM touches FINAL;
