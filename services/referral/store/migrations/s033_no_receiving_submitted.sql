-- Served the scan of the three rates, which the statistics' aggregates replaced.
ALTER TABLE referral DROP KEY ix_referral__receiving_submitted
