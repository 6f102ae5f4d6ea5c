ALTER TABLE reading_member ADD COLUMN always_second_reading BOOLEAN NOT NULL DEFAULT FALSE
