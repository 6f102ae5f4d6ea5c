-- Who read a study first and what the second reader said. What is required was drawn when the study came.
ALTER TABLE consultation
  ADD COLUMN second_reading_required BOOLEAN NOT NULL DEFAULT FALSE,
  ADD COLUMN first_reader_signs BOOLEAN NOT NULL DEFAULT FALSE,
  ADD COLUMN first_reader_id BINARY(16) NULL,
  ADD COLUMN second_reader_id BINARY(16) NULL,
  ADD COLUMN verdict TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN discrepancy TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN discrepancy_comment TEXT NULL
