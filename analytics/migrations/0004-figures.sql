-- What the questions about worth need beside the tables of 0001, and figures that are kept ready while rows come in.

ALTER TABLE contacts ADD COLUMN IF NOT EXISTS stratum LowCardinality(String) COMMENT 'Stratum within which the groups were drawn; empty: none' AFTER contact_group;

ALTER TABLE contacts ADD COLUMN IF NOT EXISTS cluster String COMMENT 'Household or shared phone drawn as one, so that a person is in one group; empty: the account alone' AFTER stratum;

ALTER TABLE payments ADD COLUMN IF NOT EXISTS posted_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When billing booked it; empty if billing does not say' AFTER paid_at;

ALTER TABLE payments ADD COLUMN IF NOT EXISTS reverses String COMMENT 'The payment that this one takes back; empty for money that came in' AFTER posted_at;

ALTER TABLE campaigns ADD COLUMN IF NOT EXISTS stop_at_paid_share Float64 COMMENT 'Share of the debt that a contact must have paid for its calls to end; 0: any payment ends them' AFTER hold_out_share;

-- Looking up one person must not read a hundred million rows.
ALTER TABLE attempts ADD INDEX IF NOT EXISTS attempts_by_account account_id TYPE bloom_filter(0.01) GRANULARITY 1;

ALTER TABLE attempts ADD INDEX IF NOT EXISTS attempts_by_start started_at TYPE minmax GRANULARITY 1;

ALTER TABLE contacts ADD INDEX IF NOT EXISTS contacts_by_account account_id TYPE bloom_filter(0.01) GRANULARITY 1;

ALTER TABLE dispositions ADD INDEX IF NOT EXISTS dispositions_by_account account_id TYPE bloom_filter(0.01) GRANULARITY 1;

ALTER TABLE payments ADD INDEX IF NOT EXISTS payments_by_account account_id TYPE bloom_filter(0.01) GRANULARITY 1;

CREATE TABLE IF NOT EXISTS debts (
    account_id  String COMMENT 'The account in billing',
    currency    LowCardinality(String) COMMENT 'ISO 4217 code of the debt',
    as_of       DateTime64(3, 'UTC') COMMENT 'When billing stated the debt: the load that named it',
    campaign_id LowCardinality(String) COMMENT 'Campaign whose list named it',
    contact_id  String COMMENT 'Contact of that campaign',
    debt_minor  Int64 COMMENT 'Debt as stated, minor units',
    version     Int64 MATERIALIZED -toUnixTimestamp64Milli(as_of) COMMENT 'The first statement of a campaign counts'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (account_id, currency, campaign_id, contact_id)
COMMENT 'Debts over time: one row each time a list named the debt of an account';

CREATE MATERIALIZED VIEW IF NOT EXISTS debts_of_contacts TO debts AS
SELECT account_id, currency, loaded_at AS as_of, campaign_id, contact_id, debt_minor
FROM contacts;

INSERT INTO debts (account_id, currency, as_of, campaign_id, contact_id, debt_minor)
SELECT account_id, currency, loaded_at, campaign_id, contact_id, debt_minor
FROM contacts;

CREATE TABLE IF NOT EXISTS opt_outs (
    opt_out_id   String COMMENT 'The attempt in which it was said; of an order the phone (hashed) or account, and its time',
    kind         LowCardinality(String) COMMENT 'asked: said in a call. listed: put on the do-not-call or suppression list. allowed: taken off it',
    at           DateTime64(3, 'UTC') COMMENT 'When',
    campaign_id  LowCardinality(String) COMMENT 'Campaign of the call; empty for an order',
    account_id   String COMMENT 'Account of the call or order; empty for an order about a phone',
    phone_masked LowCardinality(String) COMMENT 'The phone, its middle hidden; empty for an order about an account',
    phone_hash   FixedString(16) COMMENT 'Keyed hash of the phone: equal for equal phones',
    reason       String COMMENT 'Why, as the order says',
    expires_at   Nullable(DateTime64(3, 'UTC')) COMMENT 'Until when; empty: for ever'
) ENGINE = ReplacingMergeTree
ORDER BY opt_out_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000
COMMENT 'Who asked not to be called, and what became of the do-not-call list';

CREATE MATERIALIZED VIEW IF NOT EXISTS opt_outs_of_attempts TO opt_outs AS
SELECT attempt_id AS opt_out_id, 'asked' AS kind, ended_at AS at, campaign_id, account_id, phone_masked, phone_hash, 'asked in the call' AS reason, CAST(NULL AS Nullable(DateTime64(3, 'UTC'))) AS expires_at
FROM attempts
WHERE response = 'opt_out';

INSERT INTO opt_outs (opt_out_id, kind, at, campaign_id, account_id, phone_masked, phone_hash, reason, expires_at)
SELECT attempt_id, 'asked', ended_at, campaign_id, account_id, phone_masked, phone_hash, 'asked in the call', NULL
FROM attempts
WHERE response = 'opt_out';

CREATE TABLE IF NOT EXISTS tariffs (
    trunk            LowCardinality(String) COMMENT 'SIP route',
    valid_from       DateTime64(3, 'UTC') COMMENT 'Calls started from then on, until the next row of the trunk',
    currency         LowCardinality(String) COMMENT 'ISO 4217 code of the price',
    per_minute_minor Float64 COMMENT 'Price of a minute of talk, minor units',
    per_call_minor   Float64 COMMENT 'Price of being connected, minor units a call answered',
    first_seconds    UInt16 COMMENT 'Talk that is paid at least, seconds',
    step_seconds     UInt16 COMMENT 'Talk beyond it is paid in steps of so many seconds, begun ones whole',
    set_at           DateTime64(3, 'UTC') COMMENT 'When this was entered',
    version          UInt64 MATERIALIZED toUInt64(toUnixTimestamp64Milli(set_at)) COMMENT 'What was entered last counts'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (trunk, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000
COMMENT 'What trunks cost, over time';

CREATE TABLE IF NOT EXISTS erasures (
    mark       String COMMENT 'What stands in place of the account and its contacts since',
    erased_at  DateTime64(3, 'UTC') COMMENT 'When',
    contacts   UInt64 COMMENT 'Contacts of the person',
    attempts   UInt64 COMMENT 'Calls to the person'
) ENGINE = ReplacingMergeTree
ORDER BY mark
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000
COMMENT 'Persons erased at their request: that it was done, not who they were';

-- A contact's calls as far as they go, kept while attempts come in. Every column is a largest or smallest value, so that
-- the same attempt told twice, late or in another order gives the same row; an attempt first presumed lost and then told adds what it was.
CREATE TABLE IF NOT EXISTS contact_progress (
    campaign_id   LowCardinality(String) COMMENT 'Campaign',
    contact_id    String COMMENT 'Contact called',
    attempts      SimpleAggregateFunction(max, UInt16) COMMENT 'Number of its latest attempt',
    first_started SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'When its first call began',
    last_ended    SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'When its last call ended',
    answered      SimpleAggregateFunction(max, UInt8) COMMENT '1 if any call was answered',
    human         SimpleAggregateFunction(max, UInt8) COMMENT '1 if a human answered any',
    heard         SimpleAggregateFunction(max, UInt8) COMMENT '1 if a human heard all that must be heard',
    promise       SimpleAggregateFunction(max, UInt64) COMMENT 'Latest promise to pay: second of the call times 100000 plus the promised day since 1970; 0 for none'
) ENGINE = AggregatingMergeTree
ORDER BY (campaign_id, contact_id)
COMMENT 'How far each contact was reached, ready while attempts come in; read v_contact_progress';

CREATE MATERIALIZED VIEW IF NOT EXISTS contact_progress_of_attempts TO contact_progress AS
SELECT campaign_id, contact_id, max(attempt_number) AS attempts, min(started_at) AS first_started, max(ended_at) AS last_ended,
       max(toUInt8(answered_at IS NOT NULL)) AS answered, max(toUInt8(outcome = 'human')) AS human, max(toUInt8(heard_whole)) AS heard,
       max(if(response = 'promise_to_pay', toUInt64(greatest(0, intDiv(toUnixTimestamp64Milli(started_at), 1000))) * 100000 + greatest(0, toInt32(assumeNotNull(promised_date))), 0)) AS promise
FROM attempts
GROUP BY campaign_id, contact_id;

INSERT INTO contact_progress (campaign_id, contact_id, attempts, first_started, last_ended, answered, human, heard, promise)
SELECT campaign_id, contact_id, max(attempt_number), min(started_at), max(ended_at), max(toUInt8(answered_at IS NOT NULL)), max(toUInt8(outcome = 'human')), max(toUInt8(heard_whole)),
       max(if(response = 'promise_to_pay', toUInt64(greatest(0, intDiv(toUnixTimestamp64Milli(started_at), 1000))) * 100000 + greatest(0, toInt32(assumeNotNull(promised_date))), 0))
FROM attempts
GROUP BY campaign_id, contact_id;

-- The hour of a time beyond what DateTime holds (2106) is its last.
-- Counts cannot be kept so: an attempt told twice must count once, and one presumed lost changes its outcome when it is told. So the hours in
-- which something came are noted, and their figures are counted anew from the attempts themselves (analytics/live.ts).
CREATE TABLE IF NOT EXISTS touched_hours (
    campaign_id LowCardinality(String) COMMENT 'Campaign',
    hour        DateTime('UTC') COMMENT 'Hour in which calls were placed',
    touched_at  SimpleAggregateFunction(max, DateTime64(6, 'UTC')) COMMENT 'When an attempt of that hour last came in'
) ENGINE = AggregatingMergeTree
ORDER BY (campaign_id, hour)
COMMENT 'Hours whose figures may have changed';

CREATE MATERIALIZED VIEW IF NOT EXISTS touched_hours_of_attempts TO touched_hours AS
SELECT campaign_id, toDateTime(toUInt32(intDiv(least(greatest(toUnixTimestamp64Milli(started_at), 0), 4294965600000), 3600000) * 3600), 'UTC') AS hour, max(now64(6, 'UTC')) AS touched_at
FROM attempts
GROUP BY campaign_id, hour;

INSERT INTO touched_hours (campaign_id, hour, touched_at)
SELECT campaign_id, toDateTime(toUInt32(intDiv(least(greatest(toUnixTimestamp64Milli(started_at), 0), 4294965600000), 3600000) * 3600), 'UTC') AS hour, now64(6, 'UTC')
FROM attempts
GROUP BY campaign_id, hour;

CREATE TABLE IF NOT EXISTS hour_figures (
    campaign_id    LowCardinality(String) COMMENT 'Campaign',
    hour           DateTime('UTC') COMMENT 'Hour in which the calls were placed',
    trunk          LowCardinality(String) COMMENT 'SIP route',
    caller_id      LowCardinality(String) COMMENT 'Number shown to the callee',
    attempt_number UInt16 COMMENT '1 for first attempts',
    outcome        LowCardinality(String) COMMENT 'How the calls ended',
    local_weekday  UInt8 COMMENT 'Weekday on the callee\'s clock, 1 Monday to 7 Sunday',
    local_hour     UInt8 COMMENT 'Hour on the callee\'s clock, 0 to 23',
    attempts       UInt64 COMMENT 'Calls',
    answered       UInt64 COMMENT 'Of them answered',
    human          UInt64 COMMENT 'Answered by a human',
    heard          UInt64 COMMENT 'In which a human heard all that must be heard',
    promised       UInt64 COMMENT 'In which payment was promised',
    talk_ms        UInt64 COMMENT 'Talk in all, ms',
    counted        UInt64 COMMENT 'When this hour was counted, microseconds since 1970 times 1000 and a random rest; rows of its latest count hold'
) ENGINE = ReplacingMergeTree(counted)
ORDER BY (campaign_id, hour, trunk, caller_id, attempt_number, outcome, local_weekday, local_hour)
COMMENT 'Figures of each hour, as last counted; read v_hour_figures';

CREATE TABLE IF NOT EXISTS counted_hours (
    campaign_id LowCardinality(String) COMMENT 'Campaign',
    hour        DateTime('UTC') COMMENT 'Hour in which calls were placed',
    counted     SimpleAggregateFunction(max, UInt64) COMMENT 'Its latest count, as in hour_figures'
) ENGINE = AggregatingMergeTree
ORDER BY (campaign_id, hour)
COMMENT 'Which count of an hour holds';

CREATE OR REPLACE VIEW v_campaign_versions AS SELECT * FROM campaigns FINAL;

CREATE OR REPLACE VIEW v_campaigns AS
SELECT * FROM campaigns FINAL ORDER BY campaign_id, defined_at DESC LIMIT 1 BY campaign_id;

CREATE OR REPLACE VIEW v_contacts AS SELECT * FROM contacts FINAL;

CREATE OR REPLACE VIEW v_payments AS SELECT * FROM payments FINAL;

CREATE OR REPLACE VIEW v_opt_outs AS SELECT * FROM opt_outs FINAL;

CREATE OR REPLACE VIEW v_tariffs AS SELECT * FROM tariffs FINAL;

CREATE OR REPLACE VIEW v_erasures AS SELECT * FROM erasures FINAL;

-- What an account owed at every moment it changed: as stated by a list, then less every payment since (to the next statement).
CREATE OR REPLACE VIEW v_debts AS
SELECT account_id, currency, at, kind, if(kind = 'stated', amount_minor, NULL) AS stated_minor, if(kind = 'paid', amount_minor, NULL) AS paid_minor,
       last_value(stated_minor) OVER up_to_here - (sum(if(kind = 'paid', amount_minor, 0)) OVER up_to_here - last_value(if(kind = 'stated', paid_before, NULL)) OVER up_to_here) AS balance_minor
FROM (
    SELECT account_id, currency, at, kind, amount_minor,
           sum(if(kind = 'paid', amount_minor, 0)) OVER (PARTITION BY account_id, currency ORDER BY at, kind DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS paid_before
    FROM (
        SELECT account_id, currency, as_of AS at, 'stated' AS kind, debt_minor AS amount_minor FROM debts FINAL
        UNION ALL
        SELECT account_id, currency, paid_at AS at, 'paid' AS kind, amount_minor FROM payments FINAL
    )
)
WINDOW up_to_here AS (PARTITION BY account_id, currency ORDER BY at, kind DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

CREATE OR REPLACE VIEW v_contact_progress AS
SELECT campaign_id, contact_id, attempts, first_started, last_ended, answered, human, heard, promise > 0 AS promised,
       if(promise > 0, fromUnixTimestamp64Milli(toInt64(intDiv(promise, 100000)) * 1000, 'UTC'), NULL) AS promised_at, if(promise > 0, toDate32(toInt32(promise % 100000)), NULL) AS promised_date
FROM contact_progress FINAL;

CREATE OR REPLACE VIEW v_hour_figures AS
SELECT * EXCEPT counted
FROM hour_figures FINAL
WHERE (campaign_id, hour, counted) IN (SELECT campaign_id, hour, max(counted) FROM counted_hours GROUP BY campaign_id, hour);
