-- Under which keys a patient is looked for when no identifier is known (domain/blocking.h). key_index is the blind index
-- of the key. Keys are added and never changed; those of a merged record stay, because they lead to its survivor.
CREATE TABLE patient_match_key (
  key_index BINARY(16) NOT NULL,
  patient_id BINARY(16) NOT NULL,
  PRIMARY KEY (key_index, patient_id)
) ENGINE = InnoDB
