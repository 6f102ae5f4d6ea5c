-- What a hospital tells of a stay comes late, twice and in any order: of admission and cancelled admission, and of discharge
-- and cancelled discharge, the latest recorded counts. NULL: told of neither.
ALTER TABLE admission
  ADD COLUMN cancelled_at DATETIME(6) NULL,
  ADD COLUMN admission_recorded_at DATETIME(6) NULL,
  ADD COLUMN discharge_recorded_at DATETIME(6) NULL
