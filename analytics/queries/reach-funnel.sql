-- How far did the campaign get? One row: rows of the lists, contacts, and how many contacts reached each step.
-- A contact counts once in a step, however many attempts it took.
-- Parameters: campaign (String).
WITH
    loaded AS (
        SELECT sum(rows) AS rows, sum(arraySum(mapValues(refused))) AS refused, sum(duplicates) AS duplicates
        FROM v_loads
        WHERE campaign_id = {campaign:String}
    ),
    people AS (
        SELECT count() AS contacts, countIf(contact_group = 'held_out') AS held_out, countIf(contact_group = 'called') AS to_call
        FROM v_contacts
        WHERE campaign_id = {campaign:String}
    ),
    calls AS (
        SELECT contact_id, count() AS attempts, max(answered) AS answered, max(human) AS human, max(heard_whole) AS heard, max(promised) AS promised
        FROM v_attempts
        WHERE campaign_id = {campaign:String}
        GROUP BY contact_id
    ),
    reached AS (
        SELECT count() AS dialled, sum(attempts) AS attempts, countIf(answered) AS answered, countIf(human) AS human,
               countIf(heard) AS heard, countIf(promised) AS promised
        FROM calls
    ),
    paid AS (
        SELECT countIf(contact_group = 'called') AS paid_called, countIf(contact_group = 'held_out') AS paid_held_out
        FROM (
            SELECT c.contact_id AS contact_id, any(c.contact_group) AS contact_group, sum(p.amount_minor) AS amount
            FROM (SELECT * FROM v_contacts WHERE campaign_id = {campaign:String}) AS c
            INNER JOIN v_payments AS p ON p.account_id = c.account_id AND p.currency = c.currency
            WHERE p.paid_at >= c.loaded_at
            GROUP BY c.contact_id
            HAVING amount > 0
        )
    )
SELECT * FROM loaded CROSS JOIN people CROSS JOIN reached CROSS JOIN paid;
