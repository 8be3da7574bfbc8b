-- What is known of a campaign: its name and currency, when calling began, and how far the data reach.
-- Parameters: campaign (String).
WITH
    called AS (SELECT contact_id, attempts, first_started, last_ended FROM v_contact_progress WHERE campaign_id = {campaign:String}),
    calls AS (SELECT sum(attempts) AS attempts, min(first_started) AS first_started, max(last_ended) AS last_ended, count() AS contacts FROM called),
    people AS (
        SELECT groupUniqArray(10)(currency) AS currencies, count() AS contacts, max(loaded_at) AS loaded_at
        FROM v_contacts
        WHERE campaign_id = {campaign:String}
    )
SELECT
    (SELECT any(name) FROM v_campaigns WHERE campaign_id = {campaign:String}) AS name,
    (SELECT count() FROM v_campaigns WHERE campaign_id = {campaign:String}) AS defined,
    (SELECT any(currency) FROM v_campaigns WHERE campaign_id = {campaign:String}) AS campaign_currency,
    people.currencies AS currencies,
    people.contacts AS contacts,
    (SELECT count() FROM v_loads WHERE campaign_id = {campaign:String}) AS loads,
    calls.attempts AS attempts,
    (SELECT count() FROM called WHERE contact_id IN (SELECT contact_id FROM v_contacts WHERE campaign_id = {campaign:String} AND contact_group = 'held_out')) AS held_out_called,
    toUnixTimestamp64Milli(calls.first_started) AS first_call_ms,
    toUnixTimestamp64Milli(people.loaded_at) AS last_load_ms,
    greatest(
        toUnixTimestamp64Milli(calls.last_ended),
        (SELECT toUnixTimestamp64Milli(max(closed_at)) FROM v_dispositions WHERE campaign_id = {campaign:String}),
        toUnixTimestamp64Milli(people.loaded_at),
        (SELECT toUnixTimestamp64Milli(max(received_at)) FROM v_payments)
    ) AS data_until_ms
FROM calls CROSS JOIN people;
