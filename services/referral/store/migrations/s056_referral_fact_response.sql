-- What a receiver that gave the referral away owed and answered; kind 4: it handed it on.
ALTER TABLE referral_fact
  ADD COLUMN response_owed BOOLEAN NOT NULL DEFAULT FALSE,
  ADD COLUMN answered BOOLEAN NOT NULL DEFAULT FALSE,
  ADD COLUMN answered_in_time BOOLEAN NOT NULL DEFAULT FALSE,
  ADD COLUMN response_bucket INT NULL
