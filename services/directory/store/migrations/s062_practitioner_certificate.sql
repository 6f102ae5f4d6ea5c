-- Whose certificate a number is: one practitioner's, also when many record it at once. number_index: blind index; the number
-- itself is ciphertext, for a qualification certificate's contains its holder's resident identity number.
CREATE TABLE practitioner_certificate (
  kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number_index BINARY(16) NOT NULL,
  certificate_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NOT NULL,
  number_cipher VARBINARY(160) NOT NULL,
  PRIMARY KEY (kind, number_index),
  UNIQUE KEY uq_practitioner_certificate__id (certificate_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
