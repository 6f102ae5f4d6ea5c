ALTER TABLE reading_centre
  ADD COLUMN second_reading_percent INT NOT NULL DEFAULT 0,
  ADD COLUMN first_reader_signs BOOLEAN NOT NULL DEFAULT FALSE
