-- What did the calls cost, by trunk and currency of its tariff? Talk is paid from the first seconds in begun steps, a call answered has its
-- price beside. Calls that began before any tariff of their trunk are counted apart. Money in minor units. Parameters: campaign (String).
SELECT trunk, currency, count() AS attempts, countIf(c.answered) AS answered, countIf(c.human) AS human, countIf(c.promised) AS promised,
       countIf(c.answered AND NOT c.priced) AS without_tariff, sum(c.talk_ms) AS talk_ms, sum(if(c.answered AND c.priced, c.paid_seconds, 0)) AS paid_seconds,
       sum(if(c.answered AND c.priced, c.paid_seconds * c.per_minute_minor / 60 + c.per_call_minor, 0)) AS cost_minor
FROM (
    SELECT a.trunk AS trunk, a.answered AS answered, a.human AS human, a.promised AS promised, a.talk_ms AS talk_ms, t.priced AS priced, t.currency AS currency,
           t.per_minute_minor AS per_minute_minor, t.per_call_minor AS per_call_minor,
           if(a.talk_ms <= t.first_seconds * 1000, t.first_seconds,
              t.first_seconds + intDiv(toInt64(a.talk_ms) - t.first_seconds * 1000 + t.step_seconds * 1000 - 1, greatest(1, t.step_seconds) * 1000) * t.step_seconds) AS paid_seconds
    FROM (SELECT toString(trunk) AS trunk, started_at, answered, human, promised, talk_ms FROM v_attempts WHERE campaign_id = {campaign:String}) AS a
    ASOF LEFT JOIN (
        SELECT toString(trunk) AS trunk, valid_from, toString(currency) AS currency, per_minute_minor, per_call_minor, first_seconds, step_seconds, true AS priced FROM v_tariffs
    ) AS t ON t.trunk = a.trunk AND t.valid_from <= a.started_at
) AS c
GROUP BY trunk, currency
ORDER BY trunk, currency;
