-- How long after it was made does a payment become known? Quantiles in days, over the payments of the last `days` days that are known; exact, for those of a sample differ from one run to the next.
-- Parameters: until_ms (Int64, ms since 1970), days (UInt16).
SELECT count() AS payments, quantilesExact(0.5, 0.9, 0.99)(greatest(0, toUnixTimestamp64Milli(received_at) - toUnixTimestamp64Milli(paid_at)) / 86400000) AS lag_days
FROM v_payments
WHERE toUnixTimestamp64Milli(received_at) <= {until_ms:Int64} AND toUnixTimestamp64Milli(received_at) > {until_ms:Int64} - {days:UInt16} * 86400000;
