-- What a first and a second reader said when they handed a study over; a row is never changed. draft_* of the consultation is what
-- whoever holds it goes on writing.
CREATE TABLE reading (
  consultation_id BINARY(16) NOT NULL,
  reading_number TINYINT NOT NULL COMMENT '1 first, 2 second',
  practitioner_id BINARY(16) NOT NULL,
  read_at DATETIME(6) NOT NULL,
  findings TEXT NOT NULL,
  impression TEXT NOT NULL,
  advice TEXT NOT NULL,
  refer_up BOOLEAN NOT NULL,
  PRIMARY KEY (consultation_id, reading_number)
) DEFAULT CHARSET=utf8mb4
