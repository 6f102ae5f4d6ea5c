-- What a hospital's system said last of the end of an episode, so that messages which overtake each other or come twice end
-- as the hospital recorded it. source_key: hospital and episode, as in referral.
CREATE TABLE discharge (
  source_key BINARY(16) NOT NULL,
  recorded_at DATETIME(6) NOT NULL,
  cancelled BOOLEAN NOT NULL,
  PRIMARY KEY (source_key)
) DEFAULT CHARSET=utf8mb4
