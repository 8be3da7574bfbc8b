-- Tables of what obzvon did and what came of it. Each is keyed so that a row delivered twice, or late, is one row:
-- read the views of 0002 (v_...), never these tables, which may hold a row more than once until ClickHouse merges.
-- Money is in minor units (kopecks, cents) of `currency`; times are UTC.

CREATE TABLE IF NOT EXISTS campaigns (
    campaign_id          String COMMENT 'Campaign, as in its file',
    defined_at           DateTime64(3, 'UTC') COMMENT 'When this version of the campaign was given',
    name                 String COMMENT 'Name people use',
    starts_at            DateTime64(3, 'UTC') COMMENT 'No call before',
    expires_at           DateTime64(3, 'UTC') COMMENT 'No call from then on',
    currency             LowCardinality(String) COMMENT 'ISO 4217 code of the debts',
    hold_out_share       Float64 COMMENT 'Chance of a contact to be left uncalled, 0 to 1',
    max_calls_per_second Float64 COMMENT 'Cap on new calls per second',
    max_channels         UInt32 COMMENT 'Cap on calls at once',
    max_attempts         UInt16 COMMENT 'Attempts a contact gets in all',
    machine_policy       LowCardinality(String) COMMENT 'What a machine gets: hang_up or leave_message'
) ENGINE = ReplacingMergeTree
ORDER BY (campaign_id, defined_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Campaigns, one row a version';

CREATE TABLE IF NOT EXISTS contacts (
    campaign_id   LowCardinality(String) COMMENT 'Campaign',
    contact_id    String COMMENT 'One account in one campaign',
    account_id    String COMMENT 'The account in billing',
    contact_group LowCardinality(String) COMMENT 'called, or held_out: never called, to measure what calling is worth; drawn before the first call',
    debt_minor    Int64 COMMENT 'Debt when loaded, minor units',
    currency      LowCardinality(String) COMMENT 'ISO 4217 code of the debt',
    due_date      Nullable(Date32) COMMENT 'When the debt was due',
    language      LowCardinality(String) COMMENT 'Language of the calls: uk, ru, en',
    timezone      LowCardinality(String) COMMENT 'IANA timezone of the callee',
    phones        UInt8 COMMENT 'How many phones the contact has',
    phone_masked  LowCardinality(String) COMMENT 'First phone with its middle hidden',
    phone_hash    FixedString(16) COMMENT 'Keyed hash of the first phone: equal for equal phones, not reversible without the key',
    priority      UInt8 COMMENT 'Larger is called first',
    load_id       String COMMENT 'The load that brought it',
    loaded_at     DateTime64(3, 'UTC') COMMENT 'When it was accepted',
    version       Int64 MATERIALIZED -toUnixTimestamp64Milli(loaded_at) COMMENT 'The first acceptance counts'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (campaign_id, contact_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Contacts as loaded; no name, no phone in clear';

CREATE TABLE IF NOT EXISTS attempts (
    campaign_id        LowCardinality(String) COMMENT 'Campaign',
    attempt_id         String COMMENT 'One call placed; ids sort by time',
    contact_id         String COMMENT 'Contact called',
    account_id         String COMMENT 'The account in billing',
    contact_group      LowCardinality(String) COMMENT 'Group of the contact; always called',
    language           LowCardinality(String) COMMENT 'Language spoken',
    timezone           LowCardinality(String) COMMENT 'IANA timezone of the callee',
    attempt_number     UInt16 COMMENT '1 for the first attempt of the contact',
    phone_masked       LowCardinality(String) COMMENT 'Phone called, its middle hidden',
    phone_hash         FixedString(16) COMMENT 'Keyed hash of the phone called: equal for equal phones',
    phone_index        UInt8 COMMENT 'Which phone of the contact, from 0',
    trunk              LowCardinality(String) COMMENT 'SIP route used',
    caller_id          LowCardinality(String) COMMENT 'Number shown to the callee',
    dialer_id          LowCardinality(String) COMMENT 'Dialer that placed the call',
    outcome            LowCardinality(String) COMMENT 'human, machine, message_left, announcement, fax, silence, no_answer, busy, rejected, invalid_number, unreachable, congestion, failed, lost',
    ended_by           LowCardinality(String) COMMENT 'callee, dialer, network or crash',
    sip_status         UInt16 COMMENT 'Final SIP status, 0 if none came',
    q850_cause         UInt8 COMMENT 'ITU-T Q.850 cause, 0 if none was given',
    started_at         DateTime64(3, 'UTC') COMMENT 'When the INVITE was sent' CODEC(Delta, ZSTD(1)),
    ended_at           DateTime64(3, 'UTC') COMMENT 'When the call ended' CODEC(Delta, ZSTD(1)),
    answered_at        Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was answered; empty if it was not',
    local_hour         UInt8 COMMENT 'Hour of started_at in the timezone of the callee, 0 to 23',
    local_weekday      UInt8 COMMENT 'Weekday of started_at in the timezone of the callee, 1 Monday to 7 Sunday',
    post_dial_delay_ms Nullable(UInt32) COMMENT 'INVITE to the first ringing or early media, ms',
    ring_ms            UInt32 COMMENT 'First ringing to the answer or the end, ms',
    verdict            LowCardinality(String) COMMENT 'What detection said: human, machine, announcement, fax, silence, unsure; empty if nothing',
    verdict_confidence Nullable(Float32) COMMENT 'Confidence of the verdict, 0 to 1',
    verdict_reason     LowCardinality(String) COMMENT 'Why the verdict fell',
    verdict_audio_ms   Nullable(UInt32) COMMENT 'Audio heard since the answer when the verdict fell, ms',
    verdict_latency_ms Nullable(UInt32) COMMENT 'Answer to the arrival of the verdict, ms',
    talk_ms            UInt32 COMMENT 'Answer to the end, ms',
    message_ms         UInt32 COMMENT 'Length of the message, ms',
    heard_ms           UInt32 COMMENT 'How much of the message was played, ms',
    heard_whole        Bool COMMENT 'A human heard all that must be heard (name and amount)',
    digits             LowCardinality(String) COMMENT 'Digits pressed',
    response           LowCardinality(String) COMMENT 'What the digits meant: none, promise_to_pay, opt_out, wrong_person, transfer',
    promised_date      Nullable(Date32) COMMENT 'Day by which payment was promised',
    transfer_result    LowCardinality(String) COMMENT 'connected, not_answered, failed; empty if no transfer',
    version            UInt64 MATERIALIZED if(outcome = 'lost', 0, 4611686018427387904) + toUInt64(toUnixTimestamp64Milli(ended_at))
                       COMMENT 'What a dialer reported beats what was presumed lost; then the later end'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (campaign_id, attempt_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Calls placed';

CREATE TABLE IF NOT EXISTS dispositions (
    campaign_id   LowCardinality(String) COMMENT 'Campaign',
    contact_id    String COMMENT 'Contact',
    account_id    String COMMENT 'The account in billing',
    contact_group LowCardinality(String) COMMENT 'called or held_out',
    disposition   LowCardinality(String) COMMENT 'reached, exhausted, paid, opted_out, suppressed, expired, invalid, held_out',
    reason        LowCardinality(String) COMMENT 'The rule that decided',
    attempts      UInt16 COMMENT 'Attempts the contact had',
    closed_at     DateTime64(3, 'UTC') COMMENT 'When it ended',
    version       Int64 MATERIALIZED -toUnixTimestamp64Milli(closed_at) COMMENT 'A contact ends once: the first end counts'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (campaign_id, contact_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'How contacts ended';

CREATE TABLE IF NOT EXISTS payments (
    payment_id   String COMMENT 'Id of billing; the same id twice is one payment',
    account_id   String COMMENT 'The account in billing',
    amount_minor Int64 COMMENT 'Minor units; negative for a payment taken back',
    currency     LowCardinality(String) COMMENT 'ISO 4217 code',
    paid_at      DateTime64(3, 'UTC') COMMENT 'When it was paid',
    received_at  DateTime64(3, 'UTC') COMMENT 'When billing told obzvon',
    version      UInt64 MATERIALIZED toUInt64(toUnixTimestamp64Milli(received_at)) COMMENT 'What billing told last counts'
) ENGINE = ReplacingMergeTree(version)
ORDER BY payment_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Money that came in, from every account billing tells of';

CREATE TABLE IF NOT EXISTS loads (
    campaign_id LowCardinality(String) COMMENT 'Campaign',
    load_id     String COMMENT 'One run of the loader',
    source      String COMMENT 'File or stream it read',
    rows        UInt64 COMMENT 'Rows read',
    accepted    UInt64 COMMENT 'Rows that became contacts',
    held_out    UInt64 COMMENT 'Of the accepted, held out',
    duplicates  UInt64 COMMENT 'Rows that name a contact the campaign already has',
    refused     Map(String, UInt64) COMMENT 'Rows refused, by field and reason',
    started_at  DateTime64(3, 'UTC') COMMENT 'When the load began',
    ended_at    DateTime64(3, 'UTC') COMMENT 'When the load ended',
    version     UInt64 MATERIALIZED toUInt64(toUnixTimestamp64Milli(ended_at)) COMMENT 'The last word of a load counts'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (campaign_id, load_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Loads of lists, told when they end';
