-- What analysts read. Each row is there once, whatever was delivered how often: FINAL does it at every read.

CREATE OR REPLACE VIEW v_campaign_versions AS SELECT * FROM campaigns FINAL;

CREATE OR REPLACE VIEW v_campaigns AS
SELECT * FROM campaigns FINAL ORDER BY campaign_id, defined_at DESC LIMIT 1 BY campaign_id;

CREATE OR REPLACE VIEW v_contacts AS SELECT * FROM contacts FINAL;

-- `answered`: somebody or something picked up. An announcement in early media (183) is not an answer.
CREATE OR REPLACE VIEW v_attempts AS
SELECT *, CAST(answered_at IS NOT NULL AS Bool) AS answered, CAST(outcome = 'human' AS Bool) AS human, CAST(response = 'promise_to_pay' AS Bool) AS promised
FROM attempts FINAL;

CREATE OR REPLACE VIEW v_dispositions AS SELECT * FROM dispositions FINAL;

CREATE OR REPLACE VIEW v_payments AS SELECT * FROM payments FINAL;

CREATE OR REPLACE VIEW v_loads AS SELECT * FROM loads FINAL;
