-- letter_missed_since: since when a letter was owed that was late when somebody said that the patient was still there.
-- citations_unchecked: submitted while the laboratory service could not say whether the cited reports exist.
ALTER TABLE referral
  ADD COLUMN letter_missed_since DATETIME(6) NULL,
  ADD COLUMN citations_unchecked TINYINT NOT NULL DEFAULT 0
