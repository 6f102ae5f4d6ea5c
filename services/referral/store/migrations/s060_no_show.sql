ALTER TABLE referral ADD COLUMN no_show_at DATETIME(6) NULL COMMENT 'the patient did not come; until another seat is booked'
