-- What is known of a campaign: its name and currency, when calling began, and how far the data reach.
-- Parameters: campaign (String).
SELECT
    (SELECT any(name) FROM v_campaigns WHERE campaign_id = {campaign:String}) AS name,
    (SELECT count() FROM v_campaigns WHERE campaign_id = {campaign:String}) AS defined,
    (SELECT any(currency) FROM v_campaigns WHERE campaign_id = {campaign:String}) AS campaign_currency,
    (SELECT groupUniqArray(10)(currency) FROM v_contacts WHERE campaign_id = {campaign:String}) AS currencies,
    (SELECT count() FROM v_contacts WHERE campaign_id = {campaign:String}) AS contacts,
    (SELECT count() FROM v_loads WHERE campaign_id = {campaign:String}) AS loads,
    (SELECT count() FROM v_attempts WHERE campaign_id = {campaign:String}) AS attempts,
    (SELECT uniqExact(contact_id) FROM v_attempts WHERE campaign_id = {campaign:String} AND contact_id IN (
        SELECT contact_id FROM v_contacts WHERE campaign_id = {campaign:String} AND contact_group = 'held_out')) AS held_out_called,
    (SELECT toUnixTimestamp64Milli(min(started_at)) FROM v_attempts WHERE campaign_id = {campaign:String}) AS first_call_ms,
    (SELECT toUnixTimestamp64Milli(max(loaded_at)) FROM v_contacts WHERE campaign_id = {campaign:String}) AS last_load_ms,
    greatest(
        (SELECT toUnixTimestamp64Milli(max(ended_at)) FROM v_attempts WHERE campaign_id = {campaign:String}),
        (SELECT toUnixTimestamp64Milli(max(closed_at)) FROM v_dispositions WHERE campaign_id = {campaign:String}),
        (SELECT toUnixTimestamp64Milli(max(loaded_at)) FROM v_contacts WHERE campaign_id = {campaign:String}),
        (SELECT toUnixTimestamp64Milli(max(received_at)) FROM v_payments)
    ) AS data_until_ms;
