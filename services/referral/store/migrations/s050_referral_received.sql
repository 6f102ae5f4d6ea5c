-- received_at: when the receiver that has it now got it; NULL: by the submission. booking_failure: why the seat that was
-- asked for last could not be had, as the proto numbers it; 0: none failed.
ALTER TABLE referral
  ADD COLUMN received_at DATETIME(6) NULL,
  ADD COLUMN booking_failure TINYINT NOT NULL DEFAULT 0
